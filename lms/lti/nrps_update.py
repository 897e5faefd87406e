"""The list of a course is brought up to what the platform says: a job, page by page, each page true as soon as it is read.

A long list is read in several runs, and one that was interrupted goes on where it stopped. Where the platform tells
differences, only those are read the next time - but not where there are groups, which differences do not tell.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from lms.core import clock, jobs
from lms.core.db import db, insert_once, reading, transaction
from lms.core.errors import RemoteFailure
from lms.core.jobs import NeedsPerson, TryLater
from lms.lti import groups, nrps, nrps_keeping
from lms.lti.access import Access
from lms.lti.memberships import GroupMember, Membership, RosterUpdate, Standing
from lms.lti.models import Context, Deployment, PlatformUser, Registration
from lms.lti.nrps import MembersPage, RosterRefused
from lms.lti.services import ContextServices

UPDATE = "roster"
LONGEST_RUN_SECONDS = 40
"""Well below the lease of a job; then the rest is a job of its own."""
PLACE_GOOD_FOR = timedelta(hours=1)
"""An address of a page that is older begins anew: the platform may have forgotten it."""
MOST_ASKED_FOR_GROUPS = 100
"""Where a platform tells groups only person by person."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Course:
    """A course with what is needed to ask for its list."""

    context_id: str
    access: Access
    memberships_url: str
    groups_url: str | None
    group_sets_url: str | None


@dataclass(frozen=True)
class Run:
    """One piece of an update."""

    url: str
    started_at: datetime
    """Of the whole update: everybody listed in it counts as seen then."""
    is_partial: bool
    is_first: bool
    """Whether it begins at the beginning of the whole list, so that a refusal is about the list and not about the page."""


def ask(context_id: str) -> None:
    """Have the list of a course brought up; in the caller's transaction."""
    jobs.queue(UPDATE, context_id)


@jobs.handles(UPDATE)
def bring_up(context_id: str) -> None:
    """Read the list, or its next piece.

    :raises NeedsPerson: ``roster-not-offered``; ``roster-empty`` for a list with nobody in it, which is a fault of the
        platform, because somebody asked for it from within the course.
    :raises RemoteFailure: as :func:`lms.lti.nrps.members`.
    """
    course = _course(context_id)
    run = _begin(course)
    until = time.monotonic() + LONGEST_RUN_SECONDS
    try:
        for page in nrps.members(course.access, run.url):
            _keep(course, run, page)
            if page.next_url and time.monotonic() > until:
                _go_on_later(course)
                return
    except RosterRefused as refused:
        _lose_place(course)
        if run.is_first:
            raise
        code = refused.code
        raise TryLater(code, after_seconds=0) from refused
    _refuse_empty(course, run)
    if course.groups_url:
        _read_groups(course, run)
    _finish(course, run)


def _course(context_id: str) -> Course:
    with reading():
        found = db.session.execute(
            select(ContextServices, Registration, Deployment.deployment_id)
            .join(Context, Context.id == ContextServices.context_row_id)
            .join(Deployment, Deployment.id == Context.deployment_id)
            .join(Registration, Registration.id == Deployment.registration_id)
            .where(ContextServices.context_row_id == context_id, ContextServices.memberships_url.is_not(None))
        ).first()
    if found is None:
        raise NeedsPerson("roster-not-offered")
    services, registration, deployment_id = found
    return Course(
        context_id,
        Access(registration, deployment_id),
        str(services.memberships_url),
        services.groups_url,
        services.group_sets_url,
    )


def _begin(course: Course) -> Run:
    """Where an interrupted update stopped, else the differences, else the beginning of the list."""
    now = clock.now()
    with transaction():
        row, _created = insert_once(
            RosterUpdate,
            {"context_row_id": course.context_id},
            {"started_at": now, "members_read": 0, "is_partial": False},
        )
        if row.next_url and row.started_at > now - PLACE_GOOD_FOR:
            return Run(row.next_url, row.started_at, row.is_partial, is_first=False)
        row.started_at, row.members_read, row.next_url = now, 0, None
        row.is_partial = bool(row.differences_url and row.finished_at and not course.groups_url)
        if row.is_partial:
            return Run(str(row.differences_url), now, is_partial=True, is_first=False)
    return Run(_first_address(course), now, is_partial=False, is_first=True)


def _first_address(course: Course) -> str:
    with_groups = course.groups_url is not None
    return nrps.address(course.memberships_url, limit=course.access.habits.members_a_page, with_groups=with_groups)


def _keep(course: Course, run: Run, page: MembersPage) -> None:
    with transaction():
        nrps_keeping.keep_members(course.access.registration.id, course.context_id, page.members, at=run.started_at)
        row = db.session.get_one(RosterUpdate, course.context_id)
        row.members_read += len(page.members)
        row.next_url = page.next_url
        if page.differences_url:
            row.differences_url = page.differences_url


def _go_on_later(course: Course) -> None:
    with transaction():
        ask(course.context_id)


def _lose_place(course: Course) -> None:
    """What the platform refuses now is not asked for again: the next run begins at the beginning."""
    with transaction():
        row = db.session.get_one(RosterUpdate, course.context_id)
        row.next_url, row.differences_url = None, None


def _refuse_empty(course: Course, run: Run) -> None:
    with reading():
        row = db.session.get_one(RosterUpdate, course.context_id)
    if row.members_read == 0 and not run.is_partial:
        raise NeedsPerson("roster-empty")


def _read_groups(course: Course, run: Run) -> None:
    """Names of groups, and if need be who is in them. Without them the list is still good."""
    try:
        found = groups.of_course(course.access, str(course.groups_url), course.group_sets_url)
        enrolled = _asked_one_by_one(course, run) if found and not _are_enrollments_told(course, run) else {}
    except RemoteFailure as failure:
        log.info("groups-not-read", code=failure.code, asked=failure.asked, status=failure.status_code)
        return
    with transaction():
        nrps_keeping.keep_enrollments(course.context_id, enrolled, at=run.started_at)
        nrps_keeping.name_groups(course.context_id, found, at=run.started_at)


def _are_enrollments_told(course: Course, run: Run) -> bool:
    told = (
        select(GroupMember.id)
        .join(Membership, Membership.platform_user_id == GroupMember.platform_user_id)
        .where(Membership.context_row_id == course.context_id, GroupMember.seen_at == run.started_at)
    )
    with reading():
        return db.session.scalar(told.limit(1)) is not None


def _asked_one_by_one(course: Course, run: Run) -> dict[str, list[str]]:
    """Groups by our id of the user; for small courses, because it takes a call for each learner."""
    learners = (
        select(PlatformUser.id, PlatformUser.sub)
        .join(Membership, Membership.platform_user_id == PlatformUser.id)
        .where(
            Membership.context_row_id == course.context_id,
            Membership.seen_at == run.started_at,
            Membership.status == Standing.ACTIVE,
            Membership.is_learner,
        )
    )
    with reading():
        rows = db.session.execute(learners.limit(MOST_ASKED_FOR_GROUPS + 1)).all()
    if len(rows) > MOST_ASKED_FOR_GROUPS:
        return {}
    return {row.id: groups.of_user(course.access, str(course.groups_url), row.sub) for row in rows}


def _finish(course: Course, run: Run) -> None:
    with transaction():
        if not run.is_partial:
            nrps_keeping.set_inactive(course.context_id, not_seen_since=run.started_at)
        db.session.get_one(RosterUpdate, course.context_id).finished_at = clock.now()
