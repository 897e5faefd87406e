"""Places in a list, as programs carry them from one page to the next: opaque to them, nothing secret for us."""

import base64
import json

from lms.core.db import can_keep
from lms.core.errors import BadRequest
from lms.core.i18n import _l

LONGEST = 300


def written(*place: str | int) -> str:
    """A place as one word."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read(cursor: str, *kinds: type) -> tuple[str | int, ...]:
    """The place again.

    :param kinds: of its parts, ``str`` or ``int``.
    :raises BadRequest: ``cursor-not-valid`` for anything that :func:`written` did not make of such parts.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        place = None
    if not isinstance(place, list) or [type(part) for part in place] != list(kinds) or not _fits(place):
        raise BadRequest("cursor-not-valid", _l("Send the cursor exactly as the last answer gave it, or none."))
    return tuple(place)


def _fits(place: list[str | int]) -> bool:
    """What a database can compare with."""
    return all(0 <= part < 2**31 if isinstance(part, int) else can_keep(part) for part in place)
