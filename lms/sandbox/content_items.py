"""Content items of a deep linking answer, checked member by member (deep linking 2.0, section 3). Pure.

Strict on purpose: a member that is not known and no address (section 3.6) is refused, because it is nearly always a slip.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lms.sandbox.refusals import MessageRefused

MOST_ITEMS = 100
RESOURCE_LINK = "ltiResourceLink"

Value = object
Check = Callable[[str, Value], None]
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")


@dataclass(frozen=True)
class Accepted:
    """What the request had allowed; ``tool_host`` is host and port of the tool."""

    types: frozenset[str]
    several: bool
    tool_host: str


def read(value: Value, accepted: Accepted) -> list[dict[str, object]]:
    """The items; none if the claim is absent (section 4.5.6).

    :raises MessageRefused: at the first thing that is missing or wrong, by its path.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise MessageRefused("content_items must be a list")
    if len(value) > MOST_ITEMS:
        raise MessageRefused(f"content_items holds more than {MOST_ITEMS} items")
    if len(value) > 1 and not accepted.several:
        raise MessageRefused("content_items holds several items, though accept_multiple is false")
    return [_item(f"content_items[{place}]", item, accepted) for place, item in enumerate(value)]


def _item(path: str, item: Value, accepted: Accepted) -> dict[str, object]:
    members = _object(path, item)
    kind = members.get("type")
    if not isinstance(kind, str) or not kind:
        raise MessageRefused(f"{path}.type is missing")
    if kind not in accepted.types:
        raise MessageRefused(f"{path}.type is {kind}, which accept_types does not name")
    if kind in _TYPES:
        _check_members(path, members, _TYPES[kind], required=_REQUIRED[kind])
    if kind == RESOURCE_LINK:
        _refuse_foreign_address(f"{path}.url", members.get("url"), accepted.tool_host)
    return members


def _check_members(
    path: str, members: Mapping[str, Value], checks: Mapping[str, Check], *, required: tuple[str, ...] = ()
) -> None:
    for name in required:
        if name not in members:
            raise MessageRefused(f"{path}.{name} is missing")
    for name, value in members.items():
        if name in checks:
            checks[name](f"{path}.{name}", value)
        elif ":" not in name:
            raise MessageRefused(f"{path}.{name} is not known; an extension is named by an address")


def _refuse_foreign_address(path: str, url: Value, tool_host: str) -> None:
    if isinstance(url, str) and urlsplit(url).netloc != tool_host:
        raise MessageRefused(f"{path} is not on the tool's host {tool_host}")


def _object(path: str, value: Value) -> dict[str, object]:
    if not isinstance(value, dict):
        raise MessageRefused(f"{path} must be an object")
    return value


def _text(path: str, value: Value) -> None:
    if not isinstance(value, str):
        raise MessageRefused(f"{path} must be a text")


def _label(path: str, value: Value) -> None:
    if not isinstance(value, str) or not value.strip():
        raise MessageRefused(f"{path} must be a text that is not blank")


def _address(path: str, value: Value) -> None:
    """Fully qualified; https, or http on loopback (deep linking 2.0, section 1)."""
    _text(path, value)
    try:
        parts = urlsplit(str(value))
        host = parts.hostname or ""
    except ValueError as error:
        raise MessageRefused(f"{path} is no address") from error
    is_loopback = host in ("localhost", "127.0.0.1", "[::1]", "::1")
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and is_loopback)):
        raise MessageRefused(f"{path} must be a full https address")


def _boolean(path: str, value: Value) -> None:
    if not isinstance(value, bool):
        raise MessageRefused(f"{path} must be true or false")


def _pixels(path: str, value: Value) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise MessageRefused(f"{path} must be a whole number of pixels above zero")


def _points(path: str, value: Value) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise MessageRefused(f"{path} must be a number above zero")


def _moment(path: str, value: Value) -> None:
    if not isinstance(value, str) or _MOMENT.fullmatch(value) is None:
        raise MessageRefused(f"{path} must be ISO 8601 with a time zone")
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise MessageRefused(f"{path} is no moment") from error


def _custom(path: str, value: Value) -> None:
    """Texts only; empty is allowed, null is not (section 3.2)."""
    for name, text in _object(path, value).items():
        _text(f"{path}.{name}", text)


def _window_of_time(path: str, value: Value) -> None:
    members = _object(path, value)
    _check_members(path, members, {"startDateTime": _moment, "endDateTime": _moment})
    start, end = members.get("startDateTime"), members.get("endDateTime")
    if isinstance(start, str) and isinstance(end, str) and datetime.fromisoformat(end) <= datetime.fromisoformat(start):
        raise MessageRefused(f"{path} ends before it starts")


def _of(checks: Mapping[str, Check], *, required: tuple[str, ...] = ()) -> Check:
    def check(path: str, value: Value) -> None:
        _check_members(path, _object(path, value), checks, required=required)

    return check


_IMAGE = _of({"url": _address, "width": _pixels, "height": _pixels}, required=("url",))
_SIZE = {"width": _pixels, "height": _pixels}
_WINDOW = _of({"targetName": _text, "windowFeatures": _text, **_SIZE})
_REVIEW = _of({"reviewableStatus": lambda path, value: None, "label": _text, "url": _address, "custom": _custom})
_LINE_ITEM = _of(
    {
        "label": _label,
        "scoreMaximum": _points,
        "resourceId": _text,
        "tag": _text,
        "gradesReleased": _boolean,
        "submissionReview": _REVIEW,
    },
    required=("scoreMaximum",),
)
_SHOWN: dict[str, Check] = {"type": _text, "title": _text, "text": _text}
_PICTURED: dict[str, Check] = {**_SHOWN, "url": _address, "icon": _IMAGE, "thumbnail": _IMAGE}
_TYPES: dict[str, dict[str, Check]] = {
    "link": {
        **_PICTURED,
        "embed": _of({"html": _text}, required=("html",)),
        "window": _WINDOW,
        "iframe": _of({"src": _address, **_SIZE}, required=("src",)),
    },
    RESOURCE_LINK: {
        **_PICTURED,
        "window": _WINDOW,
        "iframe": _of(_SIZE),
        "custom": _custom,
        "lineItem": _LINE_ITEM,
        "available": _window_of_time,
        "submission": _window_of_time,
    },
    "file": {**_PICTURED, "expiresAt": _moment},
    "html": {**_SHOWN, "html": _text},
    "image": {**_PICTURED, **_SIZE},
}
_REQUIRED: dict[str, tuple[str, ...]] = {
    "link": ("url",),
    RESOURCE_LINK: (),
    "file": ("url",),
    "html": ("html",),
    "image": ("url",),
}
