"""Mistakes of authors in questions are named by file and line."""

import shutil
from pathlib import Path

import pytest

from courses.authoring import read_module
from courses.documents import from_document, to_document
from courses.outline import AttemptRule
from tests.courses.asked import BRIDGES
from tests.courses.test_authoring import Spoil, faults_of, replaced

UNIT = "bridges/units/01-crossing"
QUESTIONS = f"{UNIT}/questions.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the module with questions of every type."""
    return Path(shutil.copytree(BRIDGES, tmp_path / "content" / "bridges"))


def test_every_type_is_read() -> None:
    unit = read_module(BRIDGES).published_units[0]
    order, match, short, scenario = unit.questions[:4]

    assert [question.type for question in unit.questions] == [
        "order", "match", "short", "scenario", "numeric", "multiple", "single",
    ]  # fmt: skip
    assert [item.id for item in order.items] == ["look", "measure", "write", "tell"]
    assert match.pairs[1].right["ru"] == "Держит людей и машины"
    assert short.accepted["zh"] == ("检查记录", "记录")
    assert [step.options[0].is_correct for step in scenario.steps] == [True, False]
    assert unit.test == AttemptRule(draw=None, attempts=3, counts="best", minutes=None)


def test_every_type_is_stored_and_read_again() -> None:
    outline = read_module(BRIDGES)

    assert from_document(to_document(outline)) == outline


def test_a_module_that_was_stored_before_these_types_existed_is_read() -> None:
    document = to_document(read_module(BRIDGES))
    (unit,) = document["units"]
    unit["questions"] = unit["questions"][-1:]
    for name in ("items", "pairs", "accepted", "steps"):
        del unit["questions"][0][name]
    del unit["test"]

    read = from_document(document).published_units[0]

    assert read.questions[0].type == "single"
    assert read.questions[0].items == ()
    assert read.test == AttemptRule()


def test_a_unit_says_how_its_test_is_taken(folder: Path) -> None:
    unit = folder / "units/01-crossing/unit.yaml"
    unit.write_text(unit.read_text("utf-8") + "test: {draw: 4, attempts: 2, counts: last, minutes: 20}\n", "utf-8")

    read = read_module(folder).published_units[0]

    assert read.test == AttemptRule(draw=4, attempts=2, counts="last", minutes=20)
    assert (read.asked_count, len(read.questions)) == (4, 7)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (
            replaced(QUESTIONS, "type: short", "type: essay"),
            "37: type: must be one of single, multiple, numeric, order, match, short, scenario",
        ),
        (
            replaced(QUESTIONS, "    - id: look", "    - id: measure"),
            "8: items: measure is used more than once",
        ),
        (replaced(QUESTIONS, "  items:\n", "  pairs:\n", 1), "1: items: is missing"),
        (
            replaced(QUESTIONS, "type: order", "type: order\n  options: []"),
            "3: options: not for a question of the type order",
        ),
        (
            replaced(QUESTIONS, "zh: 防止坠落", "zh: 承载行人和车辆"),
            "25: pairs: the right sides must all be different (zh)",
        ),
        (
            replaced(QUESTIONS, "ru: Опора, ", "ru: НАСТИЛ, "),
            "25: pairs: the left sides must all be different (ru)",
        ),
        (
            replaced(QUESTIONS, "en: [report, inspection report]", "en: []"),
            "43: en: at least one accepted answer is needed",
        ),
        (
            replaced(QUESTIONS, "en: [report, inspection report]", 'en: ["..."]'),
            "43: en: an accepted answer has letters or digits, at most 120",
        ),
        (replaced(QUESTIONS, "zh: [检查记录, 记录], ", ""), "43: zh: is missing"),
        (
            replaced(QUESTIONS, "    - id: s2", "    - id: s1"),
            "52: steps: s1 is used more than once",
        ),
        (
            replaced(QUESTIONS, "en: Wait for tomorrow}, correct: false", "en: Wait for tomorrow}, correct: true"),
            "55: options: exactly one option must be correct, not 2",
        ),
        (replaced(QUESTIONS, "- id: s1", "- id: s 1"), "53: id: must be Latin letters, digits and hyphens"),
    ],
)
def test_each_mistake_is_named_with_its_line(folder: Path, spoil: Spoil, fault: str) -> None:
    spoil(folder)

    assert f"{QUESTIONS}:{fault}" in faults_of(folder)


def _cut(key: str, end: str) -> Spoil:
    """Leave out the lines from one text to another."""

    def _spoil(folder: Path) -> None:
        path = folder.parent / QUESTIONS
        text = path.read_text("utf-8")
        start = text.index(key)
        path.write_text(text[:start] + text[text.index(end, start) :], "utf-8")

    return _spoil


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (_cut("    - id: measure", "  explanation"), "8: items: from 3 to 6 are needed, not 1"),
        (_cut("    - id: rail", "  explanation"), "25: pairs: from 3 to 5 are needed, not 2"),
        (_cut("    - id: s2", "  explanation"), "52: steps: from 2 to 4 are needed, not 1"),
        (_cut("        - {id: c, text: {ky: Гезит", "  explanation"), "61: options: from 3 to 4 are needed, not 2"),
    ],
)
def test_too_few_parts_are_a_mistake(folder: Path, spoil: Spoil, fault: str) -> None:
    spoil(folder)

    assert f"{QUESTIONS}:{fault}" in faults_of(folder)


@pytest.mark.parametrize(
    ("rule", "mistake"),
    [
        ("{draw: 8}", "test: draws 8 questions, but there are 7"),
        ("{draw: 0}", "draw: must be a whole number from 1 to 200"),
        ("{attempts: 21}", "attempts: must be a whole number from 1 to 20"),
        ("{counts: mean}", "counts: must be one of best, last"),
        ("{minutes: 601}", "minutes: must be a whole number from 1 to 600"),
        ("{minute: 20}", "minute: this key is not known here"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_a_mistake(folder: Path, rule: str, mistake: str) -> None:
    unit = folder / "units/01-crossing/unit.yaml"
    unit.write_text(unit.read_text("utf-8") + f"test: {rule}\n", "utf-8")

    assert faults_of(folder) == [f"{UNIT}/unit.yaml:12: {mistake}"]
