"""The register of certificates: give numbers, keep what happened. The only room that writes its tables."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from sqlalchemy import Table, bindparam, select, update

from certificates import chain, numbering, standing
from certificates.chain import Link
from certificates.lookup import holder_key
from certificates.models import RESERVED, VALID, Certificate, EventNote, NumberCounter
from certificates.snapshot import Snapshot
from certificates.standing import POSSIBLE_FROM, Kind, Replacing, State
from lms.core import audit, changes, clock
from lms.core.db import db, execute, insert_once
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l

TOLD = frozenset(Kind) - {Kind.RESERVED, Kind.VOID}
"""What other systems hear of (``lms.core.changes``): a number without a certificate does not exist for anybody."""
_COUNTERS = cast(Table, NumberCounter.__table__)
_COUNT_ON = (
    update(_COUNTERS)
    .where(
        _COUNTERS.c.country == bindparam("of_country"),
        _COUNTERS.c.year == bindparam("of_year"),
        _COUNTERS.c.series == bindparam("of_series"),
    )
    .values(last=_COUNTERS.c.last + 1)
    .returning(_COUNTERS.c.last)
)


@dataclass(frozen=True)
class SealedFile:
    """A finished certificate on its way into the register."""

    file_name: str
    pdf_sha256: str
    unsigned_sha256: str
    seal_fingerprint: str
    credential_sha256: str | None = None
    """Of the credential inside, which the register keeps beside the file."""


@dataclass(frozen=True)
class Replacement:
    """Whose place a new certificate takes, and why."""

    certificate: Certificate
    reason: Replacing


def next_number(country: str, year: int, series: str) -> str:
    """The next number, e.g. ``2026-KG-PM000123``. It is given only if the caller's transaction commits: no gaps."""
    asked = {"of_country": country, "of_year": year, "of_series": series}
    last = execute(_COUNT_ON, asked).scalar()
    if last is None:
        insert_once(NumberCounter, {"country": country, "year": year, "series": series}, {"last": 0})
        last = execute(_COUNT_ON, asked).scalar_one()
    return numbering.register_number(year, country, series, last)


def reserve(
    snapshot: Snapshot,
    *,
    record_id: str,
    person_id: str,
    organisation_id: str,
    actor: str,
    replacement: Replacement | None = None,
) -> Certificate:
    """Keep number, code and everything that will be printed, in the caller's transaction.

    :raises sqlalchemy.exc.IntegrityError: the record has a certificate of this generation already, or the code is taken.
    """
    certificate = Certificate(
        id=snapshot.certificate_id,
        record_id=record_id,
        person_id=person_id,
        organisation_id=organisation_id,
        number=snapshot.number,
        code=snapshot.code,
        snapshot=snapshot.canonical_json(),
        snapshot_sha256=snapshot.sha256(),
        holder_key=holder_key(" ".join(snapshot.holder.values())),
        template_version=snapshot.template_version,
        valid_until=snapshot.valid_until,
        status=RESERVED,
        reserved_at=clock.now(),
        generation=replacement.certificate.generation + 1 if replacement else 1,
        replaces_id=replacement.certificate.id if replacement else None,
        replaces_reason=replacement.reason if replacement else None,
    )
    db.session.add(certificate)
    db.session.flush()  # a taken code or record has to be met here, where it is handled
    facts = {"number": certificate.number, "snapshot_sha256": certificate.snapshot_sha256}
    _tell(certificate, Kind.RESERVED, actor=actor, facts=facts)
    return certificate


def make_valid(certificate_id: str, file: SealedFile, *, actor: str) -> Certificate | None:
    """Make a reserved certificate valid, in the place of the one it replaces.

    None if somebody else was faster, and then nothing changes.
    """
    changed = db.session.execute(
        update(Certificate)
        .where(Certificate.id == certificate_id, Certificate.status == RESERVED)
        .values(
            status=VALID,
            issued_at=clock.now(),
            file_name=file.file_name,
            pdf_sha256=file.pdf_sha256,
            unsigned_sha256=file.unsigned_sha256,
            seal_fingerprint=file.seal_fingerprint,
        )
        .returning(Certificate),
        execution_options={"synchronize_session": False, "populate_existing": True},
    ).scalar_one_or_none()
    if changed is None:
        return None
    replaced = _locked(changed.replaces_id) if changed.replaces_id else None
    valid_until = changed.valid_until.isoformat() if changed.valid_until else None
    facts = {"pdf_sha256": file.pdf_sha256, "snapshot_sha256": changed.snapshot_sha256, "valid_until": valid_until}
    if file.credential_sha256:
        facts["credential_sha256"] = file.credential_sha256
    _tell(changed, Kind.ISSUED, actor=actor, facts=facts)
    if replaced and State(replaced.status) in POSSIBLE_FROM[Kind.SUPERSEDED]:
        _move(replaced, Kind.SUPERSEDED, actor=actor, reason_code=changed.replaces_reason, facts={"by": changed.number})
    return changed


def change(certificate_id: str, kind: Kind, *, actor: str, reason_code: str | None = None, note: str = "") -> Link:
    """Suspend, reinstate or revoke, in the caller's transaction.

    :param note: words for the administrators; kept apart, so that they can be erased.
    :raises NotFound: ``certificate-unknown``.
    :raises Conflict: ``state-differs`` if the certificate is not in a state from which this is possible.
    """
    certificate = _locked(certificate_id)
    if certificate is None:
        raise NotFound("certificate-unknown", _l("The register holds no such certificate."))
    if State(certificate.status) not in POSSIBLE_FROM[kind]:
        raise Conflict(
            "state-differs",
            _l("The certificate is in another state by now, in which this cannot be done. Look at it again."),
            state=certificate.status,
        )
    salt = secrets.token_hex(16)
    facts = {"note_sha256": note_digest(salt, note)} if note else {}
    event = _move(certificate, kind, actor=actor, reason_code=reason_code, facts=facts)
    if note:
        db.session.add(EventNote(event_id=event.id, salt=salt, text=note))
    return event


def give_up(certificate: Certificate, *, reason_code: str, actor: str) -> None:
    """Declare a reserved number void, with the reason for the gap. The record may get another.

    :raises Conflict: ``certificate-issued`` for anything that is not just reserved.
    """
    if certificate.status != RESERVED:
        raise Conflict("certificate-issued", _l("Only a number without a certificate can be given up."))
    _move(certificate, Kind.VOID, actor=actor, reason_code=reason_code, facts={})


def note_digest(salt: str, note: str) -> str:
    """What an event says about the words beside it. Salted: a short text could be guessed from its hash."""
    return sha256(f"{salt}:{note}".encode()).hexdigest()


def _locked(certificate_id: str) -> Certificate | None:
    """The row, held until the commit; before any event is added, so that no two wait for each other."""
    return db.session.scalar(
        select(Certificate).filter_by(id=certificate_id).with_for_update().execution_options(populate_existing=True)
    )


def _move(
    certificate: Certificate, kind: Kind, *, actor: str, reason_code: str | None, facts: Mapping[str, object]
) -> Link:
    certificate.status = standing.after(State(certificate.status), kind)
    certificate.status_reason = reason_code
    db.session.flush()
    return _tell(certificate, kind, actor=actor, reason_code=reason_code, facts=facts)


def _tell(
    certificate: Certificate, kind: Kind, *, actor: str, reason_code: str | None = None, facts: Mapping[str, object]
) -> Link:
    """One line for the certificate's own history, one for the audit of everything, one for systems that follow."""
    event = chain.append(certificate.id, kind, actor=actor, reason_code=reason_code, facts=facts)
    audit.record(
        f"certificate.{kind}",
        subject=f"certificate:{certificate.id}",
        actor=actor,
        number=certificate.number,
        reason_code=reason_code,
    )
    if kind in TOLD:
        changes.note(
            f"certificate.{kind}",
            record_id=certificate.record_id,
            subject=str(event.id),
            organisation_id=certificate.organisation_id,
        )
    return event
