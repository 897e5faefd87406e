"""Which questions an attempt asks."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, strategies

from courses import drawing
from courses.outline import AttemptRule, Question, Unit
from tests.courses.asked import CROSSING_UNIT, asked

DAY = date(2027, 6, 30)
seeds = strategies.text("0123456789abcdef", min_size=1, max_size=32)


def pool(*outcomes: int, draw: int | None = None) -> Unit:
    """A unit with one question for each number, which is its outcome."""
    questions = tuple(
        replace(asked("br1-q06"), id=f"q{place}", outcome=outcome) for place, outcome in enumerate(outcomes)
    )
    return replace(CROSSING_UNIT, questions=questions, test=AttemptRule(draw=draw))


def drawn(unit: Unit, seed: str = "5eed", day: date = DAY) -> list[Question]:
    chosen = drawing.drawn(unit, seed=seed, day=day)
    return [question for question in unit.questions if question.id in chosen]


def test_without_a_number_to_draw_every_question_is_asked_in_the_order_of_the_authors() -> None:
    assert drawing.drawn(pool(1, 2, 1), seed="5eed", day=DAY) == ("q0", "q1", "q2")


@given(seed=seeds, outcomes=strategies.lists(strategies.integers(1, 3), min_size=1, max_size=30), draw=seeds.map(len))
def test_as_many_are_drawn_as_wanted_and_each_outcome_gives_its_share(
    seed: str, outcomes: list[int], draw: int
) -> None:
    unit = pool(*outcomes, draw=draw)

    chosen = drawn(unit, seed)

    assert len(chosen) == min(draw, len(outcomes))
    given_by = Counter(question.outcome for question in chosen)
    most = max(given_by.values())
    assert all(given_by[outcome] >= min(most - 1, outcomes.count(outcome)) for outcome in set(outcomes))


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    unit = pool(*[1, 2, 3] * 10, draw=6)

    draws = {drawing.drawn(unit, seed=str(number), day=DAY) for number in range(20)}

    assert len(draws) > 15
    assert drawing.drawn(unit, seed="7", day=DAY) == drawing.drawn(unit, seed="7", day=DAY)


def test_drawn_questions_keep_the_order_of_the_authors() -> None:
    chosen = drawing.drawn(pool(*[1, 2] * 10, draw=8), seed="5eed", day=DAY)

    assert list(chosen) == sorted(chosen, key=lambda name: int(name[1:]))


@pytest.mark.parametrize(("day", "asked_ids"), [("2027-06-30", {"q0", "q1"}), ("2027-07-01", {"q0"})])
def test_a_question_about_the_law_is_asked_until_its_day_and_then_waits_for_a_review(
    day: str, asked_ids: set[str]
) -> None:
    plain = pool(1, 1, draw=2)
    unit = replace(plain, questions=(plain.questions[0], replace(plain.questions[1], review_by="2027-06-30")))

    assert set(drawing.drawn(unit, seed="5eed", day=date.fromisoformat(day))) == asked_ids
    assert {question.id for question in drawing.waiting(unit, date.fromisoformat(day))} == {"q0", "q1"} - asked_ids
