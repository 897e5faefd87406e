"""The signed summary of a certificate: the facts that a stranger compares, small enough for a QR code. Pure.

A line of digits, because digits take the least room in a QR code and survive every messenger. The digits are one large
number, its bytes are the facts and then a signature (ECDSA on P-256 with SHA-256, 64 bytes) over them (docs/adr/0026):

=====  ==============================================================================================
bytes  what
=====  ==============================================================================================
1      format, 1
4      key: beginning of the SHA-256 of its id
8      issuer: beginning of the SHA-256 of its names and country; the list of what holds has the texts
9      verification code, a number to the base of 36
8      days of issue, completion and last validity (0 is without end), days since 2000; academic hours
\\-     register number; name in Cyrillic, Latin, hanzi; titles in ky, ru, zh, en: each a length and text
=====  ==============================================================================================
"""

import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from certificates.offline import letters
from certificates.snapshot import Issuer, Snapshot

FORMAT = 1
SIGNATURE_BYTES = 64
ROOMY = 380
"""Bytes up to which every module of the code is larger than half a millimetre on our page."""
SCRIPTS = ("Cyrl", "Latn", "Hani")
LANGUAGES = ("ky", "ru", "zh", "en")
GIVEN_UP_FIRST = ("en", "zh", "ru", "Hani", "Latn")
"""What is left out of a summary with long texts, in this order. The rest is printed above the code anyway."""
LONGEST = 4000
"""Digits. More than the largest QR code holds is no summary."""
PATH = "/offline"

_HEAD = struct.Struct(">B4s8s9sHHHH")
_LONGEST_TEXT = 255
_FIRST_DAY = date(2000, 1, 1)
_BASE = 36
_SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CODE_LENGTH = 13


class Malformed(ValueError):
    """What was given is no summary."""


@dataclass(frozen=True)
class Summary:
    """What a summary says. Nothing of it is proved before its signature was checked."""

    key: str
    """Eight hexadecimal digits; see :func:`key_mark`."""
    issuer: str
    """Sixteen hexadecimal digits; see :func:`issuer_mark`."""
    code: str
    issued_on: date
    completed_on: date
    valid_until: date | None
    hours: int
    number: str
    holder: Mapping[str, str]
    titles: Mapping[str, str]


def key_mark(kid: str) -> str:
    """How a summary names the key that signed it."""
    return sha256(kid.encode()).hexdigest()[:8]


def issuer_mark(issuer: Issuer) -> str:
    """How a summary names its issuer: whoever has the texts can prove that they are those that were printed."""
    facts = {"country": issuer.country, "names": dict(issuer.names)}
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]


def packed(snapshot: Snapshot, *, kid: str) -> bytes:
    """The facts of a certificate, to be signed."""
    head = _HEAD.pack(
        FORMAT,
        bytes.fromhex(key_mark(kid)),
        bytes.fromhex(issuer_mark(snapshot.issuer)),
        int(snapshot.code, _BASE).to_bytes(9, "big"),
        _days(snapshot.issued_on),
        _days(snapshot.completed_on),
        _days(snapshot.valid_until) if snapshot.valid_until else 0,
        snapshot.hours,
    )
    texts = {script: snapshot.holder.get(script, "") for script in SCRIPTS}
    texts |= {language: snapshot.titles.get(language, "") for language in LANGUAGES}
    fields = {name: _field(text) for name, text in texts.items()}
    number = _field(snapshot.number)
    for name in GIVEN_UP_FIRST:
        if len(head) + len(number) + sum(map(len, fields.values())) + SIGNATURE_BYTES <= ROOMY:
            break
        fields[name] = _field("")
    return head + number + b"".join(fields.values())


def written(facts: bytes, signature: bytes) -> str:
    """Facts and signature as digits."""
    return str(int.from_bytes(facts + signature, "big"))


def taken_apart(digits: str) -> tuple[bytes, bytes]:
    """Facts and signature of a line of digits.

    :raises Malformed: if it cannot be a summary.
    """
    if not re.fullmatch(rf"[1-9][0-9]{{1,{LONGEST - 1}}}", digits, re.ASCII):
        raise Malformed("not a line of digits")
    number = int(digits)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if data[0] != FORMAT or len(data) < _HEAD.size + SIGNATURE_BYTES:
        raise Malformed("not of a format that is known")
    return data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]


def unpacked(facts: bytes) -> Summary:
    """:raises Malformed: for bytes that :func:`packed` does not write."""
    _format, key, issuer, code, issued, completed, until, hours = _HEAD.unpack_from(facts)
    try:
        number, *texts = _texts(facts[_HEAD.size :])
        holder, titles = texts[: len(SCRIPTS)], texts[len(SCRIPTS) :]
        return Summary(
            key=key.hex(),
            issuer=issuer.hex(),
            code=_in_symbols(int.from_bytes(code, "big")),
            issued_on=_day(issued),
            completed_on=_day(completed),
            valid_until=_day(until) if until else None,
            hours=hours,
            number=number,
            holder={script: text for script, text in zip(SCRIPTS, holder, strict=True) if text},
            titles={language: text for language, text in zip(LANGUAGES, titles, strict=True) if text},
        )
    except ValueError as error:
        raise Malformed(str(error)) from error


def _field(text: str) -> bytes:
    data = letters.packed(text)
    while len(data) > _LONGEST_TEXT:  # printed in full above the code
        text = text[:-2].rstrip() + "…"
        data = letters.packed(text)
    return bytes([len(data)]) + data


def _texts(data: bytes) -> list[str]:
    texts, at = [], 0
    while at < len(data):
        end = at + 1 + data[at]
        if end > len(data):
            raise Malformed("a text is cut off")
        texts.append(letters.unpacked(data[at + 1 : end]))
        at = end
    return texts


def _days(day: date) -> int:
    return (day - _FIRST_DAY).days


def _day(days: int) -> date:
    return _FIRST_DAY + timedelta(days=days)


def _in_symbols(number: int) -> str:
    symbols = ""
    while number:
        number, place = divmod(number, _BASE)
        symbols = _SYMBOLS[place] + symbols
    if len(symbols) > _CODE_LENGTH:
        raise Malformed("no code is so long")
    return symbols.zfill(_CODE_LENGTH)
