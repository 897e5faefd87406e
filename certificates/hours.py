"""The ledger of hours of one person: what was completed, when, with which document, and what of it counts. Pure.

A unit of a module counts once: who completed the short way first and the whole later has the hours of the whole, not both
(docs/adr/0034).
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from courses.records import USUAL_MINUTES, CourseRecord, Pack, Programme, Rule


class Document(NamedTuple):
    """The certificate of a record, as it stands today."""

    number: str
    code: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One completion."""

    module: str
    track: str
    titles: Mapping[str, str]
    completed_on: date
    """A civil date of the academy."""
    hours: int
    """Academic hours of what was completed, as its certificate states them."""
    counted_hours: int
    """Those of them that no earlier entry counts."""
    document: Document | None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a programme is."""

    programme: Programme
    missing: tuple[tuple[str, str], ...]
    """(module, track)"""

    @property
    def is_complete(self) -> bool:
        """Whether every module of it is completed."""
        return not self.missing


@dataclass(frozen=True, kw_only=True)
class Owed:
    """Hours that a country asks for, and what counts towards them today."""

    rule: Rule
    since: date
    """The first day that counts."""
    counted_hours: int

    @property
    def is_met(self) -> bool:
        """Whether it is enough."""
        return self.counted_hours >= (self.rule.hours or 0)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All hours of a person on a day, the earliest first."""

    day: date
    entries: tuple[Entry, ...]
    programmes: tuple[Progress, ...]
    owed: tuple[Owed, ...]
    academic_hour_minutes: int

    @property
    def total_hours(self) -> int:
        """Academic hours, each once."""
        return sum(entry.counted_hours for entry in self.entries)

    @property
    def clock_hours(self) -> int:
        """The same in hours of the clock, rounded down."""
        return self.total_hours * self.academic_hour_minutes // 60


def ledger(
    records: Iterable[CourseRecord],
    documents: Mapping[str, Document],
    *,
    day: date,
    day_of: Callable[[datetime], date],
    programmes: Iterable[Programme],
    pack: Pack | None,
) -> Ledger:
    """The ledger from what is recorded.

    :param documents: by record id; one that was revoked stays in its line and says so.
    :param day_of: the civil date of a moment, as the academy counts days.
    :param pack: the rules of the country whose body issues; None where nobody does.
    """
    entries = _entries(records, documents, day_of)
    completed = {(entry.module, entry.track) for entry in entries}
    return Ledger(
        day=day,
        entries=entries,
        programmes=tuple(
            Progress(programme=each, missing=tuple((taken.slug, taken.track) for taken in each.missing(completed)))
            for each in programmes
        ),
        owed=tuple(_owed(rule, entries, day) for rule in (pack.on(day) if pack else ()) if rule.hours),
        academic_hour_minutes=pack.minutes_on(day) if pack else USUAL_MINUTES,
    )


def as_json(found: Ledger, *, name: str) -> dict[str, Any]:
    """For programs; hours are academic."""
    return {
        "name": name,
        "as_of": found.day.isoformat(),
        "academic_hour_minutes": found.academic_hour_minutes,
        "total_hours": found.total_hours,
        "entries": [_entry_as_json(entry) for entry in found.entries],
        "programmes": [
            {
                "programme": each.programme.slug,
                "titles": dict(each.programme.titles),
                "hours": each.programme.hours,
                "is_complete": each.is_complete,
                "missing": [{"module": module, "track": track} for module, track in each.missing],
            }
            for each in found.programmes
        ],
    }


def _entry_as_json(entry: Entry) -> dict[str, Any]:
    document = entry.document
    return {
        "module": entry.module,
        "track": entry.track,
        "titles": dict(entry.titles),
        "completed_on": entry.completed_on.isoformat(),
        "hours": entry.hours,
        "counted_hours": entry.counted_hours,
        "document": document._asdict() if document else None,
    }


def _entries(
    records: Iterable[CourseRecord], documents: Mapping[str, Document], day_of: Callable[[datetime], date]
) -> tuple[Entry, ...]:
    counted: set[tuple[str, str]] = set()
    entries = []
    for completed_at, record in sorted(_completed(records), key=lambda one: (one[0], one[1].id)):
        new = [part for part in record.parts if (record.module_slug, part.code) not in counted]
        counted.update((record.module_slug, part.code) for part in new)
        entries.append(
            Entry(
                module=record.module_slug,
                track=record.track,
                titles=record.titles,
                completed_on=day_of(completed_at),
                hours=record.hours,
                counted_hours=sum(part.hours for part in new),
                document=documents.get(record.id),
            )
        )
    return tuple(entries)


def _completed(records: Iterable[CourseRecord]) -> list[tuple[datetime, CourseRecord]]:
    return [(each.completed_at, each) for each in records if each.completed_at is not None and not each.is_test_user]


def _owed(rule: Rule, entries: tuple[Entry, ...], day: date) -> Owed:
    since = _months_before(day, rule.months) if rule.months else date(day.year, 1, 1)
    return Owed(
        rule=rule,
        since=since,
        counted_hours=sum(entry.counted_hours for entry in entries if entry.completed_on >= since),
    )


def _months_before(day: date, months: int) -> date:
    """The same day so many months ago, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
