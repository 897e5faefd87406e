"""Whom a member of staff sees and whom they may give what: everybody looks after their own organisations only.

What lies elsewhere is "not found", so that nobody learns who works at another academy.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from lms.core import alphabet
from lms.core.db import db
from lms.core.errors import Conflict, Forbidden, NotFound
from lms.core.i18n import _l
from lms.organisations.models import Organisation
from lms.signin import invitations, members, roles
from lms.signin.models import Invitation, StaffGrant, StaffMember, StaffSession
from lms.signin.rights import Staff
from lms.signin.roles import Role

MANAGING = (roles.PLATFORM_ADMINISTRATOR, roles.ACADEMY_ADMINISTRATOR)
"""Roles that look after other staff."""


def members_seen_by(viewer: Staff) -> list[StaffMember]:
    """Everybody for a platform administrator; else who holds a role in the viewer's organisations."""
    wanted = select(StaffMember).options(selectinload(StaffMember.grants))
    if not _sees_everybody(viewer):
        wanted = wanted.where(StaffMember.grants.any(_in_organisations_of(viewer)))
    return sorted(db.session.scalars(wanted), key=lambda member: (alphabet.place(member.name), member.id))


def member_seen_by(viewer: Staff, staff_id: str) -> StaffMember:
    """:raises NotFound: ``staff-unknown``, also if there is one whom the viewer may not see."""
    member = members.find(staff_id)
    if not _sees_everybody(viewer) and not grants_seen_by(viewer, member):
        raise NotFound("staff-unknown", _l("There is no such member of staff."))
    return member


def grants_seen_by(viewer: Staff, member: StaffMember) -> list[StaffGrant]:
    """The roles of a member that are the viewer's business."""
    mine = viewer.organisations(*MANAGING)
    return [grant for grant in member.grants if mine is None or grant.organisation_id in mine]


def invitations_seen_by(viewer: Staff) -> list[Invitation]:
    """Those that wait to be accepted and that the viewer could have made."""
    return [each for each in invitations.waiting() if may_give(viewer, Role(each.role), each.organisation_id)]


def invitation_seen_by(viewer: Staff, invitation_id: str) -> Invitation:
    """:raises NotFound: ``invitation-unknown``, also if the viewer could not have made it."""
    found = invitations.by_id(invitation_id)
    if not may_give(viewer, Role(found.role), found.organisation_id):
        raise NotFound("invitation-unknown", _l("There is no such invitation."))
    return found


def grant_seen_by(viewer: Staff, member: StaffMember, grant_id: str) -> StaffGrant:
    """A role that the viewer may take away.

    :raises NotFound: ``role-unknown``.
    """
    for grant in member.grants:
        if grant.id == grant_id and may_give(viewer, Role(grant.role), grant.organisation_id):
            return grant
    raise NotFound("role-unknown", _l("This role is not held any more."))


def may_give(viewer: Staff, role: Role, organisation_id: str | None) -> bool:
    """Whether the viewer's own roles let them give this one there. Nobody gives more than they have."""
    return any(
        role in roles.given_by(grant.role) and grant.organisation_id in (None, organisation_id)
        for grant in viewer.grants
    )


def refuse_more_than_own(viewer: Staff, role: Role, organisation_id: str | None) -> None:
    """:raises Forbidden: ``role-not-yours-to-give``."""
    if not may_give(viewer, role, organisation_id):
        raise Forbidden("role-not-yours-to-give", _l("You may not give this role in this organisation."))


def refuse_own_account(viewer: Staff, member: StaffMember) -> None:
    """Nobody locks themselves out, or the last administrator could.

    :raises Conflict: ``own-account``.
    """
    if viewer.id == member.id:
        raise Conflict("own-account", _l("You cannot do this to your own account. Ask another administrator."))


def roles_to_give(viewer: Staff) -> list[Role]:
    """Roles that the viewer may give somewhere, in the order of the list."""
    own = frozenset().union(*(roles.given_by(grant.role) for grant in viewer.grants)) if viewer.grants else frozenset()
    return [role for role in Role if role in own]


def organisations_to_choose(viewer: Staff) -> Sequence[Organisation]:
    """Organisations in which the viewer may give roles."""
    mine = viewer.organisations(*MANAGING)
    wanted = select(Organisation).order_by(Organisation.code)
    return db.session.scalars(wanted if mine is None else wanted.where(Organisation.id.in_(mine))).all()


def last_sign_ins(staff_ids: Sequence[str]) -> dict[str, StaffSession]:
    """The newest sign-in of each, in one query; who never signed in is not in it."""
    newest = (
        select(StaffSession.staff_id, func.max(StaffSession.started_at).label("at"))
        .where(StaffSession.staff_id.in_(staff_ids))
        .group_by(StaffSession.staff_id)
        .subquery()
    )
    found = db.session.scalars(
        select(StaffSession).join(
            newest, (StaffSession.staff_id == newest.c.staff_id) & (StaffSession.started_at == newest.c.at)
        )
    )
    return {session.staff_id: session for session in found}


def addresses_of_platform_administrators() -> list[tuple[str, str]]:
    """E-mail address and language of each whose account is on; as the sign-in provider last sent them."""
    wanted = select(StaffMember).where(
        StaffMember.disabled_at.is_(None),
        StaffMember.email.is_not(None),
        StaffMember.grants.any(StaffGrant.role == roles.PLATFORM_ADMINISTRATOR),
    )
    return [(member.email or "", member.language or "ky") for member in db.session.scalars(wanted)]


def _sees_everybody(viewer: Staff) -> bool:
    return viewer.organisations(*MANAGING) is None


def _in_organisations_of(viewer: Staff) -> ColumnElement[bool]:
    return StaffGrant.organisation_id.in_(viewer.organisations(*MANAGING) or frozenset())
