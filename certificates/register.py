"""The register of certificates: give numbers, keep what happened, look up. The only room that writes its tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import or_, select, update

from certificates import numbering
from certificates.inspection import TrustedSeal
from certificates.models import RESERVED, VALID, VOID, Certificate, CertificateEvent, NumberCounter, SealKey
from certificates.revisions import CertificateRevision
from certificates.seal import Seal
from certificates.snapshot import Snapshot
from lms.core import audit, clock
from lms.core.db import db, insert_once
from lms.core.errors import Conflict
from lms.core.i18n import _l


@dataclass(frozen=True)
class SealedFile:
    """A finished certificate on its way into the register."""

    file_name: str
    pdf_sha256: str
    unsigned_sha256: str
    seal_fingerprint: str


def digest(pdf: bytes) -> str:
    """SHA-256 of a file in hexadecimal, as the register keeps it."""
    return sha256(pdf).hexdigest()


def next_number(country: str, year: int, series: str) -> str:
    """The next number, e.g. ``2026-KG-PM000123``. It is given only if the caller's transaction commits: no gaps."""
    key = {"country": country, "year": year, "series": series}
    insert_once(NumberCounter, key, {"last": 0})
    raised = update(NumberCounter).filter_by(**key).values(last=NumberCounter.last + 1).returning(NumberCounter.last)
    return numbering.register_number(year, country, series, db.session.execute(raised).scalar_one())


def reserve(snapshot: Snapshot, *, record_id: str, person_id: str, organisation_id: str, actor: str) -> Certificate:
    """Keep number, code and everything that will be printed, in the caller's transaction.

    :raises sqlalchemy.exc.IntegrityError: the record has a certificate already, or the code is taken.
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
        template_version=snapshot.template_version,
        status=RESERVED,
        reserved_at=clock.now(),
    )
    db.session.add(certificate)
    db.session.flush()  # a taken code or record has to be met here, where it is handled
    _tell(certificate, "reserved", actor=actor)
    return certificate


def make_valid(certificate_id: str, file: SealedFile, *, actor: str) -> bool:
    """Make a reserved certificate valid; False if somebody else was faster, and then nothing changes."""
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
        .returning(Certificate)
    ).scalar_one_or_none()
    if changed is not None:
        _tell(changed, "issued", actor=actor, pdf_sha256=file.pdf_sha256)
    return changed is not None


def give_up(certificate: Certificate, *, reason_code: str, actor: str) -> None:
    """Declare a reserved number void, with the reason for the gap. The record may get another.

    :raises Conflict: ``certificate-issued`` for anything that is not just reserved.
    """
    if certificate.status != RESERVED:
        raise Conflict("certificate-issued", _l("Only a number without a certificate can be given up."))
    certificate.status, certificate.status_reason = VOID, reason_code
    _tell(certificate, VOID, actor=actor, reason_code=reason_code)


def of_record(record_id: str) -> Certificate | None:
    """The certificate of a course record, issued or just reserved."""
    return db.session.scalar(select(Certificate).filter_by(record_id=record_id).where(Certificate.status != VOID))


def issued_records(record_ids: Sequence[str]) -> set[str]:
    """Which of these records have a valid certificate. One query."""
    wanted = select(Certificate.record_id).where(Certificate.record_id.in_(record_ids), Certificate.status == VALID)
    return set(db.session.scalars(wanted))


def by_code(code: str) -> Certificate | None:
    """The valid certificate with this code; a reserved one does not exist for anybody who asks."""
    return db.session.scalar(select(Certificate).filter_by(code=code, status=VALID))


def by_number(number: str) -> Certificate | None:
    """Whatever has this number, also reserved or void. For the operator."""
    return db.session.scalar(select(Certificate).filter_by(number=number))


def by_file(pdf_sha256: str) -> Certificate | None:
    """The certificate of which one version of the file has exactly these bytes."""
    version = select(CertificateRevision.certificate_id).filter_by(sha256=pdf_sha256)
    is_this = or_(Certificate.pdf_sha256 == pdf_sha256, Certificate.id.in_(version))
    return db.session.scalar(select(Certificate).filter_by(status=VALID).where(is_this))


def by_id(certificate_id: str) -> Certificate | None:
    """The valid certificate with this identifier, which also stands inside its PDF."""
    return db.session.scalar(select(Certificate).filter_by(id=certificate_id, status=VALID))


def snapshot_of(certificate: Certificate) -> Snapshot:
    """What is printed on it."""
    return Snapshot.from_json(certificate.snapshot)


def know_seal(seal: Seal) -> bool:
    """Enter a seal among those that we answer for; whether it is new."""
    _row, is_new = insert_once(
        SealKey,
        {"fingerprint": seal.fingerprint},
        {
            "certificate_pem": seal.certificate.public_bytes(Encoding.PEM).decode(),
            "root_pem": seal.root.public_bytes(Encoding.PEM).decode(),
            "valid_from": seal.certificate.not_valid_before_utc,
        },
    )
    if is_new:
        audit.record("seal.registered", subject=f"seal:{seal.fingerprint}", actor="operator")
    return is_new


def trusted_seals() -> list[TrustedSeal]:
    """Every seal that we ever used, with the moments from which it counts no more."""
    return [
        TrustedSeal(row.fingerprint, _der(row.root_pem), row.retired_at, row.compromised_at)
        for row in db.session.scalars(select(SealKey))
    ]


def _der(pem: str) -> bytes:
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def _tell(certificate: Certificate, kind: str, *, actor: str, reason_code: str | None = None, **facts: object) -> None:
    """One line for the certificate's own history and one for the audit of everything."""
    db.session.add(
        CertificateEvent(
            certificate_id=certificate.id,
            at=clock.now(),
            kind=kind,
            reason_code=reason_code,
            actor=actor,
            facts=facts,
        )
    )
    audit.record(
        f"certificate.{kind}",
        subject=f"certificate:{certificate.id}",
        actor=actor,
        number=certificate.number,
        reason_code=reason_code,
    )
