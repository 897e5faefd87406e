"""OpenID Connect, keys and tokens: what the tool and the browser ask of the platform."""

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from lms.core.i18n import locale
from lms.sandbox import (
    addresses,
    assertions,
    authentication,
    courses,
    keys,
    messages,
    storage,
    store,
    switches,
    tokens,
    wording,
)
from lms.sandbox.authentication import AuthenticationRequest
from lms.sandbox.messages import Launch
from lms.sandbox.models import PendingLaunch
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import AuthenticationRefused, TokenRefused
from lms.sandbox.registrations import Placement
from lms.sandbox.switches import Fault
from lms.sandbox.views.people import signed_in_person

bp = Blueprint("platform", __name__)

RETRY_AFTER_SECONDS = "2"
ERRORS = {
    Fault.ERROR_ANSWER: "temporarily_unavailable",
    Fault.ERROR_LOGIN_REQUIRED: "login_required",
    Fault.ERROR_INTERACTION_REQUIRED: "interaction_required",
    Fault.ERROR_ACCESS_DENIED: "access_denied",
}


@bp.route(addresses.AUTHORIZE_PATH, methods=["GET", "POST"])
def authorize() -> str:
    """Answer the tool's authentication request through the browser: a message, or why there is none."""
    asked = _authentication_request()
    profile = switches.profile()
    tool = authentication.tool_of(asked, profile)
    launch = authentication.launch_of(asked, profile)
    try:
        answer = {"id_token": _id_token(asked, launch, Placement(tool, launch.deployment_id), profile)}
    except AuthenticationRefused as refusal:
        answer = {"error": refusal.error, "error_description": refusal.description}
    return _posted_to_tool(asked, answer, profile)


@bp.get(addresses.JWKS_PATH)
def key_set() -> Response:
    """The platform's public keys."""
    if switches.take(Fault.JWKS_503):
        return make_response("Service Unavailable", 503)
    published = keys.published()
    if Quirk.KEYS_WITHOUT_ALG in switches.profile():
        published = [{name: value for name, value in key.items() if name != "alg"} for key in published]
    response = jsonify({"keys": published})
    response.cache_control.max_age = 60
    return response


@bp.post(addresses.TOKEN_PATH)
def token() -> Response:
    """A token for the services, against a client assertion. The form only: JSON is not OAuth."""
    with store.transaction():
        profile, broken = switches.profile(), _broken_token_service()
    if broken is not None:
        return broken
    if request.mimetype != "application/x-www-form-urlencoded":
        raise TokenRefused("invalid_request", "The request must be form encoded")
    tool = assertions.accept(tokens.assertion_of(request.form), audience=addresses.token_audience(profile))
    asked = request.form.get("scope", "")
    return _granted(tokens.grant(asked, client_id=tool.client_id, allowed=tool.scope, profile=profile), profile)


def token_refused(refusal: TokenRefused) -> Response:
    """The error of the token endpoint, in the content type of the profile."""
    profile = switches.profile()
    status = wording.invalid_client_status(profile) if refusal.error == "invalid_client" else 400
    body = wording.text({"error": refusal.error, "error_description": refusal.description}, profile)
    return _uncached(Response(body, status=status, content_type=wording.token_content_type(profile)))


def _authentication_request() -> AuthenticationRequest:
    names = AuthenticationRequest.__dataclass_fields__
    return AuthenticationRequest(**{name: request.values.get(name, "") for name in names})


def _id_token(asked: AuthenticationRequest, noted: PendingLaunch, placement: Placement, profile: Profile) -> str:
    authentication.refuse_wrong_form(asked, profile)
    person = authentication.refuse_other_person(asked, noted, signed_in_person(), profile)
    for fault, error in ERRORS.items():
        if switches.take(fault):
            raise AuthenticationRefused(error, "The platform was told to refuse")
    if noted.link_id is not None and courses.link_by_id(noted.link_id) is None:
        raise AuthenticationRefused("invalid_request", "The activity does not exist any more")
    launch = Launch(
        noted=noted,
        placement=placement,
        person=person,
        profile=profile,
        nonce=asked.nonce,
        language=locale(),
        context=courses.find(noted.context_id) if noted.context_id is not None else None,
        link=courses.link_by_id(noted.link_id),
    )
    return messages.signed(messages.claims_of(launch))


def _posted_to_tool(asked: AuthenticationRequest, answer: dict[str, str], profile: Profile) -> str:
    """OAuth 2.0 form post response mode: a form that sends itself."""
    state = "another-state" if switches.take(Fault.WRONG_STATE) else asked.state
    fields = {**answer, "state": state} if asked.state else answer
    target = storage.target(profile)
    if target is not None:
        fields["lti_storage_target"] = target
    return render_template("sandbox/post.html", url=asked.redirect_uri, fields=fields)


def _broken_token_service() -> Response | None:
    if switches.take(Fault.TOKEN_503):
        return make_response("Service Unavailable", 503)
    if switches.take(Fault.TOKEN_429):
        return make_response("Too Many Requests", 429, {"Retry-After": RETRY_AFTER_SECONDS})
    if switches.take(Fault.TOKEN_HTML_404):
        return make_response("<!doctype html><title>Error</title><p>Not found", 404)
    return None


def _granted(grant: tokens.Grant, profile: Profile) -> Response:
    body = wording.text(
        {
            "access_token": grant.access_token,
            "token_type": "Bearer",
            "expires_in": grant.expires_in_seconds,
            "scope": grant.scope,
        },
        profile,
    )
    return _uncached(Response(body, content_type=wording.token_content_type(profile)))


def _uncached(response: Response) -> Response:
    """RFC 6749, section 5.1."""
    response.headers["Cache-Control"] = "no-store"
    return response
