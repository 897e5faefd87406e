"""Until when a text is in time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import deadlines
from courses.written_task import LateRule

MARCH = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def verdict(rule: LateRule, at: datetime, **custom: object) -> str:
    return deadlines.deadline(rule, custom=custom, started_at=MARCH).verdict(at)


def test_without_any_end_everything_is_in_time() -> None:
    assert verdict(LateRule(), MARCH + timedelta(days=4000)) == "in-time"


def test_the_rule_of_the_module_counts_from_the_first_visit() -> None:
    rule = LateRule(days=30)

    assert verdict(rule, datetime(2026, 3, 31, 9, 0, tzinfo=UTC)) == "in-time"
    assert verdict(rule, datetime(2026, 3, 31, 9, 0, 1, tzinfo=UTC)) == "late"


def test_a_rule_may_refuse_what_is_late() -> None:
    assert verdict(LateRule(days=30, is_accepted=False), MARCH + timedelta(days=31)) == "refused"


def test_the_end_of_the_link_goes_before_the_rule_and_ones_own_end_before_both() -> None:
    link, own = "2026-03-10T18:00:00+06:00", "2026-03-12T12:00:00Z"
    at = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)

    assert verdict(LateRule(days=30), at, submission_end=link) == "late"
    assert verdict(LateRule(days=30), at, submission_end=link, own_submission_end=own) == "in-time"


@pytest.mark.parametrize(
    "said",
    ["$ResourceLink.submission.endDateTime", "", "  ", "soon", None, 7, "2026-03-02", "0001-01-01T00:00:00+14:00"],
)
def test_what_a_platform_does_not_know_is_no_end(said: object) -> None:
    assert deadlines.deadline(LateRule(), custom={"submission_end": said}, started_at=MARCH).at is None


@given(st.text(max_size=40))
def test_whatever_a_platform_says_is_read_without_a_fault(said: str) -> None:
    at = deadlines.deadline(LateRule(), custom={"submission_end": said}, started_at=MARCH).at

    assert at is None or at.tzinfo is not None
