"""The task for which something was handed in: the written task of the module as it was then, or the diary of a visit."""

from dataclasses import dataclass

from sqlalchemy import select

from courses import catalogue, texts
from courses.event_models import DiaryHandedIn, Event
from courses.models import Submission
from courses.visits_reading import Prompt, from_document
from courses.written_task import Assignment, Texts
from lms.core.db import db
from lms.core.errors import NotFound
from lms.core.i18n import _l


@dataclass(frozen=True)
class DiaryText:
    """A diary as it was handed in, with the questions that it answers."""

    title: Texts
    """Of the visit."""
    prompts: tuple[Prompt, ...]
    day_titles: tuple[Texts, ...]
    days: dict[int, dict[str, str]]
    """By day from 1, then by the id of the prompt; days that were not submitted are missing."""

    @property
    def words(self) -> str:
        """Everything that was written, to count it."""
        return "\n".join(text for answers in self.days.values() for text in answers.values())


def of(submission: Submission, module_id: str) -> Assignment:
    """:raises NotFound: ``no-assignment``."""
    if submission.is_text:
        task = catalogue.edition(module_id, submission.version_id).outline.assignment
    else:
        task = diary_task(submission.id)
    if task is None:
        raise NotFound("no-assignment", _l("This module has no written task."))
    return task


def diary_task(submission_id: str) -> Assignment | None:
    """How the diary is marked; None for a text of the written task."""
    found = _diary(submission_id)
    mark = from_document(found[1]).diary_mark if found else None
    return mark.task if mark else None


def diary_text(submission: Submission) -> DiaryText | None:
    """What stands in a diary; None for a text of the written task."""
    found = None if submission.is_text else _diary(submission.id)
    if found is None:
        return None
    handed_in, document = found
    programme = from_document(document)
    return DiaryText(
        title=programme.titles,
        prompts=programme.diary,
        day_titles=tuple(day.title for day in programme.days),
        days={int(day): answers for day, answers in sorted(handed_in.days.items(), key=lambda one: int(one[0]))},
    )


def prompt(task: Assignment, *, language: str) -> texts.Text:
    """What is asked, as safe HTML."""
    return texts.render(task.prompt[language])


def _diary(submission_id: str) -> tuple[DiaryHandedIn, dict[str, object]] | None:
    row = db.session.execute(
        select(DiaryHandedIn, Event.document)
        .join(Event, Event.id == DiaryHandedIn.event_id)
        .where(DiaryHandedIn.submission_id == submission_id)
    ).first()
    return (row[0], row[1]) if row else None
