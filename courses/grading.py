"""Marks for written work. A mark is never changed: a new one is set over it, and the history stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import ColumnElement, exists, func, select

from courses import completion, enrolment, grouping
from courses.catalogue import Edition
from courses.models import Enrolment, Grade, Submission
from courses.outline import Assignment
from courses.questions import rounded
from lms.core import audit
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l
from lms.lti.models import LaunchSession

LONGEST_COMMENT = 4_000


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A text that waits for its mark."""

    submission_id: str
    person_id: str
    submitted_at: datetime
    number: int


def set_grade(
    submission: Submission,
    *,
    marker_id: str,
    percent: int,
    comment: str,
    points: Mapping[str, int] | None = None,
    seen_number: int | None = None,
) -> Grade:
    """Set a mark over whatever mark there was.

    :param percent: 0 to 100.
    :param seen_number: number of the newest mark that the marker saw (0 for none), to notice one set meanwhile.
    :raises Invalid: ``mark-out-of-range``, ``comment-too-long``.
    :raises Conflict: ``work-not-submitted``; ``marked-meanwhile`` if somebody else set a mark in between.
    """
    _refuse_unfit(submission, percent, comment)
    held = enrolment.locked(submission.enrolment_id)
    newest = newest_grade(submission.id)
    number = newest.number if newest else 0
    if newest and _is_same(newest, marker_id=marker_id, percent=percent, comment=comment):
        return newest  # sent twice
    if seen_number is not None and seen_number != number:
        raise _marked_meanwhile()
    grade, is_new = insert_once(
        Grade,
        {"submission_id": submission.id, "number": number + 1},
        {"percent": percent, "comment": comment, "points": dict(points or {}), "marker_id": marker_id},
    )
    if not is_new:
        raise _marked_meanwhile()
    _audit(grade, before=newest)
    completion.review(held.id)
    return grade


def newest_grade(submission_id: str) -> Grade | None:
    """The mark that counts for a text."""
    return next(iter(history(submission_id)), None)


def history(submission_id: str) -> list[Grade]:
    """Every mark of a text, the newest first."""
    return list(db.session.scalars(select(Grade).filter_by(submission_id=submission_id).order_by(Grade.number.desc())))


def percent_of(task: Assignment, points: Mapping[str, int]) -> int | None:
    """The mark that follows from the rubric; None unless every criterion has its points.

    Each criterion counts by its weight, as the share of its best level.
    """
    if not task.rubric or any(criterion.id not in points for criterion in task.rubric):
        return None
    shares = (criterion.weight * Fraction(points[criterion.id], criterion.most_points) for criterion in task.rubric)
    return rounded(sum(shares, Fraction(0)) * 100 / sum(criterion.weight for criterion in task.rubric))


def waiting(launch: LaunchSession, edition: Edition, *, limit: int = 50, group_id: str | None = None) -> list[Waiting]:
    """Texts that wait for a mark in this course, or in one of its groups, the longest wait first."""
    columns = select(Submission.id, Enrolment.person_id, Submission.submitted_at, Submission.number)
    rows = db.session.execute(
        columns.where(*_waits(launch, edition, group_id)).join(Enrolment).order_by(Submission.submitted_at).limit(limit)
    )
    return [
        Waiting(submission_id=row.id, person_id=row.person_id, submitted_at=row.submitted_at, number=row.number)
        for row in rows
    ]


def waiting_count(launch: LaunchSession, edition: Edition, *, group_id: str | None = None) -> int:
    """How many texts wait for a mark in this course, or in one of its groups."""
    counted = select(func.count(Submission.id)).join(Enrolment).where(*_waits(launch, edition, group_id))
    return db.session.scalar(counted) or 0


def seen(launch: LaunchSession, edition: Edition, submission_id: str) -> tuple[Submission, Enrolment]:
    """A submitted text that an instructor of this launch may read.

    :raises NotFound: ``work-unknown``, also if it exists elsewhere.
    """
    row = db.session.execute(
        select(Submission, Enrolment)
        .join(Enrolment, Enrolment.id == Submission.enrolment_id)
        .where(Submission.id == submission_id, Submission.submitted_at.is_not(None))
        .where(*enrolment.seen_from(launch, edition))
    ).first()
    if row is None:
        raise NotFound("work-unknown", _l("There is no such text in this course."))
    return row[0], row[1]


def _waits(launch: LaunchSession, edition: Edition, group_id: str | None) -> list[ColumnElement[bool]]:
    is_marked = exists().where(Grade.submission_id == Submission.id)
    here = [*enrolment.seen_from(launch, edition), *grouping.in_group(group_id)]
    return [Submission.submitted_at.is_not(None), ~is_marked, *here]


def _refuse_unfit(submission: Submission, percent: int, comment: str) -> None:
    if not 0 <= percent <= 100:
        raise Invalid("mark-out-of-range", _l("The mark must be a whole number from 0 to 100."))
    if len(comment) > LONGEST_COMMENT:
        raise Invalid("comment-too-long", _l("The comment is too long. Shorten it and save again."))
    if submission.submitted_at is None:
        raise Conflict("work-not-submitted", _l("This text is still a draft and cannot be marked."))


def _is_same(newest: Grade, *, marker_id: str, percent: int, comment: str) -> bool:
    return (newest.marker_id, newest.percent, newest.comment) == (marker_id, percent, comment)


def _marked_meanwhile() -> Conflict:
    return Conflict("marked-meanwhile", _l("Somebody else has marked this text meanwhile. Reload the page to see it."))


def _audit(grade: Grade, *, before: Grade | None) -> None:
    audit.record(
        "work.marked",
        subject=f"submission:{grade.submission_id}",
        actor=f"person:{grade.marker_id}",
        number=grade.number,
        percent=grade.percent,
        percent_before=before.percent if before else None,
    )
