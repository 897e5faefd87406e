"""The rules of the house that no single test can see. Each failure names the place and says what to do."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lms.core.db import Base
from lms.core.web import Bilim, guards, public
from lms.oauth import guard as oauth_guard
from tests.conftest import application, make_settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("lms", "courses", "certificates")
OPEN_TO_ALL = {
    "api": "what the API is",
    "credentials": "keys, lists and documents that verifiers of credentials fetch",
    "health": "for operators and load balancers",
    "landing": "the first page",
    "lti": "platforms prove themselves by signature",
    "network": "our list for other nodes: organisations and keys, no person",
    "lti_notices": "notices of platforms prove themselves by signature",
    "lti_registration": "who holds an invitation may use it, once",
    "mail": "whoever has the link of a mail has the mailbox",
    "modules": "pictures and what a module is",
    "oauth": "programs prove themselves by secret",
    "offline": "anybody may verify, also without a network",
    "public_certificates": "anybody may verify",
    "staff": "the doors by which staff come in and go out",
    "register_heads": "who keeps a copy notices if the past of the register is rewritten",
    "selection": "anybody may repeat a draw; numbers, no names",
    "shared_certificates": "whoever has the link that the holder gave",
    "static": "files of the shell",
    "xroad_description": "how to ask over X-Road; the service itself opens to our Security Server only",
    "turning": "where people turn who cannot open a module",
    "visit_door": "the QR code of a session; it says nothing without a launch in the same browser",
}
MAY_COMMIT = {
    "lms/core/db.py": "the transaction of workers and commands",
    "lms/core/web.py": "the edge",
    "lms/sandbox/store.py": "the sandbox is another party with a database of its own",
}
LOOKS_PERSONAL = re.compile(
    r"(^|_)(name|names|email|mail|phone|pin|passport|birth|birthday|gender|address|sub|text|comment|given|answer|holder"
    r"|snapshot|remote_addr|ip|picture)($|_)"
)
NOT_PERSONAL = {
    "certificate.file_name": "made of the certificate's id",
    "certificate_export.file_name": "made of the archive's id",
    "certificate_revision.file_name": "made of the certificate's id",
    "certificate.snapshot_sha256": "a digest of 256 bits tells nothing",
    "circuit.name": "identifier of a platform",
    "course_plan.name": "programmes, or the country of a pack of rules",
    "heartbeat.name": "what is alive, such as a worker",
    "lti_course_group.name": "name of a group",
    "lti_course_group.set_name": "name of a set of groups",
    "lti_launch_session.role_names": "roles",
    "lti_membership.role_names": "roles",
    "lti_registration.name": "name of a platform",
    "oauth_client.name": "name of a program",
    "network_node.address": "an installation",
    "network_node.list_text": "organisations and keys",
    "network_status_list.address": "a list of an installation",
    "network_status_list.text": "a row of bits",
    "organisation.names": "names of an organisation",
}
NOT_OURS = {".git", ".venv", ".cache", ".hypothesis", "instance", "node_modules", "dist", "__pycache__"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bilim]:
    folder = tmp_path_factory.mktemp("house")
    with application(make_settings(folder, f"sqlite:///{folder / 'unused.sqlite3'}")) as made:
        yield made


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the repository, by its name."""
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if name not in NOT_OURS and not name.endswith(("_cache", ".egg-info"))]
        for path in (Path(folder, file) for file in files):
            try:
                yield str(path.relative_to(ROOT)), path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def test_every_route_is_guarded(app: Bilim) -> None:
    declared = guards(app)

    without = [
        rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.rpartition(".")[0] not in {*declared, ""}
    ]

    assert without == [], "register these blueprints by lms.core.web.register"


def test_what_is_open_to_all_is_listed_with_its_reason(app: Bilim) -> None:
    open_to_all = {name for name, guard in guards(app).items() if guard is public}

    assert open_to_all == set(OPEN_TO_ALL), "opening a door is decided, and its reason written above"


def test_every_view_of_the_api_names_its_scope(app: Bilim) -> None:
    closed = {name for name, guard in guards(app).items() if guard is oauth_guard.admit}
    views = {name: view for name, view in app.view_functions.items() if name.rpartition(".")[0] in closed}

    assert sorted(views) == [
        "certificate_batches.batch",
        "certificate_batches.receipt_paper",
        "certificate_batches.receipt_statement",
        "certificate_batches.verify_files",
        "certificate_batches.verify_items",
        "certificates.verify_by_hash",
        "certificates.verify_by_number",
        "certificates.verify_certificate",
        "certificates.verify_credential",
        "certificates.verify_file",
        "completions.report_completion",
        "plans.cohorts_of_plans",
        "plans.plans_with_quotas",
        "records.changes_since",
        "records.completed_records",
        "training.training_lines",
        "training.training_of_people",
    ]
    assert [name for name, view in views.items() if not hasattr(view, "scope")] == []


def test_imports_stand_at_the_top() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert hidden == [], "an import inside a function hides a circle: move what is needed downward"


def test_things_become_true_in_two_places_only() -> None:
    committing = {
        str(path.relative_to(ROOT)) for path in modules() if re.search(r"\.commit\(\)", path.read_text("utf-8"))
    }

    assert committing == set(MAY_COMMIT), "nobody commits but the edge and transaction()"


def test_time_comes_from_the_one_clock() -> None:
    reading = {
        str(path.relative_to(ROOT))
        for path in modules()
        if re.search(r"datetime\.(now|utcnow|today)\(|date\.today\(|\btime\.time\(", path.read_text("utf-8"))
    }

    assert {name for name in reading if not name.startswith("lms/sandbox/")} == {"lms/core/clock.py"}


def test_other_services_are_called_by_the_guarded_client_only() -> None:
    calling = {
        str(path.relative_to(ROOT))
        for path in modules()
        if re.search(
            r"^(import|from) (requests|httpx|urllib3|urllib\.request|http\.client)\b", path.read_text("utf-8"), re.M
        )
    }

    assert {name for name in calling if not name.startswith("lms/sandbox/")} == {"lms/core/http.py"}


def test_columns_that_look_personal_are_marked_or_said_not_to_be() -> None:
    unmarked = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.c
        if LOOKS_PERSONAL.search(column.name) and "personal" not in column.info
    }

    assert unmarked == set(NOT_PERSONAL), 'mark the column: info={"personal": "what it is"}'


def test_every_personal_column_is_explained_to_the_people_it_is_about() -> None:
    marked = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.c
        if "personal" in column.info
    }
    rows = re.findall(r"^\| `([\w.]+)` \|(.+)\|$", (ROOT / "docs" / "privacy.md").read_text("utf-8"), re.M)

    assert {name for name, _ in rows} == marked, "docs/privacy.md has one line for each: what, why, how long"
    assert [
        name for name, cells in rows if [cell.strip() for cell in cells.split("|")].count("") or cells.count("|") != 2
    ] == []


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    read = set(re.findall(r'"(BILIM_[A-Z0-9_]+)"', (ROOT / "lms" / "core" / "settings.py").read_text("utf-8")))
    example = re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text("utf-8"), re.M)

    assert sorted(example) == sorted(read)


def test_every_setting_of_the_example_is_explained() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()

    unexplained = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if "=" in line and line[0] != "#" and before[:1] != "#"
    ]

    assert unexplained == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    pattern = re.compile(r"(?<![\w.:/~-])/(?:home|Users|root|work)/[\w.]")

    assert [name for name, text in texts() if pattern.search(text)] == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in modules() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]

    assert silent == []
