"""Charts as SVG, drawn by the server: bars, stacked bars, a funnel, lines. Pure.

Every chart begins at zero, says its numbers beside what it draws, and has them in words for whoever does not see it; colours
come from classes of the style sheet. 360 units are the width of a phone. A table stands under each chart (``COMPONENTS.md``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from markupsafe import Markup, escape

WIDTH = 360
PARTS = 4
"""So many kinds of parts have a colour of their own."""
_BAR, _STEP, _ROOM = 14, 40, 62
"""Height of a bar, of a bar with its label, and the width kept for the number behind it."""
_LETTERS = 50
"""Of a label in one line."""
_PLOT = 150
_LEFT, _RIGHT = 8, 120
"""Beside the lines: the first point, and the names behind the last."""


@dataclass(frozen=True)
class Bar:
    """One bar. ``shown`` is the number as people read it; ``note`` stands in the line of the label, at its end."""

    label: str
    value: int
    shown: str
    note: str = ""


@dataclass(frozen=True)
class Stack:
    """One bar of several parts, in the order of their names."""

    label: str
    values: Sequence[int]
    shown: str


@dataclass(frozen=True)
class Series:
    """A line: its name, a value for each point (None: not known), and each as people read it."""

    name: str
    values: Sequence[int | None]
    shown: Sequence[str]


def bars(name: str, title: str, rows: Sequence[Bar]) -> Markup:
    """Bars from the same zero, each with its label above and its number behind it.

    :param name: identifies the chart on its page.
    """
    most = max((row.value for row in rows), default=0)
    drawn = [
        _label(row.label, row.note, number)
        + _rectangle(0, number, _long(row.value, most), "part-1")
        + _number(row, number, most)
        for number, row in enumerate(rows)
    ]
    said = [(row.label, f"{row.shown} {row.note}".strip()) for row in rows]
    return _chart(name, title, said, "".join(drawn), len(rows) * _STEP)


def funnel(name: str, title: str, rows: Sequence[Bar]) -> Markup:
    """Bars of steps that follow each other; a pale track shows the first, from which all the others come."""
    most = max((row.value for row in rows), default=0)
    first = rows[0].value if rows else 0
    drawn = [
        _label(row.label, row.note, number)
        + _rectangle(0, number, _long(first, most), "track")
        + _rectangle(0, number, _long(row.value, most), "part-1")
        + _number(row, number, most, behind=max(row.value, first))
        for number, row in enumerate(rows)
    ]
    said = [(row.label, f"{row.shown} {row.note}".strip()) for row in rows]
    return _chart(name, title, said, "".join(drawn), len(rows) * _STEP)


def stacked(name: str, title: str, parts: Sequence[str], rows: Sequence[Stack]) -> Markup:
    """Bars of parts; the names of the parts stand above with their colour.

    :raises ValueError: for more parts than there are colours.
    """
    if len(parts) > PARTS:
        raise ValueError(f"at most {PARTS} parts")
    most = max((sum(row.values) for row in rows), default=0)
    key = "".join(_key(part, place) for place, part in enumerate(parts))
    top = len(parts) * 20 + 8
    drawn = "".join(_stack(row, number, most, top) for number, row in enumerate(rows))
    said = [
        (row.label, ", ".join(f"{part} {value}" for part, value in zip(parts, row.values, strict=True))) for row in rows
    ]
    return _chart(name, title, said, key + drawn, top + len(rows) * _STEP)


def lines(name: str, title: str, points: Sequence[str], series: Sequence[Series]) -> Markup:
    """Lines over points in time, each named where it ends."""
    known = [value for each in series for value in each.values if value is not None]
    most = max(known, default=0)
    ends = _apart([_height(_last(each), most) for each in series])
    drawn = "".join(_line(each, place, most, end) for place, (each, end) in enumerate(zip(series, ends, strict=True)))
    below = "".join(
        f'<text x="{_across(place, len(points))}" y="{_PLOT + 36}" class="{_anchor(place, len(points))}">{escape(_cut(point, 16))}</text>'
        for place, point in enumerate(points)
    )
    floor = f'<path class="floor" d="M0 {_PLOT + 18}H{WIDTH - _RIGHT + 8}"/>'
    said = [
        (each.name, ", ".join(f"{at} {shown}" for at, shown in zip(points, each.shown, strict=True))) for each in series
    ]
    return _chart(name, title, said, floor + drawn + below, max(_PLOT + 44, round(max(ends, default=0)) + 8))


def _chart(name: str, title: str, said: Sequence[tuple[str, str]], drawn: str, height: int) -> Markup:
    words = "; ".join(f"{label}: {numbers}" for label, numbers in said)
    return Markup(  # noqa: S704  every text in it was escaped
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(words)}</desc>{drawn}</svg>'
    )


def _label(label: str, note: str, number: int, top: int = 0) -> str:
    y = top + number * _STEP + 14
    beside = f'<text x="{WIDTH}" y="{y}" class="note">{escape(note)}</text>' if note else ""
    return f'<text y="{y}">{escape(_cut(label, _LETTERS - len(note)))}</text>{beside}'


def _rectangle(x: int, number: int, width: int, kind: str, top: int = 0) -> str:
    y = top + number * _STEP + 19
    return f'<rect x="{x}" y="{y}" width="{width}" height="{_BAR}" class="{kind}"/>' if width else ""


def _number(row: Bar, number: int, most: int, *, behind: int | None = None) -> str:
    x = _long(row.value if behind is None else behind, most) + 6
    return f'<text x="{x}" y="{number * _STEP + 31}" class="value">{escape(row.shown)}</text>'


def _stack(row: Stack, number: int, most: int, top: int) -> str:
    """Each part ends where the sum so far says, so that rounding does not add up."""
    drawn, sum_before, x = [_label(row.label, "", number, top)], 0, 0
    for place, value in enumerate(row.values, 1):
        sum_before += value
        end = _long(sum_before, most)
        drawn.append(_rectangle(x, number, end - x, f"part-{place}", top))
        x = end
    drawn.append(f'<text x="{x + 6}" y="{top + number * _STEP + 31}" class="value">{escape(row.shown)}</text>')
    return "".join(drawn)


def _key(part: str, place: int) -> str:
    y = place * 20 + 4
    return f'<rect y="{y}" width="14" height="12" class="part-{place + 1}"/><text x="20" y="{y + 11}">{escape(_cut(part, _LETTERS))}</text>'


def _line(series: Series, place: int, most: int, end: float) -> str:
    spots = [
        (_across(at, len(series.values)), _height(value, most), shown)
        for at, (value, shown) in enumerate(zip(series.values, series.shown, strict=True))
        if value is not None
    ]
    kind = f"line-{place + 1}"
    path = "L".join(f"{x} {y}" for x, y, _shown in spots)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="3.5" class="{kind}"/>' for x, y, _shown in spots)
    name = f'<text x="{WIDTH - _RIGHT + 14}" y="{end + 4}" class="{kind}">{escape(_cut(series.name, 16))}</text>'
    return (f'<path class="{kind}" d="M{path}"/>' if len(spots) > 1 else "") + dots + (name if spots else "")


def _last(series: Series) -> int:
    return next((value for value in reversed(series.values) if value is not None), 0)


def _apart(heights: Sequence[int]) -> list[float]:
    """Names behind lines that end close together are moved apart, in their order."""
    moved: dict[int, float] = {}
    last = float("-inf")
    for place in sorted(range(len(heights)), key=lambda place: heights[place]):
        moved[place] = last = max(heights[place], last + 17)
    return [moved[place] for place in range(len(heights))]


def _across(place: int, points: int) -> int:
    room = WIDTH - _LEFT - _RIGHT
    return _LEFT + (round(room * place / (points - 1)) if points > 1 else room // 2)


def _anchor(place: int, points: int) -> str:
    if points > 1 and place in (0, points - 1):
        return "first" if place == 0 else "last"
    return "middle"


def _height(value: int, most: int) -> int:
    return 14 + _PLOT - (round(_PLOT * value / most) if most else 0)


def _long(value: int, most: int) -> int:
    """What is there is seen: never less than one unit."""
    return max(round((WIDTH - _ROOM) * value / most), 1) if value and most else 0


def _cut(text: str, letters: int) -> str:
    """As much as fits; letters of Chinese are as wide as two."""
    width = 0
    for place, letter in enumerate(text):
        width += 2 if east_asian_width(letter) in "WF" else 1
        if width > letters:
            return f"{text[: place - 1].rstrip()}…"
    return text
