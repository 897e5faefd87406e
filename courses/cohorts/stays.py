"""The host's spreadsheet of attendance and results, row by row. Pure, but for the words of no language: codes only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zipfile import ZipFile

from courses.cohorts.rosters import Fault, day_of
from lms.core import archives, sheets
from lms.core.archives import NotRead
from lms.core.sheets import Cell

HEADING = ("Key", "Name in the passport", "Hours attended", "Result", "Came back on")
LIMITS = sheets.Limits(rows=2000, text=254)
LARGEST_BYTES = 2 * 1024 * 1024
MOST_HOURS = 400
_COLUMNS = dict(zip((word.casefold() for word in HEADING), ("key", "name", "hours", "result", "back"), strict=True))


@dataclass(frozen=True)
class Told:
    """A row that is right. What was left empty is None, and changes nothing."""

    hours: int | None
    result: int | None
    came_back_on: date | None


@dataclass
class Reading:
    """What a sheet says."""

    rows: int = 0
    told: dict[str, Told] = field(default_factory=dict)
    """By the id of the member."""
    faults: list[Fault] = field(default_factory=list)


def read(data: bytes, members: Mapping[str, str]) -> Reading:
    """All rows, those that are right and those that are not.

    :param members: names in the passport by the ids of members. A row whose name is another one was moved by mistake.
    :raises NotRead: ``upload-unknown``, ``sheet-without-heading``, ``nothing-asked``, and those of
        :func:`lms.core.sheets.read`.
    """
    lines = sorted(sheets.read(_opened(data), LIMITS, _checked).lines.items())
    columns = _columns(lines.pop(0)[1]) if lines else {}
    if not {"key", "name", "hours"} <= set(columns.values()):
        raise NotRead("sheet-without-heading")
    if not lines:
        raise NotRead("nothing-asked")
    reading = Reading(rows=len(lines))
    for row, cells in lines:
        _take(reading, row, {name: cells.get(at, Cell()) for at, name in columns.items()}, members)
    return reading


def _columns(heading: Mapping[int, Cell]) -> dict[int, str]:
    return {at: _COLUMNS[word] for at, cell in heading.items() if (word := cell.text.casefold()) in _COLUMNS}


def _opened(data: bytes) -> ZipFile:
    packed = archives.opened(data) if data.startswith(b"PK") and len(data) <= LARGEST_BYTES else None
    if packed is None or not set(packed.namelist()) >= sheets.PARTS:
        raise NotRead("upload-unknown")
    return packed


def _checked(text: str) -> tuple[str, str | None]:
    plain = " ".join(text.split())
    return plain[: LIMITS.text], "too-long" if len(plain) > LIMITS.text else None


def _take(reading: Reading, row: int, cells: Mapping[str, Cell], members: Mapping[str, str]) -> None:
    texts = {name: cell.text for name, cell in cells.items()}
    damaged = next((Fault(row, name, cell.fault) for name, cell in cells.items() if cell.fault), None)
    fault = damaged or _fault_of(row, texts, members)
    if fault is None and texts["key"] in reading.told:
        fault = Fault(row, "key", "twice")
    if fault:
        reading.faults.append(fault)
        return
    back = texts.get("back")
    reading.told[texts["key"]] = Told(
        _number(texts["hours"]), _number(texts.get("result", "")), day_of(back) if back else None
    )


def _fault_of(row: int, texts: Mapping[str, str], members: Mapping[str, str]) -> Fault | None:
    """The first thing that is wrong."""
    result, back = texts.get("result", ""), texts.get("back", "")
    wrong = {
        ("key", "not-in-cohort"): texts["key"] not in members,
        ("name", "another-name"): texts["name"] != members.get(texts["key"]),
        ("hours", "not-hours"): bool(texts["hours"]) and not _fits(texts["hours"], MOST_HOURS),
        ("result", "not-a-result"): bool(result) and not _fits(result, 100),
        ("back", "not-a-day"): bool(back) and day_of(back) is None,
    }
    return next((Fault(row, *place) for place, is_wrong in wrong.items() if is_wrong), None)


def _fits(text: str, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= most


def _number(text: str) -> int | None:
    return int(text) if text else None
