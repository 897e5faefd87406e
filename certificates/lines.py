"""Paragraphs of one line in a page that is laid out, and whether other words would stand in the same place.

A name on a line of its own moves nothing else on the page as long as it stays on one line of the same height. Here is
found which lines are like that, and each new text is shaped by the same engine (Pango, through WeasyPrint) in the same
style. Whatever is not certain answers no, and the page is laid out anew.
"""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from math import isclose
from typing import Any, NamedTuple

from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.layout.inline import strut
from weasyprint.text.ffi import FROM_UNITS, pango
from weasyprint.text.line_break import create_layout, line_size

_SPACES = re.compile(r"[ \t\r\n]+")
_MARGIN_FOR_ROUNDING = 1.0
"""Pixels: a text this near to the whole width is laid out anew."""
_NOT_PRINTED = 1e-9
"""Pixels: positions are sums of fractions, and their order can change the last bits; six decimals are printed."""


class Node(NamedTuple):
    """A text in the tree of the page: what an element begins with, or what follows it."""

    element: Any
    part: str
    """text or tail."""


@dataclass(frozen=True)
class Line:
    """A block with one line of text that moves nothing else."""

    block: Any
    nodes: tuple[Node, ...]
    pieces: tuple[Any, ...]
    """A text box for each node that has words, in order."""
    holders: tuple[Any, ...]
    """The inline box around each piece, for example a link; None without."""

    def retyped(self, changed: Mapping[Node, str]) -> "list[Retyped] | None":
        """The pieces with other words in their places; None if the line would look different in any other way."""
        texts = _collapsed([changed.get(node, getattr(*node)) or "" for node in self.nodes])
        if texts is None or len(texts) != len(self.pieces):
            return None
        shaped = [_shaped(piece, text) for piece, text in zip(self.pieces, texts, strict=True)]
        if None in shaped:
            return None
        return self._placed([piece for piece in shaped if piece is not None])

    def _placed(self, pieces: list[Any]) -> "list[Retyped] | None":
        start = end = self.block.content_box_x()
        for piece in pieces:
            piece.position_x = end
            end = end + piece.width
        free = self.block.width - (end - start)
        if free < _MARGIN_FOR_ROUNDING:
            return None
        shift = {"left": 0, "start": 0, "center": free / 2, "right": free, "end": free}.get(
            self.block.style["text_align_all"]
        )
        if shift is None:
            return None
        for piece in pieces:
            piece.position_x += shift
        return [Retyped(piece, _around(holder, piece)) for piece, holder in zip(pieces, self.holders, strict=True)]


class Retyped(NamedTuple):
    """A text box with other words, and the inline box around it."""

    piece: Any
    holder: Any


def lines_of(page_box: Any) -> Iterator[Line]:
    """Every line of the page that can be retyped."""
    yield from _lines(page_box, width_is_given=True)


def _lines(box: Any, *, width_is_given: bool) -> Iterator[Line]:
    if isinstance(box, AbsolutePlaceholder):
        box = box._box
    if not isinstance(box, boxes.ParentBox):
        return
    if isinstance(box, boxes.FlexContainerBox | boxes.GridContainerBox):
        width_is_given = False
    elif isinstance(box, boxes.TableBox):
        width_is_given = box.style["table_layout"] == "fixed" and box.style["width"] != "auto"
    elif not box.is_in_normal_flow() or isinstance(box, boxes.InlineBlockBox):
        width_is_given = not isinstance(box.style["width"], str)
    if width_is_given and (line := _only_line(box)):
        yield line
        return
    for child in box.children:
        yield from _lines(child, width_is_given=width_is_given)


def _only_line(block: Any) -> Line | None:
    if len(block.children) != 1 or not isinstance(block.children[0], boxes.LineBox):
        return None
    found = [_piece(child) for child in block.children[0].children]
    if None in found or not found or block.style["direction"] != "ltr" or block.style["text_indent"].value:
        return None
    pieces, holders = zip(*(pair for pair in found if pair), strict=True)
    line = Line(block, tuple(_nodes(block.element)), pieces, holders)
    return line if _stands_as_it_did(line) else None


def _piece(box: Any) -> tuple[Any, Any] | None:
    """A text box, plain or alone in an inline box without edges."""
    if isinstance(box, boxes.TextBox):
        return (box, None) if box.style["text_transform"] == "none" else None
    if isinstance(box, boxes.InlineBox) and len(box.children) == 1 and isinstance(box.children[0], boxes.TextBox):
        inner = box.children[0]
        has_edges = (box.position_x, box.width) != (inner.position_x, inner.width)
        return None if has_edges or inner.style["text_transform"] != "none" else (inner, box)
    return None


def _stands_as_it_did(line: Line) -> bool:
    """Retyping a line with its own words has to change nothing: then we understand how it was laid out."""
    again = line.retyped({})
    return again is not None and all(
        (new.piece.text, new.piece.width) == (old.text, old.width)
        and isclose(new.piece.position_x, old.position_x, abs_tol=_NOT_PRINTED)
        for new, old in zip(again, line.pieces, strict=True)
    )


def _nodes(element: Any) -> Iterator[Node]:
    """The texts below an element, one level deep, in the order of reading."""
    yield Node(element, "text")
    for child in element:
        yield Node(child, "text")
        yield Node(child, "tail")


def _collapsed(texts: list[str]) -> list[str] | None:
    """Spaces as CSS collapses them on one line; None for what could break it."""
    if any("\n" in text.strip() for text in texts):
        return None
    kept: list[str] = []
    for text in texts:
        single = _SPACES.sub(" ", text)
        if not kept or kept[-1].endswith(" "):
            single = single.lstrip(" ")
        if single:
            kept.append(single)
    if kept:
        kept[-1] = kept[-1].rstrip(" ")
    return kept if all(kept) else None


def _shaped(old: Any, text: str) -> Any:
    """A text box like the old one with this text, if it is as high and stands on the same base line."""
    layout = create_layout(text, old.style, None, None, 0)
    first_line, rest = layout.get_first_line()
    width, height = line_size(first_line, old.style)
    baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
    half_leading = (strut(old.style)[0] - height) / 2
    if rest is not None or height != old.height or baseline + half_leading != old.baseline:
        return None
    piece = copy(old)
    piece.text, piece.width, piece.pango_layout = text, width, layout
    return piece


def _around(holder: Any, piece: Any) -> Any:
    if holder is None:
        return None
    box = copy(holder)
    box.position_x, box.width = piece.position_x, piece.width
    return box
