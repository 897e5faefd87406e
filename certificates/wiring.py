"""Assembles the package."""

from flask import Flask

from certificates import cli
from certificates.views import api, public, trainee
from lms.core import web
from lms.core.api import register as register_api
from lms.lti import session
from lms.oauth import guard


def init_app(app: Flask) -> None:
    """Add issuing and verifying: the holder's pages inside a launch, the public's outside, the command line.

    Importing the views brings ``certificates.issuing``, which handles the job ``record-changed``.
    """
    web.register(app, trainee.blueprint, guard=session.launched, url_prefix=f"{session.URL_PREFIX}/certificates")
    web.register(app, public.blueprint, guard=web.public)
    register_api(app, api.blueprint, guard=guard.admit)
    app.cli.add_command(cli.cli)
