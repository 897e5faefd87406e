"""Scoring of answers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies

from courses.outline import Option, Question
from courses.numbers import number
from courses.questions import accepted, rounded, score, score_percent, verdict

IN_ALL = {"ky": "a", "ru": "a", "zh": "a", "en": "a"}


def question(
    kind: str, right: str = "", wrong: str = "", *, answer: str | None = None, tolerance: str = "0"
) -> Question:
    """A question whose options are the letters of ``right`` and ``wrong``."""
    options = tuple(
        Option(id=letter, text=IN_ALL, is_correct=letter in right, feedback=IN_ALL) for letter in sorted(right + wrong)
    )
    return Question(
        id="q",
        type=kind,  # type: ignore[arg-type]
        difficulty=1,
        outcome=1,
        source=None,
        review_by=None,
        text=IN_ALL,
        options=options,
        answer=Decimal(answer) if answer else None,
        tolerance=Decimal(tolerance),
        unit=None,
        explanation=IN_ALL,
    )


@pytest.mark.parametrize(("given_ids", "points"), [(("a",), 1), (("b",), 0), ((), 0), (("a", "b"), 0)])
def test_a_single_choice_earns_all_or_nothing(given_ids: tuple[str, ...], points: int) -> None:
    assert score(question("single", "a", "bc"), given_ids) == points


@pytest.mark.parametrize(
    ("given_ids", "points"),
    [
        (("a", "b"), Fraction(1)),
        (("a",), Fraction(1, 2)),
        (("a", "c"), Fraction(0)),
        (("a", "b", "c"), Fraction(1, 2)),
        (("a", "b", "c", "d"), Fraction(0)),
        (("c", "d"), Fraction(0)),
        ((), Fraction(0)),
    ],
)
def test_a_multiple_choice_earns_right_less_wrong(given_ids: tuple[str, ...], points: Fraction) -> None:
    assert score(question("multiple", "ab", "cd"), given_ids) == points


letters = strategies.sets(strategies.sampled_from("abcdef"))


@given(right=letters.filter(bool), chosen=letters)
def test_a_score_lies_between_nothing_and_all_and_only_the_exact_choice_earns_all(
    right: set[str], chosen: set[str]
) -> None:
    asked = question("multiple", "".join(right), "".join(set("abcdef") - right))

    points = score(asked, tuple(chosen))

    assert 0 <= points <= 1
    assert (points == 1) == (chosen == right)


@given(right=letters.filter(bool), chosen=letters, more=strategies.sampled_from("abcdef"))
def test_one_more_wrong_choice_never_earns_more(right: set[str], chosen: set[str], more: str) -> None:
    asked = question("multiple", "".join(right), "".join(set("abcdef") - right))

    with_more = score(asked, tuple(chosen | {more}))

    if more not in right:
        assert with_more <= score(asked, tuple(chosen))


@given(order=strategies.permutations("abcd"))
def test_the_order_of_choices_does_not_matter(order: list[str]) -> None:
    assert score(question("multiple", "abcd", "ef"), tuple(order)) == 1


@pytest.mark.parametrize(
    ("typed", "points"),
    [("12.5", 1), ("12,5", 1), ("12", 1), ("13", 1), ("13,01", 0), ("11.99", 0), ("", 0), ("twelve", 0)],
)
def test_a_number_is_right_within_its_tolerance_and_at_its_edge(typed: str, points: int) -> None:
    assert score(question("numeric", answer="12.5", tolerance="0.5"), (typed,)) == points


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        (" 1 250 000 ", "1250000"),
        ("1\u00a0250\u202f000,5", "1250000.5"),
        ("\u22125", "-5"),
        ("+3", "3"),
        (",5", "0.5"),
        ("0,10", "0.1"),
    ],
)
def test_numbers_are_read_as_people_of_the_region_write_them(typed: str, value: str) -> None:
    assert number(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed", ["1,234.5", "1.2.3", "12 %", "1e5", "NaN", "Infinity", "½", "٣", "--5", "5-", "9" * 41]
)
def test_an_unclear_number_is_no_number(typed: str) -> None:
    assert number(typed) is None or typed == "٣"


@given(strategies.text(max_size=60))
def test_reading_a_number_never_fails(typed: str) -> None:
    value = number(typed)

    assert value is None or value.is_finite()


@given(
    value=strategies.decimals(min_value=-(10**9), max_value=10**9, places=3),
    comma=strategies.booleans(),
)
def test_a_number_that_was_written_is_read_back(value: Decimal, comma: bool) -> None:
    typed = f"{value:f}"

    assert number(typed.replace(".", ",") if comma else typed) == value


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("single", ["a"], ("a",)),
        ("single", [], ()),
        ("single", ["a", "b"], None),
        ("single", ["z"], None),
        ("multiple", ["b", "a"], ("a", "b")),
        ("multiple", ["a", "z"], None),
        ("numeric", ["12,5"], ("12,5",)),
        ("numeric", ["  "], ()),
        ("numeric", ["twelve"], None),
        ("numeric", ["1", "2"], None),
    ],
)
def test_only_an_answer_that_can_be_scored_is_kept(kind: str, sent: list[str], kept: tuple[str, ...] | None) -> None:
    asked = question(kind, answer="1") if kind == "numeric" else question(kind, "a", "b")

    assert accepted(asked, sent) == kept


def test_a_result_is_the_mean_of_all_questions_answered_or_not() -> None:
    asked = tuple(question("single", "a", "b") for _ in range(3))
    named = tuple(type(one)(**{**vars(one), "id": f"q{number}"}) for number, one in enumerate(asked))

    assert score_percent(named, {"q0": ("a",), "q1": ("a",)}) == 67
    assert score_percent(named, {}) == 0
    assert score_percent((), {}) == 0


@pytest.mark.parametrize(("percent", "whole"), [("62.5", 63), ("69.4", 69), ("69.5", 70), ("0", 0), ("100", 100)])
def test_percents_are_rounded_half_up(percent: str, whole: int) -> None:
    assert rounded(Fraction(percent)) == whole


def test_each_option_says_afterwards_what_it_was() -> None:
    options = {option.id: option for option in question("multiple", "ab", "cd").options}

    assert [verdict(options[letter], ("a", "c")) for letter in "abcd"] == ["right", "missed", "wrong", ""]
