"""Working days: Monday to Friday where the academy is, without the days that are named as holidays. Pure."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SATURDAY = 5


def end_of(start: datetime, days: int, *, zone: ZoneInfo, holidays: Collection[date] = ()) -> datetime:
    """The end of the n-th working day after the day of ``start``, as aware UTC: what comes on a Friday evening has the
    same time as what comes on Friday morning.

    :param days: at least 1.
    """
    day = start.astimezone(zone).date()
    left = days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY and day not in holidays
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
