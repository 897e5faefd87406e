"""What is kept of reports: who asked for one, and every edition with its figures, for good."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base


class ReportEdition(Base):
    """One edition of a report. Lines are added and never changed; the database itself refuses it.

    Each holds the hash of the one before (``certificates.reports.editions``), over all reports of all bureaus.
    """

    __tablename__ = "report_edition"
    __table_args__ = (UniqueConstraint("organisation_id", "period", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The place in the chain, from 1."""
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    """The bureau whose plans it is about."""
    period: Mapped[str] = mapped_column(String(7))
    """``2026`` or ``2026-Q3``."""
    number: Mapped[int]
    """Of the edition, from 1."""
    figures: Mapped[str] = mapped_column(Text)
    """Canonical JSON; see :mod:`certificates.reports.snapshot`."""
    figures_sha256: Mapped[str] = mapped_column(String(64))
    differences: Mapped[list[Any]]
    """What changed since the edition before, figure by figure."""
    reason: Mapped[str] = mapped_column(String(500))
    """Why there is another edition, as the officer wrote; empty for the first."""
    files: Mapped[dict[str, Any]]
    """By language and kind (``ky.pdf``): under which name it is stored, its SHA-256 and its size."""
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Unique, so that the chain cannot fork."""
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class ReportRequest(Base):
    """An officer asked for a report; a job makes it."""

    __tablename__ = "report_request"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Made with the form, so that a second click on its button finds the same request."""
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    period: Mapped[str] = mapped_column(String(7))
    reason: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("report_edition.id"))
    """What became of it."""
    refusal: Mapped[str | None] = mapped_column(String(40))
    """Why nothing was made: ``report-unchanged``."""
