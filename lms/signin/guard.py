"""What stands before pages of staff: a good session, and one of the roles that the page asks for.

Register a blueprint with ``guard=staff(ACADEMY_ADMINISTRATOR)`` and, where an object belongs to an organisation, say
``require(ACADEMY_ADMINISTRATOR, organisation_id)`` in the view: to a stranger the object does not exist.
"""

import structlog
from flask import g

from lms.core import clock
from lms.core.errors import Forbidden, NotFound, Unauthorized
from lms.core.i18n import _l
from lms.core.web import Guard
from lms.signin import sessions
from lms.signin.models import StaffMember
from lms.signin.rights import Grant, Staff
from lms.signin.roles import Role


class SignInFirst(Unauthorized):
    """Nobody is signed in here; a person is led to the sign-in page, a program is told."""

    def __init__(self) -> None:
        super().__init__(
            "sign-in-first", _l("You are not signed in, or were away for too long. Sign in and try again.")
        )


def staff(*roles: Role) -> Guard:
    """A guard: signed in, with one of these roles in any organisation; without roles, signed in at all.

    ``g.actor`` is ``staff:<id>`` behind it. The guard raises ``sign-in-first`` (a page leads to the sign-in) and
    ``role-missing``.
    """

    def _guard() -> None:
        _enter()
        if roles and not current().holds(*roles):
            raise Forbidden("role-missing", _l("Your role does not open this page. Ask your administrator."))

    return _guard


def current() -> Staff:
    """Who is signed in. Only behind :func:`staff`."""
    found: Staff = g.staff
    return found


def require(role: Role, organisation_id: str | None) -> None:
    """The signed-in person holds this role in this organisation.

    :raises NotFound: ``not-found``: strangers do not learn what exists elsewhere.
    """
    if not current().may(role, organisation_id):
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))


def as_they_are(member: StaffMember) -> Staff:
    """A member of staff with the roles held now."""
    now = clock.now()
    return Staff(
        id=member.id,
        name=member.name,
        email=member.email,
        grants=tuple(
            Grant(Role(grant.role), grant.organisation_id)
            for grant in member.grants
            if grant.expires_at is None or grant.expires_at > now
        ),
        language=member.language,
    )


def _enter() -> None:
    session = sessions.present()
    if session is None:
        raise SignInFirst
    g.staff = as_they_are(session.member)
    g.actor = g.staff.actor
    g.preferred_language = g.staff.language
    structlog.contextvars.bind_contextvars(staff=g.staff.id)
    sessions.note_use(session)
