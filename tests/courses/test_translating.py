"""What is missing in content, language by language."""

import shutil
from pathlib import Path

import pytest

from courses import translating
from courses.cli import CONTENT

ROADS = Path(__file__).parent / "content"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Content of one module and one visit that a test may spoil."""
    shutil.copytree(ROADS / "roads", tmp_path / "roads")
    return tmp_path


def gaps(content: Path) -> list[str]:
    return [str(gap) for parts in translating.look_through(content).values() for part in parts for gap in part.gaps]


def test_the_product_lacks_nothing_in_any_language() -> None:
    assert gaps(CONTENT) == []
    assert list(translating.look_through(CONTENT)) == [
        "e-government",
        "public-management",
        "urban-governance",
        "visits",
    ]


def test_the_review_state_of_each_language_is_told(content: Path) -> None:
    _beside, unit = translating.look_through(content)["roads"]

    assert unit.name == "01-repair"
    assert set(unit.review) == {"ky", "ru", "zh", "en"}


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("assignment.yaml", "zh: 街道, ", "", "roads/assignment.yaml:2: rd-work.title: zh is missing"),
        ("assignment.yaml", "ru: Улица", 'ru: " "', "roads/assignment.yaml:2: rd-work.title: ru is missing"),
        (
            "assignment.yaml",
            "{ky: Жок, ru",
            "{ky: , ru",
            "roads/assignment.yaml:15: rd-work.rubric facts.levels.text: ky is missing",
        ),
    ],
)
def test_a_text_without_a_language_is_named_with_its_line(
    content: Path, file: str, old: str, new: str, said: str
) -> None:
    path = content / "roads" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")

    assert gaps(content) == [said]


def test_sections_notes_and_pictures_are_compared_too(content: Path) -> None:
    unit = content / "roads" / "units" / "01-repair"
    lesson = (unit / "zh.md").read_text("utf-8")
    (unit / "zh.md").write_text(lesson[: lesson.rindex("## ")], "utf-8")
    (unit / "teacher.ru.md").unlink()
    (unit / "road.svg").rename(unit / "road.ky.svg")

    assert gaps(content) == [
        "roads/units/01-repair/road.en.svg:1: picture: en is missing",
        "roads/units/01-repair/road.ru.svg:1: picture: ru is missing",
        "roads/units/01-repair/road.zh.svg:1: picture: zh is missing",
        "roads/units/01-repair/teacher.ru.md:1: note for teachers: ru is missing",
        "roads/units/01-repair/zh.md:1: section 2: zh is missing",
    ]


def test_a_lesson_that_is_not_translated_yet_lacks_every_section(content: Path) -> None:
    (content / "roads" / "units" / "01-repair" / "en.md").unlink()

    unit = translating.look_through(content)["roads"][1]

    assert (unit.missing("en"), unit.missing("ky")) == (2, 0)


def test_a_file_that_is_not_yaml_is_left_to_the_check(content: Path) -> None:
    (content / "roads" / "assignment.yaml").write_text("a: [", "utf-8")

    assert gaps(content) == []
