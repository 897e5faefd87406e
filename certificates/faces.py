"""Fonts as they go into a file: each face is read once per process, and each set of letters is cut out of it once.

Names are written in few alphabets. So the faces for text always carry whole alphabets, and the same piece of a font
serves nearly every certificate; hanzi are cut out exactly. What goes into a file depends on its own text alone, never on
what was printed before: no letter of another person's name is in it.
"""

from copy import copy
from functools import lru_cache
from io import BytesIO
from typing import Any

from fontTools.ttLib import TTFont
from weasyprint.pdf.fonts import Font

KEPT_SUBSETS = 128
_LETTERS = (
    " \u00a0!\"#%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz"
    "«·»–—‘’“”„…№ʻАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяЁёҢңӨөҮү"
)
_ALWAYS = {"Bilim Serif": _LETTERS, "Bilim Mono": "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
"""What is cut out of a face whether it is used or not."""


class Kept(dict[int, Any]):
    """The fonts of one document, as ``Document.fonts``: each is a fresh use of a face that this process has read.

    WeasyPrint would read a font of eight megabytes anew for each document.
    """

    def __contains__(self, key: object) -> bool:
        if not super().__contains__(key) and key in _read:
            super().__setitem__(key, _read[key].used_anew())
        return super().__contains__(key)

    def __setitem__(self, key: int, font: Any) -> None:
        if key not in _read:
            _read[key] = _Face.of(font)
        super().__setitem__(key, _read[key].used_anew())


class _Face(Font):  # type: ignore[misc]
    """A font of one document, with the letters that the document uses."""

    whole: "_Face"
    widths: dict[int, int]
    always: frozenset[int]
    advances: tuple[int, ...]
    """Width of each glyph in thousandths of an em."""

    @classmethod
    def of(cls, font: Any) -> "_Face":
        face: _Face = copy(font)
        face.__class__ = cls
        face.whole = face
        with TTFont(BytesIO(font.file_content), lazy=True) as file:
            face._read(file)
        return face

    def _read(self, file: TTFont) -> None:
        """What WeasyPrint would round at the size that happens to be used first is taken from the font itself."""
        thousandths = 1000 / file["head"].unitsPerEm
        glyphs, metrics = file.getBestCmap(), file["hmtx"].metrics
        letters = [ord(letter) for letter in _ALWAYS.get(self.family, "")]
        self.always = frozenset(file.getGlyphID(glyphs[letter]) for letter in letters if letter in glyphs)
        self.advances = tuple(round(metrics[glyph][0] * thousandths) for glyph in file.getGlyphOrder())
        self.ascent = round(file["hhea"].ascent * thousandths)
        self.descent = round(file["hhea"].descent * thousandths)

    def used_anew(self) -> "_Face":
        face = copy(self)
        face.widths, face.to_unicode, face.missing = _Widths(self.advances), {}, {}
        return face

    def clean(self, to_unicode: Any, hinting: bool) -> None:
        """Called by WeasyPrint to cut the used letters out, when it knows all of them."""
        self.widths = dict(self.widths)
        self.file_content = _cut_out(self.whole, self.always | frozenset(to_unicode), hinting)


class _Widths(dict[int, int]):
    """Knows every width and keeps those that were asked for."""

    def __init__(self, advances: tuple[int, ...]) -> None:
        super().__init__()
        self._advances = advances

    def __contains__(self, glyph: object) -> bool:
        return isinstance(glyph, int) and glyph < len(self._advances)

    def __missing__(self, glyph: int) -> int:
        self[glyph] = self._advances[glyph]
        return self[glyph]


_read: dict[int, _Face] = {}


@lru_cache(maxsize=KEPT_SUBSETS)
def _cut_out(face: _Face, glyphs: frozenset[int], hinting: bool) -> bytes:
    piece = face.used_anew()
    Font.clean(piece, glyphs, hinting)
    data: bytes = piece.file_content
    return data
