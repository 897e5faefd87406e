"""The groups of a course as its platform made them (Course Groups Service 1.0).

The specification's text could not be had; what is read here is what LTI-PHP (celtic-project), pylti1.3 and Moodle's
``contextgroups`` agree on: groups with ``id``, ``name``, ``set_id``; sets with ``id``, ``name``; ``user_id`` as a filter.
They differ in the media type of sets, so the second is asked for where the first is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lms.core.errors import RemoteFailure
from lms.core.i18n import _l
from lms.lti import claims, paging
from lms.lti.access import Access
from lms.lti.models import LONGEST_ID

CONTAINER = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
SET_CONTAINER = "application/vnd.ims.lti-gs.v1.contextgroupsetcontainer+json"


@dataclass(frozen=True)
class Group:
    """A group of a course."""

    id: str
    name: str
    set_name: str
    """Empty where it belongs to no set."""


def of_course(access: Access, groups_url: str, sets_url: str | None) -> list[Group]:
    """All groups. Calls the platform, so no transaction may be open.

    :raises RemoteFailure: ``groups-unavailable``; and as :func:`lms.lti.paging.pages`.
    """
    habits = access.habits
    sets = _sets(access, sets_url) if sets_url else {}
    found = []
    for listed in _entries(access, groups_url, accept=CONTAINER, under="groups"):
        group_id = _text(listed, "id")
        if group_id:
            name = habits.plain_name(_text(listed, "name") or group_id)
            found.append(Group(group_id, name, habits.plain_name(sets.get(_set_id(listed) or "", ""))))
    return found


def of_user(access: Access, groups_url: str, user_id: str) -> list[str]:
    """Ids of the groups that one person is in.

    :raises RemoteFailure: as :func:`of_course`.
    """
    url = paging.with_query(groups_url, user_id=user_id)
    listed = _entries(access, url, accept=CONTAINER, under="groups")
    return [group_id for each in listed if (group_id := _text(each, "id"))]


def _sets(access: Access, url: str) -> Mapping[str, str]:
    """Names of sets by id."""
    try:
        listed = list(_entries(access, url, accept=SET_CONTAINER, under="sets"))
    except RemoteFailure as failure:
        if failure.status_code not in (400, 406, 415):
            raise
        listed = list(_entries(access, url, accept=CONTAINER, under="sets"))
    return {set_id: _text(each, "name") or set_id for each in listed if (set_id := _text(each, "id"))}


def _entries(access: Access, url: str, *, accept: str, under: str) -> Iterator[Mapping[str, Any]]:
    for page in paging.pages(access, url, scopes=[claims.GROUPS_SCOPE], accept=accept):
        listed = page.body.get(under) if isinstance(page.body, dict) else None
        if not page.answer.is_success or not isinstance(listed, list):
            raise RemoteFailure(
                "groups-unavailable",
                _l("The learning system did not give us the groups of the course."),
                asked=paging.named(url),
                status_code=page.answer.status,
                retry_after_seconds=page.answer.retry_after_seconds,
            )
        yield from (each for each in listed if isinstance(each, dict))


def _set_id(listed: Mapping[str, Any]) -> str | None:
    """One set, or the first of several (``set_ids``)."""
    several = listed.get("set_ids")
    first = several[0] if isinstance(several, list) and several else None
    return _text(listed, "set_id") or _text({"id": first}, "id")


def _text(listed: Mapping[str, Any], key: str) -> str | None:
    """Ids may be numbers."""
    value = listed.get(key)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text.strip()[:LONGEST_ID] or None if isinstance(text, str) and text.isprintable() else None
