"""Pages of a launch about personal data: what is kept, the same as a file, and the request that it is deleted."""

import json

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.core import audit
from lms.core.errors import Forbidden, NotFound, Problem
from lms.core.i18n import _, _l, locale
from lms.lti import privacy, session
from lms.people import holdings, person_requests
from lms.people.person_requests import Kind

blueprint = Blueprint("lti_privacy", __name__, template_folder="templates")


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """What is kept, by package, and the newest request."""
    try:
        person_id = _person()
    except Problem as nothing:
        return _nothing(nothing)
    return render_template(
        "lti/privacy.html",
        holdings=holdings.known(),
        counts={name: len(kept) for name, kept in holdings.export(person_id).items()},
        request_made=person_requests.latest(person_id, Kind.DELETION),
        is_self=session.current().person_id == person_id,
        return_url=session.current().return_url,
    )


@blueprint.post("/export")
def export() -> Response:
    """Everything in one file, as JSON."""
    person_id = _person()
    audit.record("personal-data.exported", subject=f"person:{person_id}", actor=_actor())
    answer = make_response(json.dumps(holdings.export(person_id), ensure_ascii=False, indent=2))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = 'attachment; filename="bilim-personal-data.json"'
    return answer


@blueprint.post("/deletion")
def ask() -> ResponseReturnValue:
    """Ask that it is deleted; asking twice is asking once."""
    person_requests.ask(_person(), Kind.DELETION, asked_by=_actor(), language=locale())
    flash(_("Your request was sent to the administrator of Bilim."), "success")
    return redirect(url_for("lti_privacy.show"), 303)


def _person() -> str:
    """:raises Forbidden: ``data-of-others``. :raises NotFound: ``data-person-unknown``."""
    launch = session.current()
    if not privacy.may_see(launch):
        raise Forbidden(
            "data-of-others", _l("Only the person herself and administrators of her learning system see this.")
        )
    person_id = privacy.person_of(launch)
    if person_id is None:
        raise NotFound("data-person-unknown", _l("Bilim keeps nothing about this person from your learning system."))
    return person_id


def _nothing(nothing: Problem) -> ResponseReturnValue:
    page = render_template(
        "lti/no_data.html", sentence=nothing.sentence, code=nothing.code, return_url=session.current().return_url
    )
    return make_response(page, nothing.status)


def _actor() -> str:
    return f"person:{session.current().person_id}"
