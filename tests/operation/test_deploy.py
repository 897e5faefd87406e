"""What is shipped for installations speaks of things that exist."""

import ast
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from lms.core.settings import Settings
from script.parts import free_port
from tests.answering import answering

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\bbilim_[a-z_]+")
METRICS_OF_HISTOGRAMS = ("_bucket", "_count", "_sum")
SETTING = re.compile(r"\bBILIM_[A-Z0-9_]+")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
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
    known = set(re.findall(r"^(BILIM_\w+)=", EXAMPLE, re.M)) | OF_DEPLOYMENT
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


def test_the_example_of_settings_means_the_same_to_a_shell_and_to_the_product(tmp_path: Path) -> None:
    file = tmp_path / "environment"
    file.write_text(EXAMPLE.replace("BILIM_SECRET_KEY=", f"BILIM_SECRET_KEY={'k' * 40}"))
    print_them = "import os, json; print(json.dumps({n: v for n, v in os.environ.items() if n.startswith('BILIM_')}))"
    told = subprocess.run(
        ["env", "-i", "sh", "-euc", f'set -a; . {file}; set +a; {sys.executable} -c "{print_them}"'],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (told.returncode, told.stderr) == (0, "")
    given = json.loads(told.stdout)
    assert set(given) == set(re.findall(r"^(BILIM_\w+)=", EXAMPLE, re.M))
    read = Settings.from_environment(given)
    assert (read.staff_scopes, read.proxies) == ("openid profile email", 0)


def test_services_in_containers_are_given_settings_that_exist_and_nothing_else() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    ours = {name: one for name, one in services.items() if one["image"] == "bilim"}
    given = {setting for one in ours.values() for setting in one.get("environment", {})}
    known = set(re.findall(r"^(BILIM_\w+)=", EXAMPLE, re.M)) | OF_DEPLOYMENT | {"PROMETHEUS_MULTIPROC_DIR"}

    assert set(ours) == {"prepare", "web", "worker", "beat"}
    assert sorted(given - known) == []
    assert {"BILIM_DATABASE_URL", "BILIM_BROKER_URL", "BILIM_PROXIES"} <= given
    assert [name for name, one in ours.items() if one["env_file"] != ["environment"]] == []


def test_an_image_holds_what_the_product_needs() -> None:
    image, bootstrap = (DEPLOY / "Containerfile").read_text("utf-8"), (ROOT / "script" / "bootstrap").read_text("utf-8")
    packages = re.search(r'^run_packages="([^"]+)"', bootstrap, re.M)
    copied = {word for line in re.findall(r"^COPY (.+)$", image, re.M) for word in line.split()[:-1]}

    assert packages is not None
    assert [name for name in packages[1].split() if not re.search(rf"\s{re.escape(name)}\s", image)] == []
    assert [name for name in sorted(copied) if not (ROOT / name).exists()] == []
    assert {"wsgi.py", "lms", "courses", "certificates", "migrations", "deploy", "requirements.lock"} <= copied


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_understands_each_unit(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text("utf-8").replace("/opt/bilim/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / path.name.replace("@", "@8001")).write_text(text)
    units = sorted(str(path) for path in tmp_path.iterdir())

    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)

    assert len(units) == 6
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not here")
def test_the_proxy_speaks_tls_and_http_2_and_keeps_metrics_to_itself(tmp_path: Path) -> None:
    tls, plain, web = free_port(), free_port(), free_port()
    server = ThreadingHTTPServer(("127.0.0.1", web), _Web)
    with answering(server), proxied(tmp_path, tls=tls, plain=plain, web=web):
        page = asked(f"https://bilim.example.org:{tls}/lti/login?login_hint=secret-17", tls)
        metrics = asked(f"https://bilim.example.org:{tls}/metrics", tls, "-H", "X-Forwarded-For: 203.0.113.9")
        to_tls = asked(f"http://bilim.example.org:{plain}/verify?code=1", plain)
    log = (tmp_path / "bilim.log").read_text()

    assert page.startswith("2 200 ")
    told = json.loads(page.split(" ", 3)[3])
    assert (told["X-Forwarded-Proto"], told["X-Forwarded-For"], told["Host"]) == (
        "https",
        "127.0.0.1",
        "bilim.example.org",
    )
    assert json.loads(metrics.split(" ", 3)[3])["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"
    assert to_tls.split()[:3] == ["1.1", "301", "https://bilim.example.org/verify?code=1"]
    assert ('"GET /lti/login" 200' in log, "secret-17" in log) == (True, False)


class _Web(BaseHTTPRequestHandler):
    """In the place of a web process: it tells what it was told."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def proxied(folder: Path, *, tls: int, plain: int, web: int) -> Iterator[None]:
    """nginx with the site as it is shipped; only paths and ports are ours."""
    site = (DEPLOY / "nginx" / "bilim.conf").read_text("utf-8")
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "1",
            ),
            *("-subj", "/CN=bilim.example.org", "-keyout", folder / "key.pem", "-out", folder / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    for old, new in {
        "/etc/ssl/bilim": str(folder),
        "/var/log/nginx": str(folder),
        "/etc/nginx/bilim": str(DEPLOY / "nginx"),
        "server 127.0.0.1:8001": f"server 127.0.0.1:{web}",
        "    server 127.0.0.1:8002 max_fails=0;\n": "",
        "    listen 443 ssl http2;": f"    listen 127.0.0.1:{tls} ssl http2;",
        "    listen 80;": f"    listen 127.0.0.1:{plain};",
        "    listen [::]:443 ssl http2;\n": "",
        "    listen [::]:80;\n": "",
    }.items():
        assert old in site
        site = site.replace(old, new)
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = f"daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ {places} {site} }}"
    (folder / "nginx.conf").write_text(conf)
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert (checked.returncode, "[warn]" in checked.stderr) == (0, False), checked.stderr
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as proxy:
        _until_there(folder / "pid")
        yield
        proxy.terminate()


def _until_there(pid: Path) -> None:
    until = time.monotonic() + 20
    while not (pid.exists() and pid.read_text().strip()):
        assert time.monotonic() < until
        time.sleep(0.02)


def asked(url: str, port: int, *more: str) -> str:
    """The version of HTTP, the status, where it leads to, and the body."""
    answer = subprocess.run(
        [
            *("curl", "-sk", "--http2", "--resolve", f"bilim.example.org:{port}:127.0.0.1", "--retry", "9"),
            *("--retry-connrefused", "-w", "%{stderr}%{http_version} %{http_code} %{redirect_url} ", *more, url),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return answer.stderr + answer.stdout
