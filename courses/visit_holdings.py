"""What visits and seminars keep about a person, for her to read, and what of it is deleted on her request."""

from typing import Any

from sqlalchemy import select, update

from courses.event_models import Attendance, DiaryDay, DiaryHandedIn, Event, EventSession
from courses.models import Enrolment, Submission
from lms.core.db import db
from lms.core.i18n import _l
from lms.people.holdings import Holding, register


def init() -> None:
    """Make them known."""
    register(
        "visits",
        Holding(
            title=_l("Study visits and seminars: attendance, diaries"),
            shown=_shown,
            erased=_erased,
            why=_l("Diaries are deleted. Attendance stays, because hours and certificates rest on it."),
        ),
    )


def _shown(person_id: str) -> dict[str, list[dict[str, Any]]]:
    return {
        "attendance": _attendance(person_id),
        "diaries": _diaries(person_id),
        "diaries_handed_in": _handed_in(person_id),
    }


def _attendance(person_id: str) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(Attendance, EventSession, Event.document)
        .join(EventSession, EventSession.id == Attendance.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Attendance.person_id == person_id)
        .order_by(EventSession.begins_at, Attendance.number)
    )
    return [
        {
            "event": document["titles"],
            "session": session.document["title"],
            "begins_at": session.begins_at.isoformat(),
            "how": entry.how,
            "reason": entry.reason,
            "happened_at": entry.happened_at.isoformat(),
            "entered_at": entry.entered_at.isoformat(),
        }
        for entry, session, document in rows
    ]


def _diaries(person_id: str) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(DiaryDay, Event.document)
        .join(Event, Event.id == DiaryDay.event_id)
        .where(DiaryDay.enrolment_id.in_(_enrolments(person_id)))
        .order_by(DiaryDay.event_id, DiaryDay.day)
    )
    return [
        {
            "event": document["titles"],
            "day": row.day,
            "texts": row.texts,
            "submitted_at": row.submitted_at.isoformat() if row.submitted_at else None,
        }
        for row, document in rows
    ]


def _handed_in(person_id: str) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(DiaryHandedIn, Submission.submitted_at, Event.document)
        .join(Submission, Submission.id == DiaryHandedIn.submission_id)
        .join(Event, Event.id == DiaryHandedIn.event_id)
        .where(Submission.enrolment_id.in_(_enrolments(person_id)))
        .order_by(Submission.submitted_at)
    )
    return [
        {"event": document["titles"], "at": submitted_at.isoformat(), "days": handed_in.days}
        for handed_in, submitted_at, document in rows
    ]


def _erased(person_id: str) -> int:
    """Only the texts: which days were submitted stays, and so does the mark."""
    rows = db.session.scalars(select(DiaryDay.id).where(DiaryDay.enrolment_id.in_(_enrolments(person_id)))).all()
    handed_in = select(Submission.id).where(Submission.enrolment_id.in_(_enrolments(person_id)))
    for emptied in (
        update(DiaryDay).where(DiaryDay.id.in_(rows)).values(texts={}),
        update(DiaryHandedIn).where(DiaryHandedIn.submission_id.in_(handed_in)).values(days={}),
    ):
        db.session.execute(emptied.execution_options(synchronize_session=False))
    return len(rows)


def _enrolments(person_id: str) -> Any:
    return select(Enrolment.id).filter_by(person_id=person_id)
