"""What staff may be. A role is given for one organisation or, where that makes sense, for every one; guests' roles end."""

from enum import StrEnum

from lms.core.errors import Sentence
from lms.core.i18n import _l


class Role(StrEnum):
    """A set of rights; a person may hold several, each for another organisation."""

    PLATFORM_ADMINISTRATOR = "platform-administrator"
    ACADEMY_ADMINISTRATOR = "academy-administrator"
    BUREAU_OFFICER = "bureau-officer"
    AUDITOR = "auditor"
    HOST_COORDINATOR = "host-coordinator"
    GUEST_LECTURER = "guest-lecturer"


PLATFORM_ADMINISTRATOR = Role.PLATFORM_ADMINISTRATOR
ACADEMY_ADMINISTRATOR = Role.ACADEMY_ADMINISTRATOR
BUREAU_OFFICER = Role.BUREAU_OFFICER
AUDITOR = Role.AUDITOR
HOST_COORDINATOR = Role.HOST_COORDINATOR
GUEST_LECTURER = Role.GUEST_LECTURER

GUESTS = frozenset({HOST_COORDINATOR, GUEST_LECTURER})
"""Of the training organiser abroad: their roles always have an end, and they are never asked for a personal number."""
OF_ONE_ORGANISATION = frozenset({ACADEMY_ADMINISTRATOR, HOST_COORDINATOR, GUEST_LECTURER})
"""Roles that mean nothing without an organisation."""

NAMES: dict[Role, Sentence] = {
    PLATFORM_ADMINISTRATOR: _l("Platform administrator"),
    ACADEMY_ADMINISTRATOR: _l("Academy administrator"),
    BUREAU_OFFICER: _l("Bureau officer"),
    AUDITOR: _l("Auditor"),
    HOST_COORDINATOR: _l("Coordinator of the host"),
    GUEST_LECTURER: _l("Guest lecturer"),
}

_INCLUDED = {PLATFORM_ADMINISTRATOR: frozenset({ACADEMY_ADMINISTRATOR})}
_GIVEN_BY = {
    PLATFORM_ADMINISTRATOR: frozenset(Role),
    ACADEMY_ADMINISTRATOR: frozenset({ACADEMY_ADMINISTRATOR, HOST_COORDINATOR, GUEST_LECTURER}),
}


def with_included(role: Role) -> frozenset[Role]:
    """The role and those it contains: whoever runs the platform runs the academies on it.

    A platform administrator is not a bureau officer: people's records are read by those who answer for the purpose.
    """
    return frozenset({role}) | _INCLUDED.get(role, frozenset())


def given_by(role: Role) -> frozenset[Role]:
    """The roles that a holder of this one may give to others, within the same organisation."""
    return _GIVEN_BY.get(role, frozenset())
