"""What is kept of study visits and seminars: what was planned, who was there, what was written into diaries."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from courses.models import Enrolment, Module, Submission
from lms.core import clock
from lms.core.db import Base, new_id
from lms.lti.models import Context, ResourceLink
from lms.people.models import Person


class VisitProgramme(Base):
    """A programme from the files of authors, as it was loaded last. What is held keeps a copy of its own."""

    __tablename__ = "course_visit_programme"

    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    document: Mapped[dict[str, Any]]
    """See :mod:`courses.visits_reading`."""
    loaded_at: Mapped[datetime] = mapped_column(default=clock.now)


class Event(Base):
    """A study visit or a seminar, held for the people of one course."""

    __tablename__ = "course_event"
    __table_args__ = (
        Index("ix_course_event_context", "context_row_id", "module_id"),
        Index("ix_course_event_link", "resource_link_row_id", "module_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    module_id: Mapped[str] = mapped_column(ForeignKey(Module.id))
    context_row_id: Mapped[str | None] = mapped_column(ForeignKey(Context.id))
    """The platform's course; None where the platform names none, and then only the link below."""
    resource_link_row_id: Mapped[str] = mapped_column(ForeignKey(ResourceLink.id))
    programme: Mapped[str | None] = mapped_column(String(80))
    """Slug of the file from which it was made; None for a seminar of one session."""
    first_day: Mapped[date]
    time_zone: Mapped[str] = mapped_column(String(64))
    """Of the place. Times of sessions are shown in it."""
    document: Mapped[dict[str, Any]]
    """The programme as it was when the event was made; see :mod:`courses.visits_reading`."""
    made_by_id: Mapped[str] = mapped_column(ForeignKey(Person.id))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    cancelled_at: Mapped[datetime | None]


class EventSession(Base):
    """One session, with the secret from which its codes are made."""

    __tablename__ = "course_event_session"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    event_id: Mapped[str] = mapped_column(ForeignKey(Event.id))
    number: Mapped[int]
    """From 1, through all days."""
    day: Mapped[int]
    """From 1."""
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    hours: Mapped[int]
    """Academic hours."""
    document: Mapped[dict[str, Any]]
    """Title, place, host and leader by language."""
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted (``lms.core.vault``)."""
    opened_at: Mapped[datetime | None]
    """Since when codes are shown."""
    closed_at: Mapped[datetime | None]


class Attendance(Base):
    """One entry about one person in one session. Triggers of the migration refuse to change or delete it."""

    __tablename__ = "course_attendance"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id", "number"),
        Index("ix_course_attendance_person", "person_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    session_id: Mapped[str] = mapped_column(ForeignKey(EventSession.id))
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id))
    number: Mapped[int]
    """From 1."""
    how: Mapped[str] = mapped_column(String(12))
    """See :mod:`courses.presence`."""
    made_by_id: Mapped[str] = mapped_column(ForeignKey(Person.id))
    """The person, or the leader who entered it."""
    reason: Mapped[str | None] = mapped_column(String(20))
    happened_at: Mapped[datetime]
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)


class DiaryDay(Base):
    """What one trainee wrote about one day."""

    __tablename__ = "course_diary_day"
    __table_args__ = (UniqueConstraint("event_id", "enrolment_id", "day"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    event_id: Mapped[str] = mapped_column(ForeignKey(Event.id))
    enrolment_id: Mapped[str] = mapped_column(ForeignKey(Enrolment.id))
    day: Mapped[int]
    texts: Mapped[dict[str, Any]] = mapped_column(info={"personal": "visit diary of a trainee"})
    """By the id of the prompt."""
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
    submitted_at: Mapped[datetime | None]


class DiaryHandedIn(Base):
    """A diary as it was handed in for its mark; marks, a second marker and appeals hang on its submission."""

    __tablename__ = "course_diary_handed_in"
    __table_args__ = (Index("ix_course_diary_handed_in_event", "event_id"),)

    submission_id: Mapped[str] = mapped_column(ForeignKey(Submission.id), primary_key=True)
    """Has no text, and a number below 0; see :class:`courses.models.Submission`."""
    event_id: Mapped[str] = mapped_column(ForeignKey(Event.id))
    days: Mapped[dict[str, Any]] = mapped_column(info={"personal": "visit diary of a trainee, as it was marked"})
    """By the number of the day, then by the id of the prompt."""
