"""What all services have in common: who asks, what is acceptable, how lists are cut into pages."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from flask import Response, request

from lms.sandbox import addresses, courses, registrations, switches, tokens, wording
from lms.sandbox.models import Context, Tool
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import ServiceRefused
from lms.sandbox.switches import Fault

RETRY_AFTER_SECONDS = "2"
NAMELESS = ("python-requests/", "python-urllib3/", "Python-urllib/", "curl/")

Row = TypeVar("Row")


def refuse_when_switched() -> None:
    """Faults first, then the firewall that some sites have."""
    if switches.take(Fault.SERVICE_503):
        raise ServiceRefused(503, "Out of order")
    if switches.take(Fault.SERVICE_429):
        raise ServiceRefused(429, "Asked too often", headers={"Retry-After": RETRY_AFTER_SECONDS})
    if switches.take(Fault.SERVICE_401):
        raise ServiceRefused(401, "The token is not known")
    name = request.headers.get("User-Agent", "")
    if Quirk.NAMELESS_CALLERS_ARE_403 in switches.profile() and (not name or name.startswith(NAMELESS)):
        raise ServiceRefused(403, "Forbidden by the firewall")


def refuse_misaddressed(profile: Profile) -> None:
    """:raises ServiceRefused: 400 if the query that the profile's addresses carry is lost."""
    for name, value in addresses.service_query(profile).items():
        if request.args.get(name) != value:
            raise ServiceRefused(400, f"The address lacks its {name}")


def allow(*sufficient: str) -> Tool:
    """Whose token this is.

    :raises ServiceRefused: 401 without a good token; as the profile says if its scopes do not suffice.
    """
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    bearer = tokens.bearer_of(token) if kind.lower() == "bearer" else None
    tool = registrations.find(bearer.client_id) if bearer else None
    if bearer is None or tool is None:
        raise ServiceRefused(401, "A good bearer token is needed")
    if bearer.scopes.isdisjoint(sufficient):
        raise ServiceRefused(wording.missing_scope_status(switches.profile()), "The token has not the scope for this")
    return tool


def course(context_id: int) -> Context:
    """:raises ServiceRefused: 404."""
    found = courses.find(context_id)
    if found is None:
        raise ServiceRefused(404, "There is no such course")
    return found


def refuse_unacceptable(media_type: str, resource: str, profile: Profile) -> None:
    """The Accept header must name exactly the type of the resource, or be a wildcard where that is enough."""
    accepted = request.headers.get("Accept", "")
    if accepted == media_type:
        return
    wildcard = not accepted or request.accept_mimetypes[media_type] > 0
    if wording.takes_any_accept(resource, profile) and wildcard:
        return
    raise ServiceRefused(wording.not_acceptable_status(profile), f"Only {media_type} is given here")


def body(media_type: str, profile: Profile) -> dict[str, object]:
    """The JSON object that was sent.

    :raises ServiceRefused: as the profile says for another content type; 400 for what is no JSON object.
    """
    if request.mimetype != media_type:
        raise ServiceRefused(wording.wrong_content_type_status(profile), f"No handler found: send {media_type}")
    try:
        found = json.loads(request.get_data(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ServiceRefused(400, "The body is not JSON") from error
    if not isinstance(found, dict):
        raise ServiceRefused(400, "The body is not a JSON object")
    return found


def page(
    rows: Sequence[Row], profile: Profile, address: Callable[[dict[str, str]], str]
) -> tuple[Sequence[Row], dict[str, str]]:
    """The part of a list that was asked for by ``limit``, and the header with the link to the next part."""
    limit, start = _whole_number("limit"), _whole_number("from") or 0
    if not limit:
        return rows, {}
    links = {}
    if start + limit < len(rows):
        carried = addresses.service_query(profile)
        kept = {name: value for name, value in request.args.items() if name not in carried}
        links["next"] = address({**kept, "limit": str(limit), "from": str(start + limit)})
    return rows[start : start + limit], wording.link_header(links, profile, curly=True)


def answer(
    value: object, media_type: str, profile: Profile, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON in the profile's writing."""
    text = wording.text(value, profile)
    return Response(text, status=status, content_type=media_type, headers=dict(headers or {}))


def refused(refusal: ServiceRefused) -> Response:
    """A refusal in the words of the profile."""
    profile = switches.profile()
    value, status = wording.refusal(refusal, profile)
    headers = {**wording.challenge(status, profile), **refusal.headers}
    return answer(value, "application/json", profile, status=status, headers=headers)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _whole_number(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise ServiceRefused(400, f"{name} must be a whole number")
    return int(text)
