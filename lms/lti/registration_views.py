"""Pages by which a platform registers, in a window or a frame that it opened; and the page for guests.

They are open to everybody because the address is the key: who holds an invitation may use it. No form token is asked for,
as one could not do more with it than with the address, and a frame may keep no cookie.
"""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from lms.core.i18n import _l
from lms.core.web import csrf, limiter
from lms.lti import framing, guests, platforms, registration
from lms.lti.registration import SPEC, Agreement
from lms.lti.registration_configuration import PlatformConfiguration, is_address
from lms.lti.registration_offer import LABELS, SCOPES, messages_for, scopes_for
from lms.lti.registration_refusals import AGAIN, RegistrationRefused

MOST_REGISTRATIONS = "30/minute"
"""From one address: each calls the platform."""
LONGEST_ADDRESS = 2000
LONGEST_TOKEN = 8000

blueprint = Blueprint("lti_registration", __name__, template_folder="templates", static_folder=None)
csrf.exempt(blueprint)
blueprint.before_request(framing.allow_anyone)


@blueprint.get("/register/<secret>")
@limiter.limit(lambda: MOST_REGISTRATIONS)
def look(secret: str) -> ResponseReturnValue:
    """The platform sends somebody with an invitation: show what would be registered."""
    address, token = _sent()
    platform = registration.look(secret, address, token)
    _allow(platform)
    page = render_template(
        "lti/register.html",
        platform=platform,
        token=token,
        secret=secret,
        scopes=[SCOPES[scope] for scope in scopes_for(platform)],
        messages=[LABELS[name] for name in messages_for(platform)],
        frame=framing.is_in_frame(),
    )
    return _keeping_secrets(page)


@blueprint.post("/register/<secret>")
@limiter.limit(lambda: MOST_REGISTRATIONS)
def agree(secret: str) -> ResponseReturnValue:
    """The person agrees: register, and give the window back to the platform."""
    address, token = _sent()
    agreed = Agreement(digest=request.form.get("digest", ""), knows_issuer="knows_issuer" in request.form)
    row = registration.register(secret, address, token, agreed)
    family = platforms.of(row.issuer, row.family)
    framing.allow(framing.ancestors((address, row.issuer, row.auth_url), family))
    return _keeping_secrets(render_template("lti/registered.html", registration=row, frame=framing.is_in_frame()))


@blueprint.get("/guest")
def guest() -> str:
    """Somebody whom the platform does not name: nothing is kept of this visit."""
    page = guests.open_page(request.args.get("page", ""))
    return render_template("lti/guest.html", page=page, frame=framing.is_in_frame())


def show_refusal(refused: RegistrationRefused) -> Response:
    """Why nothing was registered, with the platform's own words where it said any."""
    page = render_template("lti/not_registered.html", refused=refused, frame=framing.is_in_frame())
    return make_response(page, refused.status)


def _sent() -> tuple[str, str | None]:
    """Where the platform describes itself, and its token, which is optional.

    :raises RegistrationRefused: ``configuration-missing``.
    """
    address, token = request.values.get("openid_configuration", ""), request.values.get("registration_token", "")
    if not is_address(address, LONGEST_ADDRESS) or len(token) > LONGEST_TOKEN or not token.isascii():
        raise RegistrationRefused(
            "configuration-missing",
            _l("This address is for learning systems. Enter it there, where a tool is registered."),
            spec=SPEC,
            what_to_do=AGAIN,
        )
    return address, token.strip() or None


def _allow(platform: PlatformConfiguration) -> None:
    """The platform's own pages may show this one in a frame."""
    habits = platforms.of(platform.issuer, platform.family)
    addresses = (platform.address, platform.issuer, platform.auth_url, platform.registration_url)
    framing.allow(framing.ancestors(addresses, habits))


def _keeping_secrets(page: str) -> Response:
    """The address of these pages holds a secret, and the page a token."""
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer
