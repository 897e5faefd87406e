"""Marks for written work. A mark is never changed: a new one is set over it, and the history stays.

What a mark means beside those that are there already is decided in :mod:`courses.second_marking`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select

from courses import completion, enrolment, second_marking, tasks
from courses.catalogue import Edition
from courses.models import Enrolment, Grade, Submission
from courses.questions import rounded
from courses.second_marking import MEAN, Given, Placed
from courses.written_task import Assignment, SecondMarkerRule
from lms.core import audit
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l
from lms.lti.models import LaunchSession

LONGEST_COMMENT = 4_000


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A mark as a marker gives it."""

    marker_id: str
    percent: int
    """0 to 100."""
    comment: str = ""
    points: Mapping[str, int] | None = None
    """By criterion of the rubric, where it was used."""
    is_administrator: bool = False
    """Whether the marker administers the course, see :class:`courses.written_task.SecondMarkerRule`."""


def set_grade(submission: Submission, mark: Mark, *, seen_number: int | None = None) -> Grade:
    """Set a mark over whatever mark there was, or beside a first one that waits for it.

    :param seen_number: number of the newest mark that was there when the marker began (0 for none), to notice one set
        meanwhile.
    :returns: the newest mark now; it is held back while another person has to mark.
    :raises Invalid: ``mark-out-of-range``, ``comment-too-long``.
    :raises Conflict: ``work-not-submitted``; ``marked-meanwhile`` if somebody else set a mark in between;
        ``marker-took-part``, ``mark-final``.
    """
    _refuse_unfit(submission, mark)
    held = enrolment.locked(submission.enrolment_id)
    marks = history(submission.id)
    number = marks[0].number if marks else 0
    if marks and _is_sent_twice(marks, mark, seen_number):
        return marks[0]
    if seen_number is not None and seen_number != number:
        raise _marked_meanwhile()
    placed = second_marking.placed(
        rule_of(held, submission),
        given(marks),
        marker_id=mark.marker_id,
        percent=mark.percent,
        is_administrator=mark.is_administrator,
    )
    newest = _add(submission, mark, placed, before=marks[0] if marks else None)
    completion.review(held.id)
    return newest


def add(submission_id: str, mark: Mark, *, role: str, is_held: bool, before: Grade | None) -> Grade:
    """One more row of the history.

    :raises Conflict: ``marked-meanwhile``.
    """
    values = {"percent": mark.percent, "comment": mark.comment, "points": dict(mark.points or {})}
    grade, is_new = insert_once(
        Grade,
        {"submission_id": submission_id, "number": (before.number if before else 0) + 1},
        {**values, "marker_id": mark.marker_id, "role": role, "is_held": is_held},
    )
    if not is_new:
        raise _marked_meanwhile()
    _audit(grade, before=before)
    return grade


def history(submission_id: str) -> list[Grade]:
    """Every mark of a text, the newest first."""
    return list(db.session.scalars(select(Grade).filter_by(submission_id=submission_id).order_by(Grade.number.desc())))


def given(marks: Sequence[Grade]) -> tuple[Given, ...]:
    """A history, the newest first, as the rules read it."""
    return tuple(Given(mark.marker_id, mark.percent, mark.role) for mark in reversed(marks))


def counting(marks: Sequence[Grade]) -> Grade | None:
    """The mark that counts, of a history with the newest first."""
    return next((mark for mark in marks if not mark.is_held), None)


def rule_of(held: Enrolment, submission: Submission) -> SecondMarkerRule | None:
    """The rule for second markers of the task as it was when the text was written.

    :raises NotFound: ``no-assignment``.
    """
    return tasks.of(submission, held.module_id).second_marker


def percent_of(task: Assignment, points: Mapping[str, int]) -> int | None:
    """The mark that follows from the rubric; None unless every criterion has its points.

    Each criterion counts by its weight, as the share of its best level.
    """
    if not task.rubric or any(criterion.id not in points for criterion in task.rubric):
        return None
    shares = (criterion.weight * Fraction(points[criterion.id], criterion.most_points) for criterion in task.rubric)
    return rounded(sum(shares, Fraction(0)) * 100 / sum(criterion.weight for criterion in task.rubric))


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


def _add(submission: Submission, mark: Mark, placed: Placed, *, before: Grade | None) -> Grade:
    """The mark itself, and the mean of two where it settles them."""
    grade = add(submission.id, mark, role=placed.role, is_held=placed.is_held, before=before)
    if placed.mean_percent is None or before is None:
        return grade
    comments = [comment for comment in (before.comment, mark.comment) if comment]
    mean = Mark(marker_id=mark.marker_id, percent=placed.mean_percent, comment="\n\n".join(dict.fromkeys(comments)))
    return add(submission.id, mean, role=MEAN, is_held=False, before=grade)


def _refuse_unfit(submission: Submission, mark: Mark) -> None:
    if not 0 <= mark.percent <= 100:
        raise Invalid("mark-out-of-range", _l("The mark must be a whole number from 0 to 100."))
    if len(mark.comment) > LONGEST_COMMENT:
        raise Invalid("comment-too-long", _l("The comment is too long. Shorten it and save again."))
    if submission.submitted_at is None:
        raise Conflict("work-not-submitted", _l("This text is still a draft and cannot be marked."))


def _is_sent_twice(marks: Sequence[Grade], mark: Mark, seen_number: int | None) -> bool:
    """Whether this very mark was set already, from the page that is sent now."""
    sent = (mark.marker_id, mark.percent, mark.comment)
    number = marks[0].number if seen_number is None else seen_number + 1
    newest = marks[0]
    if newest.role != MEAN and (newest.marker_id, newest.percent, newest.comment) == sent:
        return True
    return any(each.number == number and (each.marker_id, each.percent, each.comment) == sent for each in marks)


def _marked_meanwhile() -> Conflict:
    return Conflict("marked-meanwhile", _l("Somebody else has marked this text meanwhile. Reload the page to see it."))


def _audit(grade: Grade, *, before: Grade | None) -> None:
    audit.record(
        "work.marked",
        subject=f"submission:{grade.submission_id}",
        actor=f"person:{grade.marker_id}",
        number=grade.number,
        role=grade.role,
        percent=grade.percent,
        percent_before=before.percent if before else None,
    )
