"""OpenID Connect, keys and tokens: what the tool and the browser ask of the platform."""

from typing import NoReturn

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request

from lms.core.i18n import locale
from lms.sandbox import addresses, assertions, authentication, demo, keys, messages, store, switches, tokens
from lms.sandbox.authentication import AuthenticationRequest
from lms.sandbox.models import PendingLaunch
from lms.sandbox.profiles import Profile
from lms.sandbox.refusals import AuthenticationRefused, TokenRefused
from lms.sandbox.switches import Fault
from lms.sandbox.tool_keys import ToolKeys
from lms.sandbox.views.people import signed_in_person
from lms.sandbox.views.tool import registration

bp = Blueprint("platform", __name__)

RETRY_AFTER_SECONDS = "2"


@bp.route(addresses.AUTHORIZE_PATH, methods=["GET", "POST"])
def authorize() -> str:
    """Answer the tool's authentication request through the browser: a message, or why there is none."""
    asked = _authentication_request()
    profile = switches.profile()
    authentication.refuse_untrusted(asked, registration(), profile)
    launch = authentication.launch_of(asked, profile)
    try:
        answer = {"id_token": _id_token(asked, launch, profile)}
    except AuthenticationRefused as refusal:
        answer = {"error": refusal.error, "error_description": refusal.description}
    return _posted_to_tool(asked, answer)


@bp.get(addresses.JWKS_PATH)
def key_set() -> Response:
    """The platform's public keys."""
    if switches.take(Fault.JWKS_503):
        return make_response("Service Unavailable", 503)
    response = jsonify({"keys": keys.published()})
    response.cache_control.max_age = 60
    return response


@bp.post(addresses.TOKEN_PATH)
def token() -> Response:
    """A token for the grade services, against a client assertion. The form only: JSON is not OAuth."""
    with store.transaction():
        profile, broken = switches.profile(), _broken_token_service()
    if broken is not None:
        return broken
    if request.mimetype != "application/x-www-form-urlencoded":
        raise TokenRefused("invalid_request", "The request must be form encoded")
    tool_keys: ToolKeys = current_app.extensions["bilim.sandbox.tool_keys"]
    claims = assertions.claims_of(tokens.assertion_of(request.form), tool_keys)
    assertions.refuse_wrong_claims(claims, client_id=registration().client_id, audience=addresses.token())
    return _granted(tokens.grant(request.form.get("scope", "")), profile)


def token_refused(refusal: TokenRefused) -> Response:
    """The error of the token endpoint, in the content type of the profile."""
    profile = switches.profile()
    status = profile.invalid_client_status if refusal.error == "invalid_client" else 400
    body = profile.json({"error": refusal.error, "error_description": refusal.description})
    return _uncached(Response(body, status=status, content_type=profile.token_content_type))


def _authentication_request() -> AuthenticationRequest:
    names = AuthenticationRequest.__dataclass_fields__
    return AuthenticationRequest(**{name: request.values.get(name, "") for name in names})


def _id_token(asked: AuthenticationRequest, launch: PendingLaunch, profile: Profile) -> str:
    authentication.refuse_wrong_form(asked, profile)
    person = authentication.refuse_other_person(asked, launch, signed_in_person(), profile)
    if switches.take(Fault.ERROR_ANSWER):
        raise AuthenticationRefused("temporarily_unavailable", "The platform was told to refuse")
    module = demo.module(launch.module_slug) or _lost()
    claims = messages.resource_link_request(
        person,
        module,
        tool=registration(),
        profile=profile,
        nonce=asked.nonce,
        document_target=launch.document_target,
        language=locale(),
    )
    return messages.signed(claims)


def _lost() -> NoReturn:
    raise AuthenticationRefused("invalid_request", "The activity does not exist any more")


def _posted_to_tool(asked: AuthenticationRequest, answer: dict[str, str]) -> str:
    """OAuth 2.0 form post response mode: a form that sends itself."""
    state = "another-state" if switches.take(Fault.WRONG_STATE) else asked.state
    fields = {**answer, "state": state} if asked.state else answer
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
    body = profile.json(
        {
            "access_token": grant.access_token,
            "token_type": "Bearer",
            "expires_in": grant.expires_in_seconds,
            "scope": grant.scope,
        }
    )
    return _uncached(Response(body, content_type=profile.token_content_type))


def _uncached(response: Response) -> Response:
    """RFC 6749, section 5.1."""
    response.headers["Cache-Control"] = "no-store"
    return response
