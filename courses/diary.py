"""The diary of a study visit: for each day the prompts of the programme, kept as drafts, submitted once.

The whole of it is handed in for a mark by :mod:`courses.diary_marks`.
"""

from collections.abc import Mapping

from sqlalchemy import select

from courses import diary_marks
from courses.event_models import DiaryDay
from courses.events import Held
from courses.models import Enrolment
from lms.core import clock
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid
from lms.core.i18n import _l

LONGEST = 4000
"""Characters of one answer."""


def of_person(held: Held, enrolment_id: str) -> Mapping[int, DiaryDay]:
    """What one trainee wrote, by day."""
    rows = db.session.scalars(select(DiaryDay).filter_by(event_id=held.event.id, enrolment_id=enrolment_id))
    return {row.day: row for row in rows}


def submitted(held: Held, enrolment_ids: list[str]) -> Mapping[str, list[int]]:
    """Which days each trainee has submitted, by enrolment."""
    rows = db.session.scalars(
        select(DiaryDay)
        .where(
            DiaryDay.event_id == held.event.id,
            DiaryDay.enrolment_id.in_(enrolment_ids),
            DiaryDay.submitted_at.is_not(None),
        )
        .order_by(DiaryDay.day)
    ).all()
    return {each: [row.day for row in rows if row.enrolment_id == each] for each in enrolment_ids}


def save(held: Held, enrolled: Enrolment, day: int, *, texts: Mapping[str, str], submits: bool) -> DiaryDay:
    """Keep a draft, or submit it; the last day that is submitted hands the diary in. Submitting twice is once.

    A day with an empty answer stays a draft. A diary that was given back with its mark can be changed again.

    :raises NotFound: ``day-unknown``.
    :raises Invalid: ``diary-too-long``.
    :raises Conflict: ``diary-submitted`` for changing what was submitted; ``diary-handed-in``, ``diary-passed``.
    """
    held.day(day)
    kept = {prompt.id: _clean(texts.get(prompt.id, "")) for prompt in held.programme.diary}
    if any(len(text) > LONGEST for text in kept.values()):
        raise Invalid("diary-too-long", _l("An answer is longer than 4,000 characters. Shorten it and save again."))
    key = {"event_id": held.event.id, "enrolment_id": enrolled.id, "day": day}
    row, is_new = insert_once(DiaryDay, key, {"texts": kept})
    if row.submitted_at and row.texts == kept:
        return row
    standing = diary_marks.refuse_closed(held, enrolled.id)
    if row.submitted_at and standing.state != "returned":
        raise Conflict("diary-submitted", _l("This day is submitted already and cannot be changed any more."))
    if not is_new:
        row.texts, row.saved_at = kept, clock.now()
    row.submitted_at = clock.now() if submits and is_whole(kept) else None
    if row.submitted_at:
        db.session.flush()  # the look at the whole diary asks the database
        diary_marks.hand_in_if_whole(held, enrolled)
    return row


def is_whole(texts: Mapping[str, str]) -> bool:
    """Whether every prompt has an answer."""
    return bool(texts) and all(texts.values())


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
