"""A trainee appeals a mark: once for each text, within the days of the rule, with a reason. An instructor who has not marked
the text decides, and says why.

The answer is due at the end of the fifth working day (the rule may say another number). An appeal that is not answered
by then is shown first and as overdue; nothing is decided by the passing of time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from courses import completion, enrolment, grading, second_marking
from courses.grading import Mark
from courses.marking_models import Appeal
from courses.models import Enrolment, Grade, Submission
from courses.second_marking import APPEAL
from courses.written_task import AppealRule
from lms.core import audit, clock, settings, working_calendar
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid
from lms.core.i18n import _l

LONGEST_REASON = 4_000


@dataclass(frozen=True)
class Chance:
    """Whether and until when a mark may be appealed."""

    is_open: bool
    until: datetime | None
    """None where there is no mark."""


def of(submission_id: str) -> Appeal | None:
    """The appeal about a text, if there is one."""
    return db.session.scalar(select(Appeal).filter_by(submission_id=submission_id))


def chance(rule: AppealRule, marks: Sequence[Grade], appeal: Appeal | None) -> Chance:
    """Whether the mark that counts may be appealed now.

    :param marks: every mark of the text, the newest first.
    """
    mark = grading.counting(marks)
    if mark is None:
        return Chance(False, None)
    until = mark.made_at + timedelta(days=rule.days)
    is_settled = second_marking.state(grading.given(marks)) == "settled"
    return Chance(appeal is None and is_settled and clock.now() <= until, until)


def make(held: Enrolment, submission: Submission, rule: AppealRule, *, reason: str) -> Appeal:
    """Appeal the mark that counts. Sending it twice changes nothing.

    :raises Invalid: ``appeal-reason-missing``, ``appeal-too-long``.
    :raises Conflict: ``appeal-closed`` if there is no mark, a further one is awaited, or the days are over.
    """
    reason = reason.replace("\r\n", "\n").strip()
    _refuse_unfit(reason)
    enrolment.locked(held.id)
    if made := of(submission.id):
        return made
    marks = grading.history(submission.id)
    mark = grading.counting(marks)
    if mark is None or not chance(rule, marks, None).is_open:
        raise Conflict("appeal-closed", _l("This mark cannot be appealed now. Ask your instructor."))
    now = clock.now()
    values = {"grade_id": mark.id, "reason": reason, "made_at": now, "due_at": _due(now, rule)}
    appeal, is_new = insert_once(Appeal, {"submission_id": submission.id}, values)
    if is_new:
        _audit("appeal.made", appeal, actor=held.person_id, percent=mark.percent)
    return appeal


def may_decide(marks: Sequence[Grade], person_id: str) -> bool:
    """Whether somebody has never marked this text."""
    return all(mark.marker_id != person_id for mark in marks)


def decide(appeal: Appeal, submission: Submission, mark: Mark) -> Appeal:
    """Say what the mark is from now on, the same or another one, and why. Deciding it again the same way changes nothing.

    :param mark: its comment is the answer.
    :raises Invalid: ``appeal-reason-missing``, ``appeal-too-long``, ``mark-out-of-range``.
    :raises Conflict: ``appeal-own-mark`` if the decider has marked this text; ``appeal-decided``.
    """
    _refuse_unfit(mark.comment)
    if not 0 <= mark.percent <= 100:
        raise Invalid("mark-out-of-range", _l("The mark must be a whole number from 0 to 100."))
    held = enrolment.locked(submission.enrolment_id)
    db.session.refresh(appeal)
    if appeal.decided_at is not None:
        if (appeal.decider_id, appeal.percent, appeal.answer) == (mark.marker_id, mark.percent, mark.comment):
            return appeal
        raise Conflict(
            "appeal-decided", _l("Somebody else has decided this appeal meanwhile. Reload the page to see it.")
        )
    marks = grading.history(submission.id)
    if not may_decide(marks, mark.marker_id):
        raise Conflict("appeal-own-mark", _l("You have marked this text. Another instructor decides about the appeal."))
    grading.add(submission.id, mark, role=APPEAL, is_held=False, before=marks[0] if marks else None)
    appeal.decided_at, appeal.decider_id = clock.now(), mark.marker_id
    appeal.percent, appeal.answer = mark.percent, mark.comment
    _audit("appeal.decided", appeal, actor=mark.marker_id, percent=mark.percent)
    db.session.flush()  # the review below asks the database
    completion.review(held.id)
    return appeal


def _due(now: datetime, rule: AppealRule) -> datetime:
    ours = settings.current()
    return working_calendar.end_of_working_days(
        now, rule.answer_days, country=ours.country, zone=ZoneInfo(ours.time_zone)
    )


def _refuse_unfit(reason: str) -> None:
    if not reason:
        raise Invalid("appeal-reason-missing", _l("Write why. Without a reason nobody can decide."))
    if len(reason) > LONGEST_REASON:
        raise Invalid("appeal-too-long", _l("The reason is too long. Shorten it and send again."))


def _audit(action: str, appeal: Appeal, *, actor: str, percent: int) -> None:
    audit.record(action, subject=f"submission:{appeal.submission_id}", actor=f"person:{actor}", percent=percent)
