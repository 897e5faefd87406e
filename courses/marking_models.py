"""What is kept of marking besides texts and marks: files, appeals, results that were set, lists of marks to take over."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from courses.models import Completion, Grade, Module, Submission
from lms.core import clock
from lms.core.db import Base, new_id
from lms.people.models import Person


class WorkFile(Base):
    """A file that was handed in with a text. Its bytes are in the file store; the text that follows a mark keeps them."""

    __tablename__ = "course_work_file"
    __table_args__ = (UniqueConstraint("submission_id", "sha256"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey(Submission.id))
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(Text, info={"personal": "name of a file that a trainee handed in"})
    """Cleaned, with the ending of what the file is."""
    kind: Mapped[str] = mapped_column(String(10))
    """See :mod:`courses.file_kinds`."""
    size: Mapped[int]
    """Bytes."""
    stored_as: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(default=clock.now)


class Appeal(Base):
    """A trainee asks that a mark be looked at again; once for each text."""

    __tablename__ = "course_appeal"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey(Submission.id), unique=True)
    grade_id: Mapped[str] = mapped_column(ForeignKey(Grade.id))
    """The mark that is appealed."""
    reason: Mapped[str] = mapped_column(Text, info={"personal": "why a trainee appeals a mark"})
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime]
    """Until when it has to be answered."""
    decided_at: Mapped[datetime | None]
    decider_id: Mapped[str | None] = mapped_column(ForeignKey(Person.id))
    percent: Mapped[int | None]
    """The mark as decided; the same as before where the appeal was not followed."""
    answer: Mapped[str] = mapped_column(Text, default="", info={"personal": "answer to the appeal of a trainee"})


class ResultOverride(Base):
    """An instructor set the result of a completed module. Each change is a row; the newest holds."""

    __tablename__ = "course_result_override"
    __table_args__ = (UniqueConstraint("completion_id", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    completion_id: Mapped[str] = mapped_column(ForeignKey(Completion.id))
    number: Mapped[int]
    """From 1."""
    percent: Mapped[int | None]
    """None where the result was given back to the rules."""
    reported_before: Mapped[int | None]
    """What the completion said before the first change."""
    reason: Mapped[str] = mapped_column(Text, info={"personal": "why the result of a trainee was set"})
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)


class MarkSheet(Base):
    """A spreadsheet of marks that was read and is not taken over yet. Forgotten after a day."""

    __tablename__ = "course_mark_sheet"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id))
    """Who sent it, and alone may have it taken over."""
    module_id: Mapped[str] = mapped_column(ForeignKey(Module.id))
    lines: Mapped[list[Any]] = mapped_column(
        info={"personal": "marks and comments of trainees, before they are taken over"}
    )
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    taken_at: Mapped[datetime | None]
