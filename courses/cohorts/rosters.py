"""A roster from a spreadsheet: each row is checked and told, what is right is written in one transaction, or nothing is.

A second import of the same people changes nothing: they are known again by personal number, or by e-mail and name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zipfile import ZipFile

from marshmallow import ValidationError
from marshmallow.validate import Email

from courses.cohorts import identity, wording
from courses.cohorts.models import LONGEST_NAME
from lms.core import archives, sheets
from lms.core.archives import NotRead
from lms.core.sheets import Cell
from lms.people import names

LIMITS = sheets.Limits(rows=5000, text=254)
LARGEST_BYTES = 10 * 1024 * 1024
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "аты-жөнү", "ф.и.о.", "фио", "姓名"),
    "latin_name": ("latin name", "латын тамгалары менен", "латиницей", "拼音"),
    "gender": ("gender", "жынысы", "пол", "性别"),
    "region": ("region", "аймак", "регион", "地区"),
    "level": ("level", "деңгээл", "уровень", "级别"),
    "agency": ("agency", "мекеме", "орган", "单位"),
    "email": ("e-mail", "email", "почта", "эл. почта", "邮箱"),
    "personal_number": ("personal number", "пин", "инн", "жсн", "身份证号"),
    "passport": ("passport", "паспорт", "护照"),
    "passport_until": ("passport until", "паспорт мөөнөтү", "паспорт до", "护照有效期"),
}
NEEDED = frozenset({"name", "gender", "region", "level", "agency"})
_GENDERS = {"f": "f", "ж": "f", "а": "f", "女": "f", "m": "m", "м": "m", "э": "m", "男": "m"}
_is_address = Email()


@dataclass(frozen=True)
class Fault:
    """Why a row is left out: nothing of what stood in it."""

    row: int
    column: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row that is right."""

    row: int
    name: str
    latin_name: str | None
    gender: str
    region: str
    level: str
    agency_id: str
    email: str | None
    personal_number: str | None
    passport: str | None
    passport_until: date | None


@dataclass
class Reading:
    """What a roster says."""

    rows: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    """By the key of the person."""
    faults: list[Fault] = field(default_factory=list)


def read(data: bytes, agencies: Mapping[str, str]) -> Reading:
    """All rows, those that are right and those that are not.

    :param agencies: ids of organisations by code.
    :raises NotRead: ``upload-unknown``, ``sheet-encrypted``, ``sheet-without-heading``, ``nothing-asked``, and those of
        :func:`lms.core.sheets.read`.
    """
    lines, merged = _lines(_opened(data))
    columns = _columns(lines.pop(0)[1]) if lines else {}
    if not set(columns.values()) >= NEEDED:
        raise NotRead("sheet-without-heading")
    if not lines:
        raise NotRead("nothing-asked")
    reading = Reading(rows=len(lines))
    for row, cells in lines:
        _take(reading, row, {name: cells.get(column, Cell()) for column, name in columns.items()}, agencies, merged)
    return reading


def _opened(data: bytes) -> ZipFile:
    if data.startswith(archives.COMPOUND):
        raise NotRead("sheet-encrypted")
    packed = archives.opened(data) if data.startswith(b"PK") and len(data) <= LARGEST_BYTES else None
    if packed is None or not set(packed.namelist()) >= sheets.PARTS:
        raise NotRead("upload-unknown")
    return packed


def _lines(packed: ZipFile) -> tuple[list[tuple[int, Mapping[int, Cell]]], set[int]]:
    sheet = sheets.read(packed, LIMITS, _checked)
    merged = {row for top, _left, bottom, _right in sheet.ranges for row in range(top, min(bottom, LIMITS.rows) + 1)}
    return sorted(sheet.lines.items()), merged


def _checked(text: str) -> tuple[str, str | None]:
    plain = " ".join(text.split())
    return plain[: LIMITS.text], "too-long" if len(plain) > LIMITS.text else None


def _columns(heading: Mapping[int, Cell]) -> dict[int, str]:
    known = {word: name for name, words in COLUMNS.items() for word in words}
    return {column: known[word] for column, cell in heading.items() if (word := cell.text.casefold()) in known}


def _take(
    reading: Reading, row: int, cells: Mapping[str, Cell], agencies: Mapping[str, str], merged: Iterable[int]
) -> None:
    fault = Fault(row, "", "merged-cell") if row in merged else None
    fault = fault or next((Fault(row, name, cell.fault) for name, cell in cells.items() if cell.fault), None)
    fault = fault or _fault_of(row, {name: cell.text for name, cell in cells.items()}, agencies)
    if fault:
        reading.faults.append(fault)
        return
    entry = _entry(row, {name: cell.text for name, cell in cells.items()}, agencies)
    key = identity.key_of(entry.personal_number, email=entry.email, name=entry.name)
    if key in reading.entries:
        reading.faults.append(Fault(row, "", "twice"))
    else:
        reading.entries[key] = entry


def _fault_of(row: int, texts: Mapping[str, str], agencies: Mapping[str, str]) -> Fault | None:
    """The first thing that is wrong."""
    empty = next((name for name in COLUMNS if name in NEEDED and not texts[name]), None)
    if empty:
        return Fault(row, empty, "empty")
    number, email, until = texts.get("personal_number"), texts.get("email"), texts.get("passport_until")
    wrong = {
        ("name", "not-a-name"): not _is_name(texts["name"]),
        ("latin_name", "not-a-name"): bool(texts.get("latin_name")) and not _is_name(texts["latin_name"]),
        ("gender", "not-a-gender"): texts["gender"].casefold() not in _GENDERS,
        ("region", "not-a-region"): texts["region"].upper() not in wording.REGIONS,
        ("level", "not-a-level"): texts["level"].casefold() not in wording.LEVELS,
        ("agency", "not-an-agency"): texts["agency"] not in agencies,
        ("email", "not-an-address"): bool(email) and not _fits_address(email or ""),
        ("personal_number", "not-a-number"): bool(number) and not identity.is_personal_number(number or ""),
        ("personal_number", "no-identity"): not number and not email,
        ("passport", "too-long"): len(texts.get("passport", "")) > 20,
        ("passport_until", "not-a-day"): bool(until) and day_of(until or "") is None,
    }
    return next((Fault(row, *place) for place, is_wrong in wrong.items() if is_wrong), None)


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and names.script_of(names.tidy(text)) is not None


def _fits_address(text: str) -> bool:
    try:
        _is_address(text)
    except ValidationError:
        return False
    return True


def day_of(text: str) -> date | None:
    """A day as text, or as the number of days that spreadsheets count from the end of 1899."""
    try:
        return (
            date.fromordinal(693_594 + int(text)) if text.isdecimal() and len(text) == 5 else date.fromisoformat(text)
        )
    except ValueError:
        return None


def _entry(row: int, texts: Mapping[str, str], agencies: Mapping[str, str]) -> Entry:
    given: dict[str, Any] = {name: text or None for name, text in texts.items()}
    latin, until = given.get("latin_name"), given.get("passport_until")
    return Entry(
        row=row,
        name=names.tidy(texts["name"]),
        latin_name=names.tidy(latin) if latin else None,
        gender=_GENDERS[texts["gender"].casefold()],
        region=texts["region"].upper(),
        level=texts["level"].casefold(),
        agency_id=agencies[texts["agency"]],
        email=given.get("email"),
        personal_number=given.get("personal_number"),
        passport=given.get("passport"),
        passport_until=day_of(until) if until else None,
    )
