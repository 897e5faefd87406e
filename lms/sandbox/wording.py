"""How a platform words what it answers: JSON, errors of services, links to further pages."""

import json

from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import PersonNotGradable, ServiceRefused


def text(value: object, profile: Profile) -> str:
    """The text of a JSON body. PHP escapes slashes and everything outside ASCII."""
    if Quirk.SLASHES_ARE_ESCAPED in profile:
        return json.dumps(value).replace("/", "\\/")
    return json.dumps(value, ensure_ascii=False)


def token_content_type(profile: Profile) -> str:
    """The content type of the token endpoint."""
    return "text/html; charset=utf-8" if Quirk.TOKEN_ANSWER_IS_HTML in profile else "application/json"


def invalid_client_status(profile: Profile) -> int:
    """RFC 6749, section 5.2 allows 401 for ``invalid_client``; every other token error is 400."""
    return 400 if Quirk.INVALID_CLIENT_IS_400 in profile else 401


def missing_scope_status(profile: Profile) -> int:
    """RFC 6750, section 3.1: 403."""
    return 401 if Quirk.MISSING_SCOPE_IS_401 in profile else 403


def wrong_content_type_status(profile: Profile) -> int:
    """RFC 9110, section 15.5.16: 415."""
    return 400 if Quirk.WRONG_CONTENT_TYPE_IS_400 in profile else 415


def not_acceptable_status(profile: Profile) -> int:
    """RFC 9110, section 15.5.7: 406."""
    return 400 if Quirk.ONE_EXACT_ACCEPT in profile else 406


def takes_any_accept(resource: str, profile: Profile) -> bool:
    """Whether this resource is given to ``Accept: */*`` too."""
    if resource == "roster":
        return Quirk.ANY_ACCEPT_FOR_ROSTER in profile
    if resource == "results":
        return True
    return Quirk.ONE_EXACT_ACCEPT not in profile


def untrusted_request_status(profile: Profile) -> int:
    """Of the page that a person sees when the tool's request cannot be answered at its own address."""
    return 404 if Quirk.UNTRUSTED_REQUEST_IS_404 in profile else 400


def refusal(refused: ServiceRefused, profile: Profile) -> tuple[object, int]:
    """Body and status with which a service refuses."""
    if isinstance(refused, PersonNotGradable):
        return _ungradable(refused, profile)
    return _error(refused.status, refused.reason, profile), refused.status


def challenge(status: int, profile: Profile) -> dict[str, str]:
    """RFC 6750, section 3: what a bearer token lacks is said in a header."""
    if Quirk.MISSING_SCOPE_IS_401 in profile:
        return {}
    known = {401: 'Bearer error="invalid_token"', 403: 'Bearer error="insufficient_scope"'}
    return {"WWW-Authenticate": known[status]} if status in known else {}


def link_header(links: dict[str, str], profile: Profile, *, curly: bool = False) -> dict[str, str]:
    """The ``Link`` header (RFC 8288), or on some platforms something like it."""
    if not links:
        return {}
    if curly and Quirk.CURLY_LINKS in profile:
        written = [f"<{url.replace('&', '&amp;')}>; rel=“{relation}”" for relation, url in links.items()]
        return {"Link": ", ".join(written).encode().decode("latin-1")}
    return {"Link": ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items())}


def score_answer(result_url: str, profile: Profile) -> tuple[str, int]:
    """Body and status for a score that was taken."""
    if Quirk.SCORE_IS_200_EMPTY in profile:
        return "", 200
    if Quirk.SCORE_IS_201_JSON in profile:
        return text({"timestamp": "taken"}, profile), 201
    if Quirk.SCORE_IS_200_WITH_RESULT in profile:
        return text({"resultUrl": result_url}, profile), 200
    return "", 204


def _ungradable(refused: PersonNotGradable, profile: Profile) -> tuple[object, int]:
    if Quirk.UNGRADABLE_IS_EMPTY_LIST in profile:
        return [], 400
    if Quirk.UNGRADABLE_IS_422 in profile:
        return {
            "errors": {"type": "unprocessable_entity", "message": "User not found in course or is not a student"}
        }, 422
    if Quirk.UNKNOWN_USER_IS_500 in profile and not refused.is_known:
        return {"error": "Internal Server Error"}, 500
    if Quirk.USER_COULD_NOT_BE_FOUND in profile:
        return {"status": 400, "message": f"User could not be found: {refused.user_id}"}, 400
    if Quirk.NOT_IN_ORG_UNIT in profile:
        if refused.is_known:
            return {"detail": "User in requested score is not enrolled in the org unit"}, 403
        return {"detail": "User in requested score does not exist"}, 404
    return _error(refused.status, refused.reason, profile), refused.status


def _error(status: int, reason: str, profile: Profile) -> object:
    if Quirk.ERRORS_WITH_REQUEST in profile:
        return {"status": status, "reason": reason, "request": {"method": "", "url": ""}}
    return {"error": reason}
