"""The written task: a draft that is saved while it is written, submitted once, marked, and written again if need be."""

import re

from sqlalchemy import select

from courses.catalogue import Edition
from courses.models import Enrolment, Grade, Submission
from courses.outline import Assignment
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
        select(Submission).filter_by(enrolment_id=enrolment_id).order_by(Submission.number.desc()).limit(1)
    )


def save_draft(enrolment: Enrolment, edition: Edition, *, text: str, language: str) -> Submission:
    """Keep what is written so far.

    :raises Conflict: ``work-submitted`` while a text waits for its mark, ``work-passed`` after a mark that is enough.
    :raises Invalid: ``work-too-long``.
    """
    if len(text) > LONGEST_TEXT:
        raise Invalid("work-too-long", _l("The text is too long. Shorten it and save again."))
    draft = _draft(enrolment, edition, language)
    draft.text = text.replace("\r\n", "\n")
    draft.language = language
    draft.saved_at = clock.now()
    return draft


def submit(enrolment: Enrolment, edition: Edition, *, text: str, language: str) -> Submission:
    """Hand the text in for a mark. Submitting the same text twice changes nothing.

    :raises Invalid: ``work-length`` if it is shorter or longer than the task asks; the draft is kept by the caller.
    """
    task, words = task_of(edition), words_in(text)
    before = last(enrolment.id)
    if before and before.submitted_at and before.text == text.replace("\r\n", "\n"):
        return before
    if not task.minimum_words <= words <= task.maximum_words:
        raise Invalid("work-length", _length_sentence(task, words))
    draft = save_draft(enrolment, edition, text=text, language=language)
    draft.submitted_at = clock.now()
    return draft


def is_length_right(task: Assignment, text: str) -> bool:
    """Whether the text can be submitted."""
    return task.minimum_words <= words_in(text) <= task.maximum_words


def _length_sentence(task: Assignment, words: int) -> object:
    return _l(
        "The text has %(words)s words. It must have %(low)s to %(high)s.",
        words=words,
        low=task.minimum_words,
        high=task.maximum_words,
    )


def _draft(enrolment: Enrolment, edition: Edition, language: str) -> Submission:
    """The draft that may be written on."""
    before = last(enrolment.id)
    if before is None or before.submitted_at is not None:
        _refuse_another(before, edition)
        number = before.number + 1 if before else 1
        values = {"version_id": edition.version_id, "text": "", "language": language}
        before, _ = insert_once(Submission, {"enrolment_id": enrolment.id, "number": number}, values)
    return before


def _refuse_another(before: Submission | None, edition: Edition) -> None:
    if before is None:
        return
    mark = db.session.scalar(
        select(Grade.percent).filter_by(submission_id=before.id).order_by(Grade.number.desc()).limit(1)
    )
    if mark is None:
        raise Conflict("work-submitted", _l("Your text is submitted and waits for its mark. It cannot be changed now."))
    if mark >= edition.outline.pass_rule.assignment_percent:
        raise Conflict("work-passed", _l("Your text has its mark. It cannot be changed any more."))
