"""Tests of units: begun, answered one by one, finished once. Each answer is kept as it is given.

An attempt stays on the version of the module on which it began, so that a corrected question never changes a result; what
it drew stays with it too.
"""

import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from courses import catalogue, completion, drawing, timing
from courses.catalogue import Edition
from courses.models import Answer, Attempt, Enrolment
from courses.newer import Kept, Sent, decide
from courses.outline import Question, Unit
from courses.questions import Given, accepted, score_percent
from lms.core import clock, jobs
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l, civil_date, locale

LARGEST_NUMBER = 2**31 - 1
"""That a column of whole numbers holds. Addresses and forms can name any."""
CLOSING = "test-time"
"""The job that finishes an attempt when its time is over."""


class AnsweredElsewhere(Conflict):
    """Another page has saved another answer meanwhile, and this one may be older. Knows what is saved."""

    def __init__(self, kept: Answer) -> None:
        super().__init__(
            "answered-elsewhere",
            _l(
                "Another answer to this question was saved meanwhile, perhaps on another device. Choose which one holds."
            ),
        )
        self.kept = kept


def most_for(enrolment: Enrolment, unit: Unit) -> int:
    """How many attempts at this test the person has."""
    return unit.test.attempts + enrolment.extra_attempts


def begin(enrolment: Enrolment, edition: Edition, unit: Unit) -> Attempt:
    """The attempt that is open, or a new one. Beginning twice at once gives the same attempt.

    :raises Conflict: ``attempts-used``, ``questions-waiting``.
    """
    if begun := open_attempt(enrolment.id, unit):
        return begun
    used = db.session.scalar(
        select(func.count()).select_from(Attempt).filter_by(enrolment_id=enrolment.id, unit_code=unit.code)
    )
    if (used or 0) >= most_for(enrolment, unit):
        raise Conflict("attempts-used", _l("All attempts at this test are used. Ask your instructor for one more."))
    attempt, is_new = insert_once(
        Attempt,
        {"enrolment_id": enrolment.id, "unit_code": unit.code, "number": (used or 0) + 1},
        {"version_id": edition.version_id, **_drawn(enrolment, unit, clock.now())},
    )
    if is_new:
        queue_closing(attempt)
    return attempt


def queue_closing(attempt: Attempt) -> None:
    """Let the attempt be finished when its time is over, whether or not anybody looks at it again."""
    left = timing.seconds_left(attempt)
    if left is not None:
        jobs.queue(CLOSING, attempt.id, delay_seconds=left + int(timing.GRACE.total_seconds()) + 1)


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
    """The questions that the attempt asks, as they were when it began."""
    begun_on = catalogue.edition(edition.module_id, attempt.version_id).outline
    questions = next((unit.questions for unit in begun_on.units if unit.code == attempt.unit_code), ())
    return tuple(question for question in questions if attempt.asked is None or question.id in attempt.asked)


def answers(attempt: Attempt) -> dict[str, Given]:
    """What was answered so far, by question."""
    rows = db.session.scalars(select(Answer).filter_by(attempt_id=attempt.id))
    return {row.question_id: tuple(row.given) for row in rows}


def answer_to(attempt: Attempt, question: Question) -> Answer | None:
    """The newest answer to one question."""
    return db.session.scalar(select(Answer).filter_by(attempt_id=attempt.id, question_id=question.id))


def save_answer(attempt: Attempt, question: Question, given: list[str], *, sent: Sent) -> int:
    """Keep an answer, if it is the newest; what it means that two pages answer is decided in :mod:`courses.newer`.

    :returns: the revision that is saved now.
    :raises Conflict: ``attempt-finished``; AnsweredElsewhere ``answered-elsewhere``.
    :raises Invalid: ``answer-not-valid``: not a number, or an option that is not there.
    """
    readable = accepted(question, given)
    if readable is None:
        raise Invalid("answer-not-valid", _not_valid(question))
    if _locked(attempt).finished_at is not None:
        raise Conflict("attempt-finished", _l("This attempt is finished. Its answers cannot be changed."))
    kept = answer_to(attempt, question)
    decision = decide(_as_kept(kept) if kept else None, sent, readable)
    if kept and decision == "ask":
        raise AnsweredElsewhere(kept)
    if kept and decision == "keep":
        return kept.revision
    return _write(attempt, question, readable, sent, (kept.revision if kept else 0) + 1)


def finish(attempt: Attempt, edition: Edition) -> Attempt:
    """Score the attempt, once; finishing it again changes nothing."""
    held = _locked(attempt)
    if held.finished_at is None:
        held.score_percent = score_percent(questions_of(held, edition), answers(held))
        held.finished_at = clock.now()
        db.session.flush()  # the review below asks the database
        completion.review(held.enrolment_id)
    return held


def _drawn(enrolment: Enrolment, unit: Unit, now: datetime) -> dict[str, object]:
    seed = secrets.token_hex(16)
    asked = drawing.drawn(unit, seed=seed, day=civil_date(now))
    if not asked:
        raise Conflict(
            "questions-waiting",
            _l("The questions of this test wait for a review, because the law may have changed. Tell your instructor."),
        )
    ends_at = timing.end_of(now, unit.test, extra_percent=enrolment.extra_time_percent)
    return {"seed": seed, "asked": list(asked), "started_at": now, "ends_at": ends_at}


def _not_valid(question: Question) -> object:
    sentences = {
        "numeric": _l("Write a number, for example 12,5."),
        "short": _l("This answer is too long. A word or a few words are enough."),
    }
    return sentences.get(question.type, _l("This answer cannot be read. Reload the page and choose again."))


def _as_kept(row: Answer) -> Kept:
    return Kept(given=tuple(row.given), revision=row.revision, page=row.page, turn=row.turn)


def _write(attempt: Attempt, question: Question, given: Given, sent: Sent, revision: int) -> int:
    dialect = db.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = {
        "given": list(given),
        "saved_at": clock.now(),
        "revision": revision,
        "page": sent.page,
        "turn": sent.turn,
        "language": locale(),
    }
    statement = insert(Answer).values(attempt_id=attempt.id, question_id=question.id, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["attempt_id", "question_id"], set_=values))
    return revision


def _locked(attempt: Attempt) -> Attempt:
    """The attempt, held until the end of the transaction: an answer and the finish never pass each other."""
    return db.session.scalars(
        select(Attempt).filter_by(id=attempt.id).with_for_update().execution_options(populate_existing=True)
    ).one()
