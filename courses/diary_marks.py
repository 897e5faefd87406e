"""The diary of a visit as a piece of work: handed in as a whole, marked as texts are, given back, handed in again.

It is handed in when its last day is submitted. Some days after the visit - the programme says how many - whatever was
submitted is handed in by itself, so that nobody waits for a mark because of one empty day; an instructor may do so
from the end of the visit on. A mark below what is needed opens the days again. Who may mark, a second marker and
appeals are those of written work (:mod:`courses.grading`, :mod:`courses.second_marking`, :mod:`courses.appeals`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from courses import enrolment, evidence
from courses.event_models import DiaryDay, DiaryHandedIn, Event
from courses.events import Held
from courses.models import Enrolment, Grade, Module, Submission
from lms.core import audit, clock, jobs
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict
from lms.core.i18n import _l, locale

State = Literal["unmarked", "writing", "waiting", "returned", "passed"]


@dataclass(frozen=True)
class Standing:
    """How far a diary is."""

    state: State
    """``unmarked`` where the programme asks for no mark."""
    submission: Submission | None = None
    """As it was handed in last."""
    percent: int | None = None
    """The mark of that; None while it waits."""

    @property
    def is_open(self) -> bool:
        """Whether days can be written."""
        return self.state not in ("waiting", "passed")


def of_person(held: Held, enrolment_id: str) -> Standing:
    """The diary of one trainee."""
    return of_many(held, [enrolment_id])[enrolment_id]


def of_many(held: Held, enrolment_ids: Collection[str]) -> Mapping[str, Standing]:
    """The diaries of these trainees; one query."""
    rule = held.programme.diary_mark
    if rule is None:
        return dict.fromkeys(enrolment_ids, Standing("unmarked"))
    percent = (
        select(Grade.percent)
        .where(Grade.submission_id == Submission.id, Grade.is_held.is_(False))
        .order_by(Grade.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Submission, percent.label("percent"))
        .join(DiaryHandedIn, DiaryHandedIn.submission_id == Submission.id)
        .where(DiaryHandedIn.event_id == held.event.id, Submission.enrolment_id.in_(enrolment_ids))
        .order_by(Submission.number.desc())  # the last has the lowest number
    )
    last = {row.Submission.enrolment_id: (row.Submission, row.percent) for row in rows}
    return {each: _standing(*last.get(each, (None, None)), needed=rule.pass_percent) for each in enrolment_ids}


def due_at(held: Held) -> datetime | None:
    """When whatever is submitted is handed in by itself; None where there is no mark."""
    rule = held.programme.diary_mark
    if rule is None:
        return None
    return datetime.combine(held.last_day + timedelta(days=rule.days_after + 1), time(), held.zone)


def is_over(held: Held) -> bool:
    """Whether the last day of the visit is over, at the place."""
    return clock.now().astimezone(held.zone).date() > held.last_day


def hand_in_if_whole(held: Held, enrolled: Enrolment) -> Submission | None:
    """Hand the diary in when every day is submitted, the first time; after that its writer decides."""
    if of_person(held, enrolled.id).state != "writing" or len(_submitted(held, enrolled.id)) < len(held.programme.days):
        return None
    return hand_in(held, enrolled)


def hand_in(held: Held, enrolled: Enrolment, *, by: str | None = None) -> Submission:
    """Hand in the days that are submitted. Doing so twice is once.

    :param by: id of the instructor who does it; None for its writer and for the calendar.
    :raises Conflict: ``diary-empty`` if no day is submitted; ``diary-passed``; ``diary-unmarked``.
    """
    enrolment.locked(enrolled.id)
    standing = of_person(held, enrolled.id)
    if standing.state == "waiting" and standing.submission:
        return standing.submission
    if not standing.is_open:
        raise Conflict("diary-passed", _l("This diary has its mark. It cannot be changed any more."))
    if standing.state == "unmarked":
        raise Conflict("diary-unmarked", _l("This diary is only read. It has no mark."))
    days = _submitted(held, enrolled.id)
    if not days:
        raise Conflict("diary-empty", _l("No day is submitted yet. Submit at least one day first."))
    submission = _added(held, enrolled, days)
    audit.record("diary.handed-in", subject=f"submission:{submission.id}", actor=f"person:{by or enrolled.person_id}")
    return submission


def refuse_closed(held: Held, enrolment_id: str) -> Standing:
    """How far the diary is, if days can be written.

    :raises Conflict: ``diary-handed-in``, ``diary-passed``.
    """
    standing = of_person(held, enrolment_id)
    if standing.state == "waiting":
        raise Conflict(
            "diary-handed-in", _l("Your diary is handed in and waits for its mark. It cannot be changed now.")
        )
    if standing.state == "passed":
        raise Conflict("diary-passed", _l("This diary has its mark. It cannot be changed any more."))
    return standing


def best_percents(enrolment_ids: Collection[str]) -> Mapping[str, int]:
    """The best mark of each person's diaries in the module; one query. Cancelled visits do not count."""
    other = aliased(Grade)
    newest = (
        select(func.max(other.number))
        .where(other.submission_id == Grade.submission_id, other.is_held.is_(False))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Submission.enrolment_id, func.max(Grade.percent).label("percent"))
        .select_from(Grade)
        .join(Submission, Submission.id == Grade.submission_id)
        .join(DiaryHandedIn, DiaryHandedIn.submission_id == Submission.id)
        .join(Event, Event.id == DiaryHandedIn.event_id)
        .where(Submission.enrolment_id.in_(enrolment_ids), Event.cancelled_at.is_(None), Grade.number == newest)
        .group_by(Submission.enrolment_id)
    )
    return {row.enrolment_id: row.percent for row in rows}


def waiting(enrolment_ids: Collection[str]) -> Mapping[str, int]:
    """How many diaries of each are handed in and have no mark yet; one query. Cancelled visits do not count."""
    is_marked = select(Grade.id).where(Grade.submission_id == Submission.id, Grade.is_held.is_(False)).exists()
    rows = db.session.execute(
        select(Submission.enrolment_id, func.count().label("number"))
        .join(DiaryHandedIn, DiaryHandedIn.submission_id == Submission.id)
        .join(Event, Event.id == DiaryHandedIn.event_id)
        .where(Submission.enrolment_id.in_(enrolment_ids), Event.cancelled_at.is_(None), ~is_marked)
        .group_by(Submission.enrolment_id)
    )
    return {row.enrolment_id: row.number for row in rows}


def init() -> None:
    """Let rules ask for the mark of a diary, and whether it waits for one."""
    evidence.offer("diary", best_percents)
    evidence.offer("diary-waiting", waiting)


@jobs.daily("diaries")
def hand_in_due(_subject: str) -> None:
    """Hand in what was submitted of visits whose days after are over."""
    with reading():
        found = _unhanded(clock.now().date())
    for event_id, enrolment_id in found:
        with transaction():
            _hand_in_if_due(Held(db.session.get_one(Event, event_id), ()), enrolment_id)


def _hand_in_if_due(held: Held, enrolment_id: str) -> None:
    limit = due_at(held)
    if limit is not None and limit <= clock.now():
        hand_in(held, enrolment.locked(enrolment_id))


def _unhanded(day: date) -> list[tuple[str, str]]:
    """Visits that have begun, and who submitted a day of the diary and never handed it in."""
    handed_in = (
        select(DiaryHandedIn.event_id, Submission.enrolment_id)
        .join(Submission, Submission.id == DiaryHandedIn.submission_id)
        .where(DiaryHandedIn.event_id == Event.id, Submission.enrolment_id == Enrolment.id)
    )
    written = select(DiaryDay.id).where(
        DiaryDay.event_id == Event.id, DiaryDay.enrolment_id == Enrolment.id, DiaryDay.submitted_at.is_not(None)
    )
    rows = db.session.execute(
        select(Event.id, Enrolment.id)
        .join(Enrolment, Enrolment.module_id == Event.module_id)
        .where(Event.cancelled_at.is_(None), Event.first_day < day, Enrolment.is_trial.is_(False))
        .where(written.exists(), ~handed_in.exists())
    )
    return [(row[0], row[1]) for row in rows]


def _standing(submission: Submission | None, percent: int | None, *, needed: int) -> Standing:
    if submission is None:
        return Standing("writing")
    if percent is None:
        return Standing("waiting", submission)
    return Standing("passed" if percent >= needed else "returned", submission, percent)


def _submitted(held: Held, enrolment_id: str) -> dict[str, dict[str, str]]:
    rows = db.session.scalars(
        select(DiaryDay).where(
            DiaryDay.event_id == held.event.id,
            DiaryDay.enrolment_id == enrolment_id,
            DiaryDay.submitted_at.is_not(None),
        )
    )
    return {str(row.day): dict(row.texts) for row in rows}


def _added(held: Held, enrolled: Enrolment, days: dict[str, dict[str, str]]) -> Submission:
    """A submission with the next number below 0; the enrolment is held, so that nobody else takes it."""
    lowest = db.session.scalar(select(func.min(Submission.number)).filter_by(enrolment_id=enrolled.id)) or 0
    now, limit = clock.now(), due_at(held)
    submission = Submission(
        enrolment_id=enrolled.id,
        number=min(lowest, 0) - 1,
        version_id=db.session.scalars(select(Module.current_version_id).filter_by(id=enrolled.module_id)).one(),
        text="",
        language=locale(),
        submitted_at=now,
        due_at=limit,
        is_late=limit is not None and now > limit,
    )
    db.session.add(submission)
    db.session.flush()  # the row below points at it
    db.session.add(DiaryHandedIn(submission_id=submission.id, event_id=held.event.id, days=days))
    db.session.flush()  # whoever asks next asks the database
    return submission
