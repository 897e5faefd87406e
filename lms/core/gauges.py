"""What stands in the database now, as Prometheus reads it: the same from whichever process is asked."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import case, func, select

from lms.core import circuits, clock, disk, heartbeats
from lms.core.db import db
from lms.core.jobs import Job

STATES = ("open", "slow", "paused", "trial")


class _Standing(Collector):
    """Asked within the context of an application."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _jobs()
        yield from _platforms()
        yield _heartbeats()
        yield _disk()


def registry() -> CollectorRegistry:
    """Queues, platforms and signs of life."""
    made = CollectorRegistry()
    made.register(_Standing())
    return made


def _jobs() -> Iterator[GaugeMetricFamily]:
    depth = GaugeMetricFamily("bilim_queue_depth", "Pieces of work that are not done.", labels=["kind", "state"])
    oldest = GaugeMetricFamily(
        "bilim_job_age_seconds", "How long the work that waits longest has been wanted or overdue.", labels=["kind"]
    )
    now = clock.now()
    state = case((Job.needs_person, "needs-person"), (Job.attempts > 0, "retry"), else_="waiting")
    counts = select(Job.kind, state, func.count()).where(Job.served < Job.wanted).group_by(Job.kind, state)
    for kind, name, number in db.session.execute(counts):
        depth.add_metric([kind, name], number)
    waiting = select(Job.kind, func.min(Job.due_at)).where(Job.served < Job.wanted, Job.needs_person.is_(False))
    for kind, due_at in db.session.execute(waiting.group_by(Job.kind)):
        oldest.add_metric([kind], max(0.0, (now - due_at).total_seconds()))
    yield depth
    yield oldest


def _platforms() -> Iterator[GaugeMetricFamily]:
    states = GaugeMetricFamily(
        "bilim_platform_state",
        "1 for the state in which a platform is: " + ", ".join(STATES),
        labels=["platform", "state"],
    )
    failures = GaugeMetricFamily("bilim_platform_failures", "Failed calls in a row.", labels=["platform"])
    for name, standing in circuits.standings().items():
        failures.add_metric([name], standing.failures)
        for state in STATES:
            states.add_metric([name, state], float(standing.state == state))
    yield states
    yield failures


def _heartbeats() -> GaugeMetricFamily:
    ages = GaugeMetricFamily("bilim_heartbeat_age_seconds", "Since a part was last seen alive.", labels=["part"])
    age = heartbeats.age_seconds(heartbeats.WORKER)
    if age is not None:
        ages.add_metric([heartbeats.WORKER], age)
    return ages


def _disk() -> GaugeMetricFamily:
    free = GaugeMetricFamily("bilim_free_bytes", "Room left on disks of this machine.", labels=["place"])
    for place, left in disk.free_bytes().items():
        free.add_metric([place], left)
    return free
