from datetime import UTC, datetime

import pytest
from flask import g
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from lms.core import audit, clock
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim

pytestmark = pytest.mark.usefixtures("app")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def recorded() -> AuditEvent:
    with clock.frozen(NOON), transaction():
        audit.record("grade-set", subject="submission:1", actor="person:2", points=7)
    return only_line()


def only_line() -> AuditEvent:
    with reading():
        lines: list[AuditEvent] = list(db.session.scalars(db.select(AuditEvent)))
    assert len(lines) == 1
    return lines[0]


def test_a_line_says_who_did_what_to_what_and_when() -> None:
    event = recorded()

    assert (event.action, event.actor, event.subject) == ("grade-set", "person:2", "submission:1")
    assert (event.at, event.facts, event.request_id) == (NOON, {"points": 7}, None)


def test_a_line_of_a_request_knows_its_number(app: Bilim) -> None:
    with app.test_request_context():
        g.request_id = "gateway-1234"
        with transaction():
            audit.record("grade-set", subject="submission:1", actor="person:2")

    assert only_line().request_id == "gateway-1234"


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditEvent).values(actor="nobody"),
        delete(AuditEvent),
        text("UPDATE audit_event SET action = 'nothing'"),
        text("DELETE FROM audit_event"),
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_a_line(statement: object) -> None:
    recorded()

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(statement)  # type: ignore[call-overload]

    event = only_line()
    assert (event.actor, event.action) == ("person:2", "grade-set")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_database_refuses_to_empty_the_table_at_once() -> None:
    """SQLite has no TRUNCATE; its DELETE is refused above."""
    recorded()

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text("TRUNCATE audit_event"))
