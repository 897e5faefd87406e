"""Working days, and the calendars of countries."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import yaml

from lms.core import working_calendar
from lms.core.working_calendar import after_working_days, end_of_working_days, is_working_day

BISHKEK = ZoneInfo("Asia/Bishkek")


def moment(day: int, hour: int = 12) -> datetime:
    """Of November 2026, in Bishkek. The 2nd is a Monday."""
    return datetime(2026, 11, day, hour, tzinfo=BISHKEK)


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2026, 11, 20), True),  # Friday
        (date(2026, 11, 21), False),  # Saturday
        (date(2026, 11, 22), False),  # Sunday
        (date(2026, 1, 6), False),
        (date(2026, 1, 8), False),  # by a decree of that year
        (date(2027, 1, 8), True),
        (date(2026, 3, 9), True),  # the day after a holiday on a Sunday: nothing is moved
        (date(2026, 3, 20), False),  # Orozo Ait
        (date(2026, 2, 23), True),  # a holiday, but people work
        (date(2026, 5, 1), False),
        (date(2026, 5, 9), False),
        (date(2026, 5, 11), True),
        (date(2026, 5, 27), False),  # Kurman Ait
        (date(2027, 8, 31), False),  # a Tuesday
        (date(2025, 8, 29), True),  # before the calendar begins: a Friday
    ],
)
def test_holidays_of_kyrgyzstan_are_no_working_days(day: date, *, is_worked: bool) -> None:
    assert is_working_day(day, "KG") is is_worked


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (date(2026, 11, 2), 5, date(2026, 11, 9)),
        (date(2026, 4, 30), 1, date(2026, 5, 11)),  # nine days of May and a Sunday
        (date(2026, 12, 31), 1, date(2027, 1, 8)),
        (date(2026, 3, 19), 2, date(2026, 3, 24)),
    ],
)
def test_working_days_are_counted_from_the_day_after(start: date, days: int, last: date) -> None:
    assert after_working_days(start, days, "KG") == last


def test_of_a_country_without_a_calendar_only_the_weekend_is_known() -> None:
    assert is_working_day(date(2026, 5, 1), "XX")
    assert not is_working_day(date(2026, 5, 2), "XX")
    assert not is_working_day(date(2026, 5, 2), "../KG")


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (moment(2), 9),  # Monday: the Monday after
        (moment(6), 13),  # Friday
        (moment(6, 23), 13),  # late on Friday
        (moment(7), 13),  # Saturday
        (moment(8), 13),  # Sunday
        (datetime(2026, 11, 1, 20, tzinfo=UTC), 9),  # Monday 02:00 in Bishkek
    ],
)
def test_five_working_days_end_with_the_fifth_of_them_at_the_academy(start: datetime, last: int) -> None:
    end = end_of_working_days(start, 5, country="KG", zone=BISHKEK)

    assert end == datetime(2026, 11, last + 1, 0, tzinfo=BISHKEK)
    assert end.tzinfo is UTC


def test_a_moment_is_no_day() -> None:
    with pytest.raises(TypeError, match="a day is expected"):
        after_working_days(moment(2), 5, "KG")


@pytest.mark.parametrize("path", sorted(working_calendar.FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_entry_of_a_calendar_has_a_source_that_is_named(path) -> None:
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries = [*written["every_year"], *written["days"], *written["worked"]]

    assert path.stem == written["country"].lower()
    assert {entry["source"] for entry in entries} <= set(written["sources"])
    assert all(isinstance(entry["is_verified"], bool) and entry["title"] for entry in entries)
    assert all(source["urls"] and source["published"] for source in written["sources"].values())
    assert max(entry["day"] for entry in written["days"]) <= written["complete_until"]
