"""Assembles the package: the ground floor, then the rooms on it."""

from flask import Flask

from lms.core import wiring as core
from lms.core.settings import Settings
from lms.lti import wiring as lti
from lms.oauth import wiring as oauth
from lms.organisations import wiring as organisations
from lms.signin import wiring as signin


def init_app(app: Flask, settings: Settings) -> None:
    """Add everything that stands between us and the outside."""
    core.init_app(app, settings)
    for room in (organisations, signin, lti, oauth):
        room.init_app(app)
