"""Who did what to what, when. Lines are added and never changed; triggers of the migrations let the database refuse it."""

from datetime import datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, db


class AuditEvent(Base):
    """One line of the audit. ``actor`` and ``subject`` are ``kind:identifier``; nothing in it names a person."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(80))
    actor: Mapped[str]
    subject: Mapped[str]
    request_id: Mapped[str | None] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]]


def record(action: str, *, subject: str, actor: str, **facts: object) -> None:
    """Add a line, in the transaction of what it tells about."""
    db.session.add(
        AuditEvent(
            at=clock.now(),
            action=action,
            actor=actor,
            subject=subject,
            request_id=g.get("request_id") if has_request_context() else None,
            facts=facts,
        )
    )
