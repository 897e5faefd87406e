"""What changed, told to other systems: completions and the life of certificates in one sequence, read in a fixed number of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from certificates import lookup
from certificates.models import Certificate, CertificateEvent
from certificates.standing import TOLD_TO_ALL
from courses import records
from courses.records import Completed
from lms.core import changes
from lms.core.changes import Change
from lms.core.db import db

OF_CERTIFICATE = "certificate."


@dataclass(frozen=True)
class CertificateNews:
    """Of which certificate something is told, and what holds today."""

    number: str
    code: str
    state: str
    """Of today, not of then; see ``certificates.standing.State``."""
    reason: str | None
    """Of this event, where it accuses nobody."""
    replaced_by: str | None
    """Register number of the certificate that took its place by this event."""


@dataclass(frozen=True)
class News:
    """One change. ``record`` is None where the record itself is not completed any more or not to be told."""

    position: int
    kind: str
    at: datetime
    record_id: str
    record: Completed | None
    certificate: CertificateNews | None


def after(position: int, *, organisations: Collection[str] | None, limit: int) -> list[News]:
    """What follows this place, oldest first. The caller's transaction has to write; see ``lms.core.changes``."""
    found = changes.after(position, organisations=organisations, limit=limit)
    told = _certificates_of(found)
    completed = records.completed_records({change.record_id for change in found})
    return [
        News(
            position=change.position or 0,
            kind=change.kind,
            at=change.at,
            record_id=change.record_id,
            record=completed.get(change.record_id),
            certificate=told.get(change.id),
        )
        for change in found
    ]


def certificates_of(record_ids: Collection[str]) -> dict[str, CertificateNews]:
    """The newest certificate of each of these records, by the record. One query."""
    return {row.record_id: _news(row, None) for row in lookup.newest_issued(list(record_ids))}


def _certificates_of(found: Collection[Change]) -> Mapping[int, CertificateNews]:
    """By the change's id."""
    event_ids = {int(change.subject): change.id for change in found if change.kind.startswith(OF_CERTIFICATE)}
    rows = db.session.execute(
        select(CertificateEvent, Certificate)
        .join(Certificate, Certificate.id == CertificateEvent.certificate_id)
        .where(CertificateEvent.id.in_(event_ids))
    )
    return {event_ids[event.id]: _news(certificate, event) for event, certificate in rows}


def _news(certificate: Certificate, event: CertificateEvent | None) -> CertificateNews:
    reason = event.reason_code if event else None
    return CertificateNews(
        number=certificate.number,
        code=certificate.code,
        state=str(lookup.state_today(certificate)),
        reason=reason if reason in TOLD_TO_ALL else None,
        replaced_by=event.facts.get("by") if event else None,
    )
