"""The authentication request of the tool, checked one thing after another (security framework 1.0, section 5.1.1.2).

Until client and redirect address are known to be right, a refusal is a page; afterwards it is posted to the tool.
"""

from dataclasses import dataclass

from lms.sandbox import identifiers, launches, registrations, wording
from lms.sandbox.demo import Person
from lms.sandbox.models import PendingLaunch, Tool
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import AuthenticationRefused, PageRefused


@dataclass(frozen=True)
class AuthenticationRequest:
    """The parameters, as they came; what is absent is empty."""

    client_id: str
    redirect_uri: str
    scope: str
    response_type: str
    response_mode: str
    prompt: str
    nonce: str
    state: str
    login_hint: str
    lti_message_hint: str


def tool_of(request: AuthenticationRequest, profile: Profile) -> Tool:
    """The tool that asks: client and redirect address must be registered, the address to the letter.

    :raises PageRefused: because nobody may be sent to an address that is not registered.
    """
    tool = registrations.find(request.client_id)
    if tool is None:
        raise PageRefused(wording.untrusted_request_status(profile), "client_id is not registered here")
    if request.redirect_uri not in tool.redirect_uris:
        raise PageRefused(wording.untrusted_request_status(profile), "redirect_uri is not exactly a registered one")
    return tool


def launch_of(request: AuthenticationRequest, profile: Profile) -> PendingLaunch:
    """The launch that the person began here, with this tool.

    :raises PageRefused: if the hint is missing, was changed, or was used before where it works once.
    """
    launch = launches.find(request.lti_message_hint, profile)
    if launch is None or launch.client_id != request.client_id:
        reason = "lti_message_hint leads to no launch that is still open"
        raise PageRefused(wording.untrusted_request_status(profile), reason)
    return launch


def refuse_wrong_form(request: AuthenticationRequest, profile: Profile) -> None:
    """:raises AuthenticationRefused: at the first parameter that is not as LTI fixes it."""
    _refuse_wrong_scope(request)
    _refuse_wrong_response_type(request)
    _refuse_wrong_response_mode(request)
    _refuse_wrong_prompt(request, profile)
    _refuse_missing_nonce(request)
    _refuse_missing_state(request)


def refuse_other_person(
    request: AuthenticationRequest, launch: PendingLaunch, signed_in: Person | None, profile: Profile
) -> Person:
    """The person signed in here must be the one whom the hint means, and who began the launch.

    :raises AuthenticationRefused: ``login_required`` or ``access_denied``.
    """
    if signed_in is None:
        raise AuthenticationRefused("login_required", "Nobody is signed in at the platform")
    if request.login_hint != identifiers.login_hint(signed_in, profile) or launch.person_id != signed_in.id:
        raise AuthenticationRefused("access_denied", "login_hint means another person than the one signed in")
    return signed_in


def _refuse_wrong_scope(request: AuthenticationRequest) -> None:
    if request.scope != "openid":
        raise AuthenticationRefused("invalid_scope", "scope must be openid")


def _refuse_wrong_response_type(request: AuthenticationRequest) -> None:
    if request.response_type != "id_token":
        raise AuthenticationRefused("unsupported_response_type", "response_type must be id_token")


def _refuse_wrong_response_mode(request: AuthenticationRequest) -> None:
    if request.response_mode != "form_post":
        raise AuthenticationRefused("invalid_request", "response_mode must be form_post")


def _refuse_wrong_prompt(request: AuthenticationRequest, profile: Profile) -> None:
    if request.prompt == "none" or (not request.prompt and Quirk.PROMPT_MAY_BE_ABSENT in profile):
        return
    raise AuthenticationRefused("invalid_request", "prompt must be none")


def _refuse_missing_nonce(request: AuthenticationRequest) -> None:
    if not request.nonce:
        raise AuthenticationRefused("invalid_request", "nonce is missing")


def _refuse_missing_state(request: AuthenticationRequest) -> None:
    if not request.state:
        raise AuthenticationRefused("invalid_request", "state is missing")
