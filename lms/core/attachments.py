"""Names under which files leave the house, for browsers (RFC 6266) and inside archives. Pure."""

import re
from unicodedata import category, normalize
from urllib.parse import quote

LONGEST_BYTES = 180
"""Of a name in UTF-8, without its ending; the narrowest file systems take 255 bytes."""
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')


def safe(name: str, *, otherwise: str) -> str:
    """A name that every system can keep and that leads nowhere else: no separators, no control signs, no dots at its ends.

    :param otherwise: the name if nothing is left of it.
    """
    composed = normalize("NFC", name)
    plain = "".join(" " if category(sign).startswith(("C", "Z")) else sign for sign in composed)
    cut = _FORBIDDEN.sub("-", " ".join(plain.split())).encode()[:LONGEST_BYTES].decode("utf-8", "ignore")
    return cut.strip(" .") or otherwise


def disposition(name: str, *, fallback: str) -> str:
    """The header that lets a browser keep a file under its own name (RFC 6266 with RFC 5987).

    :param fallback: plain ASCII, for programs without ``filename*``.
    """
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"
