"""Working days of a country: not its weekend, and not its public holidays, which are data in ``calendars/<country>.yaml`` with
their sources.

Clocks of the product that are set in working days ask here. Of a country without a file only the weekend is known, Saturday
and Sunday. What a file cannot know yet (days that move with the moon, of a year that was not announced) counts as a working
day: what is due comes earlier, never later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

FOLDER = Path(__file__).parent / "calendars"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
USUAL_WEEKEND = frozenset({5, 6})


@dataclass(frozen=True, kw_only=True)
class Yearly:
    """A span of days that is free each year."""

    first: tuple[int, int]
    """Month and day."""
    last: tuple[int, int]
    since: date

    def holds_on(self, day: date) -> bool:
        """Whether a day is in it."""
        return self.since <= day and self.first <= (day.month, day.day) <= self.last


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """What is known of one country."""

    weekend: frozenset[int] = USUAL_WEEKEND
    """As :meth:`datetime.date.weekday` counts, Monday is 0."""
    every_year: tuple[Yearly, ...] = ()
    days: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    """Days of a weekend on which people work."""
    complete_until: date | None = None
    """The last day of which everything is known; None where nothing is."""

    def is_working_day(self, day: date) -> bool:
        """Whether people work."""
        if day in self.worked:
            return True
        return not (
            day.weekday() in self.weekend or day in self.days or any(span.holds_on(day) for span in self.every_year)
        )


def is_working_day(day: date, country: str) -> bool:
    """Whether people work on a day.

    :param country: ISO 3166-1 alpha-2, such as ``KG``.
    """
    _refuse_moment(day)
    return of(country).is_working_day(day)


def after_working_days(start: date, days: int, country: str) -> date:
    """The n-th working day after a day; the day itself does not count.

    :param days: at least 1.
    """
    _refuse_moment(start)
    calendar, day, left = of(country), start, days
    while left > 0:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    return day


def end_of_working_days(start: datetime, days: int, *, country: str, zone: ZoneInfo) -> datetime:
    """The end of the n-th working day after the day of a moment, as aware UTC: what comes on a Friday evening has the same
    time as what comes on Friday morning.

    :param days: at least 1.
    """
    last = after_working_days(start.astimezone(zone).date(), days, country)
    return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


@cache
def of(country: str) -> Calendar:
    """The calendar of a country, read once for each process."""
    path = FOLDER / f"{country.lower()}.yaml"
    if not country.isalpha() or not path.is_file():
        return Calendar()
    return _calendar(yaml.safe_load(path.read_text(encoding="utf-8")))


def _calendar(written: Mapping[str, Any]) -> Calendar:
    return Calendar(
        weekend=frozenset(WEEKDAYS.index(name) for name in written["weekend"]),
        every_year=tuple(
            Yearly(first=_month_and_day(span["from"]), last=_month_and_day(span["to"]), since=span["since"])
            for span in written["every_year"]
        ),
        days=frozenset(entry["day"] for entry in written["days"]),
        worked=frozenset(entry["day"] for entry in written["worked"]),
        complete_until=written["complete_until"],
    )


def _month_and_day(written: str) -> tuple[int, int]:
    month, day = written.split("-")
    return int(month), int(day)


def _refuse_moment(day: date) -> None:
    """A moment is a date to Python, but which day it falls on depends on a zone."""
    if isinstance(day, datetime):
        raise TypeError("a day is expected here, not a moment")
