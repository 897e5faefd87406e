"""The people of a course as its platform lists them (Names and Role Provisioning Services 2.0).

Only what is needed is read: the number, the roles, whether the person is in the course now, a name if there is one, and
the groups. Everything but number and roles may be missing (2.2, sharing of personal data).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lms.core.errors import RemoteFailure
from lms.core.i18n import _l
from lms.lti import claims, paging, roles
from lms.lti.access import Access
from lms.lti.models import LONGEST_ID
from lms.lti.paging import Page
from lms.lti.platforms import Platform

SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


@dataclass(frozen=True)
class Member:
    """Somebody in a course."""

    user_id: str
    """What a launch calls ``sub``."""
    role_names: tuple[str, ...]
    """Our names; see :mod:`lms.lti.roles`."""
    is_active: bool
    name: str | None
    group_ids: tuple[str, ...]

    @property
    def is_learner(self) -> bool:
        """Whether the person is there to learn, and real."""
        return roles.LEARNER in self.role_names and not {roles.INSTRUCTOR, roles.TEST_USER} & set(self.role_names)


@dataclass(frozen=True)
class MembersPage:
    """One page of the list."""

    members: tuple[Member, ...]
    next_url: str | None
    differences_url: str | None
    """Where the platform will tell what has changed since now, if it can."""


class RosterRefused(RemoteFailure):
    """The platform will not give this list. The code says why; asking again does not help."""

    def __init__(self, code: str, *, asked: str, status_code: int) -> None:
        super().__init__(
            code,
            _l("The learning system does not give us the list of participants. See the reason, and correct it there."),
            asked=asked,
            status_code=status_code,
            retryable=False,
        )


def address(
    url: str, *, role: str | None = None, limit: int | None = None, rlid: str | None = None, with_groups: bool = False
) -> str:
    """The list's address with its filters (NRPS 2.0, 2.4; ``groups`` is of the Course Groups Service).

    :param rlid: id of a resource link, to get those only who can reach it (NRPS 2.0, 3).
    """
    number = str(limit) if limit else None
    return paging.with_query(url, role=role, limit=number, rlid=rlid, groups="true" if with_groups else None)


def members(access: Access, url: str) -> Iterator[MembersPage]:
    """Every page of a list, or of its differences. Calls the platform, so no transaction may be open.

    :raises RosterRefused: ``roster-not-allowed``, ``roster-missing``, ``roster-refused``.
    :raises RemoteFailure: ``roster-unavailable``; and as :func:`lms.lti.paging.pages`.
    """
    for page in paging.pages(access, url, scopes=[SCOPE], accept=CONTAINER):
        _refuse_failure(page, url, access.habits)
        listed = page.body.get("members") if isinstance(page.body, dict) else None
        if not isinstance(listed, list):
            raise _unavailable(page, url)
        found = (_member(each, access.habits) for each in listed)
        yield MembersPage(
            tuple(member for member in found if member), page.next_url, differences_url=page.links.get("differences")
        )


def _refuse_failure(page: Page, url: str, habits: Platform) -> None:
    if page.answer.is_success:
        return
    permanent = habits.roster_refusal(page.answer.status)
    if permanent:
        raise RosterRefused(permanent, asked=paging.named(url), status_code=page.answer.status)
    raise _unavailable(page, url)


def _unavailable(page: Page, url: str) -> RemoteFailure:
    return RemoteFailure(
        "roster-unavailable",
        _l("The learning system did not give us the list of participants now. We will ask again by ourselves."),
        asked=paging.named(url),
        status_code=page.answer.status,
        retry_after_seconds=page.answer.retry_after_seconds,
    )


def _member(listed: object, habits: Platform) -> Member | None:
    """None for an entry that names nobody."""
    if not isinstance(listed, dict):
        return None
    user_id = _identifier(listed.get("user_id"))
    if not user_id:
        return None
    said_roles, status = listed.get("roles"), listed.get("status")
    return Member(
        user_id=user_id,
        role_names=tuple(sorted(roles.understood(said_roles if isinstance(said_roles, list) else ()))),
        is_active=not isinstance(status, str) or status.strip().lower() in ("", "active"),
        name=_name(listed, habits),
        group_ids=_group_ids(listed.get("group_enrollments")),
    )


def _name(listed: Mapping[str, Any], habits: Platform) -> str | None:
    said = claims.full_name(listed)
    return habits.plain_name(said).strip()[:255] or None if said else None


def _group_ids(enrollments: object) -> tuple[str, ...]:
    listed = enrollments if isinstance(enrollments, list) else []
    found = (_identifier(each.get("group_id")) for each in listed if isinstance(each, dict))
    return tuple(dict.fromkeys(group_id for group_id in found if group_id))


def _identifier(value: object) -> str | None:
    """Some platforms write numbers as numbers."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_ID or not text.isprintable():
        return None
    return text
