"""A guard that is written down is held by a test that exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", DOCUMENT)


def test_every_test_that_guards_something_exists() -> None:
    missing = [
        f"{path}::{name}"
        for path, name in NAMED
        if not (ROOT / path).is_file() or f"def {name}(" not in (ROOT / path).read_text("utf-8")
    ]

    assert len(NAMED) > 60
    assert missing == []


def test_every_abuse_has_a_guard_and_a_test() -> None:
    rows = [line.strip("|\n").split("|") for line in DOCUMENT.splitlines() if line.count("|") == 4]
    abuses = [row for row in rows if row[2].strip() not in ("test", "wants") and not set(row[0]) <= {"-"}]
    people = DOCUMENT[DOCUMENT.index("## Actors") : DOCUMENT.index("## A stranger")]

    assert [row[0] for row in abuses if "::test_" not in row[2] and row[0] not in people] == []
