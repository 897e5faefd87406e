"""Bytes of a text file become text. Teachers' files come from Notepad and old Windows programs; what was guessed is said."""

import codecs
from dataclasses import dataclass

from courses.exchange.wording import Unreadable

LONGEST_GUESSED = 200_000
"""Bytes that are looked at; a file has one encoding."""
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
CYRILLIC = ("windows-1251", "koi8-r", "cp866")
COMMON, RARE = "оеаинтсрвлкмдпуяыбчжйюш", "ъэщёЪЫЬЩЭё"
"""Of Russian and Kyrgyz; what a wrong guess makes of them is mostly not among them."""


@dataclass(frozen=True)
class Decoded:
    """A text and how it was written."""

    text: str
    encoding: str
    is_guessed: bool
    """Whether nothing in the file said so: somebody should look at the letters."""


def decode(data: bytes) -> Decoded:
    """The text of a file.

    :raises Unreadable: ``not-text``.
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return _decoded(data, name, is_guessed=False)
    if b"\0" in data[:LONGEST_GUESSED]:
        return _decoded(data, _byte_order(data[:LONGEST_GUESSED]), is_guessed=True)
    try:
        return Decoded(_lines(data.decode("utf-8")), "utf-8", False)
    except UnicodeDecodeError:
        return _decoded(data, _eight_bit(data[:LONGEST_GUESSED]), is_guessed=True)


def _decoded(data: bytes, name: str, *, is_guessed: bool) -> Decoded:
    try:
        return Decoded(_lines(data.decode(name)), name.removesuffix("-sig"), is_guessed)
    except UnicodeDecodeError as error:
        raise Unreadable("not-text", f"this is no text, or damaged text: it is not {name} as it seemed") from error


def _lines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _byte_order(data: bytes) -> str:
    """UTF-16 without a mark: the upper half of a Latin letter or a line break is zero."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if max(even, odd) < 2 * min(even, odd) + 1:
        raise Unreadable("not-text", "this is no text file")
    return "utf-16-le" if odd > even else "utf-16-be"


def _eight_bit(data: bytes) -> str:
    """One of the Cyrillic code pages by its letters; a Western one if such signs stand alone between Latin letters."""
    if _is_western(data):
        return "cp1252"
    return max(CYRILLIC, key=lambda name: _likeness(data.decode(name, "replace")))


def _is_western(data: bytes) -> bool:
    """é in a word has plain letters around it; Cyrillic comes in whole words."""
    upper = [byte > 0x7F for byte in data]
    runs = sum(now and not before for before, now in zip([False, *upper], upper, strict=False))
    return sum(upper) < 1.5 * runs


def _likeness(text: str) -> int:
    return sum(text.count(letter) for letter in COMMON) - 3 * sum(text.count(letter) for letter in RARE)
