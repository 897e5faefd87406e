"""What the register of certificates holds: find a certificate, read what happened to it and what holds today."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from sqlalchemy import select, union

from certificates import standing
from certificates.models import ISSUED, VOID, Certificate, CertificateEvent, EventNote
from certificates.revisions import CertificateRevision
from certificates.snapshot import Snapshot
from certificates.standing import Happening, Kind, Standing, State
from lms.core import clock
from lms.core.db import db
from lms.core.i18n import civil_date


def digest(pdf: bytes) -> str:
    """SHA-256 of a file in hexadecimal, as the register keeps it."""
    return sha256(pdf).hexdigest()


def of_record(record_id: str) -> Certificate | None:
    """The newest certificate of a course record, issued or just reserved."""
    return db.session.scalar(
        select(Certificate)
        .filter_by(record_id=record_id)
        .where(Certificate.status != VOID)
        .order_by(Certificate.generation.desc())
        .limit(1)
    )


def of_person(person_id: str) -> list[Certificate]:
    """Everything that was issued to a person, the newest first."""
    wanted = select(Certificate).filter_by(person_id=person_id).where(Certificate.status.in_(ISSUED))
    return list(db.session.scalars(wanted.order_by(Certificate.issued_at.desc(), Certificate.number.desc())))


def issued_records(record_ids: Sequence[str]) -> set[str]:
    """Which of these records ever got a certificate, also one that was revoked since. One query."""
    wanted = select(Certificate.record_id).where(Certificate.record_id.in_(record_ids), Certificate.status.in_(ISSUED))
    return set(db.session.scalars(wanted))


def newest_issued(record_ids: Sequence[str]) -> list[Certificate]:
    """The newest issued certificate of each of these records, by number. One query."""
    wanted = select(Certificate).where(Certificate.record_id.in_(record_ids), Certificate.status.in_(ISSUED))
    newest = {row.record_id: row for row in db.session.scalars(wanted.order_by(Certificate.generation))}
    return sorted(newest.values(), key=lambda row: row.number)


def by_code(code: str) -> Certificate | None:
    """The certificate with this code, whatever became of it; a reserved one does not exist for anybody who asks."""
    return db.session.scalar(select(Certificate).filter_by(code=code).where(Certificate.status.in_(ISSUED)))


def by_number(number: str) -> Certificate | None:
    """Whatever has this number, also reserved or void. For the operator."""
    return db.session.scalar(select(Certificate).filter_by(number=number))


def by_file(pdf_sha256: str) -> Certificate | None:
    """The certificate of which one version of the file has exactly these bytes, whatever became of it."""
    first = select(Certificate.id).filter_by(pdf_sha256=pdf_sha256)
    version = select(CertificateRevision.certificate_id).filter_by(sha256=pdf_sha256)
    is_this = Certificate.id.in_(union(first, version))  # for an "or" PostgreSQL would read the whole register
    return db.session.scalar(select(Certificate).where(Certificate.status.in_(ISSUED), is_this))


def by_id(certificate_id: str) -> Certificate | None:
    """The certificate with this identifier, which also stands inside its PDF, whatever became of it."""
    return db.session.scalar(select(Certificate).filter_by(id=certificate_id).where(Certificate.status.in_(ISSUED)))


def any_by_id(certificate_id: str) -> Certificate | None:
    """Whatever has this identifier, also reserved or void. For administrators."""
    return db.session.get(Certificate, certificate_id)


def events_of(certificate_id: str) -> list[CertificateEvent]:
    """What happened to it, oldest first."""
    return list(
        db.session.scalars(
            select(CertificateEvent).filter_by(certificate_id=certificate_id).order_by(CertificateEvent.id)
        )
    )


def notes_of(events: Sequence[CertificateEvent]) -> dict[int, str]:
    """Words of administrators beside these events, by the event's id."""
    rows = db.session.scalars(select(EventNote).where(EventNote.event_id.in_([event.id for event in events])))
    return {row.event_id: row.text for row in rows}


def standing_of(certificate: Certificate) -> Standing:
    """What holds today: the fold of its events and of the calendar. One query."""
    happenings = [
        Happening(Kind(event.kind), event.at, event.reason_code, event.facts.get("by"))
        for event in events_of(certificate.id)
    ]
    return standing.fold(happenings, valid_until=certificate.valid_until, today=civil_date(clock.now()))


def state_today(certificate: Certificate) -> State:
    """The state alone, without a query: what is kept beside the events, and the calendar."""
    state = State(certificate.status)
    return State.EXPIRED if state is State.VALID and _has_ended(certificate.valid_until) else state


def snapshot_of(certificate: Certificate) -> Snapshot:
    """What is printed on it."""
    return Snapshot.from_json(certificate.snapshot)


def holder_key(text: str) -> str:
    """Names in the form in which they are kept and looked for."""
    return " ".join(text.casefold().split())


def _has_ended(valid_until: date | None) -> bool:
    return valid_until is not None and civil_date(clock.now()) > valid_until
