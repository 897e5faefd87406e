"""What was asked in one go, and what was answered. Kept for some days; the receipt is with whoever asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base


class VerificationBatch(Base):
    """Many certificates that somebody wants to have verified. How far it is follows from its rows."""

    __tablename__ = "verification_batch"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Made with the form, so that a second click on its button finds the same batch."""
    actor: Mapped[str] = mapped_column(index=True)
    """A member of staff or a program; nobody else sees the batch."""
    asked_by: Mapped[dict[str, Any]]
    """The organisation as the receipt names it, by language; never a person."""
    language: Mapped[str] = mapped_column(String(2))
    """Of whoever asked; the receipt is written in it."""
    form: Mapped[str] = mapped_column(String(4))
    """``text``, ``xlsx`` or ``zip``; empty while nobody has looked into what was uploaded."""
    input_sha256: Mapped[str] = mapped_column(String(64))
    upload_stored_as: Mapped[str | None]
    """Name in the file store of what was uploaded; None when there is nothing, or nothing any more."""
    rows: Mapped[int]
    refusal: Mapped[str | None] = mapped_column(String(40))
    """Why nothing of the upload is read."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    finished_at: Mapped[datetime | None]
    statement: Mapped[str | None] = mapped_column(Text, info={"personal": "what was asked and answered, signed"})
    """The receipt as JWS."""
    receipt_stored_as: Mapped[str | None]
    """Name of the receipt as PDF in the file store."""
    expires_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class VerificationBatchRow(Base):
    """One row: what was asked, and the answer as it was at that moment."""

    __tablename__ = "verification_batch_row"

    batch_id: Mapped[str] = mapped_column(ForeignKey("verification_batch.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, without gaps."""
    number: Mapped[int]
    """Of the row, line or file in what was sent."""
    asked: Mapped[str] = mapped_column(
        info={"personal": "code, register number, hash or file name that was asked about"}
    )
    kind: Mapped[str] = mapped_column(String(6))
    """``code``, ``number``, ``hash`` or ``file``."""
    fault: Mapped[str | None] = mapped_column(String(40))
    """Why the row is not verified."""
    place: Mapped[list[Any] | None]
    """Of a file: where it lies in the archive."""
    answered_at: Mapped[datetime | None]
    accepted: Mapped[bool] = mapped_column(default=False)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    certificate_number: Mapped[str | None] = mapped_column(String(40))
    """Register number of the certificate whose facts belong to the answer; they are in the register and not here."""
    answer: Mapped[dict[str, Any] | None] = mapped_column(
        info={"personal": "verdict, and the code that stands in a file without a seal"}
    )
    """See ``certificates.batches.answers.Answer``."""
    head_event: Mapped[int | None]
    head_hash: Mapped[str | None] = mapped_column(String(64))
    """The end of the register's chain at that moment."""
