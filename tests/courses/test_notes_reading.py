"""Notes for teachers stand beside a unit in all languages, or not at all."""

from pathlib import Path

import pytest

from courses.authoring import read_module
from courses.documents import from_document, to_document
from lms.core.i18n import LANGUAGES
from tests.courses.test_authoring import faults_of

UNIT = "roads/units/01-repair"


@pytest.fixture
def unit(folder: Path) -> Path:
    return folder / "units" / "01-repair"


def test_the_notes_of_a_unit_are_read_in_each_language(folder: Path) -> None:
    notes = read_module(folder).published_units[0].teacher_notes

    assert notes["ru"] == "# Заметка\n\n### Ловушка\n\nЯма посчитана *дважды*."
    assert sorted(notes) == sorted(LANGUAGES)


def test_a_unit_may_have_none(folder: Path, unit: Path) -> None:
    for language in LANGUAGES:
        (unit / f"teacher.{language}.md").unlink()

    assert read_module(folder).published_units[0].teacher_notes == {}


def test_a_unit_that_was_stored_before_there_were_notes_has_none(folder: Path) -> None:
    document = to_document(read_module(folder))
    for stored in document["units"]:
        del stored["teacher_notes"]

    assert from_document(document).published_units[0].teacher_notes == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, f"{UNIT}/teacher.zh.md:1: this file is missing"),
        ("陷阱", f"{UNIT}/teacher.zh.md:1: a '# ' title is expected in the first line"),
        ("# 备注\n\n## 陷阱", f"{UNIT}/teacher.zh.md:3: headings of a note begin with '### '"),
        ("# 备注\n<b>坑</b>", f"{UNIT}/teacher.zh.md:2: HTML is not used here; write Markdown"),
    ],
)
def test_a_mistake_in_a_note_is_named(folder: Path, unit: Path, text: str | None, fault: str) -> None:
    note = unit / "teacher.zh.md"
    note.unlink()
    if text:
        note.write_text(text, encoding="utf-8")

    assert faults_of(folder) == [fault]
