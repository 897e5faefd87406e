"""What the documents say is compared with the code, so that neither can leave the other behind."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter, RequestRedirect

from certificates import wording
from lms.core.i18n import use_language
from lms.core.web import Bilim
from tests.conftest import application, make_settings

ROOT = Path(__file__).resolve().parents[2]
LTI = ROOT / "lms" / "lti"
DOCUMENTS = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
REFUSING = {
    "BadRequest",
    "Conflict",
    "Forbidden",
    "Invalid",
    "LaunchRefused",
    "LineItemRefused",
    "NeedsPerson",
    "NotFound",
    "RegistrationRefused",
    "RemoteFailure",
    "RosterRefused",
    "ScoreRefused",
    "TooMany",
    "TryLater",
    "Unauthorized",
    "not_complete",
    "not_proved",
    "try_again",
}
PASSED_ON = {"code", "permanent"}
"""Names under which a code travels that is written out elsewhere."""
ROOMS_OF_LTI = (
    *("ags", "ags_choice", "ags_line_items", "ags_results", "checks", "claims", "copies", "groups", "keys", "launch"),
    *("login", "notices", "nrps", "nrps_keeping", "nrps_update", "paging", "recognition", "roles", "states", "tokens"),
    *("browser", "framing", "guests", "handover", "own_keys", "platform_errors", "returning", "session", "storage"),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bilim]:
    folder = tmp_path_factory.mktemp("docs")
    with application(make_settings(folder, f"sqlite:///{folder / 'unused.sqlite3'}")) as made:
        yield made


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def everything() -> str:
    return "\n".join(path.read_text("utf-8") for path in DOCUMENTS)


def quoted(text: str) -> set[str]:
    """What stands between backquotes."""
    return set(re.findall(r"`([^`\n]+)`", text))


# Settings


def test_every_setting_is_in_the_table_of_operations_and_nothing_else() -> None:
    example = re.findall(r"^(BILIM_\w+)=", (ROOT / ".env.example").read_text("utf-8"), re.M)
    rows = re.findall(r"^\| `(BILIM_\w+)` \|", document("operations.md"), re.M)

    assert sorted(rows) == sorted(example)


# LTI


def refusals() -> set[str]:
    """Every code with which lms/lti refuses, read from its source."""
    return {code for path in sorted(LTI.rglob("*.py")) for code in _codes_in(path)}


def _codes_in(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _refuses(node):
            yield from _codes_of(node.args[0], tree, f"{path.relative_to(ROOT)}:{node.lineno}")
    if path.parent.name == "platforms":
        yield from _assigned(tree)


def _assigned(tree: ast.Module) -> list[str]:
    """Codes of final refusals have names, because several platforms share them."""
    values = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    return [text for value in values if isinstance(value, ast.Constant) for text in _constants(value)]


def _refuses(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in REFUSING or (call.func.attr == "__init__" and isinstance(call.args[0], ast.Constant))
    return isinstance(call.func, ast.Name) and call.func.id in REFUSING


def _codes_of(said: ast.expr, tree: ast.Module, place: str) -> Iterator[str]:
    if isinstance(said, ast.JoinedStr):
        yield from _filled_in(said, tree)
        return
    found = _constants(said)
    passed_on = isinstance(said, ast.Name) and said.id in PASSED_ON
    assert found or passed_on, f"{place}: write the code out, so that docs/lti.md can be held to it"
    yield from found


def _constants(said: ast.expr) -> list[str]:
    """Codes in a constant, or in both branches of a choice."""
    texts = [node.value for node in ast.walk(said) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in texts if CODE.fullmatch(text)]


def _filled_in(said: ast.JoinedStr, tree: ast.Module) -> Iterator[str]:
    """``f"{name}-missing"`` inside a function: one code for each constant that the function is called with."""
    function = next(
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and said in list(ast.walk(node))
    )
    ending = "".join(part.value for part in said.values if isinstance(part, ast.Constant) and part.value)
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == function.name:
            yield from (f"{argument.value}{ending}" for argument in call.args if isinstance(argument, ast.Constant))


def test_refusals_are_found_in_all_their_forms() -> None:
    found = refusals()

    assert {"nonce-wrong", "state-used", "launch-expired", "iat-missing", "token-unavailable", "not-enrolled"} <= found
    assert len(found) > 45


def test_every_refusal_of_lti_is_explained() -> None:
    assert sorted(refusals() - quoted(document("lti.md"))) == []


def test_every_explained_refusal_of_a_launch_exists() -> None:
    tables = document("lti.md").partition("## Refusals")[2].partition("## Left out")[0]
    first_cells = " ".join(re.findall(r"^\| (`[^|]+) \|", tables, re.M))

    assert sorted(quoted(first_cells) - refusals()) == []


def test_every_check_of_a_launch_is_in_the_table() -> None:
    tree = ast.parse((LTI / "checks.py").read_text("utf-8"))
    checks = {
        f"checks.{node.name}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }

    assert sorted(checks - quoted(document("lti.md"))) == []


def test_every_function_that_the_table_names_exists() -> None:
    named = {words for words in quoted(document("lti.md")) if re.fullmatch(rf"({'|'.join(ROOMS_OF_LTI)})\.\w+", words)}
    missing = [
        words for words in named if not hasattr(import_module(f"lms.lti.{words.split('.')[0]}"), words.split(".")[1])
    ]

    assert len(named) > 30
    assert sorted(missing) == []


def test_every_test_that_the_table_names_exists() -> None:
    named = {words for words in quoted(document("lti.md")) if words.startswith("test_")}
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^ *def (test_\w+)", path.read_text("utf-8"), re.M)
    }

    assert len(named) > 40
    assert sorted(named - written) == []


# Commands


def commands(app: Bilim) -> set[str]:
    """Every command of ours, as it is typed; also those in a group inside a group."""
    groups = [group for group in app.cli.commands.values() if isinstance(group, click.Group)]
    return {words for group in groups for words in _commands_of(group, f"flask {group.name}")}


def _commands_of(group: click.Group, words: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands_of(command, f"{words} {name}")
        elif command.callback and command.callback.__module__.split(".")[0] in ("lms", "courses", "certificates"):
            yield f"{words} {name}"


def test_every_command_is_mentioned(app: Bilim) -> None:
    text = everything()

    assert len(commands(app)) > 12
    assert sorted(command for command in commands(app) if not re.search(rf"{command}\b(?!-)", text)) == []


def test_every_mentioned_command_exists(app: Bilim) -> None:
    mentioned = {" ".join(words) for words in re.findall(r"\b(flask) ([a-z]+) ([a-z][a-z-]+)\b", everything())}
    groups = {command.split()[1] for command in commands(app)}
    groups_inside = {" ".join(command.split()[:3]) for command in commands(app) if len(command.split()) > 3}

    assert sorted(words for words in mentioned - commands(app) - groups_inside if words.split()[1] in groups) == []


# Addresses and pictures


def test_every_address_that_a_document_names_exists(app: Bilim) -> None:
    named = re.findall(
        r"`(?:(GET|POST) )?(/(?:admin|bureau|staff|api|oauth|xroad|verify)\b[^`\s?]*)[^`]*`", everything()
    )
    addresses = app.url_map.bind("localhost")

    assert len(named) > 50
    missing = sorted({path for method, path in named if not _leads_somewhere(addresses, path, method)})
    assert not missing, missing


def _leads_somewhere(addresses: MapAdapter, path: str, method: str) -> bool:
    """Whether there is such an address, with something in each place that the document leaves open, or one below it."""
    try:
        addresses.match(re.sub(r"<[^>]+>|\{[^}]+\}|\.\.\.", "1", path), method=method or "GET")
    except RequestRedirect:
        return True
    except MethodNotAllowed:
        return not method
    except NotFound:
        return any(rule.rule.startswith(f"{path.rstrip('/')}/") for rule in addresses.map.iter_rules())
    return True


def test_every_picture_is_small_and_stands_in_a_document() -> None:
    pictures, text = list((ROOT / "docs" / "pictures").iterdir()), everything()

    assert [path.name for path in pictures if path.stat().st_size > 150_000] == []
    assert [path.name for path in pictures if f"pictures/{path.name})" not in text] == []


# Verdicts and errors


def test_every_verdict_is_explained_in_the_words_of_the_page(app: Bilim) -> None:
    text = document("verification.md")
    with app.app_context(), use_language("en"):
        titles = {f"**{words.title}**" for words in [*wording._WORDINGS.values(), wording._NOT_IN_REGISTER]}

    assert sorted(title for title in titles if title not in text) == []
    assert sorted(str(code) for code in wording._WORDINGS if f"`{code}`" not in text) == []


def test_every_error_that_the_api_describes_is_explained(app: Bilim) -> None:
    described = app.extensions["bilim.api"].document()["paths"]
    answers = [
        answer.get("description", "")
        for path in described.values()
        for method, details in path.items()
        if method != "parameters"
        for status, answer in details["responses"].items()
        if status.startswith("4")
    ]
    codes = {code[0] for answer in answers for code in re.finditer(r"\b[a-z]+(?:-[a-z]+)+\b", answer)}

    assert {"person-unknown", "token-revoked", "enrolment-is-trial"} <= codes
    assert sorted(codes - quoted(document("api.md"))) == []


# Links


def links(path: Path) -> Iterator[tuple[Path, str]]:
    """Relative links of a document: the file, and the heading in it if one is named."""
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            file, _, heading = target.partition("#")
            yield (path.parent / file if file else path), heading


def headings(path: Path) -> set[str]:
    """How headings are named in addresses."""
    lines = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    broken = [
        f"{file}#{heading}"
        for file, heading in links(path)
        if not file.exists() or (heading and heading not in headings(file))
    ]

    assert broken == []
