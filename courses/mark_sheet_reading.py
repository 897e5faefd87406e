"""Reads a spreadsheet of marks (XLSX): a stranger's file, whose rows are judged by themselves here, without a database.

It is read by :mod:`lms.core.sheets`; formulas, merged cells and hidden sheets are refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from courses.grading import LONGEST_COMMENT
from lms.core import archives, sheets, workbooks
from lms.core.archives import NotRead
from lms.core.sheets import Cell, Sheet

LARGEST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 2_000
TEXT, MARK, COMMENT, SEEN = "text", "mark", "comment", "seen"
_LIMITS = sheets.Limits(rows=MOST_ROWS, text=LONGEST_COMMENT)
_KEY = re.compile(r"\[([a-z]+)\]\s*$")
"""At the end of a heading, in every language the same: columns may be moved."""
_WHOLE = re.compile(r"0*(100|[0-9]{1,2})(?:[.,]0+)?\s*%?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of the file and what becomes of it."""

    row: int
    """As the spreadsheet counts, from 1."""
    submission_id: str
    percent: int | None
    comment: str
    seen: int | None
    outcome: str
    """``new``, ``changed``, ``unchanged``, ``empty``, or the code of a fault."""
    name: str = ""

    @property
    def is_good(self) -> bool:
        """Whether there is a mark to take over."""
        return self.outcome in ("new", "changed")

    @property
    def is_fault(self) -> bool:
        """Whether somebody has to correct the row."""
        return self.outcome not in ("new", "changed", "unchanged", "empty")


def read(data: bytes) -> list[Line]:
    """The rows of a file, judged by themselves.

    :raises NotRead: ``upload-empty``, ``upload-too-large``, ``upload-unknown``, ``sheet-encrypted``,
        ``sheet-without-heading``, and those of :func:`lms.core.sheets.read`.
    """
    archives.refuse_at_a_glance(data, largest=LARGEST_BYTES)
    sheet = sheets.read(archives.opened(data), _LIMITS, _checked)
    lines = sorted(sheet.lines.items())
    columns = _columns(lines[0][1]) if lines else {}
    if not {TEXT, MARK} <= columns.keys():
        raise NotRead("sheet-without-heading")
    return [_line(row, cells, columns, sheet) for row, cells in lines[1:]]


def _checked(text: str) -> sheets.Checked:
    """A text without control signs, its lines kept. What begins as a formula is text here, as it was handed out."""
    lines = text.replace("\r\n", "\n").replace("_x000D_", "").split("\n")
    joined = "\n".join(line.strip() for line in lines).strip()
    clean = "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in joined)
    return clean[:LONGEST_COMMENT], "comment-too-long" if len(text) > LONGEST_COMMENT else None


def _columns(heads: Mapping[int, Cell]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, cell in heads.items():
        if key := _KEY.search(cell.text):
            found.setdefault(key[1], column)
    return found


def _line(row: int, cells: Mapping[int, Cell], columns: Mapping[str, int], sheet: Sheet) -> Line:
    used = {key: cells.get(column, Cell()) for key, column in columns.items()}
    fault = next((cell.fault for cell in used.values() if cell.fault), None)
    if any(top <= row <= bottom for top, _left, bottom, _right in sheet.ranges):
        fault = "merged-cell"
    written, seen = used[MARK].text, used.get(SEEN, Cell()).text
    percent = _WHOLE.fullmatch(written)
    outcome = fault or ("empty" if not written else "new" if percent else "mark-not-valid")
    return Line(
        row=row,
        submission_id=used[TEXT].text[:36],
        percent=int(percent[1]) if percent else None,
        comment=workbooks.plain(used.get(COMMENT, Cell()).text),
        seen=int(seen) if re.fullmatch(r"[0-9]{1,6}", seen, re.ASCII) else None,
        outcome=outcome,
    )
