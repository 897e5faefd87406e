"""Who can mark in a course, as far as we know: from the list of its participants, and from who came as instructor lately."""

from sqlalchemy import String, cast, select

from lms.core.db import db
from lms.lti import roles
from lms.lti.memberships import Membership, Standing
from lms.lti.models import LaunchSession, PlatformUser


def known(launch: LaunchSession) -> frozenset[str]:
    """Ids of the people who teach in the course of this launch; one query."""
    if launch.context_row_id is None:
        return frozenset({launch.person_id})
    says = f'%"{roles.INSTRUCTOR}"%'
    listed = (
        select(PlatformUser.person_id)
        .join(Membership, Membership.platform_user_id == PlatformUser.id)
        .where(Membership.context_row_id == launch.context_row_id, Membership.status == Standing.ACTIVE)
        .where(cast(Membership.role_names, String).like(says))
    )
    came = select(LaunchSession.person_id).where(
        LaunchSession.context_row_id == launch.context_row_id, cast(LaunchSession.role_names, String).like(says)
    )
    return frozenset(db.session.scalars(listed.union(came)))


def administers(launch: LaunchSession) -> bool:
    """Whether the person who is here administers this course."""
    return roles.ADMINISTRATOR in launch.roles
