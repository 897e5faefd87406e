"""The services about people: the roster (NRPS 2.0), course groups, and what a tool wants to hear of."""

from flask import Blueprint, Response, request

from lms.sandbox import addresses, groups, identifiers, memberships, notices, registrations, switches, tokens, wording
from lms.sandbox.demo import EVERYBODY
from lms.sandbox.models import Tool
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import ServiceRefused
from lms.sandbox.views import service_requests
from lms.sandbox.views.service_requests import allow, answer, body, course, page, refuse_unacceptable

bp = Blueprint("roster", __name__)

MEMBERSHIPS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"

_COURSE = "/services/contexts/<int:context_id>"
_LEARN = "/learn/api/v1/lti/courses/_<int:context_id>_1"
_HANDLERS = "/services/notice-handlers/<client_id>/<deployment_id>"


@bp.before_request
def refuse_when_switched() -> None:
    """Faults first."""
    service_requests.refuse_when_switched()


@bp.get("/learn/api/v1/lti/external/namesandroles/_<int:context_id>_1")
@bp.get(f"{_COURSE}/memberships")
def show_members(context_id: int) -> Response:
    """A page of the roster."""
    profile = switches.profile()
    tool = allow(tokens.MEMBERSHIP_READ_ONLY)
    refuse_unacceptable(MEMBERSHIPS_TYPE, "roster", profile)
    asked = memberships.described(request.args, profile)
    found = memberships.page(course(context_id), tool, asked, profile)
    return answer(found.body, MEMBERSHIPS_TYPE, profile, headers=wording.link_header(found.links, profile))


@bp.get(f"{_LEARN}/groups")
@bp.get(f"{_COURSE}/groups")
def show_groups(context_id: int) -> Response:
    """The groups of a course, or those that one person is in (``user_id``)."""
    profile = _profile_with_groups()
    course(context_id)
    user_id = request.args.get("user_id")
    wanted = groups.GROUPS if user_id is None else _groups_of(user_id, profile)
    shown, link = page(wanted, profile, lambda query: addresses.groups(profile, context_id, **query))
    found = {"id": addresses.groups(profile, context_id), "groups": [groups.described(group) for group in shown]}
    return answer(found, GROUPS_TYPE, profile, headers=link)


@bp.get(f"{_LEARN}/groupsets")
@bp.get(f"{_COURSE}/groupsets")
def show_group_sets(context_id: int) -> Response:
    """The sets into which groups are put."""
    profile = _profile_with_groups()
    course(context_id)
    shown, link = page(list(groups.SETS), profile, lambda query: addresses.group_sets(profile, context_id, **query))
    found = {"id": addresses.group_sets(profile, context_id), "sets": [groups.set_described(each) for each in shown]}
    return answer(found, GROUPS_TYPE, profile, headers=link)


@bp.get(_HANDLERS)
def show_handlers(client_id: str, deployment_id: str) -> Response:
    """What a tool wants to hear of."""
    _refuse_strangers(allow(tokens.NOTICE_HANDLERS), client_id, deployment_id)
    return answer(notices.handlers(client_id, deployment_id), "application/json", switches.profile())


@bp.put(_HANDLERS)
def set_handler(client_id: str, deployment_id: str) -> Response:
    """A tool wants to hear of something, or no longer."""
    _refuse_strangers(allow(tokens.NOTICE_HANDLERS), client_id, deployment_id)
    profile = switches.profile()
    sent = body("application/json", profile)
    return answer(notices.set_handler(client_id, deployment_id, sent), "application/json", profile)


def _profile_with_groups() -> Profile:
    """:raises ServiceRefused: 404 where there is no such service."""
    profile = switches.profile()
    if Quirk.NO_GROUPS in profile:
        raise ServiceRefused(404, "There is no such service")
    service_requests.refuse_misaddressed(profile)
    allow(tokens.GROUP_READ_ONLY)
    refuse_unacceptable(GROUPS_TYPE, "groups", profile)
    return profile


def _groups_of(user_id: str, profile: Profile) -> tuple[groups.Group, ...]:
    for person in EVERYBODY:
        if identifiers.user_id(person, profile) == user_id:
            return groups.of_person(person)
    return ()


def _refuse_strangers(tool: Tool, client_id: str, deployment_id: str) -> None:
    if tool.client_id != client_id or not registrations.is_deployed(client_id, deployment_id):
        raise ServiceRefused(404, "There is no such service for this tool")
