"""What waits for a mark or a decision in a course, across its modules and groups, the longest wait first.

Texts on which a person can do nothing now - a second or third person has to - stand apart, with who must act.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select, true

from courses import enrolment, grouping, second_marking
from courses.event_models import DiaryHandedIn, Event
from courses.marking_models import Appeal
from courses.models import Enrolment, Grade, Submission
from courses.second_marking import Given
from lms.core import clock
from lms.core.db import db
from lms.lti.models import LaunchSession

Wanted = Literal["mark", "second", "moderation", "appeal"]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Something that waits."""

    submission_id: str
    person_id: str
    module_id: str
    number: int
    """Of the text, from 1; below 0 for the diary of a visit."""
    wanted: Wanted
    since: datetime
    due_at: datetime | None = None
    """Of an appeal."""
    is_late: bool = False
    is_mine: bool = True
    """Whether the person who looks can do it."""

    @property
    def is_diary(self) -> bool:
        """Whether it is the diary of a visit."""
        return self.number < 0

    @property
    def is_overdue(self) -> bool:
        """Whether an appeal should have been answered by now."""
        return self.due_at is not None and clock.now() > self.due_at


@dataclass(frozen=True)
class Queue:
    """What waits for the person who looks, and what waits for others."""

    mine: tuple[Waiting, ...]
    others: tuple[Waiting, ...]


def of_course(launch: LaunchSession, *, module_id: str | None = None, group_id: str | None = None) -> Queue:
    """Everything that waits in the course of this launch, in one of its modules or groups; three queries."""
    here = [*enrolment.in_course(launch), *grouping.in_group(group_id)]
    if module_id is not None:
        here.append(Enrolment.module_id == module_id)
    waiting = [*_texts(launch, here), *_appeals(launch, here)]
    waiting.sort(key=lambda each: (not each.is_overdue, each.since, each.submission_id))
    mine = tuple(each for each in waiting if each.is_mine)
    return Queue(mine, tuple(each for each in waiting if not each.is_mine))


def _texts(launch: LaunchSession, here: list[Any]) -> list[Waiting]:
    newest_is_held = (
        select(Grade.is_held)
        .where(Grade.submission_id == Submission.id)
        .order_by(Grade.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Submission.id,
            Submission.number,
            Submission.submitted_at,
            Submission.is_late,
            Enrolment.person_id,
            Enrolment.module_id,
        )
        .join(Enrolment, Enrolment.id == Submission.enrolment_id)
        .where(
            *here, *_held_still(), Submission.submitted_at.is_not(None), func.coalesce(newest_is_held, true()).is_(True)
        )
    ).all()
    marks = _marks_of(row.id for row in rows) if rows else {}
    return [_text(row, marks.get(row.id, ()), launch.person_id) for row in rows]


def _text(row: Any, given: tuple[Given, ...], person_id: str) -> Waiting:
    wanted: Mapping[str, Wanted] = {"second-wanted": "second", "moderation-wanted": "moderation"}
    return Waiting(
        submission_id=row.id,
        person_id=row.person_id,
        module_id=row.module_id,
        number=row.number,
        wanted=wanted.get(second_marking.state(given), "mark"),
        since=row.submitted_at,
        is_late=row.is_late,
        is_mine=second_marking.may_mark(given, person_id),
    )


def _appeals(launch: LaunchSession, here: list[Any]) -> list[Waiting]:
    rows = db.session.execute(
        select(Appeal.submission_id, Appeal.made_at, Appeal.due_at, Submission.number)
        .add_columns(Enrolment.person_id, Enrolment.module_id)
        .join(Submission, Submission.id == Appeal.submission_id)
        .join(Enrolment, Enrolment.id == Submission.enrolment_id)
        .where(*here, *_held_still(), Appeal.decided_at.is_(None))
    ).all()
    marks = _marks_of(row.submission_id for row in rows) if rows else {}
    return [
        Waiting(
            submission_id=row.submission_id,
            person_id=row.person_id,
            module_id=row.module_id,
            number=row.number,
            wanted="appeal",
            since=row.made_at,
            due_at=row.due_at,
            is_mine=all(mark.marker_id != launch.person_id for mark in marks.get(row.submission_id, ())),
        )
        for row in rows
    ]


def _held_still() -> list[ColumnElement[bool]]:
    """Not the diaries of visits that were cancelled."""
    cancelled = (
        select(DiaryHandedIn.submission_id)
        .join(Event, Event.id == DiaryHandedIn.event_id)
        .where(DiaryHandedIn.submission_id == Submission.id, Event.cancelled_at.is_not(None))
    )
    return [~cancelled.exists()]


def _marks_of(submission_ids: Any) -> dict[str, tuple[Given, ...]]:
    """Every mark of each text, the oldest first."""
    ids: Collection[str] = list(submission_ids)
    found: defaultdict[str, list[Given]] = defaultdict(list)
    chosen = select(Grade.submission_id, Grade.marker_id, Grade.percent, Grade.role)
    for row in db.session.execute(chosen.where(Grade.submission_id.in_(ids)).order_by(Grade.number)):
        found[row.submission_id].append(Given(row.marker_id, row.percent, row.role))
    return {submission_id: tuple(marks) for submission_id, marks in found.items()}
