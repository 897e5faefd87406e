"""The register: certificates with all that is printed on them, numbers, events, and every seal that was ever used.

Nothing here points at courses, enrolments or people by foreign key: a certificate outlives them.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from certificates.standing import State
from lms.core import clock
from lms.core.db import Base, new_id

RESERVED, VALID, VOID = State.RESERVED.value, State.VALID.value, State.VOID.value
ISSUED = (VALID, State.SUSPENDED.value, State.REVOKED.value, State.SUPERSEDED.value)
"""Stored states of what was issued once: there is a file, and whoever has the code gets an answer."""


class Certificate(Base):
    """One certificate. Its snapshot never changes after it was reserved, its file never after it was issued."""

    __tablename__ = "certificate"
    __table_args__ = (
        # Once for each record and generation: two replacements of one certificate at once cannot both be made.
        # A number that was given up does not stand in the way of the next.
        Index(
            "uq_certificate_record",
            "record_id",
            "generation",
            unique=True,
            sqlite_where=text("status <> 'void'"),
            postgresql_where=text("status <> 'void'"),
        ),
        Index("ix_certificate_reserved_at", "reserved_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    """Also the identifier inside the PDF."""
    record_id: Mapped[str] = mapped_column(String(36))
    """The course record that justified it."""
    generation: Mapped[int] = mapped_column(default=1)
    """1 for the first certificate of a record; one more for each that takes the place of another."""
    replaces_id: Mapped[str | None] = mapped_column(String(36), index=True)
    """The certificate whose place it takes when it becomes valid."""
    replaces_reason: Mapped[str | None] = mapped_column(String(20))
    """See :class:`certificates.standing.Replacing`."""
    person_id: Mapped[str] = mapped_column(String(36), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    code: Mapped[str] = mapped_column(String(13), unique=True)
    snapshot: Mapped[str] = mapped_column(Text, info={"personal": "name, module, hours, result and dates as printed"})
    """Canonical JSON of ``certificates.snapshot.Snapshot``."""
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    holder_key: Mapped[str] = mapped_column(Text, default="", info={"personal": "name as printed, to search by"})
    """Every printed form of the name in small letters, for the search of administrators."""
    template_version: Mapped[int]
    status: Mapped[str] = mapped_column(String(12), default=RESERVED)
    """The present end of the events, kept for questions about many; :class:`certificates.standing.State`. Never expired."""
    status_reason: Mapped[str | None] = mapped_column(String(40))
    file_name: Mapped[str | None]
    """Name in the file store; it holds the hash of the bytes, so that two tries never overwrite each other."""
    pdf_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    unsigned_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the page before it was sealed: rendering again proves the content, sealing again never gives the same bytes."""
    seal_fingerprint: Mapped[str | None] = mapped_column(ForeignKey("seal_key.fingerprint"))
    reserved_at: Mapped[datetime] = mapped_column(default=clock.now)
    issued_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]
    """The last day of validity, the day itself included; None means without end."""


class NumberCounter(Base):
    """The last number given in a country, year and series; numbers have no gaps."""

    __tablename__ = "number_counter"

    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    series: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class CertificateEvent(Base):
    """What happened to a certificate. Lines are added and never changed; the database itself refuses it.

    Each holds the hash of the one before (``certificates.chain``), so that a line that was changed, taken out or put in
    behind the database's back is found.
    """

    __tablename__ = "certificate_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The place in the chain."""
    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    kind: Mapped[str] = mapped_column(String(20))
    """See :class:`certificates.standing.Kind`."""
    reason_code: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str]
    facts: Mapped[dict[str, Any]]
    """What the event fixes: hashes of what was printed and sealed, the number of a replacement."""
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Unique, so that the chain cannot fork."""
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class EventNote(Base):
    """Free words beside an event, for the administrators. They can be erased: the event holds only a salted hash."""

    __tablename__ = "certificate_event_note"

    event_id: Mapped[int] = mapped_column(ForeignKey("certificate_event.id"), primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text, info={"personal": "why a certificate was suspended or revoked"})


class RegisterHead(Base):
    """One row: the end of the chain. Whoever adds an event holds its lock until the commit, so events come in order."""

    __tablename__ = "register_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class SignedHead(Base):
    """The end of the chain at the end of a day (UTC), signed. Copies elsewhere prove that the past was not rewritten."""

    __tablename__ = "register_signed_head"

    day: Mapped[date] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(Text)
    """A signed JWT; its key is of the use ``register``."""
    signed_at: Mapped[datetime]
    timestamp_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Answer of a time-stamping authority (RFC 3161) over the statement, where one is configured."""


class SealKey(Base):
    """A seal that is used or once was. Retired is not compromised: what it sealed stays genuine."""

    __tablename__ = "seal_key"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the certificate, hexadecimal."""
    certificate_pem: Mapped[str] = mapped_column(Text)
    root_pem: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    compromised_at: Mapped[datetime | None]
    """Since when others may have had the key. Without a trusted time before it, a seal proves nothing."""


class IssueBatch(Base):
    """An administrator asked for the certificates of a whole cohort. How far it is follows from its items."""

    __tablename__ = "issue_batch"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Made with the form, so that a second click on its button finds the same batch."""
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    cohort_id: Mapped[str] = mapped_column(String(36), index=True)
    """See ``courses.records.Cohort``. No foreign key: certificates outlive courses."""
    module_slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str]
    """Of the cohort, as it was called then."""
    actor: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    cancelled_at: Mapped[datetime | None]


class IssueBatchItem(Base):
    """One record of a batch, and what became of it."""

    __tablename__ = "issue_batch_item"
    __table_args__ = (UniqueConstraint("batch_id", "record_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    batch_id: Mapped[str] = mapped_column(ForeignKey("issue_batch.id"))
    record_id: Mapped[str] = mapped_column(String(36))
    outcome: Mapped[str] = mapped_column(String(20), default="waiting")
    """``waiting``, ``issued``, ``refused`` (the reason says what is missing), ``failed`` or ``cancelled``."""
    reason_code: Mapped[str | None] = mapped_column(String(80))
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)


class Correction(Base):
    """A holder says that something on the certificate is wrong; an administrator decides."""

    __tablename__ = "certificate_correction"
    __table_args__ = (
        Index(
            "uq_certificate_correction_open",
            "certificate_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"))
    person_id: Mapped[str] = mapped_column(String(36))
    about: Mapped[str] = mapped_column(String(10))
    """``name``, ``hours`` or ``other``."""
    text: Mapped[str] = mapped_column(String(500), info={"personal": "what a holder says is wrong on the certificate"})
    name_forms: Mapped[dict[str, Any]] = mapped_column(
        default=dict, info={"personal": "name as its holder wants it printed, by script"}
    )
    state: Mapped[str] = mapped_column(String(10), default="open", index=True)
    """``open``, ``accepted`` or ``refused``."""
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    ground: Mapped[str] = mapped_column(String(500), default="", info={"personal": "why a correction was refused"})
    replacement_id: Mapped[str | None] = mapped_column(String(36))
    """The certificate that follows from an accepted correction."""


class Export(Base):
    """A ZIP of a cohort's certificates that an administrator may take for some days."""

    __tablename__ = "certificate_export"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Made with the form, as that of a batch."""
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    cohort_id: Mapped[str] = mapped_column(String(36))
    module_slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str]
    actor: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    certificates: Mapped[int] = mapped_column(default=0)
    """How many are in it."""
    file_name: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size_bytes: Mapped[int | None]
    expires_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class OutgoingMail(Base):
    """One message to one person about one thing, once. What it says is composed when it is sent."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (UniqueConstraint("kind", "subject_id", "person_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(30))
    """``confirm-address``, ``certificate`` or ``correction``."""
    subject_id: Mapped[str] = mapped_column(String(64))
    """Key of the address, id of the event, id of the correction."""
    queued_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    """``sent``, or ``dropped`` where there is no address (any more)."""
