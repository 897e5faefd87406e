"""The written task: a draft that is saved while it is written, submitted once, marked, and written again if need be."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from courses import deadlines, work_files
from courses.catalogue import Edition
from courses.deadlines import Deadline
from courses.marking_models import WorkFile
from courses.models import Enrolment, Grade, Submission
from courses.written_task import Assignment
from lms.core import clock
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l

LONGEST_TEXT = 60_000
"""Characters; about 20 times the longest task."""
WORD = re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")
"""A run of characters between spaces; in Chinese, which has no spaces, a character."""


def words_in(text: str) -> int:
    """How many words a text has."""
    return len(WORD.findall(text))


def task_of(edition: Edition) -> Assignment:
    """:raises NotFound: ``no-assignment``."""
    if edition.outline.assignment is None:
        raise NotFound("no-assignment", _l("This module has no written task."))
    return edition.outline.assignment


def last(enrolment_id: str) -> Submission | None:
    """The text that is written now, or that was written last."""
    return db.session.scalar(
        select(Submission)
        .where(Submission.enrolment_id == enrolment_id, Submission.is_text)
        .order_by(Submission.number.desc())
        .limit(1)
    )


def last_submitted(enrolment_id: str) -> Submission | None:
    """The text that was handed in last."""
    submitted = select(Submission).where(Submission.enrolment_id == enrolment_id, Submission.is_text)
    submitted = submitted.where(Submission.submitted_at.is_not(None))
    return db.session.scalar(submitted.order_by(Submission.number.desc()).limit(1))


def with_file(enrolment_id: str, file_id: str) -> Submission:
    """The text of this person with which a file was handed in.

    :raises NotFound: ``file-unknown``.
    """
    with_it = select(Submission).join(WorkFile, WorkFile.submission_id == Submission.id)
    found = db.session.scalar(with_it.where(WorkFile.id == file_id, Submission.enrolment_id == enrolment_id))
    if found is None:
        raise NotFound("file-unknown", _l("There is no such file. Go back to the text."))
    return found


def deadline_of(enrolment: Enrolment, edition: Edition, custom: Mapping[str, object]) -> Deadline:
    """Until when this person's first text is in time.

    :param custom: values of the launch, as the platform signed them.
    """
    return deadlines.deadline(task_of(edition).late, custom=custom, started_at=enrolment.started_at)


def draft_of(enrolment: Enrolment, edition: Edition, *, language: str) -> Submission:
    """The draft that may be written on, made if there is none.

    :raises Conflict: ``work-submitted`` while a text waits for its mark, ``work-passed`` after a mark that is enough.
    """
    before = last(enrolment.id)
    if before is not None and before.submitted_at is None:
        return before
    _refuse_another(before, edition)
    number = before.number + 1 if before else 1
    values = {"version_id": edition.version_id, "text": before.text if before else "", "language": language}
    draft, is_new = insert_once(Submission, {"enrolment_id": enrolment.id, "number": number}, values)
    if before is not None and is_new:
        work_files.carry_over(before, draft)
    return draft


def save_draft(enrolment: Enrolment, edition: Edition, *, text: str, language: str) -> Submission:
    """Keep what is written so far. Raises as :func:`draft_of`.

    :raises Invalid: ``work-too-long``.
    """
    if len(text) > LONGEST_TEXT:
        raise Invalid("work-too-long", _l("The text is too long. Shorten it and save again."))
    draft = draft_of(enrolment, edition, language=language)
    draft.text = text.replace("\r\n", "\n")
    draft.language = language
    draft.saved_at = clock.now()
    return draft


def submit(
    enrolment: Enrolment,
    edition: Edition,
    *,
    text: str,
    language: str,
    custom: Mapping[str, object] | None = None,
) -> Submission:
    """Hand the text in for a mark. Submitting the same text twice changes nothing.

    :param custom: values of the launch, which may say a deadline.
    :raises Invalid: ``work-length`` if it is shorter or longer than the task asks, ``work-empty`` if there is neither
        text nor file; the draft is kept by the caller.
    :raises Conflict: ``work-too-late`` if the rule takes no late texts; and as :func:`draft_of`.
    """
    task, before = task_of(edition), last(enrolment.id)
    if before and before.submitted_at and before.text == text.replace("\r\n", "\n"):
        return before
    if not is_length_right(task, text):
        raise Invalid("work-length", _length_sentence(task, words_in(text)))
    draft = save_draft(enrolment, edition, text=text, language=language)
    if not text.strip() and not work_files.of(draft.id):
        raise Invalid("work-empty", _l("There is nothing to submit yet. Write a text or add a file."))
    _measure(draft, deadline_of(enrolment, edition, custom or {}), clock.now())
    return draft


def is_length_right(task: Assignment, text: str) -> bool:
    """Whether the text can be submitted."""
    return task.minimum_words <= words_in(text) <= task.maximum_words


def is_too_late(draft: Submission | None, deadline: Deadline, moment: datetime) -> bool:
    """Whether a first text would be refused now."""
    return (draft is None or draft.number == 1) and deadline.verdict(moment) == "refused"


def _measure(draft: Submission, deadline: Deadline, now: datetime) -> None:
    """Only the first text is measured by the deadline."""
    if is_too_late(draft, deadline, now):
        raise Conflict(
            "work-too-late", _l("The deadline is over. Your draft is kept. Ask your instructor for more time.")
        )
    draft.submitted_at = now
    if draft.number == 1:
        draft.due_at = deadline.at
        draft.is_late = deadline.verdict(now) == "late"


def _length_sentence(task: Assignment, words: int) -> object:
    return _l(
        "The text has %(words)s words. It must have %(low)s to %(high)s.",
        words=words,
        low=task.minimum_words,
        high=task.maximum_words,
    )


def _refuse_another(before: Submission | None, edition: Edition) -> None:
    if before is None:
        return
    counting = select(Grade.percent).filter_by(submission_id=before.id, is_held=False)
    mark = db.session.scalar(counting.order_by(Grade.number.desc()).limit(1))
    if mark is None:
        raise Conflict("work-submitted", _l("Your text is submitted and waits for its mark. It cannot be changed now."))
    if mark >= edition.outline.pass_rule.assignment_percent:
        raise Conflict("work-passed", _l("Your text has its mark. It cannot be changed any more."))
