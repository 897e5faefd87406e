import time
from datetime import UTC, datetime

import pytest

from lms.core import clock, jobs, leases
from lms.core.db import db, reading, transaction
from lms.core.errors import RemoteFailure
from lms.core.jobs import NeedsPerson, TryLater
from lms.core.web import Bilim

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture(autouse=True)
def handler(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs._handlers, "greet", calls.append)


def queue(subject: str = "one") -> None:
    with transaction():
        jobs.queue("greet", subject)


def state(subject: str = "one") -> jobs.JobState:
    with reading():
        found = jobs.state_of("greet", subject)
    assert found is not None
    return found


def use(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(_subject: str) -> None:
        raise error

    monkeypatch.setitem(jobs._handlers, "greet", fail)


def test_work_that_was_queued_is_run_once(calls: list[str]) -> None:
    queue()

    assert jobs.run_due() == 1
    assert jobs.run_due() == 0
    assert calls == ["one"]
    assert state().status == "done"


def test_work_whose_cause_was_rolled_back_is_never_run(calls: list[str]) -> None:
    with pytest.raises(RuntimeError), transaction():
        jobs.queue("greet", "one")
        raise RuntimeError

    assert jobs.run_due() == 0
    assert calls == []


def test_work_wanted_three_times_before_it_runs_is_run_once(calls: list[str]) -> None:
    for _ in range(3):
        queue()

    jobs.run_due()

    assert calls == ["one"]


def test_work_wanted_again_while_it_runs_is_run_again(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def once_more(subject: str) -> None:
        calls.append(subject)
        if len(calls) == 1:
            queue(subject)

    monkeypatch.setitem(jobs._handlers, "greet", once_more)
    queue()

    jobs.run_due()

    assert calls == ["one", "one"]
    assert state().status == "done"


def test_a_redelivered_nudge_does_not_run_work_that_another_worker_has(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nudged_meanwhile(subject: str) -> None:
        calls.append(subject)
        with reading():
            job_id = db.session.scalars(db.select(jobs.Job.id)).one()
        jobs.run(job_id)

    monkeypatch.setitem(jobs._handlers, "greet", nudged_meanwhile)
    queue()

    jobs.run_due()

    assert calls == ["one"]


def test_work_of_a_killed_worker_is_taken_over_when_its_lease_ends(calls: list[str]) -> None:
    with clock.frozen(NOON):
        queue()
        with reading():
            job_id = db.session.scalars(db.select(jobs.Job.id)).one()
        jobs._claim(job_id)

        assert jobs.run_due() == 0
        clock.advance(leases.LEASE_SECONDS + 1)
        assert jobs.run_due() == 1
    assert calls == ["one"]


def test_a_worker_that_lost_its_lease_cannot_report(monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.frozen(NOON):
        queue()
        with reading():
            job_id = db.session.scalars(db.select(jobs.Job.id)).one()
        slow = jobs._claim(job_id)
        clock.advance(leases.LEASE_SECONDS + 1)
        jobs._claim(job_id)

        assert slow is not None
        jobs._leave_to_person(slow, "too-late")

        assert state().status == "running"
        assert state().last_error is None


def test_work_that_takes_longer_than_a_lease_stays_with_its_worker(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)

    def slow(subject: str) -> None:
        calls.append(subject)
        claimed_until = lease()
        clock.advance(leases.LEASE_SECONDS - 1)
        until = time.monotonic() + 10
        while lease() == claimed_until and time.monotonic() < until:
            time.sleep(0.02)
        clock.advance(2)
        assert jobs.run_due() == 0

    monkeypatch.setitem(jobs._handlers, "greet", slow)
    with clock.frozen(NOON):
        queue()
        jobs.run_due()

    assert calls == ["one"]
    assert (state().status, state().last_error) == ("done", None)
    assert lease() is None


def lease() -> datetime | None:
    with reading():
        until: datetime | None = db.session.scalars(db.select(jobs.Job.lease_until)).one()
    return until


def test_postponed_work_waits_as_long_as_the_other_service_asked(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.frozen(NOON):
        use(monkeypatch, TryLater("busy", after_seconds=600))
        queue()
        jobs.run_due()

        assert state().due_at == datetime(2026, 3, 2, 12, 10, tzinfo=UTC)
        assert (state().status, state().attempts, state().last_error) == ("waiting", 1, "busy")

        monkeypatch.setitem(jobs._handlers, "greet", calls.append)
        clock.advance(599)
        assert jobs.run_due() == 0
        clock.advance(1)
        assert jobs.run_due() == 1
        assert state().status == "done"


def test_waits_double_and_are_spread() -> None:
    waits = [jobs._wait_seconds(3) for _ in range(50)]

    assert all(20 <= wait <= 60 for wait in waits)
    assert len(set(waits)) > 1
    assert jobs._wait_seconds(60) <= 5400


def test_work_that_fails_for_good_is_left_to_a_person_until_it_is_asked_for_again(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, NeedsPerson("not-enrolled"))
    queue()
    jobs.run_due()

    assert state().status == "needs-person"
    assert jobs.run_due() == 0

    monkeypatch.setitem(jobs._handlers, "greet", calls.append)
    with transaction():
        jobs.retry("greet", "one")
    jobs.run_due()
    assert calls == ["one"]


@pytest.mark.parametrize(("retryable", "status"), [(True, "waiting"), (False, "needs-person")])
def test_a_remote_failure_is_tried_again_only_if_that_can_help(
    retryable: bool, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, RemoteFailure("no-answer", "-", asked="GET x", retryable=retryable))
    queue()

    jobs.run_due()

    assert state().status == status


def test_after_three_days_of_failing_a_person_has_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, ValueError("a bug"))
    with clock.frozen(NOON):
        queue()
        for _ in range(jobs.MOST_ATTEMPTS):
            jobs.run_due()
            clock.advance(2 * jobs.LONGEST_RETRY_SECONDS)

    assert state().status == "needs-person"
    assert state().last_error == "unexpected-error"


def test_a_broker_that_is_down_loses_nothing(app: Bilim, calls: list[str]) -> None:
    app.extensions["celery"].conf.broker_url = "redis://127.0.0.1:1/0"

    queue()

    assert jobs.run_due() == 1
    assert calls == ["one"]


def test_the_operator_lists_and_retries_jobs(app: Bilim, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, NeedsPerson("not-enrolled"))
    queue()
    jobs.run_due()
    runner = app.test_cli_runner()

    listed = runner.invoke(args=["jobs", "list"]).output
    assert "greet one needs-person 1 not-enrolled" in listed

    monkeypatch.setitem(jobs._handlers, "greet", calls.append)
    assert runner.invoke(args=["jobs", "retry", listed.split()[0]]).output == "queued\n"
    assert runner.invoke(args=["jobs", "run"]).stdout == "1 jobs run\n"
    assert runner.invoke(args=["jobs", "retry", "nothing"]).exit_code == 1
