"""The page on which administrators answer requests and complaints of people, in the order of their clocks."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import audit, clock
from lms.core.errors import BadRequest, Invalid, Sentence
from lms.core.i18n import _, _l
from lms.people import holdings, legal_grounds, names, person_requests
from lms.people.person_requests import KINDS, Decision, Kind, PersonRequest

blueprint = Blueprint("rights_administration", __name__, template_folder="templates")


@blueprint.get("/")
def listing() -> str:
    """What waits, overdue on top, and what was answered."""
    return _page({}, {})


@blueprint.post("/<request_id>")
def decide(request_id: str) -> ResponseReturnValue:
    """Accept, which deletes at once where deletion was asked; or refuse with the ground in law."""
    asked, chosen = person_requests.find(request_id), request.form.get("decision", "")
    if chosen not in list(Decision):
        raise BadRequest("decision-unknown", _l("Choose whether the request is granted or refused."))
    try:
        _decide(asked, Decision(chosen))
    except Invalid as refused:
        field = "ground" if refused.code == "ground-unknown" else "answer"
        return _page({"id": asked.id, **request.form.to_dict()}, {field: refused.sentence}), refused.status
    flash(_("The request is answered."), "success")
    return redirect(url_for("rights_administration.listing"), 303)


def _decide(asked: PersonRequest, decision: Decision) -> None:
    form = request.form
    person_requests.decide(
        asked, decision, answer=form.get("answer", ""), ground=form.get("ground"), decided_by=g.actor
    )
    if asked.kind == Kind.DELETION and decision is Decision.GRANTED:
        rows = holdings.erase(asked.person_id)
        audit.record("personal-data.erased", subject=f"person:{asked.person_id}", actor=g.actor, rows=rows)


def _page(given: dict[str, str], faults: dict[str, Sentence]) -> str:
    waiting, answered = person_requests.waiting(), person_requests.answered()
    return render_template(
        "lti/rights_requests.html",
        waiting=waiting,
        answered=answered,
        names=names.known_as([each.person_id for each in (*waiting, *answered)], prefer="Cyrl"),
        holdings=holdings.known(),
        kinds=KINDS,
        grounds_of=legal_grounds.of_kind,
        grounds=legal_grounds.known(),
        now=clock.now(),
        given=given,
        faults=faults,
    )
