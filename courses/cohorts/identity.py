"""By what somebody on a list is known again: the national personal number, or e-mail address and name where there is none.

The number is kept as country, scheme and value, encrypted; a keyed hash finds it. Neither stands in a log or an address.
"""

import re

from lms.core import vault
from lms.people import names

_PURPOSE = "national-personal-number"
_PERSON = "roster-person"
_PREFIX = "KG:pin:"
_PERSONAL_NUMBER = re.compile(r"[0-9]{14}", re.ASCII)


def is_personal_number(typed: str) -> bool:
    """Fourteen digits; no birth date or gender is ever read out of them."""
    return _PERSONAL_NUMBER.fullmatch(typed) is not None


def key_of(personal_number: str | None, *, email: str | None, name: str) -> str:
    """Equal for equal people, and for nobody to compute without our secret key."""
    if personal_number:
        return vault.keyed_hash(f"{_PREFIX}{personal_number}", _PERSON)
    return vault.keyed_hash(f"{(email or '').casefold()}|{names.tidy(name).casefold()}", _PERSON)


def encrypted_number(personal_number: str | None) -> bytes | None:
    """What the database keeps of it."""
    return vault.encrypt(f"{_PREFIX}{personal_number}".encode(), _PURPOSE) if personal_number else None


def encrypted_passport(number: str | None) -> bytes | None:
    """What the database keeps of it."""
    return vault.encrypt(number.encode(), "passport") if number else None


def passport(encrypted: bytes | None) -> str:
    """The number of the passport, for the host's list; empty if there is none."""
    return vault.decrypt(encrypted, "passport").decode() if encrypted else ""
