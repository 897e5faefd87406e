"""Which characters the bundled fonts can draw, and how wide they are.

A name is checked here before its holder confirms it and again before a number is reserved: a certificate with an
empty box in a name cannot be taken back from a wall.
"""

from functools import cache
from pathlib import Path
from unicodedata import normalize

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
_SERIF = FONTS / "BilimSerif-Regular.ttf"
_SERIF_BOLD = FONTS / "BilimSerif-Bold.ttf"
_SONG = FONTS / "BilimSong-Regular.ttf"


def missing(text: str) -> set[str]:
    """The characters of ``text`` that the bundled fonts cannot draw; an empty set is good news."""
    return set(normalize("NFC", text)) - _drawable()


def width(text: str) -> float:
    """How wide ``text`` is on one line in the bold face, in ems; unknown characters count one em."""
    serif, song = _widths(_SERIF_BOLD), _widths(_SONG)
    return sum(serif.get(ord(character)) or song.get(ord(character), 1.0) for character in text)


@cache
def _drawable() -> frozenset[str]:
    return frozenset(map(chr, _widths(_SERIF).keys() | _widths(_SONG).keys()))


@cache
def _widths(font: Path) -> dict[int, float]:
    """Advance width in ems by code point."""
    with TTFont(font, lazy=True) as face:
        units = face["head"].unitsPerEm
        advances = face["hmtx"].metrics
        return {code: advances[glyph][0] / units for code, glyph in face.getBestCmap().items()}
