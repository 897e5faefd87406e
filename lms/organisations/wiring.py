"""Assembles the room."""

from flask import Flask

from lms.organisations import loading


def init_app(app: Flask) -> None:
    """Add the operator's command."""
    app.cli.add_command(loading.cli)
