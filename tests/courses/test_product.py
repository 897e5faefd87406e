"""The programme that the product brings: three modules of 24 academic hours, in four languages."""

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
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
def glossary() -> list[dict[str, Any]]:
    """Its terms, as they stand in the file."""
    terms: list[dict[str, Any]] = yaml.safe_load((CONTENT / "glossary.yaml").read_text(encoding="utf-8"))
    return terms


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


def test_a_second_attempt_asks_other_questions_where_there_are_more_than_ten(units: tuple[Unit, ...]) -> None:
    assert {(len(unit.questions), unit.test.draw) for unit in units} == {(10, None), (14, 10), (30, 20)}
    assert {unit.code for unit in units if unit.test.draw == 20} == FINALS


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


def test_the_glossary_has_each_of_150_terms_once_in_the_order_of_the_english(glossary: list[dict[str, Any]]) -> None:
    names = [term["en"].casefold() for term in glossary]

    assert len(names) >= 150
    assert names == sorted(set(names))
    assert [term["en"] for term in glossary if not all(term[language] for language in LANGUAGES)] == []


def test_every_key_term_stands_in_the_glossary_in_the_same_forms_and_with_its_unit(
    units: tuple[Unit, ...], glossary: list[dict[str, Any]]
) -> None:
    known = {term["en"]: term for term in glossary}

    for unit in units:
        for term in unit.key_terms:
            entry = known.get(term["en"], {})
            assert {language: entry.get(language) for language in LANGUAGES} == dict(term), unit.code
            assert unit.code in entry["units"], term["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_unit_uses_the_terms_that_it_teaches(
    units: tuple[Unit, ...], glossary: list[dict[str, Any]], language: str
) -> None:
    """The very words in Chinese and English; in Kyrgyz and Russian their stems, all of them in one paragraph."""
    written = {unit.code: _plain(unit, language) for unit in units}

    unused = [
        (code, term[language])
        for term in glossary
        for code in term["units"]
        if not _uses(written[code], term, language)
    ]

    assert unused == []


def test_nothing_claims_a_native_review_that_did_not_happen(units: tuple[Unit, ...]) -> None:
    assert {state for unit in units for state in unit.review.values()} == {"drafted"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_asterisk_is_left_in_a_lesson(units: tuple[Unit, ...], language: str) -> None:
    """CommonMark takes none as emphasis that stands between Chinese punctuation and a Chinese character."""
    reader = MarkdownIt()

    assert [unit.code for unit in units if "*" in reader.render(_text(unit, language))] == []


def test_the_cases_have_notes_for_teachers(units: tuple[Unit, ...]) -> None:
    reader = MarkdownIt()
    notes = {unit.code: unit.teacher_notes for unit in units if unit.teacher_notes}

    assert sorted(notes) == ["EG6", "EG7", "EG8", "PM7", "UG6"]
    assert [
        (code, language)
        for code, texts in notes.items()
        for language in LANGUAGES
        if "*" in reader.render(texts[language])
    ] == []


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


def _plain(unit: Unit, language: str) -> str:
    """Titles and text without emphasis, in small letters."""
    lesson = unit.lessons[language]
    titles = [lesson.title, *(section.title for section in lesson.sections)]
    return "\n".join([*titles, _text(unit, language)]).replace("*", "").casefold().replace("ё", "е")


def _uses(text: str, term: dict[str, Any], language: str) -> bool:
    name = re.sub(r"\(.*?\)|（.*?）", "", term[language]).strip().casefold().replace("ё", "е")
    if language in ("zh", "en"):
        return name in text
    stems = [re.compile(rf"\b{_stem(word)}") for word in re.findall(r"[\w-]+", name) if len(word) > 3]
    return any(all(stem.search(paragraph) for stem in stems) for paragraph in text.splitlines())


def _stem(word: str) -> str:
    return word[: max(4, len(word) - 3)] if len(word) > 5 else word[: max(3, len(word) - 1)]


def _letters(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
