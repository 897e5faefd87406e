"""A spreadsheet of a stranger (XLSX, ECMA-376): the cells of its first sheet, read as a stream.

Nothing is calculated and no link is followed. What need not be what it seems - a formula, a merged cell, a hidden sheet -
is refused or named. XML with a document type is refused at once (ECMA-376 part 2 allows none in a package), so there are
no entities.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import join, normpath
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from lms.core import archives
from lms.core.archives import NotRead

LAST_ROW = 1_048_576
"""Of the format."""
MOST_COLUMNS = 60
"""Further ones are not looked at."""
MOST_STRINGS = 100_000
MOST_RANGES = 10_000
CONTENT_TYPES, WORKBOOK, RELATIONS = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
PARTS = frozenset({CONTENT_TYPES, WORKBOOK})
"""A ZIP that holds these is a spreadsheet."""
BYTES_AT_ONCE = 65_536
_REFUSED = {
    "xl/externallinks/": "sheet-external-links",
    "xl/vbaproject.bin": "sheet-macros",
    "xl/embeddings/": "sheet-embeds",
}
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)

Attributes = Mapping[str, str]
Checked = tuple[str, str | None]
"""A text as it is kept, and why it is not read."""


@dataclass
class Cell:
    """What stands in a cell, or why it is not read."""

    text: str = ""
    fault: str | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of a sheet is read."""

    rows: int
    text: int
    """Signs of a cell."""


@dataclass(frozen=True)
class Sheet:
    """The cells that hold anything, by row and column from 1, and the ranges that are merged: top, left, bottom, right."""

    lines: Mapping[int, Mapping[int, Cell]]
    ranges: list[tuple[int, int, int, int]]


def read(packed: ZipFile, limits: Limits, checked: Callable[[str], Checked]) -> Sheet:
    """The first sheet.

    :param checked: what is kept of a text, and its fault; a text longer than the limit comes with one sign too many.
    :raises NotRead: ``sheet-damaged``, ``sheet-document-type``, ``sheet-hidden``, ``sheet-external-links``,
        ``sheet-macros``, ``sheet-embeds``, ``sheet-too-large``, ``too-many-rows``, and the faults of an entry.
    """
    _refuse_what_is_no_plain_sheet(packed)
    try:
        target, texts = _first_sheet(packed)
        cells = _Cells(_strings(packed, texts, limits), limits, checked)
        _stream(packed, target, cells)
    except (BadZipFile, zlib.error, expat.ExpatError, LookupError, EOFError, ValueError, NotImplementedError) as error:
        raise NotRead("sheet-damaged") from error
    return Sheet(cells.lines, cells.ranges)


def _refuse_what_is_no_plain_sheet(packed: ZipFile) -> None:
    names: set[str] = set()
    for info in packed.infolist():
        name = info.orig_filename.casefold()
        refused = next((code for beginning, code in _REFUSED.items() if name.startswith(beginning)), None)
        if code := refused or archives.fault_of(info):
            raise NotRead(code)
        if name in names:
            raise NotRead("entry-twice")
        names.add(name)


class _Reader:
    """What is told of the elements of one part, by their local names."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Characters inside the innermost element."""


def _stream(packed: ZipFile, name: str, reader: _Reader) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = lambda tag, attributes: reader.start(
        _local(tag), {_local(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda tag: reader.end(_local(tag))
    parser.CharacterDataHandler = reader.text
    with packed.open(name) as part:
        while data := part.read(BYTES_AT_ONCE):
            parser.Parse(data, False)
    parser.Parse(b"", True)


def _refuse_document_type(*_declared: object) -> None:
    raise NotRead("sheet-document-type")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


class _Elements(_Reader):
    """Hands the attributes of each element to a function."""

    def __init__(self, heard: Callable[[str, Attributes], None]) -> None:
        self._heard = heard

    def start(self, name: str, attributes: Attributes) -> None:
        self._heard(name, attributes)


def _first_sheet(packed: ZipFile) -> tuple[str, str | None]:
    """Where the first sheet is, and where the common texts are.

    :raises NotRead: ``sheet-hidden`` if there is a sheet that nobody sees.
    """
    sheets: list[Attributes] = []
    targets: dict[str, str] = {}
    texts: list[str] = []

    def in_workbook(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            sheets.append(attributes)

    def in_relations(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode", "Internal") == "Internal":
            target = normpath(join("/xl", attributes["Target"])).lstrip("/")
            targets[attributes["Id"]] = target
            if attributes["Type"].endswith("/sharedStrings"):
                texts.append(target)

    _stream(packed, WORKBOOK, _Elements(in_workbook))
    _stream(packed, RELATIONS, _Elements(in_relations))
    if any(sheet.get("state", "visible") != "visible" for sheet in sheets):
        raise NotRead("sheet-hidden")
    if not sheets:
        raise NotRead("sheet-damaged")
    return targets[sheets[0]["id"]], texts[0] if texts else None


class _Strings(_Reader):
    """The common texts; how they are pronounced (rPh) is no part of them."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self.found: list[str] = []
        self._inside: list[str] = []
        self._text = ""

    def start(self, name: str, attributes: Attributes) -> None:
        self._inside.append(name)
        if name == "si":
            self._text = ""

    def end(self, name: str) -> None:
        self._inside.pop()
        if name == "si":
            self.found.append(self._text)
            if len(self.found) > MOST_STRINGS:
                raise NotRead("sheet-too-large")

    def text(self, data: str) -> None:
        if self._inside[-1] == "t" and "rPh" not in self._inside and len(self._text) <= self._longest:
            self._text += data[: self._longest + 1]


def _strings(packed: ZipFile, name: str | None, limits: Limits) -> list[str]:
    if name is None:
        return []
    strings = _Strings(limits.text)
    _stream(packed, name, strings)
    return strings.found


class _Cells(_Reader):
    """Lines that hold anything, and the ranges that are merged."""

    def __init__(self, strings: list[str], limits: Limits, checked: Callable[[str], Checked]) -> None:
        self.lines: dict[int, dict[int, Cell]] = {}
        self.ranges: list[tuple[int, int, int, int]] = []
        self._strings, self._limits, self._checked = strings, limits, checked
        self._row = self._column = 0
        self._inside: list[str] = []
        self._kind, self._text, self._is_formula = "n", "", False

    def start(self, name: str, attributes: Attributes) -> None:
        self._inside.append(name)
        if name == "row":
            self._begin_row(attributes)
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._is_formula = True
        elif name == "mergeCell":
            self._merge(attributes["ref"])

    def end(self, name: str) -> None:
        self._inside.pop()
        if name == "c" and self._column <= MOST_COLUMNS:
            self._end_cell()
        elif name == "row" and len(self.lines) > self._limits.rows + 1:
            raise NotRead("too-many-rows")

    def text(self, data: str) -> None:
        if self._inside[-1] in ("v", "t") and "rPh" not in self._inside and len(self._text) <= self._limits.text:
            self._text += data[: self._limits.text + 1]

    def _begin_row(self, attributes: Attributes) -> None:
        row = int(attributes.get("r", self._row + 1))
        if not self._row < row <= LAST_ROW:
            raise NotRead("sheet-damaged")
        self._row, self._column = row, 0

    def _begin_cell(self, attributes: Attributes) -> None:
        row, column = self._row, self._column + 1
        if "r" in attributes:
            row, column = place_of(attributes["r"])
        if row != self._row or column <= self._column:
            raise NotRead("sheet-damaged")
        self._column = column
        self._kind, self._text, self._is_formula = attributes.get("t", "n"), "", False

    def _end_cell(self) -> None:
        cell = self._cell()
        if cell.text or cell.fault:
            self.lines.setdefault(self._row, {})[self._column] = cell

    def _cell(self) -> Cell:
        text = self._text
        if self._is_formula:
            return Cell(text[: self._limits.text], "formula")
        if self._kind == "e":
            return Cell(text[: self._limits.text], "cell-error")
        if self._kind == "s" and text:
            text = self._strings[int(text)] if int(text) in range(len(self._strings)) else ""
        return Cell(*self._checked(text))

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        self.ranges.append((*place_of(first), *place_of(last or first)))
        if len(self.ranges) > MOST_RANGES:
            raise NotRead("sheet-too-large")


def place_of(reference: str) -> tuple[int, int]:
    """Row and column, both from 1, of ``B5``."""
    found = _REFERENCE.fullmatch(reference.replace("$", ""))
    if found is None:
        raise NotRead("sheet-damaged")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column
