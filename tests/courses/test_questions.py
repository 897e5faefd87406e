"""Scoring of answers."""

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, strategies

from courses.outline import Option, Question
from courses.questions import accepted, chosen, is_whole, rounded, score, score_percent, verdict
from tests.courses.asked import CROSSING, RIGHT, asked

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


# The types with more than one part


@pytest.mark.parametrize("question", CROSSING, ids=lambda question: question.type)
def test_the_right_answer_earns_all_and_an_empty_one_nothing(question: Question) -> None:
    assert score(question, RIGHT[question.id]) == 1
    assert score(question, ()) == 0
    assert accepted(question, list(RIGHT[question.id])) == RIGHT[question.id]
    assert is_whole(question, RIGHT[question.id])
    assert not is_whole(question, ())


anything = strategies.lists(
    strategies.text(max_size=12) | strategies.sampled_from([part for given in RIGHT.values() for part in given]),
    max_size=8,
)


@given(sent=anything)
def test_whatever_is_sent_a_score_lies_between_nothing_and_all(sent: list[str]) -> None:
    for question in CROSSING:
        assert 0 <= score(question, tuple(sent)) <= 1
        kept = accepted(question, sent)
        assert kept is None or 0 <= score(question, kept) <= 1


@given(order=strategies.permutations(RIGHT["br1-q01"]))
def test_in_which_order_the_parts_of_an_answer_arrive_does_not_matter(order: list[str]) -> None:
    assert accepted(asked("br1-q01"), order) == RIGHT["br1-q01"]
    assert score(asked("br1-q01"), tuple(order)) == 1


@pytest.mark.parametrize(
    ("places", "points"),
    [
        ("1234", Fraction(1)),
        ("1243", Fraction(2, 3)),
        ("1324", Fraction(2, 3)),
        ("2143", Fraction(1, 3)),
        ("2341", Fraction(0)),  # what comes last was put first: as many pairs are wrong as right
        ("4321", Fraction(0)),
        ("1223", Fraction(1, 6)),  # a place given twice counts for nobody
        ("12", Fraction(1, 6)),
    ],
)
def test_an_order_earns_pairs_in_the_right_order_less_pairs_in_the_wrong_one(places: str, points: Fraction) -> None:
    items = [item.id for item in asked("br1-q01").items]
    given_places = tuple(f"{item}={place}" for item, place in zip(items, places, strict=False))

    assert score(asked("br1-q01"), given_places) == points


@given(places=strategies.permutations("1234"))
def test_only_the_right_order_earns_all(places: list[str]) -> None:
    items = [item.id for item in asked("br1-q01").items]

    points = score(asked("br1-q01"), tuple(f"{item}={place}" for item, place in zip(items, places, strict=True)))

    assert (points == 1) == (places == ["1", "2", "3", "4"])


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        (("pier=pier", "deck=rail", "rail=deck"), Fraction(1, 3)),
        (("pier=pier", "deck=pier", "rail=pier"), Fraction(1, 3)),
        (("pier=deck", "deck=rail", "rail=pier"), Fraction(0)),
        (("rail=rail",), Fraction(1, 3)),
    ],
)
def test_a_match_earns_the_share_of_right_pairs(answer: tuple[str, ...], points: Fraction) -> None:
    assert score(asked("br1-q02"), answer) == points


@pytest.mark.parametrize(
    ("answer", "points"), [(("s1=a", "s2=a"), Fraction(1, 2)), (("s2=b",), Fraction(1, 2)), (("s1=b", "s2=a"), 0)]
)
def test_a_scenario_earns_the_share_of_right_decisions(answer: tuple[str, ...], points: Fraction) -> None:
    assert score(asked("br1-q04"), answer) == points


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        ("акт", 1),
        ("Текшерүү актысы", 1),
        ("ОТЧЕТ.", 1),
        ("检查记录", 1),
        (" inspection  report ", 1),
        ("акты", 0),
        ("-", 0),
    ],
)
def test_a_short_answer_is_right_in_any_language(typed: str, points: int) -> None:
    assert score(asked("br1-q03"), (typed,)) == points


def test_a_number_may_be_typed_with_its_unit() -> None:
    assert accepted(asked("br1-q05"), ["16 м"]) == ("16 м",)
    assert score(asked("br1-q05"), ("16м",)) == 1
    assert accepted(asked("br1-q05"), ["16 км"]) is None


@pytest.mark.parametrize(
    ("question_id", "sent", "kept"),
    [
        ("br1-q01", ["look=2", "measure="], ("look=2",)),
        ("br1-q01", ["look=2", "measure=2"], ("look=2", "measure=2")),
        ("br1-q01", ["look=5"], None),
        ("br1-q01", ["look=0"], None),
        ("br1-q01", ["look"], ()),
        ("br1-q01", ["look=1", "look=2"], None),
        ("br1-q01", ["paint=1"], None),
        ("br1-q02", ["deck=rail", "pier="], ("deck=rail",)),
        ("br1-q02", ["deck=gate"], None),
        ("br1-q04", ["s2=c", "s1=a"], ("s1=a", "s2=c")),
        ("br1-q04", ["s1=d"], None),
        ("br1-q03", ["x" * 200], ("x" * 200,)),
        ("br1-q03", ["x" * 201], None),
        ("br1-q03", ["акт", "отчёт"], None),
    ],
)
def test_an_answer_of_several_parts_is_kept_as_far_as_it_was_given(
    question_id: str, sent: list[str], kept: tuple[str, ...] | None
) -> None:
    assert accepted(asked(question_id), sent) == kept


def test_an_answer_is_whole_when_nothing_of_it_is_missing_or_doubled() -> None:
    assert not is_whole(asked("br1-q01"), ("look=1", "measure=2", "write=3"))
    assert not is_whole(asked("br1-q01"), ("look=1", "measure=2", "write=3", "tell=3"))
    assert not is_whole(asked("br1-q04"), ("s1=a",))
    assert is_whole(asked("br1-q02"), ("pier=pier", "deck=pier", "rail=pier"))
    assert chosen(("s1=a", "s2=b")) == {"s1": "a", "s2": "b"}


def test_putting_lines_in_order_by_guessing_earns_a_fifth() -> None:
    items = [item.id for item in asked("br1-q01").items]
    orders = list(permutations("1234"))

    earned = sum(
        score(asked("br1-q01"), tuple(f"{item}={place}" for item, place in zip(items, places, strict=True)))
        for places in orders
    )

    assert round(float(earned) / len(orders), 2) == 0.19
