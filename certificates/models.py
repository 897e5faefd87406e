"""The register: certificates with all that is printed on them, numbers, events, and every seal that was ever used.

Nothing here points at courses, enrolments or people by foreign key: a certificate outlives them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, ForeignKey, Index, String, Text, event, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import audit, clock
from lms.core.db import Base, new_id

RESERVED = "reserved"
"""Has a number and a code, and no file yet. Answers to nobody."""
VALID = "valid"
VOID = "void"
"""The number was given up before a file was made; the reason says why there is a gap."""


class Certificate(Base):
    """One certificate. Its snapshot never changes after it was reserved, its file never after it was issued."""

    __tablename__ = "certificate"
    __table_args__ = (
        # Once for each record. A number that was given up does not stand in the way of the next.
        Index(
            "uq_certificate_record",
            "record_id",
            unique=True,
            sqlite_where=text("status <> 'void'"),
            postgresql_where=text("status <> 'void'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    """Also the identifier inside the PDF."""
    record_id: Mapped[str] = mapped_column(String(36))
    """The course record that justified it."""
    person_id: Mapped[str] = mapped_column(String(36), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    code: Mapped[str] = mapped_column(String(13), unique=True)
    snapshot: Mapped[str] = mapped_column(Text, info={"personal": "name, module, hours, result and dates as printed"})
    """Canonical JSON of ``certificates.snapshot.Snapshot``."""
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    template_version: Mapped[int]
    status: Mapped[str] = mapped_column(String(12), default=RESERVED)
    """The present end of the events: reserved, valid or void."""
    status_reason: Mapped[str | None] = mapped_column(String(40))
    file_name: Mapped[str | None]
    """Name in the file store; it holds the hash of the bytes, so that two tries never overwrite each other."""
    pdf_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    unsigned_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the page before it was sealed: rendering again proves the content, sealing again never gives the same bytes."""
    seal_fingerprint: Mapped[str | None] = mapped_column(ForeignKey("seal_key.fingerprint"))
    reserved_at: Mapped[datetime] = mapped_column(default=clock.now)
    issued_at: Mapped[datetime | None]


class NumberCounter(Base):
    """The last number given in a country, year and series; numbers have no gaps."""

    __tablename__ = "number_counter"

    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    series: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class CertificateEvent(Base):
    """What happened to a certificate. Lines are added and never changed; the database itself refuses it."""

    __tablename__ = "certificate_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    kind: Mapped[str] = mapped_column(String(20))
    """reserved, issued or void."""
    reason_code: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str]
    facts: Mapped[dict[str, Any]]


class SealKey(Base):
    """A seal that is used or once was. Retired is not compromised: what it sealed stays genuine."""

    __tablename__ = "seal_key"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the certificate, hexadecimal."""
    certificate_pem: Mapped[str] = mapped_column(Text)
    root_pem: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]


for _dialect, _statement in audit.append_only("certificate_event"):
    event.listen(
        CertificateEvent.__table__,
        "after_create",
        DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
    )
