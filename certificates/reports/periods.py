"""Quarters and years, as officers name them: ``2026-Q3``, ``2026``. Pure."""

import re
from datetime import date, timedelta

from courses.training import Period
from lms.core.errors import Conflict, Invalid
from lms.core.i18n import _, _l

_CODE = re.compile(r"(20\d\d)(?:-Q([1-4]))?")


def days_of(code: str) -> Period:
    """The days of a period.

    :raises Invalid: ``period-unknown``.
    """
    found = _CODE.fullmatch(code)
    if found is None:
        raise Invalid(
            "period-unknown", _l("Choose a year or a quarter."), fields={"period": [_l("Choose one of these.")]}
        )
    year, quarter = int(found[1]), int(found[2] or 0)
    if not quarter:
        return Period(date(year, 1, 1), date(year, 12, 31))
    first = date(year, quarter * 3 - 2, 1)
    following = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    return Period(first, following - timedelta(days=1))


def refuse_unless_over(code: str, today: date) -> None:
    """A report is made when its last day is over.

    :raises Conflict: ``period-not-over``; :raises Invalid: ``period-unknown``.
    """
    last = days_of(code).last
    if today <= last:
        raise Conflict(
            "period-not-over", _l("This period ends on %(day)s. Make the report after it.", day=last.isoformat())
        )


def over_on(today: date, first_year: int) -> list[str]:
    """Every period that is over, the latest first; a year before its quarters."""
    codes = [
        code
        for year in range(today.year, first_year - 1, -1)
        for code in (str(year), *(f"{year}-Q{quarter}" for quarter in (4, 3, 2, 1)))
    ]
    return [code for code in codes if days_of(code).last < today]


def words(code: str) -> str:
    """A period as people say it."""
    year, _sign, quarter = code.partition("-Q")
    if quarter:
        named: str = _("Quarter %(quarter)s of %(year)s", quarter=quarter, year=year)
        return named
    whole: str = _("Year %(year)s", year=year)
    return whole
