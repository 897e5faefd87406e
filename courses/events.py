"""Study visits and seminars that are held in a course: made from a programme, or as one session; and when codes are shown."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from courses import visits_loading
from courses.attendance_codes import Window
from courses.catalogue import Edition
from courses.event_models import Event, EventSession
from courses.outline import Texts
from courses.visits_reading import Day, PlannedSession, Programme, from_document, to_document
from lms.core import audit, clock, secret_key, vault
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l
from lms.lti.models import LaunchSession

SECRET = "attendance-code"  # noqa: S105  the purpose of the encryption
SECRET_BYTES = 20
"""As long as the hash (RFC 4226, section 4)."""
MOST_AHEAD = timedelta(days=3 * 365)
secret_key.register(EventSession.secret, SECRET)


@dataclass(frozen=True)
class Held:
    """A visit or seminar with its sessions."""

    event: Event
    sessions: tuple[EventSession, ...]

    @cached_property
    def programme(self) -> Programme:
        """As it was when the event was made."""
        return from_document(self.event.document)

    @property
    def zone(self) -> ZoneInfo:
        """Of the place."""
        return ZoneInfo(self.event.time_zone)

    @property
    def last_day(self) -> date:
        """The date of the last day."""
        return self.date_of(len(self.programme.days))

    @property
    def hours(self) -> int:
        """Academic hours of all sessions."""
        return sum(session.hours for session in self.sessions)

    def date_of(self, day: int) -> date:
        """The date of a day, from 1."""
        return self.event.first_day + timedelta(days=day - 1)

    def day(self, number: int) -> Day:
        """:raises NotFound: ``day-unknown``."""
        if not 1 <= number <= len(self.programme.days):
            raise NotFound("day-unknown", _l("There is no such day in this programme."))
        return self.programme.days[number - 1]

    def of_day(self, number: int) -> list[EventSession]:
        """The sessions of a day in their order."""
        return [session for session in self.sessions if session.day == number]

    def times_of(self, session: EventSession) -> str:
        """``09:00-10:30``, at the place."""
        begins, ends = (moment.astimezone(self.zone) for moment in (session.begins_at, session.ends_at))
        return f"{begins:%H:%M}–{ends:%H:%M}"

    def local(self, moment: datetime) -> str:
        """A moment as clocks at the place show it."""
        return f"{moment.astimezone(self.zone):%d.%m.%Y, %H:%M}"


def make_visit(launch: LaunchSession, edition: Edition, *, form_id: str, slug: str, first_day: date) -> Event:
    """Hold a programme from this day on. The same form sent twice makes one.

    :raises NotFound: ``programme-unknown``.
    :raises Invalid: ``first-day-impossible``.
    """
    found = next((one for one in visits_loading.offered() if one.slug == slug), None)
    if found is None:
        raise NotFound("programme-unknown", _l("There is no such programme. Choose one of the list."))
    return _make(launch, edition, form_id=form_id, programme=found, first_day=first_day, slug=slug)


def make_seminar(
    launch: LaunchSession,
    edition: Edition,
    *,
    form_id: str,
    titles: Texts,
    place: Texts,
    leader: Texts,
    day: date,
    begins: time,
    ends: time,
    hours: int,
    time_zone: str,
) -> Event:
    """Hold one session. Its texts come in the languages in which the instructor wrote them.

    :raises Invalid: ``first-day-impossible``, ``session-ends-before``.
    """
    if ends <= begins:
        raise Invalid("session-ends-before", _l("The session ends before it begins."))
    session = PlannedSession(
        begins=f"{begins:%H:%M}",
        ends=f"{ends:%H:%M}",
        kind="lecture",
        hours=hours,
        title=titles,
        place=place,
        host={},
        leader=leader,
    )
    programme = Programme(
        slug="",
        kind="seminar",
        titles=titles,
        summary={},
        time_zone=time_zone,
        place=place,
        days=(Day(title=titles, look_for={}, sessions=(session,)),),
        diary=(),
        sources=(),
        to_verify=(),
        review={},
    )
    return _make(launch, edition, form_id=form_id, programme=programme, first_day=day, slug=None)


def of_course(launch: LaunchSession, edition: Edition) -> list[Held]:
    """What is held in this course and not cancelled, the latest first."""
    events = db.session.scalars(
        select(Event)
        .where(*_here(launch, edition), Event.cancelled_at.is_(None))
        .order_by(Event.first_day.desc(), Event.made_at.desc())
    ).all()
    return _with_sessions(list(events))


def seen(launch: LaunchSession, edition: Edition, event_id: str) -> Held:
    """A visit or seminar of this course.

    :raises NotFound: ``event-unknown``, also if it exists elsewhere or is cancelled.
    """
    event = db.session.scalar(
        select(Event).where(Event.id == event_id, Event.cancelled_at.is_(None), *_here(launch, edition))
    )
    if event is None:
        raise NotFound("event-unknown", _l("There is no such visit or seminar in this course."))
    return _with_sessions([event])[0]


def session_of(held: Held, session_id: str) -> EventSession:
    """:raises NotFound: ``session-unknown``."""
    found = next((session for session in held.sessions if session.id == session_id), None)
    if found is None:
        raise NotFound("session-unknown", _l("There is no such session in this programme."))
    return found


def cancel(held: Held, *, by: str) -> None:
    """It is not held any more: nobody sees it, and its hours do not count. What was recorded stays."""
    held.event.cancelled_at = clock.now()
    audit.record("event.cancelled", subject=f"event:{held.event.id}", actor=f"person:{by}")


def open_codes(session: EventSession, *, by: str) -> None:
    """Begin to show codes, or go on after closing; what is open stays open.

    :raises Conflict: ``session-not-begun`` more than a day before it begins.
    """
    window, now = window_of(session), clock.now()
    if window and window.is_open(now):
        return
    if now < session.begins_at - timedelta(days=1):
        raise Conflict("session-not-begun", _l("This session begins later. Codes can be shown from the day before."))
    if window is None or now >= window.opened_at + _longest():
        session.opened_at = now
    session.closed_at = None
    audit.record("attendance.opened", subject=f"session:{session.id}", actor=f"person:{by}")


def close_codes(session: EventSession, *, by: str) -> None:
    """No further code is shown."""
    window = window_of(session)
    if window and window.is_open(clock.now()):
        session.closed_at = clock.now()
        audit.record("attendance.closed", subject=f"session:{session.id}", actor=f"person:{by}")


def window_of(session: EventSession) -> Window | None:
    """When codes of the session are shown; None if that never began."""
    return Window(opened_at=session.opened_at, closed_at=session.closed_at) if session.opened_at else None


def secret_of(session: EventSession) -> bytes:
    """From which its codes are made."""
    return vault.decrypt(session.secret, SECRET)


def _longest() -> timedelta:
    return Window(opened_at=clock.now(), closed_at=None).ends_at - clock.now()


def _here(launch: LaunchSession, edition: Edition) -> list[ColumnElement[bool]]:
    """The course of the launch; without one, its link."""
    if launch.context_row_id is not None:
        place = Event.context_row_id == launch.context_row_id
    else:
        place = Event.resource_link_row_id == launch.resource_link_row_id
    return [Event.module_id == edition.module_id, place]


def _with_sessions(events: list[Event]) -> list[Held]:
    rows = db.session.scalars(
        select(EventSession)
        .where(EventSession.event_id.in_([event.id for event in events]))
        .order_by(EventSession.number)
    ).all()
    return [Held(event, tuple(row for row in rows if row.event_id == event.id)) for event in events]


def _make(
    launch: LaunchSession, edition: Edition, *, form_id: str, programme: Programme, first_day: date, slug: str | None
) -> Event:
    if abs(first_day - clock.now().date()) > MOST_AHEAD:
        raise Invalid("first-day-impossible", _l("The first day lies too far away. Check the year."))
    event, is_new = insert_once(
        Event,
        {"id": form_id},
        {
            "module_id": edition.module_id,
            "context_row_id": launch.context_row_id,
            "resource_link_row_id": launch.resource_link_row_id,
            "programme": slug,
            "first_day": first_day,
            "time_zone": programme.time_zone,
            "document": to_document(programme),
            "made_by_id": launch.person_id,
        },
    )
    if is_new:
        _add_sessions(event, programme)
        audit.record("event.made", subject=f"event:{event.id}", actor=f"person:{launch.person_id}", programme=slug)
    return event


def _add_sessions(event: Event, programme: Programme) -> None:
    planned = [(day, session) for day, one in enumerate(programme.days, 1) for session in one.sessions]
    zone = ZoneInfo(programme.time_zone)
    for number, (day, session) in enumerate(planned, 1):
        on = event.first_day + timedelta(days=day - 1)
        db.session.add(
            EventSession(
                event_id=event.id,
                number=number,
                day=day,
                begins_at=_moment(on, session.begins, zone),
                ends_at=_moment(on, session.ends, zone),
                hours=session.hours,
                document=_document(session),
                secret=vault.encrypt(secrets.token_bytes(SECRET_BYTES), SECRET),
            )
        )


def _moment(on: date, clock_time: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.fromisoformat(clock_time), tzinfo=zone)


def _document(session: PlannedSession) -> Mapping[str, Any]:
    return {
        "kind": session.kind,
        "title": dict(session.title),
        "place": dict(session.place),
        "host": dict(session.host),
        "leader": dict(session.leader),
    }
