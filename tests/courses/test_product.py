"""The programme that the product brings: three modules of 24 academic hours, in four languages."""

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from courses.authoring import read_module
from courses.outline import ModuleOutline, Option, Question, Unit
from lms.core.i18n import LANGUAGES

CONTENT = Path(__file__).parents[2] / "courses" / "content"
SLUGS = ("public-management", "urban-governance", "e-government")
FINALS = {"PM8", "UG8", "EG9"}
LARGEST_BYTES = 20_000_000


@pytest.fixture(scope="module")
def modules() -> tuple[ModuleOutline, ...]:
    """Read once for all."""
    return tuple(read_module(CONTENT / slug) for slug in SLUGS)


@pytest.fixture(scope="module")
def units(modules: tuple[ModuleOutline, ...]) -> tuple[Unit, ...]:
    """All of them."""
    return tuple(unit for module in modules for unit in module.units)


@pytest.fixture(scope="module")
def questions(units: tuple[Unit, ...]) -> tuple[Question, ...]:
    """All of them."""
    return tuple(question for unit in units for question in unit.questions)


def test_all_units_of_seventy_two_hours_are_written(modules: tuple[ModuleOutline, ...]) -> None:
    assert [len(module.published_units) for module in modules] == [8, 8, 9]
    assert [module.published_hours for module in modules] == [24, 24, 24]
    assert all(module.assignment for module in modules)


def test_the_short_track_of_each_module_has_twelve_hours(modules: tuple[ModuleOutline, ...]) -> None:
    assert [sum(unit.hours for unit in module.units if unit.is_reserve_track) for module in modules] == [12, 12, 12]


def test_there_are_more_than_360_questions_of_seven_types(questions: tuple[Question, ...]) -> None:
    types = Counter(question.type for question in questions)

    assert len(questions) >= 360
    assert sorted(types) == ["match", "multiple", "numeric", "order", "scenario", "short", "single"]
    assert min(types.values()) >= 20


def test_no_question_stands_twice(questions: tuple[Question, ...]) -> None:
    for language in LANGUAGES:
        texts = Counter(_letters(question.text[language]) for question in questions)
        assert [text for text, count in texts.items() if count > 1] == [], language


def test_every_question_of_the_law_has_a_source_and_a_day_of_review(questions: tuple[Question, ...]) -> None:
    assert [question.id for question in questions if question.review_by and not question.source] == []
    assert sum(bool(question.review_by) for question in questions) >= 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_option_is_no_way_to_the_right_one(questions: tuple[Question, ...], language: str) -> None:
    chances = [options for question in questions for options in _single_choices(question)]
    longest = sum(_is_single_longest(options, language) for options in chances)

    assert Fraction(longest, len(chances)) <= Fraction(1, 4), f"{longest} of {len(chances)}"


def test_the_right_option_stands_at_every_place_equally_often(questions: tuple[Question, ...]) -> None:
    places = Counter(
        next(place for place, option in enumerate(options) if option.is_correct)
        for question in questions
        for options in _single_choices(question)
        if len(options) == 4
    )

    assert max(places.values()) <= 1.5 * min(places.values()), places


def test_lessons_have_the_length_of_two_coffee_breaks(units: tuple[Unit, ...]) -> None:
    lengths = {unit.code: len(re.findall(r"\w+", _text(unit, "en"))) for unit in units}

    assert {code: words for code, words in lengths.items() if code not in FINALS and not 900 <= words <= 1600} == {}
    assert {code: words for code, words in lengths.items() if code in FINALS and not 500 <= words <= 900} == {}


def test_every_unit_has_outcomes_terms_sources_and_a_picture(units: tuple[Unit, ...]) -> None:
    for unit in units:
        assert len(unit.outcomes["ky"]) == 3, unit.code
        assert 5 <= len(unit.key_terms) <= 8, unit.code
        assert len(unit.sources) >= 5, unit.code
        assert unit.figures, unit.code
        assert 6 <= unit.section_count <= 9, unit.code


def test_nothing_claims_a_native_review_that_did_not_happen(units: tuple[Unit, ...]) -> None:
    assert {state for unit in units for state in unit.review.values()} == {"drafted"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_asterisk_is_left_in_a_lesson(units: tuple[Unit, ...], language: str) -> None:
    """CommonMark takes none as emphasis that stands between Chinese punctuation and a Chinese character."""
    reader = MarkdownIt()

    assert [unit.code for unit in units if "**" in reader.render(_text(unit, language))] == []


def test_all_of_it_is_small_enough_to_send() -> None:
    assert sum(path.stat().st_size for path in CONTENT.rglob("*") if path.is_file()) <= LARGEST_BYTES


def _single_choices(question: Question) -> Iterator[tuple[Option, ...]]:
    if question.type == "single":
        yield question.options
    yield from (step.options for step in question.steps)


def _is_single_longest(options: tuple[Option, ...], language: str) -> bool:
    lengths = [len(option.text[language]) for option in options]
    right = next(place for place, option in enumerate(options) if option.is_correct)
    return lengths[right] == max(lengths) and lengths.count(max(lengths)) == 1


def _text(unit: Unit, language: str) -> str:
    return "\n".join(section.markdown for section in unit.lessons[language].sections)


def _letters(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
