"""Names under which certificates leave the house: for browsers (RFC 6266) and inside archives. Pure."""

import re
from unicodedata import category, normalize
from urllib.parse import quote

from certificates.snapshot import Snapshot

LONGEST_BYTES = 180
"""Of a name in UTF-8, without its ending; the narrowest file systems take 255 bytes."""
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')


def of_certificate(snapshot: Snapshot) -> str:
    """``2026-KG-PM000123 Ысакова Айгүл.pdf``: the holder's own letters, behind a number that makes it unique."""
    holder = snapshot.holder.get("Cyrl") or next(iter(snapshot.holder.values()))
    return f"{safe(f'{snapshot.number} {holder}')}.pdf"


def safe(name: str) -> str:
    """A name that every system can keep and that leads nowhere else: no separators, no control signs, no dots at its ends."""
    composed = normalize("NFC", name)
    plain = "".join(" " if category(sign).startswith(("C", "Z")) else sign for sign in composed)
    cut = _FORBIDDEN.sub("-", " ".join(plain.split())).encode()[:LONGEST_BYTES].decode("utf-8", "ignore")
    return cut.strip(" .") or "certificate"


def disposition(name: str, *, fallback: str) -> str:
    """The header that lets a browser keep a file under its own name (RFC 6266 with RFC 5987).

    :param fallback: plain ASCII, for programs without ``filename*``.
    """
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"
