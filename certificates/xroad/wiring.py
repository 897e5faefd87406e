"""Assembles the room."""

from flask import Flask

from certificates.xroad import cli, door, users, views
from lms.core import web
from lms.core.i18n import _l
from lms.people import accesses


def init_app(app: Flask) -> None:
    """Open the service to our Security Server, its description to all, and the commands to the operator."""
    web.register(app, views.blueprint, guard=door.admit, url_prefix=views.PREFIX)
    web.csrf.exempt(views.blueprint)  # no cookie opens it
    web.register(app, views.described, guard=web.public, url_prefix=views.PREFIX)
    app.after_request(views.refuse_redirects)
    accesses.name_service(views.SERVICE, _l("Query by another body over X-Road"))
    users.init()
    app.cli.add_command(cli.cli)
