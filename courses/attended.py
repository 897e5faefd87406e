"""How many hours people attended, for rules and ledgers: of all visits and seminars of a module, wherever they were held."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from courses import attendance, evidence, presence
from courses.event_models import Attendance, Event, EventSession
from courses.models import Enrolment
from lms.core.db import db


def hours(enrolment_id: str) -> int:
    """Academic hours of one person in one module."""
    return hours_of_many([enrolment_id]).get(enrolment_id, 0)


def hours_of_many(enrolment_ids: Collection[str]) -> Mapping[str, int]:
    """Academic hours by enrolment; three queries, however many people there are."""
    enrolled = db.session.execute(
        select(Enrolment.id, Enrolment.person_id, Enrolment.module_id).where(Enrolment.id.in_(enrolment_ids))
    ).all()
    people = {row.person_id for row in enrolled}
    sessions = _sessions({row.module_id for row in enrolled}, people)
    ids = [one.id for held in sessions.values() for one in held]
    entries = attendance.of_sessions(ids, person_ids=people) if ids else {}
    return {
        row.id: presence.hours_of(
            sessions.get(row.module_id, []),
            {session: presence.state_of(by_person.get(row.person_id, [])) for session, by_person in entries.items()},
        )
        for row in enrolled
    }


def init() -> None:
    """Let rules ask for hours attended."""
    evidence.offer("attendance", hours_of_many)


def _sessions(module_ids: Collection[str], person_ids: Collection[str]) -> dict[str, list[presence.Held]]:
    """Sessions that were not cancelled and of which anything is recorded about these people, by module."""
    recorded = select(Attendance.session_id).where(Attendance.person_id.in_(person_ids))
    rows = db.session.execute(
        select(EventSession.id, EventSession.hours, EventSession.ends_at, Event.module_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Event.module_id.in_(module_ids), Event.cancelled_at.is_(None), EventSession.id.in_(recorded))
    )
    found: dict[str, list[presence.Held]] = {}
    for row in rows:
        held = presence.Held(id=row.id, hours=row.hours, ends_at=row.ends_at)
        found.setdefault(row.module_id, []).append(held)
    return found
