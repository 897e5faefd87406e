"""Assembles the sandbox: a Flask application of its own, on a port of its own, with a store of its own.

Run it with ``flask --app 'lms.sandbox.wiring:create_from_environment()' run`` or gunicorn. It shares with the product
only the ground floor (settings, clock, languages, outbound calls, the face).
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, make_response, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.exceptions import HTTPException

from lms import core
from lms.core import http, i18n
from lms.core.settings import Settings, SettingsError
from lms.sandbox import courses, registrations, store, switches
from lms.sandbox.refusals import PageRefused, RegistrationRefused, ServiceRefused, TokenRefused
from lms.sandbox.store import Store
from lms.sandbox.views import (
    deep_linking,
    grades,
    openid,
    opening,
    pages,
    people,
    platform,
    policy,
    roster,
    service_requests,
    services,
    tools,
)
from lms.sandbox.views import switches as switches_page

CORE = Path(core.__file__).parent
STORE_NAME = "sandbox.sqlite3"


class SandboxLms(Flask):
    """Flask with one commit, at the edge. A refusal is an answer and keeps what it used up; a bug undoes everything."""

    def full_dispatch_request(self) -> Response:
        """Answer, and make what was done true."""
        with store.transaction():
            return super().full_dispatch_request()


def create_sandbox(configured: Settings) -> Flask:
    """The sandbox for the tool at ``public_url``; its own address, and so its issuer, is ``sandbox_url``.

    :raises SettingsError: if there is to be no sandbox.
    """
    if not configured.sandbox_url:
        raise SettingsError("BILIM_SANDBOX_URL is missing: the address of the sandbox platform")
    app = SandboxLms(__name__, static_folder=str(CORE / "static"), static_url_path="/static")
    _set_up(app, configured)
    _open_store(app, configured)
    _open_doors(app)
    return app


def create_from_environment() -> Flask:
    """For Flask's command line and for gunicorn."""
    return create_sandbox(Settings.from_environment(os.environ))


def _set_up(app: Flask, configured: Settings) -> None:
    tool = urlsplit(configured.public_url)
    trusted = configured.trusted_private_hosts | {f"{tool.hostname}:{tool.port}" if tool.port else str(tool.hostname)}
    app.extensions["bilim.settings"] = replace(configured, trusted_private_hosts=trusted)
    app.config.update(
        _cookie_settings(configured), TRANSLATIONS_FOLDER=CORE / "translations", TESTING=configured.testing
    )
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(Path(__file__).parent / "templates"), FileSystemLoader(CORE / "templates")]
    )
    http.init_app(app)
    i18n.init_app(app)


def _cookie_settings(configured: Settings) -> dict[str, object]:
    """SameSite=None: the tool's page leads the browser back here from inside the frame, and the person must be known."""
    return {
        "SECRET_KEY": sha256(f"sandbox:{configured.secret_key}".encode()).hexdigest(),
        "SESSION_COOKIE_NAME": "__Host-sandbox",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "None",
    }


def _open_store(app: Flask, configured: Settings) -> None:
    app.extensions["bilim.sandbox.store"] = opened = Store(configured.instance / STORE_NAME)
    app.extensions["bilim.sandbox.tool_keys"] = {}
    is_new = opened.create_tables()
    with app.app_context(), store.transaction():
        if is_new:
            switches.clear()
        registrations.enter_demo_tool(configured)
        courses.begin(configured)

    @app.teardown_appcontext
    def give_back_connection(_error: BaseException | None) -> None:
        store.close_session()


def _open_doors(app: Flask) -> None:
    for room in (pages, opening, deep_linking, grades, switches_page, tools, platform, services, roster, openid):
        app.register_blueprint(room.bp)
    app.register_blueprint(_own_files())
    app.before_request(people.remember_language)
    app.after_request(policy.add_headers)
    app.context_processor(_for_templates)
    app.register_error_handler(people.NotSignedIn, people.to_sign_in)
    app.register_error_handler(ServiceRefused, service_requests.refused)
    app.register_error_handler(TokenRefused, platform.token_refused)
    app.register_error_handler(RegistrationRefused, tools.registration_refused)
    app.register_error_handler(PageRefused, _page_refused)
    app.register_error_handler(HTTPException, _page_failed)


def _own_files() -> Blueprint:
    """Style and script of the sandbox alone; ``/static`` is the product's common face."""
    return Blueprint("sandbox", __name__, static_folder="static", static_url_path="/sandbox-static")


def _for_templates() -> dict[str, object]:
    """Who is signed in, and whether the page stands inside a frame, where it needs no masthead of its own."""
    return {
        "signed_in": people.signed_in_person(),
        "frame": request.headers.get("Sec-Fetch-Dest") == "iframe",
        "title_of": _title_of,
        "tool_origins": policy.tool_origins,
        "moment": datetime.fromisoformat,
    }


def _title_of(texts: Mapping[str, str]) -> str:
    """A title for the reader; what came from a tool has one language only, and is shown as it came."""
    return i18n.pick(texts) if len(texts) > 1 else next(iter(texts.values()), "")


def _page_refused(refusal: PageRefused) -> Response:
    page = render_template("sandbox/refused.html", status=refusal.status, reason=refusal.reason)
    return make_response(page, refusal.status)


def _page_failed(error: HTTPException) -> Response:
    status = error.code or 500
    return make_response(render_template("sandbox/refused.html", status=status, reason=""), status)
