"""What is kept of courses: versions of modules, and what each person did in them.

Rows say what happened (read, answered, wrote, was marked, completed); whether that is enough is decided by
``courses.rules`` when somebody asks.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from courses.tracks import WHOLE
from lms.core import clock
from lms.core.db import Base, new_id
from lms.lti.models import Context, Registration, ResourceLink
from lms.people.models import Person


class ModuleVersion(Base):
    """A module as it was loaded once. It never changes; attempts and completions point at the version they are of."""

    __tablename__ = "course_module_version"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(80), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the document, which also names its pictures in addresses."""
    document: Mapped[dict[str, Any]]
    """See :mod:`courses.outline`."""
    loaded_at: Mapped[datetime] = mapped_column(default=clock.now)


class Module(Base):
    """A module of the catalogue, and the version that is taught now."""

    __tablename__ = "course_module"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    current_version_id: Mapped[str] = mapped_column(ForeignKey(ModuleVersion.id))


class Enrolment(Base):
    """A person in a module, once, whichever links of the platform it was opened from."""

    __tablename__ = "course_enrolment"
    __table_args__ = (
        UniqueConstraint("person_id", "module_id"),
        Index("ix_course_enrolment_context", "context_row_id", "module_id"),
        Index("ix_course_enrolment_link", "resource_link_row_id", "module_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id))
    module_id: Mapped[str] = mapped_column(ForeignKey(Module.id))
    registration_id: Mapped[str] = mapped_column(ForeignKey(Registration.id))
    context_row_id: Mapped[str | None] = mapped_column(ForeignKey(Context.id))
    """The platform's course of the last launch; its instructors see this enrolment."""
    resource_link_row_id: Mapped[str] = mapped_column(ForeignKey(ResourceLink.id))
    """The link of the last launch; its gradebook column gets the score."""
    is_trial: Mapped[bool] = mapped_column(default=False)
    """Made by an instructor or by a platform's test user to look around: never listed, scored or certified."""
    extra_attempts: Mapped[int] = mapped_column(default=0)
    """How many further attempts at each test an instructor has allowed."""
    extra_time_percent: Mapped[int] = mapped_column(
        default=0, server_default="0", info={"personal": "how much longer a trainee may take for a test"}
    )
    """Of the minutes of each test, from 0; an instructor sets it, and nobody is asked why."""
    track: Mapped[str] = mapped_column(String(20), default=WHOLE, server_default=WHOLE)
    """Which way through the module the person is on; see :mod:`courses.tracks`. What was done counts on either."""
    started_at: Mapped[datetime] = mapped_column(default=clock.now)


class StepRead(Base):
    """A section that was read."""

    __tablename__ = "course_step_read"
    __table_args__ = (UniqueConstraint("enrolment_id", "unit_code", "section"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey(Enrolment.id))
    unit_code: Mapped[str] = mapped_column(String(80))
    section: Mapped[int]
    """From 1."""
    read_at: Mapped[datetime] = mapped_column(default=clock.now)


class Attempt(Base):
    """One try at the test of a unit, on the version of the module that was taught when it began."""

    __tablename__ = "course_attempt"
    __table_args__ = (UniqueConstraint("enrolment_id", "unit_code", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey(Enrolment.id))
    unit_code: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    """From 1."""
    version_id: Mapped[str] = mapped_column(ForeignKey(ModuleVersion.id))
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    seed: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """From which follows what is drawn and how it is shuffled; empty for attempts that began before there were seeds."""
    asked: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """Ids of the questions that were drawn; None for all questions of the version."""
    ends_at: Mapped[datetime | None]
    """Until when answers are taken; None without a limit."""
    finished_at: Mapped[datetime | None]
    score_percent: Mapped[int | None]
    """Set when it is finished, and not changed afterwards."""


class Answer(Base):
    """The newest answer to one question of an attempt."""

    __tablename__ = "course_answer"
    __table_args__ = (UniqueConstraint("attempt_id", "question_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    attempt_id: Mapped[str] = mapped_column(ForeignKey(Attempt.id))
    question_id: Mapped[str] = mapped_column(String(80))
    given: Mapped[list[Any]] = mapped_column(info={"personal": "answer of a trainee"})
    """See :mod:`courses.questions`."""
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    """Raised by each change. A page says which one it knew; see :mod:`courses.newer`."""
    page: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """Which open page saved it last."""
    turn: Mapped[int | None]
    """Which of that page's saves it was; None where it has no script."""
    language: Mapped[str | None] = mapped_column(String(2))
    """In which the question was read when it was answered; None for answers from before this was noted."""


class Submission(Base):
    """A text written for the task of a module; a draft until it is submitted. After a mark a further one may follow.

    So is the diary of a visit when it is handed in (:mod:`courses.diary_marks`); its words stand elsewhere.
    """

    __tablename__ = "course_submission"
    __table_args__ = (UniqueConstraint("enrolment_id", "number"), Index("ix_course_submission_at", "submitted_at"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey(Enrolment.id))
    number: Mapped[int]
    """Texts of the written task count up from 1, diaries down from -1, so that neither takes a number of the other."""
    version_id: Mapped[str] = mapped_column(ForeignKey(ModuleVersion.id))
    text: Mapped[str] = mapped_column(Text, info={"personal": "written work of a trainee"})
    language: Mapped[str] = mapped_column(String(2))
    """In which the writer read the task; the instructor's ready comments come in it."""
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
    submitted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """The deadline that held when it was submitted, if there was one."""
    is_late: Mapped[bool] = mapped_column(default=False, server_default=false())

    @hybrid_property
    def is_text(self) -> bool:
        """Whether it was written for the task of the module; else it is a diary."""
        return self.number > 0


class Grade(Base):
    """A mark for a submission. A changed mark is a new row; of those that are not held back, the highest number counts."""

    __tablename__ = "course_grade"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey(Submission.id))
    number: Mapped[int]
    """From 1."""
    percent: Mapped[int]
    points: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Points by criterion of the rubric, where the marker used it."""
    comment: Mapped[str] = mapped_column(Text, info={"personal": "comment on the work of a trainee"})
    role: Mapped[str] = mapped_column(String(12), default="mark", server_default="mark")
    """Which step it was; see :mod:`courses.second_marking`."""
    is_held: Mapped[bool] = mapped_column(default=False, server_default=false())
    """One of two marks that are not settled yet: neither shown to the trainee nor sent, and never let go by itself."""
    marker_id: Mapped[str] = mapped_column(ForeignKey(Person.id))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)


class Completion(Base):
    """A person completed a module, the whole of it or the short way. Once for each is a constraint."""

    __tablename__ = "course_completion"
    __table_args__ = (UniqueConstraint("enrolment_id", "track"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey(Enrolment.id))
    track: Mapped[str] = mapped_column(String(20), default=WHOLE, server_default=WHOLE)
    version_id: Mapped[str] = mapped_column(ForeignKey(ModuleVersion.id))
    """The version that was completed; its hours count, whatever is added later."""
    completed_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(80))
    """``lessons``, or ``client:ID`` of the course module's own server that reported it."""
    reported_percent: Mapped[int | None]
    """The result that was reported, or set by an instructor (:mod:`courses.overrides`); None where it follows from
    tests and marks."""
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class StoredPlan(Base):
    """What is read with the content and belongs to no module: the programmes, and each pack of rules."""

    __tablename__ = "course_plan"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    """``programmes``, or ``rules/KG``."""
    document: Mapped[dict[str, Any]]
    loaded_at: Mapped[datetime] = mapped_column(default=clock.now)


class TrackRecord(Base):
    """A person was on the short way of a module. Its id names what a certificate rests on.

    What rests on a whole module is named by the enrolment itself: certificates that were issued before there were tracks
    say so, and are never changed.
    """

    __tablename__ = "course_track_record"
    __table_args__ = (UniqueConstraint("enrolment_id", "track"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey(Enrolment.id))
    track: Mapped[str] = mapped_column(String(20))
    begun_at: Mapped[datetime] = mapped_column(default=clock.now)


class PartScore(Base):
    """A person opened a link to one part of a module, or to its short way; the column gets that score, now or later."""

    __tablename__ = "course_part_score"
    __table_args__ = (UniqueConstraint("enrolment_id", "resource_link_row_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey(Enrolment.id))
    resource_link_row_id: Mapped[str] = mapped_column(ForeignKey(ResourceLink.id))
    told: Mapped[str | None] = mapped_column(String(64))
    """What was true when a score was last queued, as a hash: nothing is sent while that has not changed."""
    outcome: Mapped[str | None] = mapped_column(String(20))
    """As of a score of the whole module, below."""
    score_percent: Mapped[int | None]
    at: Mapped[datetime | None]


class ScoreDelivery(Base):
    """What became of the last score of an enrolment, once it was done with."""

    __tablename__ = "course_score_delivery"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey(Enrolment.id), unique=True)
    outcome: Mapped[str] = mapped_column(String(20))
    """``delivered``, or ``not-wanted`` where the platform made no gradebook column."""
    score_percent: Mapped[int]
    at: Mapped[datetime]
