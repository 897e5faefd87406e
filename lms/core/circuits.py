"""Who does not answer is left alone for a while, so that one dead or slow service holds up nobody who waits for another.

A service has a row as soon as it fails or is slow, shared by all processes. After ``FAILURES`` in a row, or when it says
``Retry-After``, it is **paused**: whoever would call it is put off at once, without a call. When the pause is over, one
call goes out as a **trial**; its success ends the pause, its failure doubles it. A **slow** service is called by one at a time, so
that the other workers stay free (docs/adr/0055).
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal

import structlog
from sqlalchemy import String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock, telemetry
from lms.core.db import Base, db, insert_once, reading, transaction
from lms.core.errors import RemoteFailure
from lms.core.http import Answer
from lms.core.i18n import _l

FAILURES = 3
"""So many in a row, with no success in between, and it is paused."""
FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 600
LONGEST_CALL_SECONDS = 60
"""After it a trial, or a call to a slow service, is given up for dead, and another may go."""
SLOW_SECONDS = 3.0
BUSY_SECONDS = 5
"""When to ask again for a slow service that somebody else is calling, or for the outcome of a trial."""
PAUSED, BUSY = "platform-paused", "platform-busy"

log = structlog.get_logger()


class Circuit(Base):
    """A service that failed or was slow, and what is done about it."""

    __tablename__ = "circuit"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Identifier of a registration."""
    failures: Mapped[int] = mapped_column(default=0)
    """In a row."""
    retry_at: Mapped[datetime | None]
    """Nobody calls it before; None while it is not paused."""
    is_slow: Mapped[bool] = mapped_column(default=False)
    busy_until: Mapped[datetime | None]
    """While slow: somebody is calling it."""
    last_error: Mapped[str | None] = mapped_column(String(80))
    changed_at: Mapped[datetime]


@dataclass(frozen=True)
class Standing:
    """What operators and administrators see."""

    state: Literal["open", "slow", "paused", "trial"]
    failures: int
    retry_at: datetime | None
    last_error: str | None


class PutOff(RemoteFailure):
    """Nobody was called: the service is paused or busy. It is no failed try of whoever wanted to call."""

    def __init__(self, code: str, after_seconds: float) -> None:
        super().__init__(
            code,
            _l("The learning system does not answer well at the moment. We will try again by ourselves."),
            asked="nobody",
            retry_after_seconds=max(1, round(after_seconds)),
        )


def guarded(name: str, call: Callable[[], Answer]) -> Answer:
    """What a service answers, if it may be called now. No transaction may be open.

    :param name: of the service.
    :raises PutOff: ``platform-paused``, ``platform-busy``.
    """
    _admit(name)
    started = time.monotonic()
    try:
        answer = call()
    except RemoteFailure as failure:
        _note(
            name, time.monotonic() - started, failure.code if failure.retryable else None, failure.retry_after_seconds
        )
        raise
    troubled = answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    _note(name, time.monotonic() - started, f"status-{answer.status}" if troubled else None, answer.retry_after_seconds)
    return answer


def standing(name: str) -> Standing:
    """How a service stands; ``open`` is well. In the caller's transaction."""
    row = db.session.get(Circuit, name)
    return Standing("open", 0, None, None) if row is None else _standing(row)


def standings() -> dict[str, Standing]:
    """Of every service that ever failed or was slow."""
    return {row.name: _standing(row) for row in db.session.scalars(select(Circuit))}


def _standing(row: Circuit) -> Standing:
    state: Literal["open", "slow", "paused", "trial"] = "slow" if row.is_slow else "open"
    if row.retry_at is not None:
        state = "paused" if row.retry_at > clock.now() else "trial"
    return Standing(state, row.failures, row.retry_at, row.last_error)


def _admit(name: str) -> None:
    """:raises PutOff: if it may not be called now."""
    now = clock.now()
    with reading():
        row = db.session.get(Circuit, name)
    if row is None:
        return
    if row.retry_at is not None and row.retry_at > now:
        raise PutOff(PAUSED, (row.retry_at - now).total_seconds() * random.uniform(1, 1.2))  # noqa: S311  spreads load
    if row.retry_at is not None:
        _take_trial(row, now)
    elif row.is_slow:
        _take_turn(row, now)


def _take_trial(row: Circuit, now: datetime) -> None:
    """One of all who ask at once gets it."""
    with transaction():
        taken = db.session.execute(
            update(Circuit)
            .where(Circuit.name == row.name, Circuit.retry_at == row.retry_at)
            .values(retry_at=now + timedelta(seconds=LONGEST_CALL_SECONDS), changed_at=now)
        )
    if getattr(taken, "rowcount", 0) != 1:
        raise PutOff(PAUSED, BUSY_SECONDS * random.uniform(1, 2))  # noqa: S311  spreads load


def _take_turn(row: Circuit, now: datetime) -> None:
    with transaction():
        taken = db.session.execute(
            update(Circuit)
            .where(Circuit.name == row.name, or_(Circuit.busy_until.is_(None), Circuit.busy_until <= now))
            .values(busy_until=now + timedelta(seconds=LONGEST_CALL_SECONDS))
        )
    if getattr(taken, "rowcount", 0) != 1:
        raise PutOff(BUSY, BUSY_SECONDS * random.uniform(1, 2))  # noqa: S311  spreads load


def _note(name: str, seconds: float, error: str | None, retry_after_seconds: int | None) -> None:
    """A call is over. A service that is well and was well costs no write."""
    telemetry.platform_calls_total.labels(name, error or "answered").inc()
    telemetry.platform_call_seconds.labels(name).observe(seconds)
    is_slow = seconds > SLOW_SECONDS
    with reading():
        row = db.session.get(Circuit, name)
    is_well = row is None or (not row.failures and row.retry_at is None and not row.is_slow)
    if is_well and error is None and not is_slow:
        return
    with transaction():
        now = clock.now()
        row, _ = insert_once(Circuit, {"name": name}, {"failures": 0, "is_slow": False, "changed_at": now})
        db.session.refresh(row, with_for_update=True)
        row.is_slow, row.busy_until, row.changed_at = is_slow, None, now
        if error is None:
            row.failures, row.retry_at, row.last_error = 0, None, None
        else:
            _fail(row, error, retry_after_seconds)


def _fail(row: Circuit, error: str, retry_after_seconds: int | None) -> None:
    row.failures += 1
    row.last_error = error[:80]
    if row.failures < FAILURES and row.retry_at is None and not retry_after_seconds:
        return
    pause = min(FIRST_PAUSE_SECONDS * 2 ** max(0, row.failures - FAILURES), LONGEST_PAUSE_SECONDS)
    row.retry_at = clock.now() + timedelta(seconds=max(pause, retry_after_seconds or 0))
    log.warning("platform-paused", platform=row.name, failures=row.failures, error=row.last_error)
