"""By what somebody on a list is known again: the national personal number, or e-mail address and name where there is none.

The number is kept as country, scheme and value, encrypted; a keyed hash finds it. Neither stands in a log or an address.
"""

import re

from lms.people import names, number_keys

_PURPOSE = "national-personal-number"
_PERSON = "roster-person"
_PREFIX = "KG:pin:"
_PERSONAL_NUMBER = re.compile(r"[0-9]{14}", re.ASCII)


def is_personal_number(typed: str) -> bool:
    """Fourteen digits; no birth date or gender is ever read out of them."""
    return _PERSONAL_NUMBER.fullmatch(typed) is not None


def key_of(personal_number: str | None, *, email: str | None, name: str) -> str:
    """Equal for equal people, and for nobody to compute without our key."""
    return keys_of(personal_number, email=email, name=name)[0]


def keys_of(personal_number: str | None, *, email: str | None, name: str) -> list[str]:
    """The same, as rows may still have it while the key changes; the first is the one to store."""
    if personal_number:
        return number_keys.hashes(f"{_PREFIX}{personal_number}", _PERSON)
    return number_keys.hashes(f"{(email or '').casefold()}|{names.tidy(name).casefold()}", _PERSON)


def are_older_keys() -> bool:
    """Whether a row may be known by another hash than that of today."""
    return len(keys_of(None, email=None, name="")) > 1


def encrypted_number(personal_number: str | None) -> bytes | None:
    """What the database keeps of it."""
    return number_keys.encrypt(f"{_PREFIX}{personal_number}", _PURPOSE) if personal_number else None


def number(encrypted: bytes | None) -> str | None:
    """The personal number itself, for writing it anew."""
    return number_keys.decrypt(encrypted, _PURPOSE).removeprefix(_PREFIX) if encrypted else None


def encrypted_passport(number: str | None) -> bytes | None:
    """What the database keeps of it."""
    return number_keys.encrypt(number, "passport") if number else None


def passport(encrypted: bytes | None) -> str:
    """The number of the passport, for the host's list; empty if there is none."""
    return number_keys.decrypt(encrypted, "passport") if encrypted else ""
