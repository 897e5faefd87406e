"""What of our content a course of a platform can have: whole modules, single units, written tasks; and how each is graded.

The instructor's form is read here into items of the answer; what the answer looks like on the wire is
:mod:`lms.lti.deep_linking`'s.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from courses import catalogue, deadlines, parts, tracks
from courses.catalogue import Edition
from lms.core import settings
from lms.core.errors import Sentence
from lms.core.i18n import _, _l, pick
from lms.lti import deep_linking_items
from lms.lti.deep_linking import Asked
from lms.lti.deep_linking_items import LINK, Content, Window

USUAL_POINTS = "100"
MOST_POINTS = 1_000_000
WINDOWS = ("available_from", "available_until", "submission_from", "submission_until")


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen."""

    edition: Edition
    part: str | None = None

    @property
    def key(self) -> str:
        """In the form, and as our name of its gradebook column."""
        return parts.resource_id(self.edition.slug, self.part)

    @property
    def title(self) -> str:
        """In the language of the reader."""
        outline = self.edition.outline
        return pick(parts.titles_of(outline, self.part) if self.part else outline.titles)

    @property
    def kind(self) -> str:
        """What it is, in words."""
        if self.part is None:
            whole: str = _("The whole module")
            return whole
        if self.part == parts.SHORT:
            short: str = _(
                "36-hour track: the short way through this module, %(hours)s academic hours",
                hours=tracks.outline_of(self.edition.outline, tracks.RESERVE).hours,
            )
            return short
        kind: str = _("Written work") if self.part == parts.WORK else _("Unit")
        return kind


@dataclass(frozen=True)
class Chosen:
    """What a form says: items of an answer, or what is wrong with it by field."""

    items: list[dict[str, Any]]
    faults: dict[str, Sentence]


def offered() -> list[list[Choice]]:
    """Everything that is taught now, a list for each module, the whole module first."""
    return [_of(edition) for edition in catalogue.everything() if edition.outline.published_units]


def read(form: Mapping[str, str], keys: list[str], asked: Asked) -> Chosen:
    """Items of what was chosen, in the order in which it is offered.

    :param keys: of the choices; more than one only if the platform takes several.
    """
    chosen = [choice for module in offered() for choice in module if choice.key in keys]
    points, moments = _points(form), {name: _moment(form.get(name, "")) for name in WINDOWS}
    faults = _faults(chosen, asked, points, moments)
    if faults or points is None:
        return Chosen([], faults)
    windows = {name: value for name, value in moments.items() if isinstance(value, datetime)}
    is_released = form.get("released") == "yes"
    return Chosen([_item(choice, asked, points, is_released, windows) for choice in chosen], {})


def _of(edition: Edition) -> list[Choice]:
    units = [Choice(edition, unit.slug) for unit in edition.outline.published_units]
    work = [Choice(edition, parts.WORK)] if edition.outline.assignment else []
    short = [Choice(edition, parts.SHORT)] if tracks.is_offered(edition.outline, tracks.RESERVE) else []
    return [Choice(edition), *short, *units, *work]


def _item(
    choice: Choice, asked: Asked, points: float, is_released: bool, windows: Mapping[str, datetime]
) -> dict[str, Any]:
    outline = choice.edition.outline
    content = Content(
        path=parts.path_of(outline.slug, choice.part),
        title=choice.title,
        text=pick(outline.summary) if choice.part is None else f"{pick(outline.titles)}: {choice.kind}",
        custom={"module": outline.slug, **({"part": choice.part} if choice.part else {}), **deadlines.ASKED_FOR},
        resource_id=choice.key,
        score_maximum=points,
        grades_released=is_released,
        available=Window(windows.get("available_from"), windows.get("available_until")),
        submission=Window(windows.get("submission_from"), windows.get("submission_until")),
    )
    if asked.kind == LINK:
        return deep_linking_items.link(content, targets=asked.targets)
    return deep_linking_items.resource_link(content, with_line_item=asked.line_items, targets=asked.targets)


def _points(form: Mapping[str, str]) -> float | None:
    """Above zero; None for what is no such number. Whole numbers stay whole, because Open edX takes no others."""
    try:
        points = float(form.get("points", USUAL_POINTS).strip().replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(points) or not 0 < points <= MOST_POINTS:
        return None
    return int(points) if points.is_integer() else points


def _moment(written: str) -> datetime | str | None:
    """A local time of the academy as a moment; None if nothing is written, the text itself if it is no time."""
    if not written.strip():
        return None
    try:
        local = datetime.fromisoformat(written.strip())
    except ValueError:
        return written
    if local.tzinfo is not None:
        return written
    return local.replace(tzinfo=ZoneInfo(settings.current().time_zone)).astimezone(UTC)


def _faults(
    chosen: list[Choice], asked: Asked, points: float | None, moments: Mapping[str, datetime | str | None]
) -> dict[str, Sentence]:
    faults: dict[str, Sentence] = {}
    if not chosen:
        faults["choice"] = _l("Choose what the course shall have.")
    elif len(chosen) > 1 and not asked.several:
        faults["choice"] = _l("Your learning system takes one thing at a time. Choose one.")
    if points is None:
        faults["points"] = _l("Write a number above zero, for example 100.")
    for name, value in moments.items():
        if isinstance(value, str):
            faults[name] = _l("Write a date and a time, for example 2026-09-01 09:00.")
    for start, end in (WINDOWS[:2], WINDOWS[2:]):
        first, last = moments[start], moments[end]
        if isinstance(first, datetime) and isinstance(last, datetime) and last <= first:
            faults[end] = _l("The end must be later than the start.")
    return faults
