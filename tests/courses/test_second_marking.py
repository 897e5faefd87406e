"""Two markers for one text, the second one blind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import second_marking
from courses.second_marking import Given
from courses.written_task import SecondMarkerRule
from lms.core.errors import Conflict

RULE = SecondMarkerRule(lowest_percent=55, highest_percent=64, within=5)
ANNA, BEK, CHOLPON = "anna", "bek", "cholpon"
PERCENTS = st.integers(0, 100)


def history(*marks: tuple[str, int]) -> tuple[Given, ...]:
    """What is kept when these people mark one after the other."""
    kept: list[Given] = []
    for marker_id, percent in marks:
        placed = second_marking.placed(RULE, kept, marker_id=marker_id, percent=percent)
        kept.append(Given(marker_id, percent, placed.role))
        if placed.mean_percent is not None:
            kept.append(Given(marker_id, placed.mean_percent, "mean"))
    return tuple(kept)


def roles(*marks: tuple[str, int]) -> list[str]:
    return [mark.role for mark in history(*marks)]


@pytest.mark.parametrize(
    ("percent", "role"), [(54, "mark"), (55, "first"), (60, "first"), (64, "first"), (65, "mark"), (0, "mark")]
)
def test_a_mark_within_the_span_waits_for_a_second_one(percent: int, role: str) -> None:
    assert roles((ANNA, percent)) == [role]


def test_without_a_rule_every_mark_counts_at_once() -> None:
    placed = second_marking.placed(None, (), marker_id=ANNA, percent=60)

    assert (placed.role, placed.is_held) == ("mark", False)


@pytest.mark.parametrize(("second", "mean"), [(60, 60), (65, 63), (55, 58), (61, 61)])
def test_the_mean_of_two_near_marks_is_the_mark_halves_up(second: int, mean: int) -> None:
    marks = history((ANNA, 60), (BEK, second))

    assert [mark.role for mark in marks] == ["first", "second", "mean"]
    assert marks[-1].percent == mean


def test_two_marks_that_differ_by_more_wait_for_a_third_person() -> None:
    marks = history((ANNA, 60), (BEK, 66))

    assert second_marking.state(marks) == "moderation-wanted"
    assert roles((ANNA, 60), (BEK, 66), (CHOLPON, 70)) == ["first", "second", "moderation"]


@pytest.mark.parametrize("marker_id", [ANNA, BEK])
def test_nobody_decides_about_an_own_mark(marker_id: str) -> None:
    marks = history((ANNA, 60), (BEK, 80))

    with pytest.raises(Conflict) as refused:
        second_marking.placed(RULE, marks, marker_id=marker_id, percent=70)

    assert refused.value.code == "marker-took-part"


def test_the_first_marker_may_correct_the_own_mark_while_it_waits() -> None:
    assert roles((ANNA, 60), (ANNA, 58)) == ["first", "first"]
    assert roles((ANNA, 60), (ANNA, 90)) == ["first", "mark"]


def test_an_administrator_decides_where_the_rule_says_so() -> None:
    rule = SecondMarkerRule(lowest_percent=55, highest_percent=64, within=5, administrator_decides=True)
    first = (Given(ANNA, 60, "first"),)

    far = second_marking.placed(rule, first, marker_id=BEK, percent=80, is_administrator=True)
    near = second_marking.placed(rule, first, marker_id=BEK, percent=62, is_administrator=True)
    instructor = second_marking.placed(rule, first, marker_id=BEK, percent=80)

    assert (far.role, near.role, instructor.role) == ("moderation", "second", "second")


def test_a_mark_that_two_settled_is_replaced_only_by_one_that_two_settle() -> None:
    assert roles((ANNA, 60), (BEK, 62), (ANNA, 90)) == ["first", "second", "mean", "first"]


def test_after_an_appeal_nothing_is_changed() -> None:
    marks = (Given(ANNA, 40, "mark"), Given(BEK, 62, "appeal"))

    with pytest.raises(Conflict) as refused:
        second_marking.placed(RULE, marks, marker_id=CHOLPON, percent=80)

    assert refused.value.code == "mark-final"
    assert not second_marking.may_mark(marks, CHOLPON)


def test_the_second_marker_sees_nothing_of_the_first_mark() -> None:
    assert second_marking.visible(history((ANNA, 60)), BEK) == [False]
    assert second_marking.visible(history((ANNA, 60)), ANNA) == [True]


def test_who_decides_between_two_marks_sees_both_and_they_only_their_own() -> None:
    marks = history((ANNA, 60), (BEK, 80))

    assert second_marking.visible(marks, CHOLPON) == [True, True]
    assert second_marking.visible(marks, ANNA) == [True, False]
    assert second_marking.visible(marks, BEK) == [False, True]


def test_what_is_settled_is_open_to_all_instructors() -> None:
    assert second_marking.visible(history((ANNA, 60), (BEK, 62)), CHOLPON) == [True, True, True]


@given(st.lists(st.tuples(st.sampled_from([ANNA, BEK, CHOLPON]), PERCENTS), max_size=12))
def test_a_text_never_gets_stuck_and_never_counts_a_mark_in_the_span_of_one_person(
    wishes: list[tuple[str, int]],
) -> None:
    kept: list[Given] = []
    for marker_id, percent in wishes:
        try:
            placed = second_marking.placed(RULE, kept, marker_id=marker_id, percent=percent)
        except Conflict:
            assert marker_id in second_marking.took_part(kept)
            continue
        kept.append(Given(marker_id, percent, placed.role))
        assert not (placed.role == "mark" and RULE.asks_for(percent))
        assert (placed.mean_percent is not None) <= placed.is_held
        if placed.mean_percent is not None:
            assert min(percent, kept[-2].percent) <= placed.mean_percent <= max(percent, kept[-2].percent)
            kept.append(Given(marker_id, placed.mean_percent, "mean"))
        assert any(second_marking.may_mark(kept, each) for each in (ANNA, BEK, CHOLPON))
        assert len(second_marking.visible(kept, ANNA)) == len(kept)
