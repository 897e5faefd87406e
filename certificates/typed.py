"""What somebody typed or pasted: a code, a register number, or the SHA-256 of a file. Pure."""

import re
from enum import StrEnum

from certificates import numbering

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"(\d{4})-?([A-Z]{2})-?([A-Z]{1,10})-?(\d{6,12})", re.ASCII)
_LETTERS = str.maketrans("АВЕКМНОРСТХ‐‑–—", "ABEKMHOPCTX----")
"""Cyrillic letters that look like Latin ones, and signs that look like a hyphen."""


class Kind(StrEnum):
    """What it is, by its form."""

    CODE = "code"
    NUMBER = "number"
    HASH = "hash"


def sha256_of(typed: str) -> str | None:
    """The SHA-256 that somebody typed, in small letters; None if it is none. Programs write spaces and colons in it."""
    joined = "".join(typed.split()).replace(":", "").lower()
    return joined if _SHA256.fullmatch(joined) else None


def number_of(typed: str) -> str | None:
    """The register number that somebody typed, as the register writes it; None if it is none."""
    found = _NUMBER.fullmatch("".join(typed.split()).upper().translate(_LETTERS))
    return f"{found[1]}-{found[2]}-{found[3]}{found[4]}" if found else None


def kind_of(typed: str) -> Kind:
    """What it was meant as; whatever is nothing else is meant as a code."""
    if sha256_of(typed):
        return Kind.HASH
    return Kind.NUMBER if number_of(typed) else Kind.CODE


def is_well_formed(typed: str) -> bool:
    """Whether the register could hold it."""
    return kind_of(typed) is not Kind.CODE or numbering.check(numbering.normalise(typed))
