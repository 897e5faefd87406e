"""The doors in and out. Open to all: whoever comes here has shown nothing yet."""

import structlog
from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import settings
from lms.core.i18n import _l
from lms.core.problems import problem_answer, wants_json
from lms.core.web import SAFE_METHODS, csrf, limiter, writes
from lms.signin import authentication, invitations, links, paths, provider, questions, sessions
from lms.signin.guard import SignInFirst
from lms.signin.refusals import OPERATOR, SignInRefused

MOST_TRIES = "30/minute"
"""From one address, on every door. Nobody types a secret here, so this only stops a flood."""

log = structlog.get_logger()
blueprint = Blueprint("staff", __name__, template_folder="../templates")


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """How staff come in. Whoever is in already goes on."""
    next_path = paths.safe(request.args.get("next"))
    if sessions.present() is not None:
        return redirect(next_path, 303)
    has_provider = bool(settings.current().staff_issuer)
    return render_template("staff/sign_in.html", next_path=next_path, has_provider=has_provider)


@blueprint.get("/sign-in/begin")
@limiter.limit(MOST_TRIES)
@writes
def begin() -> ResponseReturnValue:
    """Ask the provider who this is. By GET, because Chromium holds redirects of forms to our own ``form-action``."""
    return _to_provider(next_path=paths.safe(request.args.get("next")), invitation=None)


@blueprint.get("/invitation/<token>")
@limiter.limit(MOST_TRIES)
def invitation(token: str) -> str:
    """What somebody is invited to."""
    has_provider = bool(settings.current().staff_issuer)
    return render_template(
        "staff/invitation.html", invitation=invitations.find(token), token=token, has_provider=has_provider
    )


@blueprint.get("/invitation/<token>/accept")
@limiter.limit(MOST_TRIES)
@writes
def accept(token: str) -> ResponseReturnValue:
    """Ask the provider who takes the invitation up."""
    return _to_provider(next_path=paths.HOME, invitation=token)


@blueprint.route("/callback", methods=["GET", "POST"])
@limiter.limit(MOST_TRIES)
@writes
def callback() -> ResponseReturnValue:
    """The provider answers, as a form or in the address. The state in it proves that this browser asked."""
    _refuse_without_provider()
    parameters = (request.form if request.method == "POST" else request.args).to_dict()
    identity, question = authentication.answered(parameters)
    member = authentication.recognised(identity, question)
    return entered(sessions.open_for(member, method=sessions.BY_PROVIDER), question.next_path)


csrf.exempt(callback)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session on the server; the browser forgets it, and the pages it kept."""
    session = sessions.presented()
    if session is not None:
        sessions.end(session)
    return sessions.take_back(make_response(redirect(url_for("staff.signed_out"), 303)))


@blueprint.get("/signed-out")
def signed_out() -> str:
    """Said after signing out. The provider may still know the person, so the way to sign out there stands beside."""
    provided = provider.known()
    return render_template("staff/signed_out.html", end_session_url=provided.end_session_url if provided else None)


@blueprint.get("/link/<token>")
@limiter.limit(MOST_TRIES)
def link(token: str) -> str:
    """A one-time link, opened. Only the button uses it up: mail programs and chats open links by themselves."""
    return render_template("staff/link.html", token=token)


@blueprint.post("/link/<token>")
@limiter.limit(MOST_TRIES)
def use_link(token: str) -> ResponseReturnValue:
    """Sign in by a one-time link."""
    member = links.use(token)
    return entered(sessions.open_for(member, method=sessions.BY_LINK), paths.HOME)


def entered(token: str, path: str) -> Response:
    """Signed in: on to the page that was wanted."""
    return sessions.hand_over(make_response(redirect(path, 303)), token)


def _to_provider(*, next_path: str, invitation: str | None) -> ResponseReturnValue:
    _refuse_without_provider()
    asked_of = provider.described()  # before anything is read: no transaction is held while the provider is asked
    invitation_id = invitations.find(invitation).id if invitation else None
    asked = questions.ask(next_path=next_path, invitation_id=invitation_id)
    return redirect(authentication.address_of(asked_of, asked), 302)


def _refuse_without_provider() -> None:
    if not settings.current().staff_issuer:
        raise SignInRefused("provider-not-set", _l("No sign-in service is set up here."), what_to_do=OPERATOR)


def show_refusal(refused: SignInRefused) -> Response:
    """What was wrong, what to do, and a code whose number leads to the log."""
    log.info("sign-in-refused", code=refused.code, status=refused.status)  # no facts: strangers write them
    if wants_json():
        return problem_answer(refused)
    page = render_template(
        "error.html",
        status=refused.status,
        title=_l("You are not signed in"),
        sentence=refused.sentence,
        what_to_do=refused.what_to_do,
        back_url=url_for("staff.sign_in"),
        code=refused.code,
        request_id=g.get("request_id"),
    )
    return make_response(page, refused.status)


def lead_to_sign_in(problem: SignInFirst) -> Response:
    """A person goes to the sign-in page and comes back from there; a program is told."""
    if wants_json():
        return problem_answer(problem)
    wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else paths.HOME
    return make_response(redirect(url_for("staff.sign_in", next=paths.safe(wanted)), 303))
