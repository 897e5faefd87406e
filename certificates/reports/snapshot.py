"""The figures of a report as a document that has one spelling, and what differs between two of them. Pure."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from certificates.dashboards.figures import ALL, DIMENSIONS, FIGURES, Figures, Line, Spread
from courses.training import Period, TrainingPlan

VERSION = 1
_SHOWN = tuple(by for by in DIMENSIONS if by != "year")
"""A report is about one year."""
Names = Mapping[str, Mapping[str, Mapping[str, str]]]
"""By dimension, key and language."""


class Difference(NamedTuple):
    """One figure that is not what it was. None: there was no such line, or nothing was known."""

    by: str
    key: str
    figure: str
    before: int | None
    after: int | None


def document(
    figures: Figures,
    *,
    organisation: Mapping[str, Any],
    code: str,
    period: Period,
    plans: Sequence[TrainingPlan],
    names: Names,
) -> dict[str, Any]:
    """Everything that a report says, with the names of the day.

    :param organisation: its code and names.
    :param names: in the order in which lines are shown.
    """
    lines = [figures.everybody, *(line for by in _SHOWN for line in figures.of(by, names.get(by, ())))]
    return {
        "version": VERSION,
        "organisation": dict(organisation),
        "period": {"code": code, "first": period.first.isoformat(), "last": period.last.isoformat()},
        "plans": [
            {"programme": plan.programme, "title": plan.title, "offered": plan.offered, "places": plan.places}
            for plan in plans
        ],
        "lines": [_line(line) for line in lines],
        "names": {by: {key: dict(texts) for key, texts in named.items()} for by, named in names.items()},
        "days": {name: _days(getattr(figures, name)) for name in ("waiting", "learning")},
    }


def canonical(found: Mapping[str, Any]) -> str:
    """The one spelling of a document: keys in order, no spaces, letters as they are."""
    return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """SHA-256, hexadecimal, of its UTF-8."""
    return sha256(text.encode()).hexdigest()


def lines_of(found: Mapping[str, Any], by: str) -> list[Mapping[str, Any]]:
    """Lines of one dimension, in their order."""
    return [line for line in found["lines"] if line["by"] == by]


def everybody(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The line of all."""
    return lines_of(found, ALL)[0]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Figure by figure, in the order of the newer; lines that are gone come last."""
    old, new = _by_place(before), _by_place(after)
    found = []
    for by, key in [*new, *(place for place in old if place not in new)]:
        for figure in FIGURES:
            was, is_now = old.get((by, key), {}).get(figure), new.get((by, key), {}).get(figure)
            if was != is_now:
                found.append(Difference(by, key, figure, was, is_now))
    return found


def _by_place(found: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(line["by"], line["key"]): line for line in found["lines"]}


def _line(line: Line) -> dict[str, Any]:
    return {"by": line.by, "key": line.key, **{name: line.figure(name) for name in FIGURES}}


def _days(spread: Spread) -> dict[str, int | None]:
    return {"half": spread.quantile(50), "nine_of_ten": spread.quantile(90)}
