"""Assembles the room."""

from flask import Flask

from lms.core.web import public, register
from lms.organisations import loading, turning


def init_app(app: Flask) -> None:
    """Add the operator's command, and the page that tells people where to turn."""
    app.cli.add_command(loading.cli)
    register(app, turning.blueprint, guard=public)
    app.context_processor(turning.for_pages)
