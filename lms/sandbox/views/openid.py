"""The sign-in service of an office: what the browser and the product ask of it. There are no passwords here."""

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from lms.core import settings
from lms.core.i18n import LANGUAGES
from lms.sandbox import keys, openid
from lms.sandbox.openid import Asked
from lms.sandbox.refusals import AuthenticationRefused, TokenRefused
from lms.sandbox.staff import STAFF, StaffPerson, staff_person

CHOSEN = "staff"
"""Whom this browser is to be at the next sign-in, chosen on a page of ours before."""

bp = Blueprint("openid", __name__, url_prefix=openid.PREFIX)


@bp.app_context_processor
def _words() -> dict[str, object]:
    """Staff to be, where the product knows the service."""
    return {"staff_people": STAFF if settings.current().staff_issuer == openid.issuer() else ()}


@bp.get("/.well-known/openid-configuration")
def description() -> Response:
    """What the service says about itself."""
    return jsonify(openid.description())


@bp.get("/jwks.json")
def key_set() -> Response:
    """Its public keys."""
    return jsonify({"keys": keys.published()})


@bp.get("/enter")
def enter() -> ResponseReturnValue:
    """A direct door for demonstrations: be this member of staff, and begin a sign-in at the product."""
    session[CHOSEN] = _known(request.args.get("person")).id
    if request.args.get("lang") in LANGUAGES:
        session["language"] = request.args["lang"]
    return redirect(f"{settings.current().public_url}/staff/sign-in/begin", 303)


@bp.route("/connect/authorize", methods=["GET", "POST"])
def authorize() -> str:
    """Ask who it is, unless that was chosen before; then answer the product through the browser."""
    asked = Asked(**{name: request.values.get(name, "") for name in Asked.__dataclass_fields__})
    openid.refuse_untrusted(asked)
    try:
        openid.refuse_wrong_form(asked)
    except AuthenticationRefused as refusal:
        return _sent_back(asked, {"error": refusal.error, "error_description": refusal.description})
    person = staff_person(request.form.get("person") or session.pop(CHOSEN, None))
    if person is None:
        return render_template("sandbox/staff.html", staff=STAFF, sent_on=request.values.to_dict())
    return _sent_back(asked, {"code": openid.code_for(person, asked)})


@bp.post("/connect/token")
def token() -> Response:
    """A code becomes tokens."""
    try:
        answer = jsonify(openid.redeemed(request.form, request.headers.get("Authorization", "")))
    except TokenRefused as refusal:
        answer = jsonify(error=refusal.error, error_description=refusal.description)
        answer.status_code = 401 if refusal.error == "invalid_client" else 400
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/connect/userinfo")
def userinfo() -> Response:
    """More about whoever an access token is for."""
    said = openid.userinfo(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if said is None:
        return make_response("", 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return jsonify(said)


def _known(person_id: str | None) -> StaffPerson:
    return staff_person(person_id) or abort(404)


def _sent_back(asked: Asked, answer: dict[str, str]) -> str:
    """OAuth 2.0 form post response mode, naming ourselves (RFC 9207)."""
    fields = {**answer, "state": asked.state, "iss": openid.issuer()}
    return render_template("sandbox/staff_post.html", url=asked.redirect_uri, fields=fields)
