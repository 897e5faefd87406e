"""Tests of units: begun, answered one by one, finished once. Each answer is kept as it is given.

An attempt stays on the version of the module on which it began, so that a corrected question never changes a result.
"""

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from courses import catalogue, completion
from courses.catalogue import Edition
from courses.models import Answer, Attempt, Enrolment
from courses.outline import Question, Unit
from courses.questions import Given, accepted, score_percent
from courses.steps import MOST_ATTEMPTS
from lms.core import clock
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l

LARGEST_NUMBER = 2**31 - 1
"""That a column of whole numbers holds. Addresses and forms can name any."""


def most_for(enrolment: Enrolment) -> int:
    """How many attempts at each test this person has."""
    return MOST_ATTEMPTS + enrolment.extra_attempts


def begin(enrolment: Enrolment, edition: Edition, unit: Unit) -> Attempt:
    """The attempt that is open, or a new one. Beginning twice at once gives the same attempt.

    :raises Conflict: ``attempts-used``.
    """
    if begun := open_attempt(enrolment.id, unit):
        return begun
    used = db.session.scalar(
        select(func.count()).select_from(Attempt).filter_by(enrolment_id=enrolment.id, unit_code=unit.code)
    )
    if (used or 0) >= most_for(enrolment):
        raise Conflict("attempts-used", _l("All attempts at this test are used. Ask your instructor for one more."))
    attempt, _ = insert_once(
        Attempt,
        {"enrolment_id": enrolment.id, "unit_code": unit.code, "number": (used or 0) + 1},
        {"version_id": edition.version_id},
    )
    return attempt


def open_attempt(enrolment_id: str, unit: Unit) -> Attempt | None:
    """The attempt that is begun and not finished."""
    return db.session.scalar(
        select(Attempt)
        .filter_by(enrolment_id=enrolment_id, unit_code=unit.code, finished_at=None)
        .order_by(Attempt.number)
        .limit(1)
    )


def numbered(enrolment_id: str, unit: Unit, number: int) -> Attempt:
    """:raises NotFound: ``attempt-unknown``."""
    asked = select(Attempt).filter_by(enrolment_id=enrolment_id, unit_code=unit.code, number=number)
    found = db.session.scalar(asked) if number <= LARGEST_NUMBER else None
    if found is None:
        raise NotFound("attempt-unknown", _l("There is no such attempt. Go back to the module."))
    return found


def questions_of(attempt: Attempt, edition: Edition) -> tuple[Question, ...]:
    """The questions as they were when the attempt began."""
    begun_on = catalogue.edition(edition.module_id, attempt.version_id).outline
    return next((unit.questions for unit in begun_on.units if unit.code == attempt.unit_code), ())


def answers(attempt: Attempt) -> dict[str, Given]:
    """What was answered so far, by question."""
    rows = db.session.scalars(select(Answer).filter_by(attempt_id=attempt.id))
    return {row.question_id: tuple(row.given) for row in rows}


def answer_to(attempt: Attempt, question: Question) -> Answer | None:
    """The newest answer to one question."""
    return db.session.scalar(select(Answer).filter_by(attempt_id=attempt.id, question_id=question.id))


def save_answer(attempt: Attempt, question: Question, given: list[str]) -> None:
    """Keep an answer; the newest counts.

    :raises Conflict: ``attempt-finished``.
    :raises Invalid: ``answer-not-valid``: not a number, or an option that is not there.
    """
    kept = accepted(question, given)
    if kept is None:
        raise Invalid("answer-not-valid", _l("Write a number, for example 12,5."))
    if _locked(attempt).finished_at is not None:
        raise Conflict("attempt-finished", _l("This attempt is finished. Its answers cannot be changed."))
    dialect = db.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = {"given": list(kept), "saved_at": clock.now()}
    statement = insert(Answer).values(attempt_id=attempt.id, question_id=question.id, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["attempt_id", "question_id"], set_=values))


def finish(attempt: Attempt, edition: Edition) -> Attempt:
    """Score the attempt, once; finishing it again changes nothing."""
    held = _locked(attempt)
    if held.finished_at is None:
        held.score_percent = score_percent(questions_of(held, edition), answers(held))
        held.finished_at = clock.now()
        db.session.flush()  # the review below asks the database
        completion.review(held.enrolment_id)
    return held


def _locked(attempt: Attempt) -> Attempt:
    """The attempt, held until the end of the transaction: an answer and the finish never pass each other."""
    return db.session.scalars(
        select(Attempt).filter_by(id=attempt.id).with_for_update().execution_options(populate_existing=True)
    ).one()
