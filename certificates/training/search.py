"""What the register of training holds: completed modules with their documents, found by what somebody asks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from certificates import lookup, typed
from certificates.models import Certificate
from courses import records
from courses.records import Trained, TrainedQuestion
from lms.core import settings
from lms.core.errors import Invalid
from lms.core.i18n import _l, civil_date
from lms.organisations import issuers
from lms.organisations.models import Organisation
from lms.people import names

MOST_PEOPLE_BY_NAME = 500
Place = tuple[datetime, str]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody asks; at least one part of it."""

    name: str = ""
    """Any part of any form of a name."""
    personal_number: str = ""
    number: str = ""
    """Register number of a certificate, as it was typed."""
    programme: str = ""
    region: str = ""
    agency_id: str = ""
    year: int | None = None

    @property
    def asked_by(self) -> list[str]:
        """The parts that are used, without what was asked: for the audit."""
        return [name for name, value in vars(self).items() if value]


@dataclass(frozen=True, kw_only=True)
class Document:
    """The certificate of a line, as it stands today."""

    number: str
    code: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person, one completed module."""

    trained: Trained
    name: str
    completed_on: date
    """A civil date of the academy."""
    document: Document | None
    organiser: Organisation | None
    host: Organisation | None
    agency: Organisation | None


@dataclass(frozen=True)
class Found:
    """Some lines, and how many there are in all."""

    lines: Sequence[Line]
    total: int

    @property
    def person_ids(self) -> list[str]:
        """Whom the lines are about, each once."""
        return list(dict.fromkeys(line.trained.person_id for line in self.lines))


def find(
    question: Question, *, seen_in: Collection[str] | None, limit: int, after: Place | None = None, offset: int = 0
) -> Found:
    """Lines in the order in which they were recorded, as far as the asker may see them; a fixed number of queries.

    :param seen_in: organisations of the asker; None means every one.
    :raises Invalid: ``question-empty``.
    """
    if not question.asked_by:
        raise Invalid("question-empty", _l("Say whom or what you look for: fill in at least one field."))
    wanted = _wanted(question)
    found = records.trained_page(wanted, seen_in=seen_in, after=after, offset=offset, limit=limit)
    return Found(_lines(found), records.trained_count(wanted, seen_in=seen_in))


def of_person(personal_number: str, *, since: datetime | None, seen_in: Collection[str] | None, limit: int) -> Found:
    """Everything of one person, as far as the asker may see it."""
    wanted = TrainedQuestion(personal_number=personal_number, since=since)
    found = records.trained_page(wanted, seen_in=seen_in, limit=limit)
    return Found(_lines(found), len(found))


def _wanted(question: Question) -> TrainedQuestion:
    name = names.tidy(question.name)
    return TrainedQuestion(
        name=name or None,
        person_ids=frozenset(names.spelt_like(name, limit=MOST_PEOPLE_BY_NAME)) if name else None,
        personal_number=question.personal_number or None,
        record_ids=_record_with(question.number) if question.number else None,
        programme=question.programme or None,
        region=question.region or None,
        agency_id=question.agency_id or None,
        since=beginning_of(question.year) if question.year else None,
        until=beginning_of(question.year + 1) if question.year else None,
    )


def _record_with(number: str) -> frozenset[str]:
    """The record with this document; a number that is only kept free belongs to nobody yet."""
    found = lookup.by_number(typed.number_of(number) or number.strip())
    return frozenset([found.record_id]) if found and found.issued_at else frozenset()


def beginning_of(year: int) -> datetime:
    """The first moment of a year, as the academy counts days."""
    return datetime(year, 1, 1, tzinfo=ZoneInfo(settings.current().time_zone))


def _lines(found: Sequence[Trained]) -> list[Line]:
    documents = {row.record_id: _document(row) for row in lookup.newest_issued([each.record_id for each in found])}
    known = names.known_as({each.person_id for each in found})
    bodies = _bodies(found)
    return [
        Line(
            trained=each,
            name=known.get(each.person_id) or each.roster_name or "",
            completed_on=civil_date(each.completed_at),
            document=documents.get(each.record_id),
            organiser=bodies.get(each.organisation_id or ""),
            host=bodies.get(each.host_id or ""),
            agency=bodies.get(each.agency_id or ""),
        )
        for each in found
    ]


def _document(row: Certificate) -> Document:
    return Document(number=row.number, code=row.code, state=str(lookup.state_today(row)))


def _bodies(found: Sequence[Trained]) -> Mapping[str, Organisation]:
    ids = {body_id for each in found for body_id in (each.organisation_id, each.host_id, each.agency_id) if body_id}
    return {body.id: body for body in issuers.named(ids)}
