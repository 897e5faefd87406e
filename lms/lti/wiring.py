"""Adds the room: addresses for platforms, pages of a launch, the command line."""

from flask import Flask

from lms.core.web import public, register
from lms.lti import ags_choice, cli, notices_views, nrps_update, session, views
from lms.lti.refusals import LaunchRefused
from lms.lti.session import LaunchExpired, launched

__all__ = ["ags_choice", "init_app", "nrps_update"]  # importing them makes their tables and jobs known


def init_app(app: Flask) -> None:
    """Open the routes, each with its guard."""
    session.init_app(app)
    register(app, views.blueprint, guard=public, url_prefix="/lti")
    register(app, notices_views.blueprint, guard=public, url_prefix="/lti")
    register(app, views.session_blueprint, guard=launched, url_prefix=session.URL_PREFIX)
    app.register_error_handler(LaunchRefused, views.show_refusal)
    app.register_error_handler(LaunchExpired, views.show_expired)
    app.cli.add_command(cli.cli)
