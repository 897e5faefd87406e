"""The one place that knows all packages: the application for a web server, and Celery for workers.

It stands outside the packages it assembles, so that no import has to point up.
"""

import os
from typing import Any

import certificates.wiring
import courses.wiring
import lms.wiring
from lms.core import telemetry
from lms.core.settings import Settings
from lms.core.web import Bilim


def create_app(settings: Settings | None = None) -> Bilim:
    """The whole application.

    :param settings: read from the environment if not given.
    :raises SettingsError: naming everything that is missing or wrong.
    """
    telemetry.configure_logging()
    app = Bilim("lms.core", static_folder="static", template_folder="templates")
    lms.wiring.init_app(app, settings or Settings.from_environment(os.environ))
    courses.wiring.init_app(app)
    certificates.wiring.init_app(app)
    return app


def __getattr__(name: str) -> Any:
    """``gunicorn wsgi:app`` and ``celery -A wsgi:celery`` find theirs here; importing this module starts nothing."""
    if name == "app":
        return create_app()
    if name == "celery":
        return create_app().extensions["celery"]
    raise AttributeError(name)
