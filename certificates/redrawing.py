"""Pieces of a finished file, drawn anew with other words by WeasyPrint's own functions."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import Any

import pydyf  # type: ignore[import-untyped]
from weasyprint import Document
from weasyprint.draw.text import draw_first_line
from weasyprint.formatting_structure import boxes
from weasyprint.matrix import Matrix
from weasyprint.pdf.fonts import build_fonts_dictionary
from weasyprint.pdf.stream import Stream

from certificates import faces, finishing
from certificates.finishing import Attachment, Encoded

_FONT_OPTIONS = {"hinting": False, "pdf_version": "1.7"}
_OBJECTS_PER_FONT = 5
_POINTS_PER_PIXEL = 0.75


class CannotReprint(Exception):
    """The page has to be laid out anew."""


@dataclass(frozen=True)
class Drawn:
    """The operators that draw one text, and what they use of the fonts."""

    operators: list[bytes]
    fonts: faces.Kept

    @classmethod
    def of(cls, piece: Any) -> "Drawn":
        """Draw a text box whose words are shaped."""
        stream = Stream(faces.Kept(), None, {}, {}, None, {}, None)
        stream.begin_text()
        place = Matrix(d=-1, e=piece.position_x, f=piece.position_y + piece.baseline)
        draw_first_line(stream, piece, "clip", "none", place)
        stream.end_text()
        return cls(stream.stream, stream._fonts)


@dataclass(frozen=True)
class _Segment:
    """Where a text stands among the operators of its page."""

    start: int
    end: int
    drawn: Drawn


class DrawnPage:
    """The content of one page, in which texts can be exchanged."""

    def __init__(self, page: Any) -> None:
        """:raises CannotReprint: if a text was drawn in a way that is not understood."""
        self._stream = page.stream
        self._operators = [pydyf._to_bytes(item) for item in page.stream.stream]
        self.segments = dict(self._segments_of(page))
        if sum(operator.endswith(b" TJ") for operator in self._operators) != sum(
            operator.endswith(b" TJ") for segment in self.segments.values() for operator in segment.drawn.operators
        ):
            raise CannotReprint

    def with_texts(self, drawn: Mapping[Any, Drawn]) -> Encoded:
        """The content with other texts in the places of these boxes."""
        operators = list(self._operators)
        for box, segment in reversed(self.segments.items()):
            if box in drawn:
                operators[segment.start : segment.end] = drawn[box].operators
        packed = zlib.compress(b"\n".join(operators), 9)
        return Encoded.stream(self._stream.number, self._stream.extra, packed)

    def _segments_of(self, page: Any) -> Iterator[tuple[Any, _Segment]]:
        starts = {
            int(before["MCID"]): at + 1
            for at, (before, item) in enumerate(zip(page.stream.stream, page.stream.stream[1:], strict=False), 1)
            if item == b"BDC"
        }
        for box, mark in page.marks.items():
            if isinstance(box, boxes.TextBox):
                yield box, self._segment(box, starts[mark])

    def _segment(self, box: Any, start: int) -> _Segment:
        end = self._operators.index(b"EMC", start)
        if b"BT" not in self._operators[start:end]:
            return _Segment(start, start, Drawn([], faces.Kept()))  # only spaces
        begin = self._operators.index(b"BT", start, end)
        box.pango_layout.reactivate(box.style)
        drawn = Drawn.of(box)
        box.pango_layout.deactivate()
        if drawn.operators != self._operators[begin:end]:
            raise CannotReprint
        return _Segment(begin, end, drawn)


def merged(pages: list[DrawnPage], drawn: Mapping[Any, Drawn]) -> faces.Kept:
    """The fonts with all that the document uses, in the order of first use, as WeasyPrint collects it.

    :raises CannotReprint: if a letter is in none of them.
    """
    fonts = faces.Kept()
    for page in pages:
        for box, segment in page.segments.items():
            for key, used in (drawn.get(box) or segment.drawn).fonts.items():
                if used.missing or key not in fonts:
                    raise CannotReprint
                fonts[key].widths.update(used.widths)
                for glyph, text in used.to_unicode.items():
                    fonts[key].to_unicode.setdefault(glyph, text)
    return fonts


def font_objects(fonts: faces.Kept, last: int) -> list[Encoded]:
    """The fonts as objects of the file, the last of which has this number.

    :raises CannotReprint: if they are more or fewer than usual.
    """
    pdf = pydyf.PDF()
    first = last - _OBJECTS_PER_FONT * len(fonts)
    pdf.objects = [None] * first
    pdf.add_object(build_fonts_dictionary(pdf, fonts, True, True, _FONT_OPTIONS))
    if len(pdf.objects) != last + 1:
        raise CannotReprint
    return [Encoded.of(item) for item in pdf.objects[first:]]


def links(document: Document) -> dict[Any, tuple[Any, Any]]:
    """The page and the box of each link, by its element."""
    found = {}
    for page in document.pages:
        for _kind, _target, _rectangle, box in page.links:
            if box.link_annotation:
                if box.element in found:
                    raise CannotReprint  # broken over two lines
                found[box.element] = (page, box)
    return found


def link(page: Any, box: Any, annotation: Any, address: str) -> pydyf.Dictionary:
    """A link to another address, over a box that may have moved."""
    x, y, width, height = box.hit_area()
    matrix = Matrix(_POINTS_PER_PIXEL, 0, 0, -_POINTS_PER_PIXEL, 0, page.height * _POINTS_PER_PIXEL)
    corners = [*matrix.transform_point(x, y), *matrix.transform_point(x + width, y + height)]
    target = pydyf.Dictionary({**annotation["A"], "URI": pydyf.String(address)})
    return like(annotation, Rect=pydyf.Array(corners), Contents=pydyf.String(address), A=target)


def figures(document: Document, pdf: pydyf.PDF) -> dict[Any, Any]:
    """The structure element of each picture, by its element in the page."""
    found: dict[Any, Any] = {}
    for number, page in enumerate(document.pages):
        elements = finishing.structure_of(pdf, number)
        found |= {box.element: elements[mark] for box, mark in page.marks.items() if isinstance(box, boxes.ReplacedBox)}
    return found


def code(address: str, old: pydyf.Stream) -> pydyf.Stream:
    """A QR code in the place of another."""
    stream = finishing.qr_picture(address)
    stream.number = old.number
    return stream


def file(old: pydyf.Stream, attachment: Attachment) -> pydyf.Stream:
    """An attached file in the place of another of the same name."""
    checksum = md5(attachment.data, usedforsecurity=False).hexdigest()
    parameters = {**old.extra["Params"], "CheckSum": f"<{checksum}>", "Size": len(attachment.data)}
    stream = pydyf.Stream(
        [attachment.data], pydyf.Dictionary({**old.extra, "Params": pydyf.Dictionary(parameters)}), True
    )
    stream.number = old.number
    return stream


def like(old: pydyf.Dictionary, **changes: Any) -> pydyf.Dictionary:
    """The same object with other values."""
    new = pydyf.Dictionary({**old, **changes})
    new.number = old.number
    return new
