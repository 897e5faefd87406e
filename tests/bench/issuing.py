"""A cohort issued by the whole product: jobs, register, credential, page, seal, self-check, store, on a database of its own.

One worker takes a part of the cohort, then two take the rest together, several times in turn, so that a busy machine slows
both alike. Each worker is a process with its own application, as ``celery worker`` is. What it waits for the processor is
known from the kernel (``/proc/self/schedstat``): other work on the machine can be taken out of the count, and what two
workers cost each other - locks of the database, a shared cache - remains.
"""

import multiprocessing
import os
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty
from statistics import median
from typing import Any

from tests.bench.cohort import member

COMPLETED_AT = "2026-11-{day:02d}T19:30:00+00:00"
_LETTERS = str.maketrans("0123456789", "abcdefghij")
"""Nobody's name holds a digit."""
WARM = 24
"""Certificates of each worker before the count: libraries, fonts, the pages that are kept laid out."""


@dataclass(frozen=True)
class Spent:
    """What one worker used for its part."""

    certificates: int
    wall: float
    cpu: float
    queued: float
    """Seconds in which it could have run and the processor was given to others."""

    @property
    def own(self) -> float:
        """Seconds of work and of waiting for anything but the processor."""
        return self.wall - self.queued


@dataclass(frozen=True)
class Turn:
    """One worker alone and then two together, on parts of the same cohort."""

    alone: Spent
    pair: tuple[Spent, Spent]

    @property
    def by_wall(self) -> float:
        """How many times as much the two do in a second."""
        return self._rate([max(one.wall for one in self.pair)] * 2) / (self.alone.certificates / self.alone.wall)

    @property
    def by_own(self) -> float:
        """The same, if nobody else had been given the processors."""
        return self._rate([one.own for one in self.pair]) / (self.alone.certificates / self.alone.own)

    def _rate(self, seconds: list[float]) -> float:
        return sum(one.certificates / took for one, took in zip(self.pair, seconds, strict=True))


def measure(folder: Path, *, turns: int, certificates: int, database_url: str = "") -> dict[str, Any]:
    """The installation is made below the folder.

    :param certificates: of each worker in each turn.
    """
    folder.mkdir(exist_ok=True)
    settings = _settings(folder, database_url)
    record_ids = _prepared(settings, 2 * WARM + turns * 3 * certificates)
    with _workers(settings, 2) as workers:
        items = iter(record_ids)
        _done_by(workers, _next(items, 2 * WARM))
        found = []
        for _turn in range(turns):
            (alone,) = _done_by(workers[:1], _next(items, certificates))
            first, second = _done_by(workers, _next(items, 2 * certificates))
            found.append(Turn(alone, (first, second)))
        memory = [worker.stop() for worker in workers]
    return _report(found, memory)


def _report(turns: Sequence[Turn], memory: list[float]) -> dict[str, Any]:
    """Milliseconds are of one certificate."""
    alone, pairs = [turn.alone for turn in turns], [one for turn in turns for one in turn.pair]
    own_alone, own_together = _per_certificate(alone, "own"), _per_certificate(pairs, "own")
    return {
        "times_one": round(2 * own_alone / own_together, 2),
        "times_one_in_each_turn": [round(turn.by_own, 2) for turn in turns],
        "times_one_by_wall": round(median(turn.by_wall for turn in turns), 2),
        "cpu_ms": [_per_certificate(alone, "cpu"), _per_certificate(pairs, "cpu")],
        "waits_ms": [
            round(own_alone - _per_certificate(alone, "cpu"), 1),
            round(own_together - _per_certificate(pairs, "cpu"), 1),
        ],
        "queued_ms": [_per_certificate(alone, "queued"), _per_certificate(pairs, "queued")],
        "peak_mib": round(max(memory)),
        "load": [round(one, 1) for one in os.getloadavg()],
    }


def _per_certificate(spent: Sequence[Spent], what: str) -> float:
    return round(1000 * sum(getattr(one, what) for one in spent) / sum(one.certificates for one in spent), 1)


def _next(items: Iterator[str], number: int) -> list[str]:
    return [next(items) for _ in range(number)]


def _settings(folder: Path, database_url: str) -> Any:
    from lms.core.settings import Settings

    return Settings(
        public_url="http://localhost:8000",
        secret_key="bench-only-secret-key-of-forty-characters",
        instance=folder,
        database_url=database_url or f"sqlite:///{folder / 'bench.sqlite3'}",
        files_url=(folder / "files").as_uri(),
        seal_passphrase="bench-only",
    )


def _prepared(settings: Any, learners: int) -> list[str]:
    """The installation with its academy; the jobs of all who completed."""
    from flask_migrate import upgrade
    from sqlalchemy import delete, select

    from certificates import bulk
    from certificates.models import IssueBatch, IssueBatchItem
    from lms.core import clock, jobs
    from lms.core.db import db, new_id, reading, transaction
    from lms.organisations.models import Organisation
    from tests.certificates import academy
    from wsgi import create_app

    app = create_app(settings)
    with app.app_context():
        upgrade()
        academy.open_academy(app)
        made = [_graduate(number) for number in range(learners)]
        with transaction():
            db.session.execute(delete(jobs.Job))
            batch = IssueBatch(
                id=new_id(),
                organisation_id=db.session.scalars(select(Organisation.id)).one(),
                cohort_id="bench",
                module_slug="public-management",
                title="Bench",
                actor="operator",
                created_at=clock.now(),
            )
            db.session.add(batch)
            db.session.flush()
            bulk._add_items(batch, made)
        with reading():
            items = list(db.session.scalars(select(IssueBatchItem).order_by(IssueBatchItem.id)))
            ids = {job.subject: job.id for job in db.session.scalars(select(jobs.Job).filter_by(kind=bulk.JOB))}
        return [ids[item.id] for item in items]


def _graduate(number: int) -> str:
    from datetime import datetime

    from courses import completion
    from lms.core.db import transaction
    from tests.certificates import academy

    learner, person = academy.enrol(), member(number)
    learner.confirm_name(Cyrl=person.holder["Cyrl"], Latn=person.holder["Latn"].translate(_LETTERS))
    with transaction():
        completion.report(
            issuer=academy.ISSUER,
            client_id=academy.CLIENT,
            user_id=learner.sub,
            module_slug="public-management",
            score_percent=person.score_percent or 0,
            completed_at=datetime.fromisoformat(COMPLETED_AT.format(day=person.completed_on.day)),
            source="client:bench",
        )
    return learner.record_id


class _Worker:
    """A process that does jobs from a queue which it shares."""

    def __init__(self, settings: Any, queue: Any) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.here, there = spawn.Pipe()
        self.process = spawn.Process(target=_work, args=(settings, queue, there), daemon=True)
        self.process.start()
        self.queue = queue

    def stop(self) -> float:
        """Peak memory in MiB."""
        self.here.send("stop")
        peak: float = self.here.recv()
        self.process.join()
        return peak


@contextmanager
def _workers(settings: Any, number: int) -> Iterator[list[_Worker]]:
    queue = multiprocessing.get_context("spawn").Queue()
    made = [_Worker(settings, queue) for _ in range(number)]
    try:
        for worker in made:
            worker.here.recv()
        yield made
    finally:
        for worker in made:
            with suppress(OSError):
                worker.process.terminate()


def _done_by(workers: Sequence[_Worker], job_ids: Sequence[str]) -> list[Spent]:
    """All of these jobs, by these workers at once."""
    for job_id in job_ids:
        workers[0].queue.put(job_id)
    time.sleep(0.3)  # the queue fills from a thread
    for worker in workers:
        worker.here.send("work")
    spent: list[Spent] = [worker.here.recv() for worker in workers]
    if sum(one.certificates for one in spent) != len(job_ids):
        raise RuntimeError(f"{len(job_ids)} jobs were asked for, and {spent} were done")
    return spent


def _work(settings: Any, queue: Any, pipe: Connection) -> None:
    from wsgi import create_app

    app = create_app(settings)
    with app.app_context():
        pipe.send("ready")
        while pipe.recv() == "work":
            pipe.send(_spent(queue))
    pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _spent(queue: Any) -> Spent:
    from lms.core import jobs

    done, cpu, queued, wall = 0, time.process_time(), _queued(), time.perf_counter()
    with suppress(Empty):
        while True:
            jobs.run(queue.get(timeout=0.2))
            done += 1
            ended = time.perf_counter()
    return Spent(done, ended - wall, time.process_time() - cpu, _queued() - queued)


def _queued() -> float:
    """Seconds that this process waited for a processor (Linux, Documentation/scheduler/sched-stats)."""
    return sum(int((task / "schedstat").read_text().split()[1]) / 1e9 for task in Path("/proc/self/task").iterdir())
