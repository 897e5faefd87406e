"""Where a sign-in leads afterwards. It comes from an address, so anybody can write it: only a path of ours is taken."""

import re

HOME = "/admin/"
LONGEST = 1000
_OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\x9f]*")
"""One slash, then no second one, no backslash and nothing invisible: browsers read those as another host."""


def safe(given: str | None) -> str:
    """The path to go on to, or the first page of administration if this is no path of ours."""
    return given if given and len(given) <= LONGEST and _OURS.fullmatch(given) else HOME
