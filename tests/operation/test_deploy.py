"""What is shipped for installations speaks of things that exist."""

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\bbilim_[a-z_]+")
METRICS_OF_HISTOGRAMS = ("_bucket", "_count", "_sum")
SETTING = re.compile(r"\bBILIM_[A-Z0-9_]+")
OF_DEPLOYMENT = {"BILIM_BIND", "BILIM_WEB_PROCESSES"}
"""Read by deploy/gunicorn.conf.py, not by the product."""


def metrics_of_the_code() -> set[str]:
    """The first argument wherever a metric is made."""
    made = set()
    for path in (ROOT / "lms" / "core").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.args[0].value
                if isinstance(name, str) and re.fullmatch(METRIC, name):
                    made.add(name)
    return made


def queries() -> dict[str, list[str]]:
    dashboard = json.loads((DEPLOY / "grafana" / "bilim.json").read_text("utf-8"))
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
    return {
        "dashboard": [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]],
        "alerts": [rule["expr"] for group in alerts["groups"] for rule in group["rules"]],
    }


def without_suffix(name: str) -> str:
    return next((name.removesuffix(end) for end in METRICS_OF_HISTOGRAMS if name.endswith(end)), name)


@pytest.mark.parametrize("where", ["dashboard", "alerts"])
def test_every_metric_that_is_looked_at_exists(where: str) -> None:
    named = {without_suffix(name) for query in queries()[where] for name in METRIC.findall(query)}

    assert len(named) >= 6
    assert sorted(named - metrics_of_the_code()) == []


def test_every_metric_of_the_code_is_shown_and_documented() -> None:
    shown = {
        without_suffix(name) for query in queries()["dashboard"] + queries()["alerts"] for name in METRIC.findall(query)
    }
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")

    assert sorted(metrics_of_the_code() - shown) == []
    assert [name for name in sorted(metrics_of_the_code()) if f"`{name}`" not in operations] == []


def test_every_alert_says_what_to_do() -> None:
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]

    assert [rule["alert"] for rule in rules if set(rule["annotations"]) != {"summary", "what_to_do"}] == []


def test_every_setting_in_what_is_shipped_exists() -> None:
    known = set(re.findall(r"^(BILIM_\w+)=", (ROOT / ".env.example").read_text("utf-8"), re.M)) | OF_DEPLOYMENT
    named = {
        (path.name, name)
        for path in DEPLOY.rglob("*")
        if path.is_file()
        for name in SETTING.findall(path.read_text("utf-8"))
    }

    assert sorted(pair for pair in named if pair[1] not in known) == []


def test_units_and_services_name_commands_that_exist() -> None:
    units = {path.name: path.read_text("utf-8") for path in (DEPLOY / "systemd").glob("*.service")}
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))

    assert set(units) == {"bilim-web@.service", "bilim-worker.service", "bilim-beat.service", "bilim-backup.service"}
    assert {"web", "worker", "beat", "database", "queue", "proxy", "prepare"} <= set(compose["services"])
    for text in units.values():
        assert re.search(r"^ExecStart=/opt/bilim/\.venv/bin/(gunicorn|celery|flask) ", text, re.M)
    mounted = [volume.split(":")[0] for one in compose["services"].values() for volume in one.get("volumes", [])]
    assert [path for path in mounted if path.startswith("./") and not (DEPLOY / path).exists()] == []
