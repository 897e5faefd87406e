"""Results of a course with what hinders them: who is stuck where, and which scores have not arrived. A fixed number of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select, union_all

from courses import enrolment, grouping, part_scores, parts, roster, steps
from courses.catalogue import Edition
from courses.models import Attempt, Enrolment, PartScore, StepRead, Submission
from courses.outline import Texts
from courses.roster import PAGE_SIZE, Delivery, Trainee
from courses.steps import Step
from lms.core import alphabet, clock, jobs
from lms.core.db import db
from lms.lti.models import LaunchSession, ResourceLink

STILL = timedelta(days=14)
"""Whoever has not moved for so long, and is not waiting for a mark, is stuck."""
Shown = Literal["all", "stuck", "trouble", "completed", "open"]
SHOWN: tuple[Shown, ...] = ("all", "stuck", "trouble", "completed", "open")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One trainee."""

    trainee: Trainee
    next: Step | None
    """Where the person is; None where nothing can be done now."""
    moved_at: datetime
    """When the person last read, answered or wrote anything."""
    parts: tuple[tuple[Texts, Delivery], ...]
    """Scores of parts that have links of their own."""

    @property
    def is_stuck(self) -> bool:
        """Without an attempt, or without a move for ``STILL`` though there is something to do."""
        if self.trainee.completed_at is not None:
            return False
        is_still = self.next is not None and clock.now() - self.moved_at > STILL
        return bool(self.trainee.stuck_in) or is_still

    @property
    def has_trouble(self) -> bool:
        """Whether a score of this person has not arrived and something went wrong."""
        ways = [way for _titles, way in self.parts]
        ways += [self.trainee.delivery] if self.trainee.delivery else []
        return any(way.state in ("retry", "needs-person") for way in ways)


@dataclass(frozen=True, kw_only=True)
class Book:
    """One page of lines, by name, and how many there are of each kind."""

    lines: tuple[Line, ...]
    counts: Mapping[Shown, int]
    page: int
    pages: int


def of_course(
    launch: LaunchSession, edition: Edition, *, shown: Shown, group_id: str | None = None, page: int = 1
) -> Book:
    """The trainees of a course or group, of whom all or those that a filter names are shown."""
    lines = lines_of(launch, edition, group_id=group_id)
    kinds = {kind: [line for line in lines if _is_of(line, kind)] for kind in SHOWN}
    chosen = kinds[shown]
    pages = max(1, -(-len(chosen) // PAGE_SIZE))
    page = min(max(page, 1), pages)
    return Book(
        lines=tuple(chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
        counts={kind: len(found) for kind, found in kinds.items()},
        page=page,
        pages=pages,
    )


def lines_of(launch: LaunchSession, edition: Edition, *, group_id: str | None = None) -> list[Line]:
    """A line for everybody, by name."""
    here = [*enrolment.seen_from(launch, edition), *grouping.in_group(group_id)]
    enrolments = list(db.session.scalars(select(Enrolment).where(*here).order_by(Enrolment.started_at)))
    ids = [each.id for each in enrolments]
    moves, told = _moves(ids), _parts(ids, edition)
    trainees = roster.trainees(enrolments, edition)
    lines = [
        _line(each, edition, trainee, moved_at=moves.get(each.id, each.started_at), told=told.get(each.id, ()))
        for each, trainee in zip(enrolments, trainees, strict=True)
    ]
    return sorted(lines, key=lambda line: alphabet.place(line.trainee.name))


def _is_of(line: Line, kind: Shown) -> bool:
    return {
        "all": True,
        "stuck": line.is_stuck,
        "trouble": line.has_trouble,
        "completed": line.trainee.completed_at is not None,
        "open": line.trainee.completed_at is None,
    }[kind]


def _line(
    enrolled: Enrolment,
    edition: Edition,
    trainee: Trainee,
    *,
    moved_at: datetime,
    told: tuple[tuple[Texts, Delivery], ...],
) -> Line:
    outline = edition.on(enrolled.track).outline
    way = steps.path(outline, trainee.done, extra_attempts=enrolled.extra_attempts)
    return Line(trainee=trainee, next=way.next, moved_at=moved_at, parts=told)


def _moves(enrolment_ids: Collection[str]) -> dict[str, datetime]:
    """When each did anything last; one query."""
    moved = union_all(
        select(StepRead.enrolment_id.label("id"), StepRead.read_at.label("at")),
        select(Attempt.enrolment_id, func.coalesce(Attempt.finished_at, Attempt.started_at)),
        select(Submission.enrolment_id, func.coalesce(Submission.submitted_at, Submission.saved_at)),
    ).subquery()
    newest = select(moved.c.id, func.max(moved.c.at).label("at")).where(moved.c.id.in_(enrolment_ids))
    return {row.id: row.at for row in db.session.execute(newest.group_by(moved.c.id))}


def _parts(enrolment_ids: Collection[str], edition: Edition) -> dict[str, tuple[tuple[Texts, Delivery], ...]]:
    """Scores of parts that were queued at least once; two queries."""
    chosen = select(PartScore, ResourceLink.part).join(ResourceLink, ResourceLink.id == PartScore.resource_link_row_id)
    told = chosen.where(
        PartScore.enrolment_id.in_(enrolment_ids), PartScore.told.is_not(None), ResourceLink.part.is_not(None)
    )
    rows = db.session.execute(told.order_by(ResourceLink.part, PartScore.id)).all()
    waiting = jobs.states_of(part_scores.JOB, [row.PartScore.id for row in rows])
    found: dict[str, tuple[tuple[Texts, Delivery], ...]] = {}
    for row in rows:
        score, part = row.PartScore, str(row.part)
        way = roster.delivery_of(waiting.get(score.id), score if score.outcome else None)
        found[score.enrolment_id] = (*found.get(score.enrolment_id, ()), (parts.titles_of(edition.outline, part), way))
    return found
