"""The page on which an administrator decides about requests for deletion."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import audit, clock
from lms.core.errors import BadRequest
from lms.core.i18n import _, _l
from lms.people import deletion, holdings, names
from lms.people.deletion import Decision

blueprint = Blueprint("privacy_administration", __name__, template_folder="templates")


@blueprint.get("/")
def listing() -> str:
    """Requests that wait, the nearest end first, and those that were decided."""
    waiting, decided = deletion.listed(is_open=True), deletion.listed(is_open=False)
    people = [request.person_id for request in [*waiting, *decided]]
    return render_template(
        "lti/privacy_requests.html",
        waiting=waiting,
        decided=decided,
        names=names.known_as(people, prefer="Cyrl"),
        holdings=holdings.known(),
        now=clock.now(),
    )


@blueprint.post("/<request_id>")
def decide(request_id: str) -> ResponseReturnValue:
    """Grant, which deletes at once, or refuse with a reason."""
    asked, chosen = deletion.find(request_id), request.form.get("decision", "")
    if chosen not in list(Decision):
        raise BadRequest("decision-unknown", _l("Choose whether the request is granted or refused."))
    deletion.decide(asked, Decision(chosen), answer=request.form.get("answer", ""), decided_by=g.actor)
    if asked.decision is Decision.GRANTED:
        rows = holdings.erase(asked.person_id)
        audit.record("personal-data.erased", subject=f"person:{asked.person_id}", actor=g.actor, rows=rows)
    flash(_("The request is answered."), "success")
    return redirect(url_for("privacy_administration.listing"), 303)
