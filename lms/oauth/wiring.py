"""Assembles the authorization server."""

from flask import Flask

from lms.core import api, web
from lms.core.web import Guard
from lms.oauth import administration, cli, own_keys, reach, scopes, views

__all__ = ["init_app", "own_keys"]  # importing it makes its jobs known


def init_app(app: Flask, *, administrators: Guard, platforms: reach.Platforms) -> None:
    """Add its addresses, which authenticate clients themselves, its pages and its commands.

    :param administrators: who may admit programs; this room knows no staff.
    :param platforms: lists the learning systems to which a program may be bound.
    """
    app.extensions[cli.PLATFORMS] = platforms
    web.csrf.exempt(views.blueprint)
    web.register(app, views.blueprint, guard=web.public)
    web.register(app, administration.blueprint, guard=administrators, url_prefix="/admin/clients")
    api.describe_scopes(app, "/oauth/token", scopes.SCOPES)
    app.cli.add_command(cli.cli)
