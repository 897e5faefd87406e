"""Assembles the package: the ground floor, then the rooms on it."""

from flask import Flask

from lms.core import wiring as core
from lms.core.settings import Settings
from lms.lti import wiring as lti
from lms.oauth import wiring as oauth


def init_app(app: Flask, settings: Settings) -> None:
    """Add everything that stands between us and the outside."""
    core.init_app(app, settings)
    lti.init_app(app)
    oauth.init_app(app)
