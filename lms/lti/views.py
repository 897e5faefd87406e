"""The three addresses that a platform knows, and the pages around a launch."""

import structlog
from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core.keys import published
from lms.core.problems import problem_answer, wants_json
from lms.core.web import csrf, limiter, writes
from lms.lti import (
    browser,
    checks,
    framing,
    handover,
    keys,
    launch,
    login,
    platform_errors,
    returning,
    session,
    states,
    storage,
)
from lms.lti.login import Addressee, LoginRequest
from lms.lti.refusals import LaunchRefused
from lms.lti.session import LaunchExpired

KEYS_GOOD_FOR_SECONDS = 3600
"""Shorter than the day for which a new key is published before it signs."""
MOST_LOGINS = "1200/minute"
"""From one address: each writes a row, but whole academies stand behind one and a lecture begins for all at once."""

log = structlog.get_logger()
blueprint = Blueprint("lti", __name__, template_folder="templates", static_folder="static")
session_blueprint = Blueprint("lti_session", __name__, template_folder="templates")
csrf.exempt(blueprint)

blueprint.before_request(framing.allow_anyone)


@blueprint.route("/login", methods=["GET", "POST"])
@limiter.limit(lambda: MOST_LOGINS)
@writes
def begin() -> ResponseReturnValue:
    """A platform sends somebody: ask it who that is. In a frame, see first whether our cookie is kept."""
    parameters = request.values.to_dict()
    asked = login.read(parameters)
    registration = login.registration_of(asked)
    if not browser.is_known() and _may_be_in_frame(parameters):
        return _without_cookie(parameters, asked, registration)
    address = login.begin(asked, registration, browser_hash=browser.remember())
    return redirect(address)


@blueprint.post("/launch")
def arrive() -> ResponseReturnValue:
    """The platform answers: open the session, and the page that it asked for by GET, so that a reload repeats nothing."""
    checks.refuse_doubled(request.form)
    if "error" in request.form:
        launch.refuse_error(request.form)
    checks.refuse_incomplete_answer(request.form)
    state, id_token = request.form["state"], request.form["id_token"]
    if storage.has_note(state) and not browser.is_known():
        return _ask_for_proof(state, id_token)
    return redirect(launch.accept(state=state, id_token=id_token).path, 303)


@blueprint.post("/launch/proof")
def prove() -> ResponseReturnValue:
    """The platform's storage gave back our proof, in a frame without cookies: open the session, and offer it a window."""
    storage.refuse_other_page()
    checks.refuse_doubled(request.form)
    checks.refuse_incomplete_answer(request.form)
    opened = launch.accept_proved(
        state=request.form["state"], id_token=request.form["id_token"], proof=request.form.get("proof", "")
    )
    ticket = {"launch": opened.launch_id, "ticket": handover.ticket_of(opened.launch_id)}
    return _naming_itself(render_template("lti/continue.html", action=url_for("lti.take_over"), sent_on=ticket))


@blueprint.post("/launch/window")
def take_over() -> ResponseReturnValue:
    """The window that was opened from the frame becomes the browser of the launch."""
    storage.refuse_other_page()
    return redirect(handover.take(request.form.get("launch", ""), request.form.get("ticket", "")), 303)


@blueprint.get("/deep-link")
@blueprint.get("/launch")
def explain() -> str:
    """Somebody opened the launch address in a browser, which cannot work. Or a platform sends its error by GET."""
    platform_errors.refuse(request.args)
    return render_template("lti/explain.html")


@blueprint.get("/jwks.json")
def jwks() -> Response:
    """Our public keys: what signs now, what will, and what did."""
    answer = jsonify(keys=published(keys.USE))
    answer.headers["Cache-Control"] = f"public, max-age={KEYS_GOOD_FOR_SECONDS}"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@session_blueprint.get("/")
def opened() -> str:
    """A launch that names no page of ours."""
    return render_template("lti/opened.html", link=session.current().resource_link)


def show_refusal(refused: LaunchRefused) -> Response:
    """What was wrong, what the person can do, and a code for the administrator, whose number leads to the log."""
    log.info("launch-refused", code=refused.code, status=refused.status)  # no facts: strangers write them
    if wants_json():
        return problem_answer(refused)
    page = render_template(
        "lti/refused.html",
        status=refused.status,
        sentence=refused.sentence,
        what_to_do=refused.what_to_do,
        said=refused.said,
        return_url=refused.return_url,
        code=refused.code,
        request_id=g.get("request_id"),
        frame=framing.is_in_frame(),
    )
    return make_response(page, refused.status)


def show_expired(expired: LaunchExpired) -> Response:
    """How to return - and, if somebody was just sending something, what it was, so that it is not lost."""
    if wants_json():
        return problem_answer(expired)
    fields = request.form.items(multi=True)
    sent = [text for name, text in fields if name != "csrf_token" and not name.startswith("_") and len(text) > 1]
    way_back = returning.with_error(expired.return_url, expired.sentence)
    page = render_template(
        "lti/expired.html", sentence=expired.sentence, code=expired.code, sent=sent, return_url=way_back
    )
    return make_response(page, expired.status)


def _may_be_in_frame(parameters: dict[str, str]) -> bool:
    """As the browser says; or, where it does not say, until the script of the probe page has found it out."""
    if framing.is_told():
        return framing.is_in_frame()
    return parameters.get("probed") != "window"


def _without_cookie(parameters: dict[str, str], asked: LoginRequest, registration: Addressee) -> Response:
    """Send the same login once more through the browser, now with our cookie, if the browser keeps it.

    A platform's login hint is good for one authentication request (Moodle), so blocked cookies must be found before it.
    If the cookie does not come back, the platform's storage may keep something for us, or else a window of our own does.
    """
    sent_on = {name: parameters[name] for name in login.PARAMETERS if name in parameters}
    if "probed" in parameters:
        return _stored_or_in_a_window(sent_on, asked, registration)
    browser.remember()
    page = render_template("lti/probe.html", action=url_for("lti.begin"), sent_on={**sent_on, "probed": "yes"})
    return make_response(page)


def _stored_or_in_a_window(sent_on: dict[str, str], asked: LoginRequest, registration: Addressee) -> Response:
    """Script asks the platform's storage; where that does not answer, the page offers a window, as without storage."""
    action = url_for("lti.begin")
    if not asked.storage_frame:
        return make_response(render_template("lti/new_window.html", action=action, sent_on=sent_on))
    address, state = login.begin_with_storage(asked, registration, browser_hash=browser.remember())
    page = render_template(
        "lti/storage_put.html",
        place=storage.place_for(state, registration.auth_url),
        proof=storage.proof_of(state),
        address=address,
        action=action,
        sent_on=sent_on,
    )
    return make_response(page)


def _ask_for_proof(state: str, id_token: str) -> Response:
    """Nothing is checked or used up yet: the browser has to show first that it is the one that began."""
    checks.refuse_oversized(id_token)
    place = storage.place_for(state, states.recall(state).auth_url)
    answer = {"state": state, "id_token": id_token}
    page = render_template("lti/storage_get.html", place=place, action=url_for("lti.prove"), sent_on=answer)
    return _naming_itself(page)


def _naming_itself(page: str) -> Response:
    """A page whose forms say to us, and to nobody else, whose they are; see :func:`lms.lti.storage.refuse_other_page`."""
    answer = make_response(page)
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
