"""The handbook of templates and the code say the same."""

import re
from pathlib import Path

from certificates import grammar
from certificates.studio import packing
from certificates.studio.findings import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = (ROOT / "docs" / "templates.md").read_text("utf-8")


def first_column(heading: str) -> set[str]:
    """What stands in code marks in the first column of the table below a heading."""
    section = HANDBOOK.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_placeholder_is_explained() -> None:
    assert first_column("Placeholders") == grammar.PLACEHOLDERS


def test_every_filter_is_named() -> None:
    assert f"`{' '.join(sorted(grammar.FILTERS))}`" in HANDBOOK


def test_every_finding_is_explained() -> None:
    assert first_column("What a trial can find") == SENTENCES.keys()


def test_every_reason_against_a_package_is_explained() -> None:
    source = Path(packing.__file__).read_text("utf-8")

    assert first_column("Packages") == set(re.findall(r'_refused\(\s*"(package-[a-z-]+)"', source))
