"""No click reads a whole table that grows with people: each statement has an index to go by, on PostgreSQL."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, select

from certificates import lookup
from certificates.models import Certificate
from courses import records
from lms.core import files, jobs
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.people import names
from lms.people.models import Person
from tests.certificates import academy
from tests.certificates.academy import AIGUL
from tests.operation.test_outages import arrive, complete
from tests.platform import Platform, running

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
GROWS = frozenset(
    {
        *("person", "person_name", "platform_user", "membership", "launch_session", "job", "audit_event"),
        *("course_enrolment", "course_completion", "course_track_record", "course_step_read", "course_submission"),
        *("course_attempt", "course_answer", "course_grade", "course_result"),
        *("certificate", "certificate_revision", "certificate_event"),
    }
)
Statement = tuple[str, Mapping[str, Any]]


@pytest.fixture
def platform(app: Bilim) -> Iterator[Platform]:
    app.config["WTF_CSRF_ENABLED"] = False
    academy.open_academy(app)
    app.test_cli_runner().invoke(args=["lti", "rotate-keys"])
    with running() as made:
        made.register()
        yield made


@contextmanager
def noted() -> Iterator[list[Statement]]:
    """The statements that are sent inside, with their values."""
    sent: list[Statement] = []

    def _note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            sent.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", _note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", _note)


def whole_reads(sent: list[Statement]) -> list[str]:
    """Statements for which PostgreSQL, though told to avoid it, has nothing better than every row of a table that grows."""
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, cursor_factory=psycopg.ClientCursor) as connection:
        for kind in ("seqscan", "hashjoin", "mergejoin"):
            connection.execute(f"SET enable_{kind} = off")
        return [
            f"{table}: {statement}"
            for statement, values in sent
            for table in _read_whole(_plan(connection, statement, values))
        ]


def _plan(connection: psycopg.Connection[Any], statement: str, values: Mapping[str, Any]) -> dict[str, Any]:
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}", values).fetchone()
    assert row is not None
    plan: dict[str, Any] = (json.loads(row[0]) if isinstance(row[0], str) else row[0])[0]["Plan"]
    return plan


def _read_whole(node: Mapping[str, Any], *, is_limited: bool = False) -> Iterator[str]:
    """Tables that a plan reads from one end to the other; not those of which it takes the first rows in an order."""
    is_limited = is_limited or node["Node Type"] == "Limit"
    if node.get("Relation Name") in GROWS and "Scan" in node["Node Type"]:
        has_way = "Index Cond" in node or "Recheck Cond" in node
        if not has_way and not is_limited:
            yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from _read_whole(inner, is_limited=is_limited)


def test_a_launch_a_completion_and_its_certificate_read_no_table_that_grows(app: Bilim, platform: Platform) -> None:
    arrive(app, platform, "person-1")
    confirm_name()
    with noted() as sent:
        arrive(app, platform, "person-1")
        complete(platform, "person-1")
        jobs.run_due()
        jobs.sweep()

    assert len(sent) > 50
    assert whole_reads(sent) == []


def test_who_verifies_or_follows_reads_no_table_that_grows(app: Bilim, platform: Platform) -> None:
    arrive(app, platform, "person-1")
    complete(platform, "person-1")
    confirm_name()
    jobs.run_due()
    with reading():
        issued = db.session.scalars(select(Certificate)).one()
    data = files.read(str(issued.file_name))
    client = app.test_client()
    with noted() as sent:
        assert client.get(f"/v/{issued.code}?lang=en").status_code == 200
        with reading():
            assert lookup.by_file(sha256(data).hexdigest()) is not None
            assert lookup.by_number(issued.number) is not None
            assert list(records.completed_records([issued.record_id])) == [issued.record_id]

    assert len(sent) > 5
    assert whole_reads(sent) == []


def confirm_name() -> None:
    with transaction():
        names.confirm(db.session.scalars(select(Person.id)).one(), AIGUL)
