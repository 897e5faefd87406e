from threading import Barrier, Thread

import pytest
from sqlalchemy import delete, func, select, update

from certificates import bulk, issuing
from certificates.models import Certificate, IssueBatch, IssueBatchItem
from courses import records
from courses.models import Enrolment
from courses.records import Cohort
from lms.core import jobs
from lms.core.db import db, insert_once, new_id, reading, transaction
from lms.core.errors import Conflict
from lms.core.web import Bilim
from lms.lti.models import Context, Deployment
from lms.organisations.models import Organisation
from tests.certificates import academy
from tests.certificates.academy import Learner

CLERK = "staff:clerk"


@pytest.fixture
def learners(app: Bilim) -> list[Learner]:
    """Three who completed in one course; the third has not confirmed the name. Nobody has asked for a certificate."""
    academy.open_academy(app)
    made = [academy.graduate(), academy.graduate(), academy.enrol()]
    made[2].complete()
    enter_course(made)
    with transaction():
        db.session.execute(delete(jobs.Job))
    return made


def enter_course(learners: list[Learner]) -> None:
    with transaction():
        deployment_id = db.session.scalars(select(Deployment.id)).one()
        context, _ = insert_once(
            Context, {"deployment_id": deployment_id, "context_id": "osh-1"}, {"title": "Ош шаары, 1-топ", "label": ""}
        )
        ids = [learner.record_id for learner in learners]
        db.session.execute(update(Enrolment).where(Enrolment.id.in_(ids)).values(context_row_id=context.id))


def cohort() -> Cohort:
    with reading():
        return records.cohorts()[0]


def start(batch_id: str | None = None) -> IssueBatch:
    found = cohort()
    with transaction():
        organisation_id = db.session.scalars(select(Organisation.id)).one()
        return bulk.start(batch_id or new_id(), found, organisation_id=organisation_id, actor=CLERK)


def progress(batch: IssueBatch) -> bulk.Progress:
    with reading():
        return bulk.progress_of(batch)


def issued() -> int:
    with reading():
        return db.session.scalars(select(func.count()).select_from(Certificate)).one()


def test_everybody_who_is_eligible_gets_a_certificate_and_the_others_a_reason(learners: list[Learner]) -> None:
    batch = start()
    assert progress(batch) == bulk.Progress(waiting=3, issued=0, refused=0, failed=0, cancelled=0)

    jobs.run_due()

    assert progress(batch) == bulk.Progress(waiting=0, issued=2, refused=1, failed=0, cancelled=0)
    with reading():
        rest = [(item.record_id, item.reason_code) for item in bulk.unfinished(batch)]
    assert rest == [(learners[2].record_id, "name-not-confirmed")]


def test_a_second_click_finds_the_same_batch(learners: list[Learner]) -> None:
    batch_id = new_id()

    first, second = start(batch_id), start(batch_id)

    assert first.id == second.id
    with reading():
        assert db.session.scalars(select(func.count()).select_from(IssueBatchItem)).one() == 3


def test_two_administrators_and_two_workers_at_once_make_each_certificate_once(
    app: Bilim, learners: list[Learner]
) -> None:
    batches = [start(), start()]
    start_together, faults = Barrier(2), []

    def work() -> None:
        with app.app_context():
            start_together.wait()
            try:
                jobs.run_due()
            except BaseException as error:
                faults.append(error)

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert faults == []
    assert issued() == 2
    assert [progress(batch).issued for batch in batches] == [2, 2]


def test_what_was_cancelled_does_not_begin_and_goes_on_when_it_is_restarted(learners: list[Learner]) -> None:
    batch = start()
    with transaction():
        bulk.cancel(bulk.get(batch.id), actor=CLERK)
    jobs.run_due()
    assert (issued(), progress(batch).cancelled) == (0, 3)

    with transaction():
        bulk.restart(bulk.get(batch.id), actor=CLERK)
    jobs.run_due()

    assert (issued(), progress(batch).issued) == (2, 2)


def test_a_restart_after_the_name_is_confirmed_issues_the_rest_and_nothing_twice(learners: list[Learner]) -> None:
    batch = start()
    jobs.run_due()
    learners[2].confirm_name()
    with transaction():
        bulk.restart(bulk.get(batch.id), actor=CLERK)

    jobs.run_due()

    assert progress(batch) == bulk.Progress(waiting=0, issued=3, refused=0, failed=0, cancelled=0)
    assert issued() == 3


def test_what_can_be_tried_later_waits(app: Bilim, learners: list[Learner]) -> None:
    app.extensions["bilim.files"] = (app.extensions["bilim.files"][0], "/dev/null/full")
    batch = start()

    jobs.run_due()

    assert progress(batch).waiting == 2


def test_a_worker_that_dies_between_certificate_and_note_makes_no_second_one(
    learners: list[Learner], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = start()
    with reading():
        item = db.session.scalars(select(IssueBatchItem).filter_by(record_id=learners[0].record_id)).one()
    issuing.issue(learners[0].record_id)  # the process ended here

    bulk.issue_item(item.id)
    bulk.issue_item(item.id)

    assert (issued(), progress(batch).issued) == (1, 1)


def test_a_cohort_without_completions_is_no_batch(app: Bilim) -> None:
    academy.open_academy(app)
    learner = academy.enrol()
    enter_course([learner])
    nobody = Cohort(
        id="nobody",
        title="",
        platform="",
        module_slug="public-management",
        series="PM",
        titles={},
        organisation_code=None,
        learners=0,
        completed=0,
    )

    with pytest.raises(Conflict) as refusal, transaction():
        organisation_id = db.session.scalars(select(Organisation.id)).one()
        bulk.start(new_id(), nobody, organisation_id=organisation_id, actor=CLERK)
    assert refusal.value.code == "cohort-empty"
