"""The roster of a course (Names and Role Provisioning Services 2.0)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from sqlalchemy import func, select

from lms.sandbox import addresses, courses, demo, identifiers, launch_custom, privacy, roles, store, switches
from lms.sandbox.demo import EVERYBODY, Person
from lms.sandbox.models import Context, Link, MembershipChange, Tool
from lms.sandbox.options import Option, number, value
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import ServiceRefused


@dataclass(frozen=True)
class Asked:
    """What a request for the roster names; ``start`` is the first member of the page, ``since`` a moment of the roster."""

    role: str = ""
    limit: int = 0
    start: int = 0
    rlid: str = ""
    since: int | None = None


@dataclass(frozen=True)
class Page:
    """A part of the roster and where to go on."""

    body: dict[str, object]
    links: dict[str, str]
    """Addresses by their relation: ``next``, ``differences``."""


def page(context: Context, tool: Tool, asked: Asked, profile: Profile) -> Page:
    """The members asked for.

    :raises ServiceRefused: 403 for a resource link that is not the tool's in this course (NRPS 2.0, section 3.1).
    """
    link = _link(context, tool, asked.rlid, profile)
    members = _wanted(asked, profile)
    limit = _page_size(asked)
    shown = members[asked.start : asked.start + limit] if limit else members[asked.start :]
    left = switches.who_left()
    body: dict[str, object] = {
        "id": addresses.memberships(profile, context.id, **({"rlid": asked.rlid} if asked.rlid else {})),
        "context": {
            "id": identifiers.context_id(context, profile),
            "label": context.label,
            "title": context.titles[context.language],
        },
        "members": [_member(person, tool, link, left, profile) for person in shown],
    }
    return Page(body, _links(context, asked, limit, len(members), profile))


def member_by_user_id(user_id: str, profile: Profile) -> Person | None:
    """The member whom a tool names by ``sub``."""
    for person in _everybody():
        if identifiers.user_id(person, profile) == user_id:
            return person
    return None


def _everybody() -> Sequence[Person]:
    if value(Option.COURSE_SIZE) == "big":
        return [*EVERYBODY, *demo.crowd()]
    return EVERYBODY


def _link(context: Context, tool: Tool, rlid: str, profile: Profile) -> Link | None:
    if not rlid:
        return None
    if Quirk.RLID_IS_500 in profile:
        raise ServiceRefused(500, "Internal error")
    switched_on = value(Option.CLIENT)
    for link in courses.of_context(context.id):
        is_theirs = (link.client_id or switched_on) == tool.client_id
        if is_theirs and identifiers.resource_link_id(link, profile) == rlid:
            return link
    raise ServiceRefused(403, "rlid is not a link of this tool in this course")


def _wanted(asked: Asked, profile: Profile) -> list[Person]:
    changed = _changed_since(asked.since)
    left = switches.who_left() if Quirk.NO_INACTIVE_MEMBERS in profile else frozenset()
    return [
        person
        for person in _everybody()
        if person.id not in left
        and (changed is None or person.id in changed)
        and (not asked.role or any(roles.is_meant(role, asked.role) for role in roles.in_roster(person, profile)))
    ]


def _page_size(asked: Asked) -> int:
    most = number(Option.ROSTER_PAGE)
    return min(asked.limit or most, most) if most else asked.limit


def _changed_since(since: int | None) -> frozenset[str] | None:
    if since is None:
        return None
    statement = select(MembershipChange.person_id).where(MembershipChange.id > since)
    return frozenset(store.session().scalars(statement))


def _member(person: Person, tool: Tool, link: Link | None, left: frozenset[str], profile: Profile) -> dict[str, object]:
    shared = privacy.shared(person, tool, profile)
    if Quirk.NAMES_ARE_ESCAPED in profile:
        shared = {name: escape(text) for name, text in shared.items()}
    member: dict[str, object] = {
        "status": "Inactive" if person.id in left else "Active",
        "user_id": identifiers.user_id(person, profile),
        "roles": roles.in_roster(person, profile),
        **shared,
        **_extras(person, profile),
    }
    if link is not None:
        member["message"] = [launch_custom.message_of(person, link, tool, profile)]
    return member


def _extras(person: Person, profile: Profile) -> dict[str, object]:
    if Quirk.ROSTER_EXTRAS in profile:
        return {"lis_person_sourcedid": "", "ext_user_username": person.id}
    return {"lis_person_sourcedid": f"academy-{person.number}"}


def _links(context: Context, asked: Asked, limit: int, count: int, profile: Profile) -> dict[str, str]:
    found = {}
    if limit and asked.start + limit < count:
        found["next"] = _next(context, asked, limit, profile)
    if Quirk.NO_DIFFERENCES not in profile:
        latest = store.session().scalar(select(func.max(MembershipChange.id))) or 0
        found["differences"] = addresses.memberships(profile, context.id, since=str(latest))
    return found


def _next(context: Context, asked: Asked, limit: int, profile: Profile) -> str:
    start = asked.start + limit
    query = {"limit": str(limit)}
    query |= {"page": str(start // limit + 1)} if Quirk.PAGES_BY_NUMBER in profile else {"from": str(start)}
    kept = {"role": "" if Quirk.NEXT_DROPS_ROLE in profile else asked.role, "rlid": asked.rlid}
    query |= {name: text for name, text in kept.items() if text}
    if asked.since is not None:
        query["since"] = str(asked.since)
    return addresses.memberships(profile, context.id, **query)


def described(query: Mapping[str, str], profile: Profile) -> Asked:
    """A request as its query says it.

    :raises ServiceRefused: 400 for what should be a number and is none.
    """
    limit = _number(query, "limit") or 0
    start = _number(query, "from") or 0
    if Quirk.PAGES_BY_NUMBER in profile and limit:
        start = ((_number(query, "page") or 1) - 1) * limit
    return Asked(query.get("role", ""), limit, start, query.get("rlid", ""), _number(query, "since"))


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise ServiceRefused(400, f"{name} must be a whole number")
    return int(text)
