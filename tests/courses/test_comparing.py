"""A unit in two languages."""

from dataclasses import replace
from pathlib import Path

import pytest

from courses import authoring, comparing
from courses.comparing import Pair
from courses.outline import Unit

ROADS = Path(__file__).parent / "content" / "roads"


@pytest.fixture(scope="module")
def unit() -> Unit:
    return authoring.read_module(ROADS).published_units[0]


def test_every_text_of_a_lesson_stands_beside_its_translation(unit: Unit) -> None:
    pairs = comparing.lesson(unit, "ru", "en")

    assert [pair.kind for pair in pairs].count("section") == 2
    assert not any(pair.lacks for pair in pairs)
    assert pairs[0].left == unit.outcomes["ru"][0]
    assert pairs[0].right == unit.outcomes["en"][0]


def test_a_lesson_that_is_not_there_lacks_every_section(unit: Unit) -> None:
    lessons = {language: lesson for language, lesson in unit.lessons.items() if language != "zh"}

    lacking = [pair for pair in comparing.lesson(replace(unit, lessons=lessons), "ru", "zh") if pair.lacks]

    assert [(pair.kind, pair.name) for pair in lacking] == [("section", "1"), ("section", "2")]


def test_questions_come_with_options_and_explanations(unit: Unit) -> None:
    pairs = comparing.questions(unit, "ru", "ky")

    kinds = [pair.kind for pair in pairs]
    assert kinds.count("text") == kinds.count("explanation") == len(unit.questions)
    assert kinds.count("option") == sum(len(question.options) for question in unit.questions)


@pytest.mark.parametrize(
    ("text", "is_same"), [("Кандай маселени чечебиз?", True), ("22,5", False), ("4" * 30, False), ("DECREE 125", False)]
)
def test_a_long_text_that_is_the_same_in_two_languages_is_not_translated(text: str, *, is_same: bool) -> None:
    assert Pair(kind="text", name="q", left=text, right=text).is_same is is_same
