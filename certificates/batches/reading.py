"""What somebody wants to have verified, as rows: of a pasted text, of a spreadsheet, or the files of a ZIP.

:func:`told` runs in the cage and answers in plain lists; :func:`rows_of_upload` asks it and believes no more than it checks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from certificates import typed
from certificates.batches import archive, sheet
from certificates.batches.archive import Place
from lms.core import archives, sheets
from lms.core.archives import NotRead

LARGEST_BYTES = 40 * 1024 * 1024
MOST_ROWS = sheet.MOST_ROWS
FILE = "file"
SHEET, ARCHIVE, TEXT = "xlsx", "zip", "text"


@dataclass(frozen=True)
class Row:
    """One thing that is asked."""

    number: int
    """Of the row, line or file in what was sent, from 1."""
    asked: str
    """A code, register number or hash; the name of a file."""
    kind: str
    """See :class:`certificates.typed.Kind`, or ``file``."""
    fault: str | None = None
    """Why it is not verified."""
    place: Place | None = None
    """Of a file, where it lies in its archive."""


@dataclass(frozen=True)
class Reading:
    """All that is asked, and in which form it came."""

    form: str
    rows: tuple[Row, ...]


def rows_of_text(text: str) -> Reading:
    """One row for each line that holds anything.

    :raises NotRead: ``nothing-asked``, ``too-many-rows``.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return _reading(TEXT, [_of_line(number, *sheet.checked(line)) for number, line in lines[: MOST_ROWS + 1]])


def rows_of_items(items: Sequence[str]) -> Reading:
    """One row for each item of a list, also where it is empty: a program counts them.

    :raises NotRead: ``nothing-asked``, ``too-many-rows``.
    """
    return _reading(TEXT, [_of_line(number, *sheet.checked(item)) for number, item in enumerate(items, 1)])


def refuse_at_a_glance(data: bytes) -> None:
    """What needs no parser to be refused.

    :raises NotRead: those of :func:`lms.core.archives.refuse_at_a_glance`.
    """
    archives.refuse_at_a_glance(data, largest=LARGEST_BYTES)


def rows_of_upload(data: bytes, *, ask: Callable[[bytes], Any]) -> Reading:
    """The rows of a spreadsheet or an archive.

    :param ask: ``capped.read``: the cage, which answers with what :func:`told` tells there.
    :raises NotRead: with the reason; ``exceeds-limits`` if the reader died of it.
    """
    refuse_at_a_glance(data)
    answer = ask(data)
    try:
        return _believed(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotRead("exceeds-limits") from error


def told(data: bytes) -> dict[str, Any]:
    """What the cage answers: the form and the rows, or the code of a refusal."""
    try:
        refuse_at_a_glance(data)
        packed = archives.opened(data)
        if set(packed.namelist()) >= sheets.PARTS:
            return {"form": SHEET, "rows": [[*line, None] for line in sheet.read(packed)]}
        files = enumerate(archive.entries(data), 1)
        return {
            "form": ARCHIVE,
            "rows": [[number, one.name, one.fault, one.place and one.place.told()] for number, one in files],
        }
    except NotRead as refusal:
        return {"refused": refusal.code}


def _believed(answer: Any) -> Reading:
    """:raises NotRead: the refusal of the cage."""
    if answer is None:
        raise NotRead("exceeds-limits")
    if "refused" in answer:
        raise NotRead(str(answer["refused"])[:40])
    form = SHEET if answer["form"] == SHEET else ARCHIVE
    return _reading(form, [_believed_row(form, *values) for values in answer["rows"][: MOST_ROWS + 1]])


def _believed_row(form: str, number: int, asked: str, fault: str | None, place: list[int] | None) -> Row:
    shown, _ = sheet.checked(asked)
    fault = str(fault)[:40] if fault else None
    if form == SHEET:
        return _of_line(int(number), shown, fault)
    return Row(int(number), shown, FILE, fault, Place.of(place) if place else None)


def _of_line(number: int, asked: str, fault: str | None) -> Row:
    return Row(number, asked, typed.kind_of(asked), fault or (None if asked else "empty"))


def _reading(form: str, rows: list[Row]) -> Reading:
    if not rows:
        raise NotRead("nothing-asked")
    if len(rows) > MOST_ROWS:
        raise NotRead("too-many-rows")
    return Reading(form, tuple(rows))
