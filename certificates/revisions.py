"""Every version of a certificate's file that was ever delivered. A version is added and never changes or goes away.

A later version is the earlier one with an archive time stamp appended, so each begins with the bytes of the one before
and the holder may show any of them.
"""

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from certificates.models import Certificate
from lms.core import clock
from lms.core.db import Base, db, insert_once


class CertificateRevision(Base):
    """One version of the file of a certificate."""

    __tablename__ = "certificate_revision"

    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, the file as it was issued."""
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    file_name: Mapped[str]
    level: Mapped[str] = mapped_column(String(5))
    """PAdES level: B-B, B-T, B-LT or B-LTA."""
    stored_at: Mapped[datetime] = mapped_column(default=clock.now)
    renew_before: Mapped[datetime | None] = mapped_column(index=True)
    """By then another archive time stamp has to stand over the last one; None if there is none to keep."""


def name_of(certificate_id: str, pdf: bytes) -> str:
    """Name in the file store; it holds the hash of the bytes, so that two tries never overwrite each other."""
    return f"certificates/{certificate_id}/{digest(pdf)}.pdf"


def digest(pdf: bytes) -> str:
    """SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(pdf).hexdigest()


def add_first(certificate: Certificate, *, level: str, renew_before: datetime | None) -> None:
    """Enter the file as it was issued, in the caller's transaction."""
    db.session.add(
        CertificateRevision(
            certificate_id=certificate.id,
            number=1,
            sha256=str(certificate.pdf_sha256),
            file_name=str(certificate.file_name),
            level=level,
            stored_at=clock.now(),
            renew_before=renew_before,
        )
    )


def add(
    certificate_id: str, number: int, *, sha256: str, file_name: str, level: str, renew_before: datetime | None
) -> bool:
    """Enter a version, in the caller's transaction; False if somebody else has entered this number already."""
    _row, is_new = insert_once(
        CertificateRevision,
        {"certificate_id": certificate_id, "number": number},
        {
            "sha256": sha256,
            "file_name": file_name,
            "level": level,
            "stored_at": clock.now(),
            "renew_before": renew_before,
        },
    )
    return is_new


def of(certificate_id: str) -> list[CertificateRevision]:
    """All versions of one certificate's file, the oldest first."""
    wanted = select(CertificateRevision).filter_by(certificate_id=certificate_id).order_by(CertificateRevision.number)
    return list(db.session.scalars(wanted))


def latest(certificate_id: str) -> CertificateRevision | None:
    """The version to hand out, or None for a number without a file."""
    newest = CertificateRevision.number.desc()
    return db.session.scalar(
        select(CertificateRevision).filter_by(certificate_id=certificate_id).order_by(newest).limit(1)
    )


def due(before: datetime, *, limit: int) -> list[str]:
    """Certificates whose newest version has to be stamped anew before this moment, the most urgent first."""
    newest = (
        select(CertificateRevision.certificate_id, func.max(CertificateRevision.number).label("number"))
        .group_by(CertificateRevision.certificate_id)
        .subquery()
    )
    wanted = (
        select(CertificateRevision.certificate_id)
        .join(
            newest,
            (newest.c.certificate_id == CertificateRevision.certificate_id)
            & (newest.c.number == CertificateRevision.number),
        )
        .where(CertificateRevision.renew_before <= before)
        .order_by(CertificateRevision.renew_before)
        .limit(limit)
    )
    return list(db.session.scalars(wanted))
