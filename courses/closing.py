"""The end of the time of a test: what was saved by then counts. A job sees to it; so does the next look at the test."""

from sqlalchemy import select

from courses import attempts, catalogue, timing
from courses.catalogue import Edition
from courses.models import Attempt, Enrolment
from courses.outline import AttemptRule
from lms.core import jobs
from lms.core.db import db, transaction


def close_if_over(attempt: Attempt, edition: Edition) -> bool:
    """Finish an attempt whose time is over. Says whether it was."""
    if attempt.finished_at is not None or not timing.is_over(attempt):
        return False
    attempts.finish(attempt, edition)
    return True


@jobs.handles(attempts.CLOSING)
def close(attempt_id: str) -> None:
    """Finish one attempt, if its time was not extended meanwhile."""
    with transaction():
        attempt = db.session.get(Attempt, attempt_id)
        if attempt is None or attempt.finished_at is not None:
            return
        if not close_if_over(attempt, _edition_of(attempt)):
            attempts.queue_closing(attempt)


def allow_time(enrolled: Enrolment, edition: Edition, *, percent: int) -> None:
    """Let a person take so much longer for every test, from now on and in the attempts that are open."""
    enrolled.extra_time_percent = percent
    for attempt in db.session.scalars(select(Attempt).filter_by(enrolment_id=enrolled.id, finished_at=None)):
        rule = _rule_of(attempt, edition)
        attempt.ends_at = timing.end_of(attempt.started_at, rule, extra_percent=percent)
        attempts.queue_closing(attempt)


def _rule_of(attempt: Attempt, edition: Edition) -> AttemptRule:
    """As it was when the attempt began."""
    begun_on = catalogue.edition(edition.module_id, attempt.version_id).outline
    return next((unit.test for unit in begun_on.units if unit.code == attempt.unit_code), AttemptRule())


def _edition_of(attempt: Attempt) -> Edition:
    module_id = db.session.scalars(select(Enrolment.module_id).filter_by(id=attempt.enrolment_id)).one()
    return catalogue.edition(module_id, attempt.version_id)
