"""What courses keep about a person, for her to read, and what of it is deleted on her request."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete, func, select, update

from courses import work_files
from courses.cohorts import holdings as of_cohorts
from courses.marking_models import Appeal, ResultOverride, WorkFile
from courses.models import Answer, Attempt, Completion, Enrolment, Grade, Module, StepRead, Submission
from lms.core.db import db
from lms.core.i18n import _l
from lms.people import retention
from lms.people.holdings import Holding, StoredFile, register
from lms.people.retention import LostFiles


def init() -> None:
    """Make them known."""
    register(
        "courses",
        Holding(
            title=_l("Modules: what was read, answers, texts, marks, results"),
            shown=_shown,
            erased=_erased,
            why=_l("Answers, texts, files and comments are deleted. Results stay, because certificates rest on them."),
            files=_files,
        ),
    )
    of_cohorts.init()
    retention.register("lost-works", LostFiles(work_files.FOLDER, _kept_works))


def _kept_works(names: Collection[str]) -> Iterable[str]:
    return db.session.scalars(select(WorkFile.stored_as).where(WorkFile.stored_as.in_(names)))


def _files(person_id: str) -> list[StoredFile]:
    """What was handed in with texts."""
    rows = db.session.scalars(
        select(WorkFile)
        .join(Submission, Submission.id == WorkFile.submission_id)
        .join(Enrolment, Enrolment.id == Submission.enrolment_id)
        .where(Enrolment.person_id == person_id)
        .order_by(WorkFile.added_at, WorkFile.id)
    )
    return [StoredFile(row.name, row.stored_as) for row in rows]


def _shown(person_id: str) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Enrolment, Module.slug)
        .join(Module, Module.id == Enrolment.module_id)
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.started_at)
    )
    return [
        {
            "module": slug,
            "started_at": enrolment.started_at.isoformat(),
            "track": enrolment.track,
            "completions": _completions(enrolment.id),
            "extra_time_percent": enrolment.extra_time_percent,
            "sections_read": _sections(enrolment.id),
            "attempts": _attempts(enrolment.id),
            "texts": _texts(enrolment.id),
        }
        for enrolment, slug in rows
    ]


def _completions(enrolment_id: str) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        select(Completion).filter_by(enrolment_id=enrolment_id).order_by(Completion.completed_at, Completion.id)
    )
    return [
        {
            "track": row.track,
            "completed_at": row.completed_at.isoformat(),
            "reported_percent": row.reported_percent,
        }
        for row in rows
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
    ids = [text.id for text in texts]
    settled = select(Grade).where(Grade.submission_id.in_(ids), Grade.is_held.is_(False))
    marks = db.session.scalars(settled.order_by(Grade.number)).all()
    handed_in = work_files.of_many(ids)
    appeals = {
        each.submission_id: each for each in db.session.scalars(select(Appeal).where(Appeal.submission_id.in_(ids)))
    }
    return [
        {
            "kind": "text" if text.is_text else "diary",
            "number": abs(text.number),
            "text": text.text,
            "files": [file.name for file in handed_in.get(text.id, ())],
            "submitted_at": text.submitted_at.isoformat() if text.submitted_at else None,
            "marks": [
                {"percent": mark.percent, "comment": mark.comment, "at": mark.made_at.isoformat()}
                for mark in marks
                if mark.submission_id == text.id
            ],
            "appeal": _appeal(appeals.get(text.id)),
        }
        for text in texts
    ]


def _appeal(appeal: Appeal | None) -> dict[str, Any] | None:
    if appeal is None:
        return None
    decided_at = appeal.decided_at.isoformat() if appeal.decided_at else None
    return {
        "reason": appeal.reason,
        "at": appeal.made_at.isoformat(),
        "answer": appeal.answer,
        "decided_at": decided_at,
    }


def _erased(person_id: str) -> int:
    """Answers, texts, files and comments; the rows that results hang on stay, empty."""
    enrolments = select(Enrolment.id).filter_by(person_id=person_id)
    attempts = select(Attempt.id).where(Attempt.enrolment_id.in_(enrolments))
    texts = select(Submission.id).where(Submission.enrolment_id.in_(enrolments))
    completions = select(Completion.id).where(Completion.enrolment_id.in_(enrolments))
    handed_in = db.session.scalars(select(WorkFile).where(WorkFile.submission_id.in_(texts))).all()
    work_files.forget(handed_in)
    done = [
        delete(Answer).where(Answer.attempt_id.in_(attempts)),
        update(Grade).where(Grade.submission_id.in_(texts), Grade.comment != "").values(comment=""),
        update(Submission).where(Submission.enrolment_id.in_(enrolments), Submission.text != "").values(text=""),
        update(Appeal).where(Appeal.submission_id.in_(texts), Appeal.reason != "").values(reason="", answer=""),
        update(ResultOverride)
        .where(ResultOverride.completion_id.in_(completions), ResultOverride.reason != "")
        .values(reason=""),
    ]
    return len(handed_in) + sum(
        int(getattr(db.session.execute(each.execution_options(synchronize_session=False)), "rowcount", 0))
        for each in done
    )
