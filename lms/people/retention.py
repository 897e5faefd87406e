"""How long things are kept that end by themselves: rules as data, what each finds as code, and one daily job.

Rules stand in ``retention.yaml``; packages register what a rule finds and how that goes. Only rules that are switched on delete;
counting deletes nothing and names nobody.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import yaml
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute

from lms.core import audit, clock, files, jobs
from lms.core.db import Base, db, reading, transaction
from lms.people.models import MailAddress
from lms.people.person_requests import PersonRequest

FILE = Path(__file__).parent / "retention.yaml"
JOB = "retention"
BATCH = 1_000
"""So that no transaction holds the write lock for long."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How long one kind of thing is kept after its end."""

    code: str
    of: str
    """A table, or files under a folder of the store."""
    days: int
    ground: str
    is_applied: bool
    is_verified: bool

    def before(self) -> datetime:
        """What ended before this moment goes."""
        return clock.now() - timedelta(days=self.days)


class Finding(Protocol):
    """What a rule finds."""

    def count(self, before: datetime) -> int:
        """How many go."""

    def remove(self, before: datetime) -> int:
        """Delete them, in transactions of its own; how many."""


@dataclass(frozen=True)
class Rows:
    """Rows of a table whose end lies before a moment."""

    table: type[Base]
    key: InstrumentedAttribute[Any]
    over: Callable[[datetime], ColumnElement[bool]]

    def count(self, before: datetime) -> int:
        """One query."""
        with reading():
            return db.session.scalar(select(func.count()).select_from(self.table).where(self.over(before))) or 0

    def remove(self, before: datetime) -> int:
        """Batch after batch."""
        gone = 0
        while True:
            some = select(self.key).where(self.over(before)).limit(BATCH)
            with transaction():
                deleted = db.session.execute(
                    delete(self.table)
                    .where(self.key.in_(some))
                    .returning(self.key)
                    .execution_options(synchronize_session=False)
                ).all()
            gone += len(deleted)
            if not deleted:
                return gone


@dataclass(frozen=True)
class LostFiles:
    """Stored files that no row names: the transaction that was to keep them failed, or its row is gone."""

    folder: str
    known: Callable[[Collection[str]], Iterable[str | None]]
    """Of these names, those that a row keeps."""

    def count(self, before: datetime) -> int:
        """As many as would go."""
        return sum(1 for _name in self._lost(before))

    def remove(self, before: datetime) -> int:
        """One by one; looked at again by :meth:`_lost` in the same round."""
        gone = 0
        for name in list(self._lost(before)):
            files.remove(name)
            gone += 1
        return gone

    def _lost(self, before: datetime) -> Iterator[str]:
        old = (name for name in files.names(self.folder) if files.stored_at(name) < before)
        while some := list(islice(old, BATCH)):
            with reading():
                kept = set(self.known(some))
            yield from (name for name in some if name not in kept)


_findings: dict[str, Finding] = {}


def init() -> None:
    """What the rules of this room find."""
    register(
        "unconfirmed-addresses",
        Rows(
            MailAddress,
            MailAddress.person_id,
            lambda before: MailAddress.confirmed_at.is_(None) & (MailAddress.consented_at < before),
        ),
    )
    register(
        "answered-requests", Rows(PersonRequest, PersonRequest.id, lambda before: PersonRequest.decided_at < before)
    )


def register(code: str, finding: Finding) -> None:
    """Say what a rule of ``retention.yaml`` finds."""
    _findings[code] = finding


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by code, in the order of the file."""
    written = yaml.safe_load(FILE.read_text("utf-8"))["rules"]
    return {
        each["code"]: Rule(
            code=each["code"],
            of=each["of"],
            days=each["days"],
            ground=each["ground"],
            is_applied=each["applied"],
            is_verified=each["verified"],
        )
        for each in written
    }


def without_finding() -> set[str]:
    """Rules that nobody can apply; a test holds it empty."""
    return set(rules()) ^ set(_findings)


def counted() -> dict[str, int]:
    """How many things each rule finds now. Nothing is deleted."""
    return {code: _findings[code].count(rule.before()) for code, rule in rules().items()}


def apply(codes: Collection[str] | None = None, *, actor: str) -> dict[str, int]:
    """Delete what the rules find that are switched on; only these rules, if some are named. How many of each."""
    done = {}
    for code, rule in rules().items():
        if rule.is_applied and (codes is None or code in codes):
            done[code] = _findings[code].remove(rule.before())
    removed = {code: number for code, number in done.items() if number}
    if removed:
        with transaction():
            audit.record("retention.applied", subject="platform:retention", actor=actor, rows=removed)
    return done


@jobs.daily(JOB)
def clean(_subject: str) -> None:
    """Once a day."""
    apply(actor="operator:daily")
