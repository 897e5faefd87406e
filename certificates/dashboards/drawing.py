"""The charts of figures: which numbers become which bars, in the words of the reader."""

from collections.abc import Mapping, Sequence

from flask_babel import format_number
from markupsafe import Markup

from certificates.dashboards import wording
from certificates.dashboards.figures import STAGES, Figures, Line, Spread
from lms.core import charts
from lms.core.charts import Bar, Series, Stack
from lms.core.errors import Sentence
from lms.core.i18n import _, _l

OVER_YEARS = ("planned", "enrolled", "completed", "certified")
RANGES: tuple[tuple[int, int | None, Sentence], ...] = (
    (0, 0, _l("On the same day")),
    (1, 7, _l("1 to 7 days")),
    (8, 30, _l("8 to 30 days")),
    (31, 90, _l("31 to 90 days")),
    (91, None, _l("More than 90 days")),
)


def funnel(figures: Figures) -> Markup:
    """From places to certificates; beside each step its share of the one before."""
    known = [(stage, figures.everybody.figure(stage)) for stage in STAGES]
    steps = [(stage, number) for stage, number in known if number is not None]
    before = [None, *(number for _stage, number in steps)]
    rows = [
        Bar(str(wording.TITLES[stage]), number, format_number(number), share(number, last))
        for (stage, number), last in zip(steps, before, strict=False)
    ]
    return charts.funnel("chart-steps", _("From places to certificates"), rows)


def dimension(by: str, lines: Sequence[Line], names: Mapping[str, str]) -> Markup:
    """What became of the people and places of each line."""
    rows = [Stack(names.get(line.key, line.key), parts_of(line), _filled(line)) for line in lines]
    return charts.stacked(f"chart-{by}", str(wording.BY[by]), [str(part) for part in wording.PARTS], rows)


def years(lines: Sequence[Line]) -> Markup:
    """The same over the years."""
    series = []
    for stage in OVER_YEARS:
        values = [line.figure(stage) for line in lines]
        shown = ["–" if value is None else format_number(value) for value in values]
        series.append(Series(str(wording.TITLES[stage]), values, shown))
    return charts.lines("chart-year", str(wording.BY["year"]), [line.key for line in lines], series)


def spread(name: str, found: Spread) -> Markup:
    """How often it took how long."""
    numbers = [(words, found.between(low, high)) for low, high, words in RANGES]
    rows = [Bar(str(words), number, format_number(number)) for words, number in numbers]
    return charts.bars(f"chart-{name}", str(wording.TITLES[name]), rows)


def parts_of(line: Line) -> tuple[int, int, int, int]:
    """Of everybody on the roster and every planned place: each counted once."""
    free = max((line.planned or 0) - line.enrolled, 0)
    return (line.certified, line.completed - line.certified, line.enrolled - line.completed, free)


def share(number: int, of: int | None) -> str:
    """Per cent of what was before; empty where that is nothing."""
    return f"{number * 100 // of} %" if of else ""


def _filled(line: Line) -> str:
    there = format_number(line.enrolled)
    return f"{there} / {format_number(line.planned)}" if line.planned else there
