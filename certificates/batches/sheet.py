"""The column of a spreadsheet in which codes, register numbers or hashes stand. Runs in the cage.

How a sheet is read, and what is refused, is :mod:`lms.core.sheets`.
"""

from typing import NamedTuple
from zipfile import ZipFile

from certificates import typed
from lms.core import sheets
from lms.core.archives import NotRead
from lms.core.sheets import Cell, Sheet

MOST_ROWS = 1000
LONGEST_TEXT = 200
_LOOKED_AT = 20
"""So many lines decide which column it is."""


class Line(NamedTuple):
    """One cell of the column: what stands in it, or why it is not read."""

    row: int
    """As the spreadsheet counts, from 1."""
    text: str
    fault: str | None


def read(packed: ZipFile) -> list[Line]:
    """The column of codes, numbers or hashes, without its heading.

    :raises NotRead: ``sheet-damaged``, ``sheet-document-type``, ``sheet-hidden``, ``sheet-external-links``,
        ``sheet-macros``, ``sheet-embeds``, ``sheet-too-large``, ``too-many-rows``, and the faults of an entry.
    """
    return _column(sheets.read(packed, sheets.Limits(rows=MOST_ROWS, text=LONGEST_TEXT), checked))


def checked(text: str) -> tuple[str, str | None]:
    """A text as it is kept, and why it cannot be asked for. What begins as a formula is one in the next program."""
    plain = " ".join(text.split())
    shown = "".join(sign if sign.isprintable() else "�" for sign in plain)[:LONGEST_TEXT]
    if shown != plain:
        return shown, "too-long" if len(plain) > LONGEST_TEXT else "control-characters"
    return shown, "formula" if shown.startswith(("=", "@", "+")) else None


def _column(sheet: Sheet) -> list[Line]:
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


def _is_heading(cell: Cell | None) -> bool:
    """Above the codes stands nothing, or a word. Something with a digit is meant as a code, be it a wrong one."""
    if cell is None:
        return True
    word = cell.text.upper().replace("SHA-256", "").replace("SHA256", "")
    return cell.fault is None and not any(sign.isdigit() for sign in word)


def _line(row: int, cell: Cell | None, merged: list[tuple[int, int]]) -> Line:
    if any(top <= row <= bottom for top, bottom in merged):
        return Line(row, cell.text if cell else "", "merged-cell")
    return Line(row, cell.text, cell.fault) if cell else Line(row, "", "empty")
