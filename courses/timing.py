"""How long an attempt may take. The server's clock decides; what a phone believes about the time never counts."""

from datetime import datetime, timedelta

from courses.models import Attempt
from courses.outline import AttemptRule
from lms.core import clock

GRACE = timedelta(seconds=30)
"""How much later than the end an answer is still taken: a weak network is slower than a person."""
EXTRA_PERCENTS = (0, 25, 50, 100)
"""How much longer a person may be allowed to take."""


def end_of(started_at: datetime, rule: AttemptRule, *, extra_percent: int) -> datetime | None:
    """Until when answers are taken; None where the test has no limit."""
    if rule.minutes is None:
        return None
    return started_at + timedelta(minutes=rule.minutes) * (100 + extra_percent) / 100


def minutes_of(rule: AttemptRule, *, extra_percent: int) -> int | None:
    """Whole minutes that a person has, rounded up; None where the test has no limit."""
    return None if rule.minutes is None else -(-rule.minutes * (100 + extra_percent) // 100)


def is_over(attempt: Attempt) -> bool:
    """Whether the time of an attempt has run out, the grace included."""
    return attempt.ends_at is not None and clock.now() > attempt.ends_at + GRACE


def was_closed(attempt: Attempt) -> bool:
    """Whether it was the time that ended the attempt, and not the person."""
    ends_at, finished_at = attempt.ends_at, attempt.finished_at
    return ends_at is not None and finished_at is not None and finished_at > ends_at


def seconds_left(attempt: Attempt) -> int | None:
    """For the page that counts down; never below 0."""
    if attempt.ends_at is None:
        return None
    return max(0, int((attempt.ends_at - clock.now()).total_seconds()))
