"""Work that happens after the answer: scores to deliver, certificates to issue.

The row is the truth, the queue is a nudge (docs/adr/0003). There is one row for each (kind, subject). ``queue`` raises
``wanted`` in the transaction of what caused the work; a worker that runs it sets ``served`` to the ``wanted`` it saw. So a
cause that arrives while the work runs is never lost, and redelivered, lost or doubled nudges change nothing. The row
holds only its subject's id: what is sent is composed from the database when it runs.
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, Index, String, and_, event, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms.core import clock, heartbeats, leases, telemetry
from lms.core.circuits import PutOff
from lms.core.db import Base, db, is_away, new_id, reading, transaction
from lms.core.errors import RemoteFailure

FIRST_RETRY_SECONDS = 5
LONGEST_RETRY_SECONDS = 3600
MOST_ATTEMPTS = 72
"""With the waits above about three days; then a person has to look."""

REPORT_PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""A database that is started anew is back by then; nobody else can take the work before."""

LEFT_ALONE_SECONDS = 10.0
_LEFT_ALONE_UNTIL = "bilim.broker-left-alone-until"

log = structlog.get_logger()
_handlers: dict[str, Callable[[str], None]] = {}
_daily: set[str] = set()
DAY = timedelta(hours=20)
"""Shorter than a day by more than the hour in which the scheduler looks, so that no day is left out."""


class Job(Base):
    """Work wanted for one subject, and how often it was served."""

    __tablename__ = "job"
    __table_args__ = (
        Index("uq_job_kind_subject", "kind", "subject", unique=True),
        Index("ix_job_due", "due_at", sqlite_where=text("served < wanted"), postgresql_where=text("served < wanted")),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(64))
    wanted: Mapped[int] = mapped_column(default=1)
    served: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    claims: Mapped[int] = mapped_column(default=0)
    """Raised with every claim; a worker whose claim is no longer the last may not report."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Failed tries since the work was last wanted or served."""
    needs_person: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(String(80))
    changed_at: Mapped[datetime]
    request_id: Mapped[str | None] = mapped_column(String(64))
    """Of the request that asked for it last: finds its lines in the log."""


@dataclass(frozen=True)
class JobState:
    """What a page shows about a job."""

    status: Literal["waiting", "running", "done", "needs-person"]
    attempts: int
    last_error: str | None
    due_at: datetime


@dataclass(frozen=True)
class Count:
    """How many pieces of work are not done."""

    needs_person: bool
    last_error: str | None
    number: int


class TryLater(Exception):
    """The work cannot be done yet."""

    def __init__(self, code: str, *, after_seconds: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.after_seconds = after_seconds


class NeedsPerson(Exception):
    """The work cannot be done until somebody changes something."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def handles(kind: str) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    """Mark the function that does the work of one kind. It runs outside any transaction and may run twice."""

    def _register(handler: Callable[[str], None]) -> Callable[[str], None]:
        _handlers[kind] = handler
        return handler

    return _register


def daily(kind: str) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    """As :func:`handles`, for work that is done once a day without anybody asking; its subject is its kind."""

    def _register(handler: Callable[[str], None]) -> Callable[[str], None]:
        _daily.add(kind)
        return handles(kind)(handler)

    return _register


def queue_daily() -> None:
    """Ask for the daily work that was not done for most of a day. Asking often, or by several schedulers, is harmless."""
    with transaction():
        for kind in sorted(_daily):
            job = db.session.scalar(select(Job).filter_by(kind=kind, subject=kind))
            if job is None or (job.served >= job.wanted and job.changed_at + DAY <= clock.now()):
                queue(kind, kind)


def queue(kind: str, subject: str, *, delay_seconds: int = 0) -> None:
    """Ask for work, in the caller's transaction; workers are nudged when it commits."""
    now = clock.now()
    due_at = now + timedelta(seconds=delay_seconds)
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    asked_by = structlog.contextvars.get_contextvars().get("request_id")
    statement = insert(Job).values(kind=kind, subject=subject, due_at=due_at, changed_at=now, request_id=asked_by)
    again = {
        "wanted": Job.wanted + 1,
        "due_at": due_at,
        "attempts": 0,
        "needs_person": False,
        "changed_at": now,
        "request_id": asked_by,
    }
    job_id = db.session.scalar(
        statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=again).returning(Job.id)
    )
    db.session.info.setdefault("nudges", []).append(job_id)


def retry(kind: str, subject: str) -> None:
    """Do it again now, whatever happened before: the resend button."""
    queue(kind, subject)


def state_of(kind: str, subject: str) -> JobState | None:
    """How far the work is, or None if it was never asked for."""
    job = db.session.scalar(select(Job).filter_by(kind=kind, subject=subject))
    return state(job) if job else None


def states_of(kind: str, subjects: list[str]) -> dict[str, JobState]:
    """How far the work is for many subjects, in one query."""
    rows = db.session.scalars(select(Job).where(Job.kind == kind, Job.subject.in_(subjects)))
    return {job.subject: state(job) for job in rows}


def counted(kinds: Iterable[str]) -> list[Count]:
    """How much work of these kinds is not done, by what keeps it."""
    rows = db.session.execute(
        select(Job.needs_person, Job.last_error, func.count())
        .where(Job.kind.in_(tuple(kinds)), Job.served < Job.wanted)
        .group_by(Job.needs_person, Job.last_error)
    )
    return [Count(needs_person, last_error, number) for needs_person, last_error, number in rows]


def run(job_id: str) -> None:
    """Do one piece of work if it is due and nobody else has it."""
    job = _claim(job_id)
    if job is None:
        return
    started = time.monotonic()
    with structlog.contextvars.bound_contextvars(job=job.id, kind=job.kind, request_id=job.request_id):
        with leases.renewed(lambda: _renew(job)):
            result = _done(job)
        seconds = time.monotonic() - started
        log.info("job", result=result, seconds=round(seconds, 3))
    telemetry.jobs_total.labels(job.kind, result).inc()
    telemetry.job_seconds.labels(job.kind).observe(seconds)


def _done(job: Job) -> str:
    """Do it and note what became of it: ``done``, ``later``, ``put-off`` or ``needs-person``."""
    try:
        _handlers[job.kind](job.subject)
    except PutOff as put_off:
        return _put_off(job, put_off.code, put_off.retry_after_seconds or 0)
    except TryLater as later:
        return _postpone(job, later.code, later.after_seconds)
    except NeedsPerson as stop:
        return _leave_to_person(job, stop.code)
    except RemoteFailure as failure:
        if failure.retryable:
            return _postpone(job, failure.code, failure.retry_after_seconds)
        return _leave_to_person(job, failure.code)
    except Exception as error:
        log.exception("job-failed")
        if is_away(error):
            return _postpone(job, "database-unavailable", 1)
        return _postpone(job, "unexpected-error", None)
    _serve(job)
    return "done"


def run_due(limit: int = 1000) -> int:
    """Run everything that is due, here and now; returns how many were run."""
    done = 0
    while done < limit and (due := _due_ids(limit - done)):
        for job_id in due:
            run(job_id)
        done += len(due)
    return done


def sweep() -> None:
    """Nudge all that is due: what was postponed, and what lost its nudge or its worker. Says that workers are there."""
    heartbeats.beat(heartbeats.WORKER)
    for job_id in _due_ids(500):
        nudge(job_id)


def nudge(job_id: str) -> None:
    """Tell the workers. If nobody hears it, the sweep tells them again.

    A broker that is away, or hangs, is left alone for some seconds: people wait for this.
    """
    told = current_app.extensions
    if time.monotonic() < told.get(_LEFT_ALONE_UNTIL, 0.0):
        return
    try:
        told["celery"].send_task("bilim.run", args=[job_id], ignore_result=True)
    except Exception as error:  # any broker's own errors; the row is safe
        told[_LEFT_ALONE_UNTIL] = time.monotonic() + LEFT_ALONE_SECONDS
        log.warning("nudge-lost", job=job_id, error=type(error).__name__)


def _claim(job_id: str) -> Job | None:
    now = clock.now()
    with transaction():
        return db.session.scalars(
            update(Job)
            .where(Job.id == job_id, _is_due(now))
            .values(lease_until=_end_of_lease(now), claims=Job.claims + 1, changed_at=now)
            .returning(Job),
            execution_options={"synchronize_session": False, "populate_existing": True},
        ).one_or_none()


def _renew(job: Job) -> None:
    """Unless it is done, or another worker has it."""
    with transaction():
        db.session.execute(
            update(Job)
            .where(Job.id == job.id, Job.claims == job.claims, Job.lease_until.is_not(None))
            .values(lease_until=_end_of_lease(clock.now()))
        )


def _end_of_lease(now: datetime) -> datetime:
    return now + timedelta(seconds=leases.LEASE_SECONDS)


def _is_due(now: datetime) -> ColumnElement[bool]:
    free = or_(Job.lease_until.is_(None), Job.lease_until <= now)
    return and_(Job.served < Job.wanted, Job.needs_person.is_(False), Job.due_at <= now, free)


def _due_ids(limit: int) -> list[str]:
    with reading():
        return list(db.session.scalars(select(Job.id).where(_is_due(clock.now())).order_by(Job.due_at).limit(limit)))


def _serve(job: Job) -> None:
    _report(job, served=job.wanted, attempts=0, last_error=None)
    with reading():
        wanted_again = db.session.scalar(select(Job.id).where(Job.id == job.id, _is_due(clock.now())))
    if wanted_again:
        nudge(job.id)


def _postpone(job: Job, code: str, after_seconds: int | None) -> str:
    if job.attempts + 1 >= MOST_ATTEMPTS:
        return _leave_to_person(job, code)
    wait = after_seconds if after_seconds is not None else _wait_seconds(job.attempts)
    _report(job, attempts=job.attempts + 1, last_error=code, due_at=clock.now() + timedelta(seconds=wait))
    return "later"


def _put_off(job: Job, code: str, after_seconds: int) -> str:
    """Nothing was tried, so it is no failed try."""
    _report(job, last_error=code, due_at=clock.now() + timedelta(seconds=after_seconds))
    return "put-off"


def _wait_seconds(attempts: int) -> float:
    """Doubling, with jitter of a half, so that a platform that comes back is not met by everybody at once."""
    wait: int = min(FIRST_RETRY_SECONDS * 2**attempts, LONGEST_RETRY_SECONDS)
    return wait * random.uniform(0.5, 1.5)  # noqa: S311  spreads load, guards nothing


def _leave_to_person(job: Job, code: str) -> str:
    _report(job, attempts=job.attempts + 1, last_error=code, needs_person=True)
    return "needs-person"


def _report(job: Job, **values: object) -> None:
    """Waits for a database that went away: unreported work stays leased, though nobody does it any more."""
    for pause in REPORT_PAUSES_SECONDS:
        try:
            return _write(job, values)
        except OperationalError as error:
            if not is_away(error):
                raise
            time.sleep(pause)
    _write(job, values)


def _write(job: Job, values: Mapping[str, object]) -> None:
    with transaction():
        db.session.execute(
            update(Job)
            .where(Job.id == job.id, Job.claims == job.claims)
            .values(lease_until=None, changed_at=clock.now(), **values)
        )


def state(job: Job) -> JobState:
    """How far the work of a row is."""
    leased = job.lease_until is not None and job.lease_until > clock.now()
    status: Literal["waiting", "running", "done", "needs-person"]
    if job.served >= job.wanted:
        status = "done"
    elif job.needs_person:
        status = "needs-person"
    else:
        status = "running" if leased else "waiting"
    return JobState(status, job.attempts, job.last_error, job.due_at)


@event.listens_for(Session, "after_commit")
def _nudge_what_was_queued(session: Session) -> None:
    for job_id in session.info.pop("nudges", []):
        nudge(job_id)


@event.listens_for(Session, "after_rollback")
def _forget_what_was_queued(session: Session) -> None:
    session.info.pop("nudges", None)
