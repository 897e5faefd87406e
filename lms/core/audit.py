"""Who did what to what, when. Lines are added and never changed; the database itself refuses it."""

from datetime import datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import DDL, Index, String, event
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


# The same triggers stand in the first migration; these make tables built without it behave alike.
SQLITE_GUARD = """CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""


def append_only(table: str) -> list[tuple[str, str]]:
    """Statements, each with its dialect, by which the database refuses to change or delete rows."""
    sqlite = [("sqlite", SQLITE_GUARD.format(table=table, verb=verb)) for verb in ("UPDATE", "DELETE")]
    function = (
        f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} is append-only'; END $$ LANGUAGE plpgsql"
    )
    trigger = (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
    )
    emptying = (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
    return [*sqlite, *(("postgresql", statement) for statement in (function, trigger, emptying))]


for _dialect, _statement in append_only("audit_event"):
    event.listen(AuditEvent.__table__, "after_create", DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
