"""Adds the room: addresses for platforms, pages of a launch, the command line."""

from flask import Flask

from lms.core.web import Guard, public, register
from lms.lti import (
    administration,
    ags_choice,
    cleaning,
    cli,
    doctor_views,
    holdings,
    launch,
    notices_views,
    nrps_update,
    own_keys,
    privacy_views,
    registration_views,
    rights_administration,
    rights_views,
    session,
    views,
)
from lms.lti.claims import DATA_PRIVACY_REQUEST
from lms.lti.refusals import LaunchRefused
from lms.lti.registration_refusals import RegistrationRefused
from lms.lti.session import LaunchExpired, launched

__all__ = [
    "ags_choice",
    "init_app",
    "nrps_update",
    "own_keys",
]  # importing them makes their tables and jobs known


def init_app(app: Flask, *, administrators: Guard) -> None:
    """Open the routes, each with its guard.

    :param administrators: who may decide about platforms; this room knows no staff.
    """
    session.init_app(app)
    register(app, views.blueprint, guard=public, url_prefix="/lti")
    register(app, notices_views.blueprint, guard=public, url_prefix="/lti")
    register(app, views.session_blueprint, guard=launched, url_prefix=session.URL_PREFIX)
    register(app, registration_views.blueprint, guard=public, url_prefix="/lti")
    register(app, privacy_views.blueprint, guard=session.asking_for_data, url_prefix=f"{session.URL_PREFIX}/privacy")
    register(app, rights_views.blueprint, guard=launched, url_prefix=f"{session.URL_PREFIX}/rights")
    register(app, rights_administration.blueprint, guard=administrators, url_prefix="/admin/rights")
    launch.register_entry(lambda _launched: "/privacy/", message_type=DATA_PRIVACY_REQUEST)
    holdings.init()
    cleaning.init()
    register(app, administration.blueprint, guard=administrators, url_prefix="/admin/platforms")
    register(app, doctor_views.blueprint, guard=administrators, url_prefix="/admin/platforms")
    app.register_error_handler(RegistrationRefused, registration_views.show_refusal)
    app.register_error_handler(LaunchRefused, views.show_refusal)
    app.register_error_handler(LaunchExpired, views.show_expired)
    app.cli.add_command(cli.cli)
