"""The words of reports: what a line is called, and what a figure means there. From the names that were frozen."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_number

from certificates.dashboards import wording as figure_words
from lms.core.errors import Sentence
from lms.core.i18n import _, _l, pick

MEANINGS: Mapping[str, Sentence] = {
    "planned": _l("Places of the plans of the year."),
    "nominated": _l("In calls that closed in the period."),
    "selected": _l("By orders of the period."),
    "enrolled": _l("In cohorts that began in the period, without those who gave up their place."),
    "begun": _l("Opened a module for the first time in the period."),
    "completed": _l("Completed the last module of the plan in the period. For one module: completed it in the period."),
    "certified": _l("Of these, with a valid certificate for each module on the day of the report."),
    "hours": _l("Of modules that were completed in the period, of everybody together."),
}
"""Of each figure in a period."""


def line(names: Mapping[str, Any], by: str, key: str) -> str:
    """What a line is about."""
    if by == "all":
        everybody: str = _("In all")
        return everybody
    return pick(names.get(by, {}).get(key, {})) or key


def place(names: Mapping[str, Any], by: str, key: str) -> str:
    """The same with its dimension, for lists of changes."""
    return line(names, by, key) if by == "all" else f"{figure_words.NAMES[by]}: {line(names, by, key)}"


def number(value: int | None) -> str:
    """A figure as it is printed."""
    return "–" if value is None else format_number(value)
