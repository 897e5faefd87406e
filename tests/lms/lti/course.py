"""A course of a platform with services: what tests of rosters, groups and columns begin with."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import jobs
from lms.core.db import db, reading
from lms.lti.access import Access
from lms.lti.memberships import CourseGroup, GroupMember, Membership, RosterUpdate
from lms.lti.models import Context, PlatformUser, Registration
from tests.platform import MEMBERSHIP, Platform, Reply

NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
GROUPS_SCOPE = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def services(platform: Platform, *, groups: bool = False) -> dict[str, Any]:
    """Claims of a launch from a course with a roster."""
    claims: dict[str, Any] = {NRPS: {"context_memberships_url": f"{platform.url}/members", "service_versions": ["2.0"]}}
    if groups:
        claims[GROUPS] = {
            "context_groups_url": f"{platform.url}/groups",
            "context_group_sets_url": f"{platform.url}/groupsets",
            "scope": [GROUPS_SCOPE],
            "service_versions": ["1.0"],
        }
    return claims


def launch(platform: Platform, browser: FlaskClient, *, groups: bool = False, **changes: Any) -> None:
    """Somebody opens us from that course."""
    answer = platform.launch(browser, **{**services(platform, groups=groups), **changes})
    assert answer.status_code == 303, answer.text


def member(user_id: str, role: str = "Learner", **more: Any) -> dict[str, Any]:
    """Somebody in the list of a course."""
    return {"user_id": user_id, "roles": [f"{MEMBERSHIP}{role}"], **more}


def page(members: Iterable[Mapping[str, Any]], **links: str) -> Reply:
    """A page of that list, with links to others by their relation."""
    body = {"id": "https://lms.example/members", "context": {"id": "course-1"}, "members": list(members)}
    link = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items())
    headers = {"Content-Type": MEMBERS_TYPE, **({"Link": link} if link else {})}
    return Reply(body=json.dumps(body).encode(), headers=headers)


def answer(body: object, status: int = 200, **headers: str) -> Reply:
    """Any other answer of a service."""
    return Reply(status=status, body=json.dumps(body).encode(), headers=headers)


def access(platform: Platform) -> Access:
    """What we are to this platform."""
    with reading():
        return Access(db.session.scalars(select(Registration)).one(), platform.deployment_id)


def context_id() -> str:
    """Id of our row of the only course."""
    with reading():
        return db.session.scalars(select(Context.id)).one()


def roster() -> dict[str, tuple[str, str | None]]:
    """Status and name of everybody in the list, by the platform's number."""
    with reading():
        rows = db.session.execute(
            select(PlatformUser.sub, Membership.status, Membership.name)
            .join(Membership, Membership.platform_user_id == PlatformUser.id)
            .order_by(PlatformUser.sub)
        )
        return {sub: (str(status), name) for sub, status, name in rows}


def groups_kept() -> dict[str, tuple[str, str, set[str]]]:
    """Name, set and members of each group, by the platform's id."""
    with reading():
        rows = db.session.execute(
            select(CourseGroup.group_id, CourseGroup.name, CourseGroup.set_name, PlatformUser.sub)
            .outerjoin(GroupMember, GroupMember.group_row_id == CourseGroup.id)
            .outerjoin(PlatformUser, PlatformUser.id == GroupMember.platform_user_id)
        ).all()
    found: dict[str, tuple[str, str, set[str]]] = {}
    for group_id, name, set_name, sub in rows:
        found.setdefault(group_id, (name, set_name, set()))[2].update({sub} if sub else set())
    return found


def update_row() -> RosterUpdate:
    """How far the update of the only course is."""
    with reading():
        return db.session.scalars(select(RosterUpdate)).one()


def state() -> jobs.JobState:
    """How far its job is."""
    with reading():
        found = jobs.state_of("roster", context_id())
    assert found is not None
    return found
