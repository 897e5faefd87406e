"""How the list of what holds speaks of a certificate, so that only whoever has it understands. Pure.

A certificate is looked for by a digest of its register number and code together. The number of the one that took its place is
written under a pad made from the same two: the list is open to all, and who counts through it must not learn which numbers
are corrections of which. ``certificates/static/offline.js`` does the same.
"""

from collections.abc import Iterator
from hashlib import sha256

MARK_BYTES, LONGEST_NUMBER = 8, 32
_ENTRY = MARK_BYTES + LONGEST_NUMBER


def mark(number: str, code: str) -> bytes:
    """How a certificate is looked for. The number belongs to it, so that guessing codes has to begin anew for each."""
    return sha256(f"{number}:{code}".encode()).digest()[:MARK_BYTES]


def replacement(number: str, code: str, by: str) -> bytes:
    """That a certificate was replaced by the one with another number, for whoever has the certificate."""
    return mark(number, code) + _under_pad(by.encode("ascii").ljust(LONGEST_NUMBER, b"\0"), number, code)


def successor_in(replacements: bytes, number: str, code: str) -> str | None:
    """The number of the certificate that took the place of this one, if the entries tell it."""
    wanted = mark(number, code)
    for entry in _entries(replacements):
        if entry[:MARK_BYTES] == wanted:
            return _under_pad(entry[MARK_BYTES:], number, code).rstrip(b"\0").decode("ascii", "replace")
    return None


def _entries(replacements: bytes) -> Iterator[bytes]:
    return (replacements[at : at + _ENTRY] for at in range(0, len(replacements), _ENTRY))


def _under_pad(text: bytes, number: str, code: str) -> bytes:
    """Put under the pad, or taken from under it."""
    pad = sha256(f"replaced-by:{number}:{code}".encode()).digest()
    return bytes(one ^ other for one, other in zip(text, pad, strict=False))
