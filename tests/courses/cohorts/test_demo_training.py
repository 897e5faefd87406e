"""What became of the invented cohort: loaded once, with somebody to issue for, and with a platform that lets nobody in."""

import pytest
from sqlalchemy import func, select

from certificates.dashboards import counting
from courses import loading
from courses.models import Completion
from courses.training import Scope
from lms.core import clock
from lms.core.db import db, reading, transaction
from lms.core.jobs import Job
from lms.core.web import Bilim
from lms.lti.models import Registration, State
from tests.certificates.academy import module


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_invented_cohort_has_learned_once(app: Bilim) -> None:
    runner = app.test_cli_runner()
    too_early = runner.invoke(args=["courses", "load-demo-training"])
    with transaction():
        loading.load([module()])
    runner.invoke(args=["courses", "load-demo-cohorts"])
    first = runner.invoke(args=["courses", "load-demo-training", "--people", "30"])
    again = runner.invoke(args=["courses", "load-demo-training"])

    assert (too_early.exit_code, too_early.output) == (1, "Error: load-demo-cohorts comes first\n")
    assert first.output.startswith("demonstration training: ")
    assert again.output == "demonstration training: unchanged\n"
    with reading():
        found = counting.count(Scope(organisations=None, module="public-management", year=2024)).everybody
        completed = db.session.scalar(select(func.count(Completion.id)))
        jobs_due = db.session.scalars(select(Job.due_at).filter_by(kind="record-changed")).all()
        states = db.session.scalars(select(Registration.state)).all()
    assert (found.planned, found.nominated, found.selected, found.enrolled) == (500, 560, 500, 500)
    assert 20 <= found.completed <= found.begun <= 30
    assert found.completed == completed == len(jobs_due)
    assert min(jobs_due) > clock.now()
    assert states == [State.DISABLED]
