"""docs/staff.md is compared with the code of the sign-in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from lms.signin.roles import Role

ROOT = Path(__file__).resolve().parents[2]
REFUSING = {"Conflict", "Forbidden", "Invalid", "NotFound", "RemoteFailure", "SignInRefused", "__init__"}
REFUSING |= {"_not_complete", "_unavailable", "not_proved", "try_again"}
CODE = re.compile(r"[a-z]+(-[a-z]+)+|expired")


def page() -> str:
    return (ROOT / "docs" / "staff.md").read_text("utf-8")


def refusals() -> set[str]:
    """Every code with which lms/signin refuses, read from its source."""
    return {code for path in sorted((ROOT / "lms" / "signin").rglob("*.py")) for code in _codes_in(path)}


def _codes_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            text = node.args[0].value
            if name in REFUSING and isinstance(text, str) and CODE.fullmatch(text):
                yield text


def explained() -> set[str]:
    table = page().partition("## Refusals")[2].partition("\n## ")[0]
    return set(re.findall(r"`([^`]+)`", " ".join(re.findall(r"^\| (`[^|]+) \|", table, re.M))))


def test_every_refusal_of_the_sign_in_is_explained_and_nothing_else() -> None:
    assert {"nonce-wrong", "staff-unknown", "sign-in-first", "own-account", "code-missing"} <= refusals()
    assert sorted(refusals() ^ explained()) == []


def test_every_role_is_explained() -> None:
    table = page().partition("## Roles")[2].partition("\n## ")[0]

    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.M) == [str(role) for role in Role]
