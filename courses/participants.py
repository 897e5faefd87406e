"""Everybody in the platform's course, as their instructor sees them: also who has not opened the module yet.

The list is what the platform said at the last update, with those who opened the module though the platform does not list
them. People who left without ever opening it are not shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, String, and_, cast, exists, literal, null, or_, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from courses import enrolment, grouping, roster
from courses.catalogue import Edition
from courses.models import Enrolment
from courses.roster import PAGE_SIZE, Trainee
from lms.core import alphabet, jobs
from lms.core.db import db
from lms.lti import nrps_update, roles
from lms.lti.memberships import GroupMember, Membership, RosterUpdate, Standing
from lms.lti.models import LaunchSession, PlatformUser
from lms.lti.services import ContextServices

UNLISTED = "unlisted"
UpdateState = Literal["not-offered", "never", "waiting", "running", "retry", "needs-person", "done"]


@dataclass(frozen=True, kw_only=True)
class Participant:
    """One line of the list."""

    name: str
    """Empty where the platform sends no names."""
    status: str
    """``active``, ``inactive`` for who left, ``unlisted`` for who opened the module but is not in the platform's list."""
    trainee: Trainee | None
    """None before the module was opened."""


@dataclass(frozen=True, kw_only=True)
class Participants:
    """One page of the list: those in the course first, by name."""

    people: tuple[Participant, ...]
    count: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class Update:
    """How far the list is brought up to what the platform says."""

    state: UpdateState
    trouble: str | None
    """Code of what went wrong, for ``retry`` and ``needs-person``."""
    members_read: int
    finished_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        """Whether the page will say more in a moment."""
        return self.state in ("waiting", "running")


def of_course(launch: LaunchSession, edition: Edition, *, page: int, group_id: str | None = None) -> Participants:
    """One page of everybody in the course from which this launch came; a fixed number of queries."""
    everybody = db.session.execute(_everybody(launch, edition, group_id)).all()
    in_order = sorted(everybody, key=_left_last_then_by_name)
    pages = max(1, -(-len(in_order) // PAGE_SIZE))
    page = min(max(page, 1), pages)
    shown = in_order[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Participants(people=_participants(launch, edition, shown), count=len(in_order), page=page, pages=pages)


def names_of_course(launch: LaunchSession, edition: Edition, *, group_id: str | None = None) -> dict[str, str]:
    """Everybody who is in the course now, by name, as a printed list needs it; two queries. No name is an empty one."""
    rows = db.session.execute(_everybody(launch, edition, group_id)).all()
    here = {row.person_id: row.name or "" for row in rows if row.status != Standing.INACTIVE}
    known = roster.names_of(list(here))
    named = ((person, known.get(person) or name) for person, name in here.items())
    return dict(sorted(named, key=lambda one: alphabet.place(one[1])))


def update_of(launch: LaunchSession) -> Update:
    """Whether the list can be brought up, and how far that is."""
    context_id = launch.context_row_id
    services = db.session.get(ContextServices, context_id) if context_id else None
    row = db.session.get(RosterUpdate, context_id) if context_id else None
    job = jobs.state_of(nrps_update.UPDATE, context_id) if context_id else None
    return Update(
        state=_state(job, is_offered=bool(services and services.memberships_url)),
        trouble=job.last_error if job else None,
        members_read=row.members_read if row else 0,
        finished_at=row.finished_at if row else None,
    )


def _state(job: jobs.JobState | None, *, is_offered: bool) -> UpdateState:
    if not is_offered:
        return "not-offered"
    if job is None:
        return "never"
    if job.status == "waiting" and job.attempts:
        return "retry"
    return job.status


def _left_last_then_by_name(row: Row[Any, Any, Any]) -> tuple[bool, tuple[bool, str, str], str]:
    return row.status == Standing.INACTIVE, alphabet.place(row.name), row.person_id


def _everybody(launch: LaunchSession, edition: Edition, group_id: str | None) -> CompoundSelect[Any, Any, Any]:
    return union_all(_listed(launch, edition, group_id), _unlisted(launch, edition, group_id))


def _listed(launch: LaunchSession, edition: Edition, group_id: str | None) -> Select[Any, Any, Any]:
    """Learners that the platform lists; without those who teach here by their launches, as Moodle's assistants do."""
    enrolled = and_(Enrolment.person_id == PlatformUser.person_id, Enrolment.module_id == edition.module_id)
    looks_around = exists().where(enrolled, Enrolment.is_trial)
    teaches = exists().where(
        LaunchSession.platform_user_id == PlatformUser.id,
        LaunchSession.context_row_id == launch.context_row_id,
        cast(LaunchSession.role_names, String).like(f'%"{roles.INSTRUCTOR}"%'),
    )
    has_opened = exists().where(enrolled, *enrolment.seen_from(launch, edition))
    found = (
        select(PlatformUser.person_id, Membership.name, Membership.status)
        .join(PlatformUser, PlatformUser.id == Membership.platform_user_id)
        .where(
            Membership.context_row_id == launch.context_row_id,
            Membership.is_learner,
            ~looks_around,
            ~teaches,
            or_(Membership.status == Standing.ACTIVE, has_opened),
        )
    )
    if group_id is None:
        return found
    members = select(GroupMember.platform_user_id).where(GroupMember.group_row_id == group_id)
    return found.where(Membership.platform_user_id.in_(members))


def _unlisted(launch: LaunchSession, edition: Edition, group_id: str | None) -> Select[Any, Any, Any]:
    is_listed = (
        exists()
        .where(PlatformUser.person_id == Enrolment.person_id, PlatformUser.id == Membership.platform_user_id)
        .where(Membership.context_row_id == launch.context_row_id, Membership.is_learner)
    )
    return select(Enrolment.person_id, null().label("name"), literal(UNLISTED).label("status")).where(
        *enrolment.seen_from(launch, edition), *grouping.in_group(group_id), ~is_listed
    )


def _participants(
    launch: LaunchSession, edition: Edition, rows: Sequence[Row[Any, Any, Any]]
) -> tuple[Participant, ...]:
    ids = [row.person_id for row in rows]
    enrolled = db.session.scalars(
        select(Enrolment).where(*enrolment.seen_from(launch, edition), Enrolment.person_id.in_(ids))
    ).all()
    trainees = dict(zip((each.person_id for each in enrolled), roster.trainees(list(enrolled), edition), strict=True))
    names = roster.names_of(ids)
    return tuple(
        Participant(
            name=names.get(row.person_id) or row.name or "",
            status=str(row.status),
            trainee=trainees.get(row.person_id),
        )
        for row in rows
    )
