"""One piece of our content as an item of a deep linking answer (deep linking 2.0, 3). Only members that are meant are sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import url_for

from lms.core import settings
from lms.lti import copies, reviewable
from lms.lti.ags_choice import TAG

RESOURCE_LINK = "ltiResourceLink"
LINK = "link"
ICON_PIXELS = 128


@dataclass(frozen=True)
class Window:
    """A span of time, aware; either end may be open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a link shall open, and how it is graded."""

    path: str
    """Of our page, for example ``/learn/roads``: it comes back as the signed target of each launch (3.2, url)."""
    title: str
    text: str
    custom: Mapping[str, str]
    """Says the same as the path, for platforms that launch our launch address."""
    resource_id: str
    score_maximum: float
    grades_released: bool
    available: Window = field(default_factory=Window)
    submission: Window = field(default_factory=Window)


def resource_link(content: Content, *, with_line_item: bool, targets: Collection[str]) -> dict[str, Any]:
    """A link that launches us (3.2)."""
    item: dict[str, Any] = {
        **_shown(RESOURCE_LINK, content),
        "custom": {**content.custom, **copies.ASKED_FOR},
        **_placed(targets),
    }
    if with_line_item:
        item["lineItem"] = _line_item(content)
    spans = {"available": _span(content.available), "submission": _span(content.submission)}
    return item | {name: span for name, span in spans.items() if span}


def link(content: Content, *, targets: Collection[str]) -> dict[str, Any]:
    """An ordinary link (3.1), for platforms that take nothing else here: it tells how to open the module."""
    return {**_shown(LINK, content), **({"window": {"targetName": "bilim"}} if "window" in targets else {})}


def _shown(kind: str, content: Content) -> dict[str, Any]:
    icon = url_for("lti.static", filename="icon.png", _external=False)
    return {
        "type": kind,
        "url": f"{settings.current().public_url}{content.path}",
        "title": content.title,
        "text": content.text,
        "icon": {"url": f"{settings.current().public_url}{icon}", "width": ICON_PIXELS, "height": ICON_PIXELS},
    }


def _placed(targets: Collection[str]) -> dict[str, Any]:
    """In the course's page where that is taken, else in a window; a platform that takes both decides."""
    offered = {"iframe": {"width": 1000, "height": 800}, "window": {"targetName": "bilim"}}
    return {name: value for name, value in offered.items() if name in targets}


def _line_item(content: Content) -> dict[str, Any]:
    """The column that comes with the link (3.2.1). Its resource id says which part of which module it grades."""
    return {
        "scoreMaximum": content.score_maximum,
        "label": content.title,
        "resourceId": content.resource_id,
        "tag": TAG,
        "gradesReleased": content.grades_released,
        "submissionReview": reviewable.declaration(),
    }


def _span(window: Window) -> dict[str, str]:
    moments = {"startDateTime": window.start, "endDateTime": window.end}
    return {name: _moment(moment) for name, moment in moments.items() if moment}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
