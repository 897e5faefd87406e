"""What courses keep about a person, for her to read, and what of it is deleted on her request."""

from typing import Any

from sqlalchemy import delete, func, select, update

from courses.models import Answer, Attempt, Completion, Enrolment, Grade, Module, StepRead, Submission
from lms.core.db import db
from lms.core.i18n import _l
from lms.people.holdings import Holding, register


def init() -> None:
    """Make them known."""
    register(
        "courses",
        Holding(
            title=_l("Modules: what was read, answers, texts, marks, results"),
            shown=_shown,
            erased=_erased,
            why=_l("Answers, texts and comments are deleted. Results stay, because certificates rest on them."),
        ),
    )


def _shown(person_id: str) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Enrolment, Module.slug, Completion)
        .join(Module, Module.id == Enrolment.module_id)
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.started_at)
    )
    return [
        {
            "module": slug,
            "started_at": enrolment.started_at.isoformat(),
            "completed_at": completion.completed_at.isoformat() if completion else None,
            "reported_percent": completion.reported_percent if completion else None,
            "extra_time_percent": enrolment.extra_time_percent,
            "sections_read": _sections(enrolment.id),
            "attempts": _attempts(enrolment.id),
            "texts": _texts(enrolment.id),
        }
        for enrolment, slug, completion in rows
    ]


def _sections(enrolment_id: str) -> int:
    return db.session.scalar(select(func.count(StepRead.id)).filter_by(enrolment_id=enrolment_id)) or 0


def _attempts(enrolment_id: str) -> list[dict[str, Any]]:
    made = list(db.session.scalars(select(Attempt).filter_by(enrolment_id=enrolment_id).order_by(Attempt.started_at)))
    given = db.session.scalars(select(Answer).where(Answer.attempt_id.in_([attempt.id for attempt in made]))).all()
    return [
        {
            "unit": attempt.unit_code,
            "number": attempt.number,
            "started_at": attempt.started_at.isoformat(),
            "score_percent": attempt.score_percent,
            "answers": {each.question_id: each.given for each in given if each.attempt_id == attempt.id},
        }
        for attempt in made
    ]


def _texts(enrolment_id: str) -> list[dict[str, Any]]:
    texts = list(
        db.session.scalars(select(Submission).filter_by(enrolment_id=enrolment_id).order_by(Submission.number))
    )
    marks = db.session.scalars(
        select(Grade).where(Grade.submission_id.in_([text.id for text in texts])).order_by(Grade.number)
    ).all()
    return [
        {
            "number": text.number,
            "text": text.text,
            "submitted_at": text.submitted_at.isoformat() if text.submitted_at else None,
            "marks": [
                {"percent": mark.percent, "comment": mark.comment, "at": mark.made_at.isoformat()}
                for mark in marks
                if mark.submission_id == text.id
            ],
        }
        for text in texts
    ]


def _erased(person_id: str) -> int:
    """Answers, texts and comments; the rows that results hang on stay, empty."""
    enrolments = select(Enrolment.id).filter_by(person_id=person_id)
    attempts = select(Attempt.id).where(Attempt.enrolment_id.in_(enrolments))
    texts = select(Submission.id).where(Submission.enrolment_id.in_(enrolments))
    done = [
        delete(Answer).where(Answer.attempt_id.in_(attempts)),
        update(Grade).where(Grade.submission_id.in_(texts), Grade.comment != "").values(comment=""),
        update(Submission).where(Submission.enrolment_id.in_(enrolments), Submission.text != "").values(text=""),
    ]
    return sum(
        int(getattr(db.session.execute(each.execution_options(synchronize_session=False)), "rowcount", 0))
        for each in done
    )
