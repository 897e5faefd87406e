"""The check-up of a learning system, for platform administrators. A button begins it, because it calls the platform."""

from flask import Blueprint, render_template

from lms.core.db import db
from lms.lti import doctor, registrations

blueprint = Blueprint("lti_doctor", __name__, template_folder="templates", static_folder=None)


@blueprint.get("/<registration_id>/check-up")
def before(registration_id: str) -> str:
    """What a check-up does, and the button; also where a change of language on the result leads."""
    return render_template("lti/doctor.html", registration=registrations.find(registration_id), report=None)


@blueprint.post("/<registration_id>/check-up")
def look(registration_id: str) -> str:
    """Look now, with no transaction open while others are called."""
    db.session.rollback()
    report = doctor.look_at(registration_id)
    return render_template("lti/doctor.html", registration=report.registration, report=report)
