"""The instructor lets one person take longer for tests."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from courses import closing, enrolment, timing
from lms.core import audit
from lms.core.errors import Invalid
from lms.core.i18n import _, _l
from lms.lti import session

blueprint = Blueprint("more_time", __name__, template_folder="../templates")


@blueprint.post("/<slug>/trainee/<enrolment_id>/time")
def allow(slug: str, enrolment_id: str) -> ResponseReturnValue:
    """From now on, and in a test that is open. Nobody is asked for a reason, and none is kept."""
    edition = enrolment.edition_here(session.current(), slug)
    enrolled = enrolment.seen(session.current(), edition, enrolment_id)
    percent = request.form.get("percent", type=int)
    if percent not in timing.EXTRA_PERCENTS:
        raise Invalid("extra-time-unknown", _l("Choose one of the times of the list."))
    closing.allow_time(enrolled, edition, percent=percent)
    audit.record(
        "test-time.allowed",
        subject=f"enrolment:{enrolled.id}",
        actor=f"person:{session.current().person_id}",
        percent=percent,
    )
    flash(_("The time for tests is changed."), "success")
    return redirect(url_for("teach.trainee", slug=slug, enrolment_id=enrolled.id), 303)
