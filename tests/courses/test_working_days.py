"""Working days."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from courses import working_days

BISHKEK = ZoneInfo("Asia/Bishkek")


def moment(day: int, hour: int = 12) -> datetime:
    """Of November 2026, in Bishkek. The 2nd is a Monday."""
    return datetime(2026, 11, day, hour, tzinfo=BISHKEK)


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (moment(2), 9),  # Monday: the Monday after
        (moment(6), 13),  # Friday
        (moment(6, 23), 13),  # late on Friday
        (moment(7), 13),  # Saturday
        (moment(8), 13),  # Sunday
    ],
)
def test_five_working_days_end_with_the_fifth_of_them(start: datetime, last: int) -> None:
    end = working_days.end_of(start, 5, zone=BISHKEK)

    assert end == datetime(2026, 11, last + 1, 0, tzinfo=BISHKEK)
    assert end.tzinfo is UTC


def test_a_holiday_is_no_working_day() -> None:
    end = working_days.end_of(moment(2), 5, zone=BISHKEK, holidays={date(2026, 11, 9)})

    assert end == datetime(2026, 11, 11, 0, tzinfo=BISHKEK)


def test_the_day_is_the_day_at_the_academy() -> None:
    sunday_evening_utc = datetime(2026, 11, 1, 20, tzinfo=UTC)  # Monday 02:00 in Bishkek

    assert working_days.end_of(sunday_evening_utc, 1, zone=BISHKEK) == datetime(2026, 11, 4, 0, tzinfo=BISHKEK)
