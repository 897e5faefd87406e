import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Event

import pytest
from sqlalchemy import create_engine, text, update
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from lms.core import audit, clock
from lms.core.db import Base, db, insert_once, is_away, new_id, reading, transaction
from lms.core.jobs import Job
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.conftest import application

pytestmark = pytest.mark.usefixtures("app")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def job(subject: str = "one", **values: object) -> Job:
    return Job(kind="greet", subject=subject, due_at=NOON, changed_at=NOON, **values)


def saved(subject: str = "one") -> str:
    with transaction():
        row = job(subject)
        db.session.add(row)
        db.session.flush()
        return row.id


def count() -> int:
    with reading():
        return db.session.scalar(db.select(db.func.count()).select_from(Job)) or 0


def test_a_transaction_makes_everything_true_or_nothing() -> None:
    with pytest.raises(RuntimeError, match="the second fails"), transaction():
        db.session.add(job("one"))
        db.session.flush()
        raise RuntimeError("the second fails")

    assert count() == 0


def test_what_was_loaded_stays_readable_after_its_transaction() -> None:
    with transaction():
        row = job()
        db.session.add(row)

    assert row.subject == "one"


def test_reading_cannot_write() -> None:
    with pytest.raises(DBAPIError), reading():
        db.session.add(job())
        db.session.flush()

    assert count() == 0
    saved()
    assert count() == 1


def test_reading_sees_one_state_whatever_others_write_meanwhile(app: Bilim) -> None:
    saved("one")

    def write() -> None:
        with app.app_context():
            saved("two")

    with reading(), ThreadPoolExecutor(1) as pool:
        before = db.session.scalar(db.select(db.func.count()).select_from(Job))
        pool.submit(write).result()
        after = db.session.scalar(db.select(db.func.count()).select_from(Job))

    assert (before, after) == (1, 1)
    assert count() == 2


def test_readers_do_not_wait_for_a_writer(app: Bilim) -> None:
    written, finish = Event(), Event()

    def write_slowly() -> None:
        with app.app_context(), transaction():
            db.session.add(job())
            db.session.flush()
            written.set()
            assert finish.wait(30)

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write_slowly)
        assert written.wait(30)
        seen = count()  # would wait for ever if it queued behind the writer
        finish.set()
        writer.result()

    assert seen == 0
    assert count() == 1


def test_no_update_is_lost_when_many_read_then_write(app: Bilim) -> None:
    job_id = saved()

    def raise_twenty_times() -> None:
        with app.app_context():
            for _ in range(20):
                with transaction():
                    row = db.session.get_one(Job, job_id, with_for_update=True)
                    row.attempts += 1

    with ThreadPoolExecutor(6) as pool:
        for work in [pool.submit(raise_twenty_times) for _ in range(6)]:
            work.result()

    with reading():
        assert db.session.get_one(Job, job_id).attempts == 120


def test_inserting_once_makes_one_row_however_many_try(app: Bilim) -> None:
    def insert(number: int) -> tuple[str, bool]:
        values = {"id": new_id(), "due_at": NOON, "changed_at": NOON, "attempts": number}
        with app.app_context(), transaction():
            row, created = insert_once(Job, {"kind": "greet", "subject": "one"}, values)
            return row.id, created

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(insert, range(8)))

    assert len({job_id for job_id, _ in results}) == 1
    assert sorted(created for _, created in results) == [False] * 7 + [True]
    assert count() == 1


def test_inserting_once_leaves_the_first_row_as_it_is() -> None:
    for attempts in (1, 2):
        with transaction():
            values = {"id": new_id(), "due_at": NOON, "changed_at": NOON, "attempts": attempts}
            insert_once(Job, {"kind": "greet", "subject": "one"}, values)

    with reading():
        assert db.session.scalars(db.select(Job)).one().attempts == 1


def test_moments_come_back_aware_and_in_utc() -> None:
    bishkek = timezone(timedelta(hours=6))
    with transaction():
        row = job()
        row.due_at = datetime(2026, 3, 2, 18, 0, 0, 123456, tzinfo=bishkek)
        db.session.add(row)

    with reading():
        stored = db.session.scalars(db.select(Job.due_at)).one()
    assert stored == datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
    assert stored.utcoffset() == timedelta(0)


def test_moments_without_a_zone_are_refused() -> None:
    with pytest.raises(StatementError, match="without a time zone"), transaction():
        row = job()
        row.due_at = datetime(2026, 3, 2, 12, 0)
        db.session.add(row)


def test_a_transaction_inside_unsaved_work_is_refused() -> None:
    with transaction():
        db.session.add(job())
        with pytest.raises(RuntimeError, match="unsaved"), reading():
            pass


def test_references_are_kept_on_every_engine() -> None:
    tables = {column.table.name for table in Base.metadata.tables.values() for column in table.c if column.foreign_keys}
    assert tables

    with pytest.raises(DBAPIError), transaction():
        db.session.execute(
            text(
                "INSERT INTO issued_token (jti, client_id, scope, issued_at, expires_at) VALUES ('a', 'b', 'c', :t, :t)"
            ),
            {"t": NOON},
        )


def test_a_write_waits_for_another_instead_of_failing(app: Bilim) -> None:
    job_id = saved()
    begun, finish = Event(), Event()

    def hold() -> None:
        with app.app_context(), transaction():
            db.session.execute(update(Job).values(attempts=Job.attempts + 1))
            begun.set()
            assert finish.wait(30)

    def follow() -> None:
        with app.app_context(), transaction():
            db.session.execute(update(Job).values(attempts=Job.attempts + 1))

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hold)
        assert begun.wait(30)
        second = pool.submit(follow)
        finish.set()
        first.result()
        second.result()

    with reading():
        assert db.session.get_one(Job, job_id).attempts == 2


def test_an_audit_line_lives_and_dies_with_what_it_tells_about() -> None:
    with pytest.raises(RuntimeError), transaction():
        audit.record("greeted", subject="job:one", actor="test:me", at=str(clock.now()))
        raise RuntimeError

    with reading():
        assert db.session.scalars(db.select(audit.AuditEvent)).all() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_ends_statements_that_run_or_wait_too_long(settings: Settings) -> None:
    with application(settings, database_statement_seconds=1, database_lock_seconds=2), reading():
        said = [db.session.scalar(text(f"SHOW {name}")) for name in ("lock_timeout", "statement_timeout")]
        with pytest.raises(OperationalError, match="statement timeout") as slow:
            db.session.execute(text("SELECT pg_sleep(3)"))

    assert said == ["2s", "1s"]
    assert not is_away(slow.value)


def test_a_server_that_nobody_reaches_is_away_and_a_locked_file_is_not() -> None:
    with pytest.raises(OperationalError) as refused:
        create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing").connect()

    assert is_away(refused.value)
    assert not is_away(OperationalError("BEGIN", None, sqlite3.OperationalError("database is locked")))
