"""What answers say about questions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import item_statistics
from courses.item_statistics import Response, Share

SHARES = st.integers(0, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def responses(pairs: list[tuple[float, float]]) -> list[Response]:
    return [Response(score, rest, ("a",) if score else ("b",), "ky") for score, rest in pairs]


def test_difficulty_is_the_mean_score_and_answers_are_counted() -> None:
    found = item_statistics.figures([*responses([(1, 1), (1, 0.5), (0, 0)]), Response(0, 0, (), None)])

    assert (found.answered, found.difficulty, found.left_out) == (4, 0.5, 1)
    assert dict(found.chosen) == {"a": 2, "b": 1}
    assert found.shares == (Share("ky", 2, 3),)


def test_a_question_that_nobody_was_asked_has_no_numbers() -> None:
    found = item_statistics.figures([])

    assert (found.answered, found.difficulty, found.discrimination, found.shares) == (0, None, None, ())


def test_a_question_agrees_with_the_rest_of_the_test_or_points_the_wrong_way() -> None:
    agreeing = responses([(1, 0.9), (1, 0.8), (0, 0.3), (0, 0.2), (1, 0.7)] * 2)
    turned = [Response(1 - each.score, each.rest, each.given, each.language) for each in agreeing]

    found = item_statistics.figures(agreeing).discrimination

    assert found is not None
    # by hand: mean rest of the right 0.8, of the wrong 0.25; spread of the rest 0.27857; share right 0.6
    assert found == pytest.approx((0.8 - 0.25) / 0.27857 * math.sqrt(0.6 * 0.4), abs=0.002)
    assert item_statistics.figures(turned).discrimination == pytest.approx(-found)


def test_too_few_or_all_alike_give_no_discrimination() -> None:
    assert item_statistics.figures(responses([(1, 1), (0, 0)] * 4)).discrimination is None
    assert item_statistics.figures(responses([(1, 0.5), (0, 0.5)] * 10)).discrimination is None


def test_two_proportions_are_compared_as_in_the_books() -> None:
    # 30 of 100 against 50 of 100: z = 0.2 / sqrt(0.4 * 0.6 * 0.02) = 2.8868, p = 0.0039
    chance = item_statistics.chance_of_difference(Share("ky", 30, 100), Share("ru", 50, 100))

    assert chance == pytest.approx(0.00389, abs=0.00001)


def test_a_difference_names_the_harder_version() -> None:
    found = item_statistics.difference(Share("ru", 50, 100), Share("ky", 30, 100))

    assert found is not None
    assert (found.harder.language, found.easier.language) == ("ky", "ru")


@pytest.mark.parametrize(
    ("one", "other"), [(Share("ky", 3, 4), Share("ru", 0, 300)), (Share("ky", 0, 0), Share("ru", 5, 9))]
)
def test_too_few_people_tell_no_difference(one: Share, other: Share) -> None:
    assert item_statistics.difference(one, other) is None


@given(SHARES, SHARES)
def test_the_chance_is_a_probability_and_does_not_ask_who_comes_first(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    first, second = Share("ky", *one), Share("ru", *other)

    chance = item_statistics.chance_of_difference(first, second)

    assert chance is None or 0 <= chance <= 1
    assert chance == item_statistics.chance_of_difference(second, first)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=40))
def test_a_correlation_stays_between_minus_one_and_one(pairs: list[tuple[float, float]]) -> None:
    found = item_statistics.correlation([one for one, _other in pairs], [other for _one, other in pairs])

    assert found is None or -1 <= found <= 1
