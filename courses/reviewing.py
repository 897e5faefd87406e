"""The work behind a grade, for whoever a platform's gradebook sends: its instructor, or the person herself. Only read.

Nothing is made by looking: no enrolment, no attempt, no mark.
"""

from dataclasses import dataclass

from sqlalchemy import select

from courses import assignments, attempts, catalogue, enrolment, grading, parts, progress, roster, tracks, work_files
from courses.catalogue import Edition
from courses.marking_models import WorkFile
from courses.models import Attempt, Enrolment, Grade, Submission
from courses.outline import Unit
from courses.rules import Done
from lms.core.db import db
from lms.core.errors import NotFound
from lms.core.i18n import _l
from lms.lti import submission_review
from lms.lti.models import LaunchSession, ResourceLink


@dataclass(frozen=True)
class Text:
    """One submitted text with its files and the marks that are not held back, the newest first."""

    submission: Submission
    marks: list[Grade]
    words: int
    files: list[WorkFile]


@dataclass(frozen=True)
class Review:
    """What stands behind a grade."""

    edition: Edition
    enrolled: Enrolment
    part: str | None
    """The part of the module that the column grades; None for the whole."""
    name: str
    done: Done

    @property
    def tested(self) -> list[Unit]:
        """The units whose tests belong to the grade."""
        track = parts.track_of(self.part) or tracks.WHOLE
        units = [unit for unit in self.edition.on(track).outline.published_units if unit.questions]
        return [unit for unit in units if self.part in (None, parts.SHORT, unit.slug)]

    @property
    def texts(self) -> list[Text]:
        """The texts that belong to the grade."""
        if self.part not in (None, parts.SHORT, parts.WORK):
            return []
        submitted = select(Submission).where(Submission.submitted_at.is_not(None), Submission.is_text)
        rows = db.session.scalars(submitted.filter_by(enrolment_id=self.enrolled.id).order_by(Submission.number))
        return [_text(row) for row in rows]

    def text_with_file(self, file_id: str) -> Submission:
        """The text with which a file was handed in.

        :raises NotFound: ``file-unknown``.
        """
        for text in self.texts:
            if any(file.id == file_id for file in text.files):
                return text.submission
        raise NotFound("file-unknown", _l("There is no such file. Go back to the text."))

    def attempt(self, unit_slug: str, number: int) -> tuple[Unit, Attempt]:
        """A finished attempt.

        :raises NotFound: ``attempt-unknown``.
        """
        unit = next((unit for unit in self.tested if unit.slug == unit_slug), None)
        if unit is not None:
            found = attempts.numbered(self.enrolled.id, unit, number)
            if found.finished_at is not None:
                return unit, found
        raise NotFound("attempt-unknown", _l("There is no such attempt. Go back to the module."))


def of(launch: LaunchSession) -> Review:
    """What this launch asks for.

    :raises NotFound: ``review-person-unknown``, ``review-column-unknown``, ``review-nothing``: also for somebody of whom
        this person may not know.
    """
    person_id, link = submission_review.person_of(launch), submission_review.link_of(launch)
    if link is None or not link.module_slug:
        raise NotFound("review-column-unknown", _l("Bilim has never sent a grade into this column."))
    may_see = person_id is not None and (launch.is_instructor or person_id == launch.person_id)
    if not may_see:
        raise NotFound("review-person-unknown", _l("Bilim does not know this person, or you may not see the work."))
    edition = catalogue.current(link.module_slug)
    enrolled = _enrolment(launch, edition, str(person_id))
    name = roster.names_of([enrolled.person_id]).get(enrolled.person_id, "")
    return Review(edition, enrolled, _part(edition, link), name, progress.of(enrolled.id))


def _text(submission: Submission) -> Text:
    settled = [mark for mark in grading.history(submission.id) if not mark.is_held]
    return Text(submission, settled, assignments.words_in(submission.text), work_files.of(submission.id))


def _enrolment(launch: LaunchSession, edition: Edition, person_id: str) -> Enrolment:
    """One's own wherever it is; that of others only in this course."""
    if person_id == launch.person_id:
        found = enrolment.of(launch, edition)
    else:
        here = enrolment.seen_from(launch, edition)
        found = db.session.scalar(select(Enrolment).where(Enrolment.person_id == person_id, *here))
    if found is None:
        raise NotFound("review-nothing", _l("This person has no work in this module here."))
    return found


def _part(edition: Edition, link: ResourceLink) -> str | None:
    return parts.known(edition.outline, link.part)
