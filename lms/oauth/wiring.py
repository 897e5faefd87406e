"""Assembles the authorization server."""

from flask import Flask

from lms.core import api, web
from lms.oauth import cli, scopes, views


def init_app(app: Flask) -> None:
    """Add its addresses, which authenticate clients themselves, and its commands."""
    web.csrf.exempt(views.blueprint)
    web.register(app, views.blueprint, guard=web.public)
    api.describe_scopes(app, "/oauth/token", scopes.SCOPES)
    app.cli.add_command(cli.cli)
