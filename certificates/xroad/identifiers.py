"""Who asks over X-Road, and what else a Security Server says of a request, by its headers. Pure.

X-Road Message Protocol for REST (PR-REST) 1.0, sections 4.2 and 4.3: parts of an identifier are percent-encoded UTF-8; the
subsystem is optional; only X-Road-Client is mandatory.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from werkzeug.datastructures import Headers

LONGEST = 255
FEWEST_PARTS, MOST_PARTS = 3, 4
_LONGEST_ID, _LONGEST_USER, _LONGEST_ISSUE = 80, 80, 200
_PERSONAL_NUMBER = re.compile(r"(?<!\d)\d{8}(?:\d\d)?(\d{4})(?!\d)", re.ASCII)
"""Of Kazakhstan twelve digits, of its neighbours fourteen; the last four stay."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """What the Security Server says of one request."""

    client: str
    """``INSTANCE/CLASS/MEMBER/SUBSYSTEM``, each part percent-encoded in one way."""
    id: str
    user_id: str
    """Of the person whose action it was; empty if the asking body does not say."""
    issue: str
    """The asking body's own case, without what could be a personal number; empty if it does not say."""


def message_of(headers: Headers) -> Message | None:
    """What the headers say; None without a client that could be one."""
    client = client_of(headers.get("X-Road-Client", ""))
    if client is None:
        return None
    return Message(
        client=client,
        id=_tidy(headers.get("X-Road-Id", ""), _LONGEST_ID),
        user_id=_tidy(headers.get("X-Road-UserId", ""), _LONGEST_USER),
        issue=_PERSONAL_NUMBER.sub(r"…\1", _tidy(headers.get("X-Road-Issue", ""), _LONGEST_ISSUE)),
    )


def client_of(text: str) -> str | None:
    """The identifier of a member or subsystem in its one spelling; None if it is none."""
    try:
        parts = [unquote(part, errors="strict").strip() for part in text.strip().split("/")]
        spelt = "/".join(quote(part, safe="") for part in parts)
    except UnicodeError:
        return None
    is_whole = FEWEST_PARTS <= len(parts) <= MOST_PARTS and all(part and part.isprintable() for part in parts)
    return spelt if is_whole and len(spelt) <= LONGEST else None


def _tidy(text: str, longest: int) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:longest]
