"""A spreadsheet of a stranger (XLSX, ECMA-376): one column of its first sheet, read as a stream. Runs in the cage.

Nothing is calculated and no link is followed. What need not be what it seems - a formula, a merged cell, a hidden sheet -
is refused. XML with a document type is refused at once (ECMA-376 part 2 allows none in a package), so there are no entities.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import join, normpath
from typing import NamedTuple
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from certificates import typed
from certificates.batches import archive
from certificates.batches.archive import NotRead

MOST_ROWS = 1000
LAST_ROW = 1_048_576
"""Of the format."""
MOST_COLUMNS = 60
"""Further ones are not looked at."""
MOST_STRINGS = 100_000
MOST_RANGES = 10_000
LONGEST_TEXT = 200
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
BYTES_AT_ONCE = 65_536
_LOOKED_AT = 20
"""So many lines decide which column it is."""
_REFUSED = {
    "xl/externallinks/": "sheet-external-links",
    "xl/vbaproject.bin": "sheet-macros",
    "xl/embeddings/": "sheet-embeds",
}
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)

Attributes = Mapping[str, str]


class Line(NamedTuple):
    """One cell of the column: what stands in it, or why it is not read."""

    row: int
    """As the spreadsheet counts, from 1."""
    text: str
    fault: str | None


@dataclass
class _Cell:
    text: str = ""
    fault: str | None = None


def read(packed: ZipFile) -> list[Line]:
    """The column of codes, numbers or hashes, without its heading.

    :raises NotRead: ``sheet-damaged``, ``sheet-document-type``, ``sheet-hidden``, ``sheet-external-links``,
        ``sheet-macros``, ``sheet-embeds``, ``sheet-too-large``, ``too-many-rows``, and the faults of an entry.
    """
    _refuse_what_is_no_plain_sheet(packed)
    try:
        target, strings = _first_sheet(packed)
        sheet = _Sheet(_strings(packed, strings))
        _stream(packed, target, sheet)
    except (BadZipFile, zlib.error, expat.ExpatError, LookupError, EOFError, ValueError, NotImplementedError) as error:
        raise NotRead("sheet-damaged") from error
    return _column(sheet)


def _refuse_what_is_no_plain_sheet(packed: ZipFile) -> None:
    names: set[str] = set()
    for info in packed.infolist():
        name = info.orig_filename.casefold()
        refused = next((code for beginning, code in _REFUSED.items() if name.startswith(beginning)), None)
        if code := refused or archive.fault_of(info):
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

    def __init__(self) -> None:
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
        if self._inside[-1] == "t" and "rPh" not in self._inside and len(self._text) <= LONGEST_TEXT:
            self._text += data[: LONGEST_TEXT + 1]


def _strings(packed: ZipFile, name: str | None) -> list[str]:
    if name is None:
        return []
    strings = _Strings()
    _stream(packed, name, strings)
    return strings.found


class _Sheet(_Reader):
    """Lines that hold anything, and the ranges that are merged."""

    def __init__(self, strings: list[str]) -> None:
        self.lines: dict[int, dict[int, _Cell]] = {}
        self.ranges: list[tuple[int, int, int, int]] = []
        self._strings = strings
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
        elif name == "row" and len(self.lines) > MOST_ROWS + 1:
            raise NotRead("too-many-rows")

    def text(self, data: str) -> None:
        if self._inside[-1] in ("v", "t") and "rPh" not in self._inside and len(self._text) <= LONGEST_TEXT:
            self._text += data[: LONGEST_TEXT + 1]

    def _begin_row(self, attributes: Attributes) -> None:
        row = int(attributes.get("r", self._row + 1))
        if not self._row < row <= LAST_ROW:
            raise NotRead("sheet-damaged")
        self._row, self._column = row, 0

    def _begin_cell(self, attributes: Attributes) -> None:
        row, column = self._row, self._column + 1
        if "r" in attributes:
            row, column = _place(attributes["r"])
        if row != self._row or column <= self._column:
            raise NotRead("sheet-damaged")
        self._column = column
        self._kind, self._text, self._is_formula = attributes.get("t", "n"), "", False

    def _end_cell(self) -> None:
        cell = self._cell()
        if cell.text or cell.fault:
            self.lines.setdefault(self._row, {})[self._column] = cell

    def _cell(self) -> _Cell:
        text = self._text
        if self._is_formula:
            return _Cell(text[:LONGEST_TEXT], "formula")
        if self._kind == "e":
            return _Cell(text[:LONGEST_TEXT], "cell-error")
        if self._kind == "s" and text:
            text = self._strings[int(text)] if int(text) in range(len(self._strings)) else ""
        return _Cell(*checked(text))

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        self.ranges.append((*_place(first), *_place(last or first)))
        if len(self.ranges) > MOST_RANGES:
            raise NotRead("sheet-too-large")


def checked(text: str) -> tuple[str, str | None]:
    """A text as it is kept, and why it cannot be asked for. What begins as a formula is one in the next program."""
    plain = " ".join(text.split())
    shown = "".join(sign if sign.isprintable() else "�" for sign in plain)[:LONGEST_TEXT]
    if shown != plain:
        return shown, "too-long" if len(plain) > LONGEST_TEXT else "control-characters"
    return shown, "formula" if shown.startswith(("=", "@", "+")) else None


def _place(reference: str) -> tuple[int, int]:
    """Row and column, both from 1, of ``B5``."""
    found = _REFERENCE.fullmatch(reference.replace("$", ""))
    if found is None:
        raise NotRead("sheet-damaged")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _column(sheet: _Sheet) -> list[Line]:
    """The leftmost column in which one of the first lines holds something that the register could hold."""
    lines = sorted(sheet.lines.items())
    likely = [
        column
        for _row, cells in lines[:_LOOKED_AT]
        for column, cell in cells.items()
        if not cell.fault and typed.is_well_formed(cell.text)
    ]
    column = min(likely or (column for _row, cells in lines[:1] for column in cells), default=1)
    merged = [(top, bottom) for top, left, bottom, right in sheet.ranges if left <= column <= right]
    while lines and _is_heading(lines[0][1].get(column)):
        del lines[0]
    found = [_line(row, cells.get(column), merged) for row, cells in lines]
    if len(found) > MOST_ROWS:
        raise NotRead("too-many-rows")
    return found


def _is_heading(cell: _Cell | None) -> bool:
    """Above the codes stands nothing, or a word. Something with a digit is meant as a code, be it a wrong one."""
    if cell is None:
        return True
    word = cell.text.upper().replace("SHA-256", "").replace("SHA256", "")
    return cell.fault is None and not any(sign.isdigit() for sign in word)


def _line(row: int, cell: _Cell | None, merged: list[tuple[int, int]]) -> Line:
    if any(top <= row <= bottom for top, bottom in merged):
        return Line(row, cell.text if cell else "", "merged-cell")
    return Line(row, cell.text, cell.fault) if cell else Line(row, "", "empty")
