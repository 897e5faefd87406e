"""Mistakes of authors are named by file and line, all at once, and nothing is used."""

from collections.abc import Callable
from pathlib import Path

import pytest

from courses.authoring import ContentFaults, read_module
from courses.documents import from_document, to_document
from tests.courses.conftest import CONTENT

UNIT = "roads/units/01-repair"
Spoil = Callable[[Path], None]


def replaced(file: str, old: str, new: str, count: int = -1) -> Spoil:
    """Change a text in a file."""

    def _spoil(folder: Path) -> None:
        path = folder.parent / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, count), encoding="utf-8")

    return _spoil


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(ContentFaults) as found:
        read_module(folder)
    return [str(fault) for fault in found.value.faults]


def test_a_module_is_read_whole() -> None:
    outline = read_module(CONTENT / "roads")
    unit = outline.published_units[0]

    assert [unit.code for unit in outline.units] == ["RD1", "RD2"]
    assert outline.published_hours == 3
    assert [section.title for section in unit.lessons["ru"].sections] == ["Яма", "Цена"]
    assert [question.id for question in unit.questions] == ["rd1-q01", "rd1-q02", "rd1-q03"]
    assert outline.assignment is not None
    assert outline.assignment.rubric[0].most_points == 4


def test_a_stored_module_is_the_same_module() -> None:
    outline = read_module(CONTENT / "roads")

    assert from_document(to_document(outline)) == outline


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (replaced("roads/module.yaml", "code: RD\n", ""), "roads/module.yaml:1: code: is missing"),
        (replaced("roads/module.yaml", "hours: 5", "hours: five"), "roads/module.yaml:6: hours: must be a number"),
        (
            replaced("roads/module.yaml", "hours: 5", "hours: 6"),
            "roads/module.yaml:11: units: hours must add up to 6, not 5",
        ),
        (
            replaced("roads/module.yaml", "tests: 60", "tests: 70"),
            "roads/module.yaml:10: weights: the weights must add up to 100, not 110",
        ),
        (replaced("roads/module.yaml", "zh: 道路, ", ""), "roads/module.yaml:4: zh: is missing"),
        (
            replaced("roads/module.yaml", "ru: Дороги", "ru: no"),
            "roads/module.yaml:4: ru: must be text (put it in quotes)",
        ),
        (replaced("roads/module.yaml", "ru: Дороги", 'ru: ""'), "roads/module.yaml:4: ru: must not be empty"),
        (
            replaced("roads/module.yaml", "slug: roads", "slug: streets"),
            "roads/module.yaml:1: slug: must be the name of the folder, roads",
        ),
        (
            replaced("roads/module.yaml", "folder: 01-repair", "folder: 01-repairs"),
            "roads/module.yaml:13: folder: there is no such folder in units/",
        ),
        (
            replaced("roads/module.yaml", "reserve_track: true", "reserve_trak: true"),
            "roads/module.yaml:16: reserve_trak: this key is not known here",
        ),
        (
            replaced("roads/module.yaml", "code: RD2", "code: RD1"),
            "roads/module.yaml:11: units: rd1 is used more than once",
        ),
        (
            replaced("roads/module.yaml", "series: RD", "series: RD\nseries: RD"),
            "roads/module.yaml:4: series: stands here twice",
        ),
        (
            replaced("roads/module.yaml", "hours: 5", "hours: [5"),
            "roads/module.yaml:7: this is not YAML: did not find expected ',' or ']'",
        ),
        (
            replaced(f"{UNIT}/unit.yaml", "code: RD1", "code: RD9"),
            f"{UNIT}/unit.yaml:1: code: must be RD1, as in module.yaml",
        ),
        (
            replaced(f"{UNIT}/unit.yaml", "url: https://", "url: ftp://"),
            f"{UNIT}/unit.yaml:14: url: must begin with https:// or http://",
        ),
        (
            replaced(f"{UNIT}/unit.yaml", "ky: drafted", "ky: done"),
            f"{UNIT}/unit.yaml:16: ky: must be one of drafted, native-reviewed",
        ),
        (
            replaced(f"{UNIT}/unit.yaml", "ru: [Находит яму.]", "ru: [Находит яму., Чинит её.]"),
            f"{UNIT}/unit.yaml:2: outcomes: must have the same number of lines in every language",
        ),
        (
            lambda folder: (folder.parent / UNIT / "road.svg").unlink(),
            f"{UNIT}/unit.yaml:19: road.svg: there is no such file beside unit.yaml",
        ),
        (
            replaced(f"{UNIT}/ru.md", "[^norm]", "[^law]"),
            f"{UNIT}/ru.md:5: [^law]: unit.yaml has no source with this id",
        ),
        (
            replaced(f"{UNIT}/zh.md", "road.svg", "map.svg"),
            f"{UNIT}/zh.md:7: map.svg: unit.yaml has no figure with this name",
        ),
        (
            replaced(f"{UNIT}/en.md", "| Asphalt", "<b>x</b> | Asphalt"),
            f"{UNIT}/en.md:13: HTML is not used here; write Markdown",
        ),
        (
            replaced(f"{UNIT}/en.md", "## Price", "### Price"),
            f"{UNIT}/en.md:1: 1 sections here, but 2 in ky.md: they must be the same steps",
        ),
        (
            replaced(f"{UNIT}/en.md", "# Repair\n", "# Repair\n\nHello\n"),
            f"{UNIT}/en.md:3: text must stand below a '## ' heading",
        ),
        (
            replaced(f"{UNIT}/questions.yaml", "correct: false", "correct: true", 1),
            f"{UNIT}/questions.yaml:8: options: exactly one option must be correct, not 2",
        ),
        (
            replaced(f"{UNIT}/questions.yaml", "correct: true", "correct: maybe", 1),
            f"{UNIT}/questions.yaml:11: correct: must be true or false",
        ),
        (
            replaced(f"{UNIT}/questions.yaml", "outcome: 1", "outcome: 2", 1),
            f"{UNIT}/questions.yaml:4: outcome: must be a whole number from 1 to 1",
        ),
        (
            replaced(f"{UNIT}/questions.yaml", "2027-01-31", "soon"),
            f"{UNIT}/questions.yaml:6: review_by: must be a date like 2027-01-31",
        ),
        (
            replaced(f"{UNIT}/questions.yaml", "answer: 12.5", "answer: many"),
            f"{UNIT}/questions.yaml:37: answer: must be a number",
        ),
        (
            replaced(f"{UNIT}/questions.yaml", "tolerance: 0.5", "tolerance: -1"),
            f"{UNIT}/questions.yaml:38: tolerance: must not be below zero",
        ),
        (
            replaced(f"{UNIT}/questions.yaml", "rd1-q02", "rd1-q01"),
            "roads/module.yaml:11: units: rd1-q01 is used more than once",
        ),
        (
            replaced("roads/assignment.yaml", "weight: 75", "weight: 80"),
            "roads/assignment.yaml:10: rubric: the weights must add up to 100, not 105",
        ),
        (
            replaced("roads/assignment.yaml", "maximum_words: 20", "maximum_words: 2"),
            "roads/assignment.yaml:9: maximum_words: must not be below minimum_words",
        ),
        (
            replaced(f"{UNIT}/road.svg", "<path", "<script>1</script><path"),
            f"{UNIT}/road.svg:1: the picture must not contain <script>",
        ),
    ],
)
def test_a_mistake_is_named_by_file_and_line(folder: Path, spoil: Spoil, fault: str) -> None:
    spoil(folder)

    assert faults_of(folder) == [fault]


def test_all_mistakes_are_named_at_once(folder: Path) -> None:
    (folder / "units/01-repair/zh.md").unlink()
    replaced("roads/module.yaml", "series: RD\n", "")(folder)

    assert faults_of(folder) == [
        "roads/module.yaml:1: series: is missing",
        "roads/units/01-repair/zh.md:1: 0 sections here, but 2 in ky.md: they must be the same steps",
        "roads/units/01-repair/zh.md:1: this file is missing",
    ]


def test_a_file_in_another_encoding_is_named(folder: Path) -> None:
    path = folder / "units/01-repair/ru.md"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1251", errors="replace"))

    assert "roads/units/01-repair/ru.md:1: this file is not UTF-8 text" in faults_of(folder)


@pytest.mark.parametrize(
    "svg",
    [
        '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>',
        '<svg xmlns="http://www.w3.org/2000/svg"><a href="javascript:x()"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><rect fill="url(https://x.example)"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><style>@import "x";</style></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="#a"/></svg>',
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>',
        "<svg",
        "<html/>",
        '<svg xmlns="http://www.w3.org/2000/svg">' + " " * 40_000 + "</svg>",
    ],
)
def test_a_picture_that_could_act_is_refused(folder: Path, svg: str) -> None:
    (folder / "units/01-repair/road.svg").write_text(svg, encoding="utf-8")

    assert [fault.split(": ")[0] for fault in faults_of(folder)] == ["roads/units/01-repair/road.svg:1"]


def written(file: str, content: bytes) -> Spoil:
    """Write a whole file anew."""

    def _spoil(folder: Path) -> None:
        (folder.parent / file).write_bytes(content)

    return _spoil


def linked(file: str, target: str) -> Spoil:
    """Put a link in the place of a file."""

    def _spoil(folder: Path) -> None:
        (folder.parent / file).unlink()
        (folder.parent / file).symlink_to(target)

    return _spoil


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (written("roads/module.yaml", b""), "roads/module.yaml:1: this file is empty"),
        (written(f"{UNIT}/questions.yaml", b""), f"{UNIT}/questions.yaml:1: this file is empty"),
        (written("roads/module.yaml", b"[" * 100_000), "roads/module.yaml:1: this is nested deeper than 20 levels"),
        (
            written("roads/module.yaml", b"#" * 1_000_001),
            "roads/module.yaml:1: this file is larger than 1000000 bytes",
        ),
        (
            written("roads/module.yaml", b"slug: roads\n\tcode: RD\n"),
            "roads/module.yaml:2: this is not YAML: found a tab character that violates indentation",
        ),
        (
            replaced(f"{UNIT}/questions.yaml", "answer: 12.5", "answer: 1.0e+999999"),
            f"{UNIT}/questions.yaml:37: answer: must be a number",
        ),
        (
            replaced("roads/module.yaml", "folder: 01-repair", "folder: ../units/01-repair"),
            "roads/module.yaml:13: folder: there is no such folder in units/",
        ),
        (
            linked("roads/assignment.yaml", "/etc/hostname"),
            "roads/assignment.yaml:1: this is a link; put the file itself here",
        ),
        (
            linked("roads/assignment.yaml", "/nowhere"),
            "roads/assignment.yaml:1: this is a link; put the file itself here",
        ),
        (
            linked(f"{UNIT}/questions.yaml", "questions.yaml"),
            f"{UNIT}/questions.yaml:1: this is a link; put the file itself here",
        ),
        (
            replaced(f"{UNIT}/questions.yaml", "answer: 12.5", "answer: 12.5\x07"),
            f"{UNIT}/questions.yaml:37: there is a control character that nobody can see",
        ),
    ],
)
def test_a_file_that_is_none_of_ours_is_named(folder: Path, spoil: Spoil, fault: str) -> None:
    spoil(folder)

    assert faults_of(folder) == [fault]


def test_a_byte_order_mark_is_no_part_of_a_text(folder: Path) -> None:
    plain = read_module(folder)
    for path in [*folder.rglob("*.md"), *folder.rglob("*.yaml")]:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert read_module(folder) == plain


def test_a_file_full_of_references_to_itself_is_read_in_a_moment(folder: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefghij", "bcdefghijk", strict=True)
    )
    written("roads/module.yaml", bomb.encode())(folder)

    assert "roads/module.yaml:1: a: this key is not known here" in faults_of(folder)
