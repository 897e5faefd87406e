"""A completion is recorded once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from courses import completion, grading
from courses import reading as sections
from courses.grading import Mark
from courses.models import Completion, Submission
from lms.core import clock
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.errors import Problem
from lms.core.jobs import Job
from lms.core.web import Bilim
from lms.lti.models import PlatformUser
from tests.courses.conftest import Launching, Visitor, enrolment_of

MARCH = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def completions() -> list[Completion]:
    with reading():
        return list(db.session.scalars(select(Completion)))


def wanted(kind: str) -> int:
    """How often work of a kind was asked for."""
    with reading():
        return db.session.scalar(select(func.sum(Job.wanted)).filter_by(kind=kind)) or 0


def mark(percent: int) -> None:
    with transaction():
        submission = db.session.scalars(select(Submission)).one()
        marker_id = db.session.scalars(select(PlatformUser.person_id).filter_by(sub="teacher-1")).one()
        grading.set_grade(submission, Mark(marker_id=marker_id, percent=percent))


def test_the_last_rule_that_is_met_completes_the_module(trainee: Visitor, teacher: Visitor) -> None:
    trainee.read_all()
    trainee.take_test()
    trainee.submit_work()
    assert completions() == []

    mark(60)

    (recorded,) = completions()
    assert recorded.source == "lessons"
    assert (wanted("score"), wanted("record-changed")) == (1, 1)
    with reading():
        assert "module.completed" in db.session.scalars(select(AuditEvent.action)).all()


@pytest.mark.parametrize("last", ["read", "test"])
def test_any_rule_can_be_the_last(trainee: Visitor, teacher: Visitor, last: str) -> None:
    if last != "read":
        trainee.read_all()
    if last != "test":
        trainee.take_test()
    trainee.submit_work()
    mark(60)
    assert completions() == []

    trainee.read_all() if last == "read" else trainee.take_test()

    assert len(completions()) == 1


def test_a_better_mark_tells_the_gradebook_again_and_completes_nothing_twice(
    trainee: Visitor, teacher: Visitor
) -> None:
    trainee.read_all()
    trainee.take_test()
    trainee.submit_work()
    mark(60)

    mark(90)

    assert len(completions()) == 1
    assert (wanted("score"), wanted("record-changed")) == (2, 2)


def test_the_last_two_rules_met_at_the_same_moment_complete_once(
    app: Bilim, trainee: Visitor, teacher: Visitor
) -> None:
    """Each transaction alone would see one rule unmet; one of them has to see the other."""
    trainee.post("/learn/roads/rd1/1")
    trainee.take_test()
    trainee.submit_work()
    enrolment_id = enrolment_of("person-17").id
    gate = Barrier(2)

    def _at_once(action: Callable[[], None]) -> Thread:
        def _run() -> None:
            with app.app_context():
                gate.wait()
                action()

        thread = Thread(target=_run)
        thread.start()
        return thread

    def _read() -> None:
        with transaction():
            sections.mark_read(enrolment_id, "RD1", 2)

    for thread in [_at_once(_read), _at_once(lambda: mark(80))]:
        thread.join()

    assert len(completions()) == 1
    assert wanted("record-changed") == 1


def report(**changes: object) -> tuple[Completion, bool]:
    values = {
        "issuer": "https://lms.academy.example",
        "client_id": "bilim-at-academy",
        "user_id": "person-17",
        "module_slug": "roads",
        "score_percent": 88,
        "completed_at": MARCH,
        "source": "client:module-server",
        **changes,
    }
    with transaction():
        return completion.report(**values)  # type: ignore[arg-type]


def test_the_module_s_own_server_reports_a_completion_once(trainee: Visitor, teacher: Visitor) -> None:
    first, is_first = report()
    again, is_again = report(score_percent=20, completed_at=MARCH + timedelta(days=1))

    assert (is_first, is_again) == (True, False)
    assert again.id == first.id
    assert (again.reported_percent, again.completed_at) == (88, MARCH)
    assert (wanted("score"), wanted("record-changed")) == (1, 1)


def test_many_reports_at_once_make_one_completion(app: Bilim, trainee: Visitor, teacher: Visitor) -> None:
    gate, made = Barrier(6), list[bool]()

    def _report() -> None:
        with app.app_context():
            gate.wait()
            made.append(report()[1])

    threads = [Thread(target=_report) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [False] * 5 + [True]
    assert len(completions()) == 1
    assert wanted("score") == 1


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"issuer": "https://other.example"}, "platform-unknown", 404),
        ({"user_id": "nobody"}, "person-unknown", 404),
        ({"module_slug": "bridges"}, "module-unknown", 404),
        ({"score_percent": 101}, "score-out-of-range", 422),
        ({"completed_at": clock.now() + timedelta(days=1)}, "completed-in-future", 422),
    ],
)
def test_a_report_that_cannot_be_true_is_refused(
    trainee: Visitor, change: dict[str, object], code: str, status: int
) -> None:
    with pytest.raises(Problem) as refused:
        report(**change)

    assert (refused.value.code, refused.value.status) == (code, status)
    assert completions() == []


def test_whoever_never_opened_the_module_cannot_have_completed_it(launched: Launching) -> None:
    launched("person-17")

    with pytest.raises(Problem) as refused:
        report()

    assert refused.value.code == "enrolment-unknown"


def test_an_instructor_who_looks_around_completes_nothing(launched: Launching) -> None:
    teacher = launched("person-17", role="Instructor")
    teacher.get("/learn/roads/overview")

    with pytest.raises(Problem) as refused:
        report()

    assert (refused.value.code, refused.value.status) == ("enrolment-is-trial", 409)
