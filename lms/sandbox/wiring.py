"""Assembles the sandbox: a Flask application of its own, on a port of its own, with a store of its own.

Run it with ``flask --app 'lms.sandbox.wiring:create_from_environment()' run`` or gunicorn. It shares with the product
only the ground floor (settings, clock, languages, outbound calls, the face).
"""

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, make_response, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.exceptions import HTTPException

from lms import core
from lms.core import http, i18n, settings
from lms.core.http import origin
from lms.core.settings import Settings, SettingsError
from lms.sandbox import demo, line_items, store, switches
from lms.sandbox.refusals import PageRefused, ServiceRefused, TokenRefused
from lms.sandbox.store import Store
from lms.sandbox.tool_keys import ToolKeys
from lms.sandbox.views import openid, pages, people, platform, services

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
    app.extensions["bilim.sandbox.tool_keys"] = ToolKeys(demo.registration(configured).jwks_url)
    is_new = opened.create_tables()
    with app.app_context(), store.transaction():
        if is_new:
            switches.clear()
        line_items.add_for_activities()

    @app.teardown_appcontext
    def give_back_connection(_error: BaseException | None) -> None:
        store.close_session()


def _open_doors(app: Flask) -> None:
    app.register_blueprint(pages.bp)
    app.register_blueprint(platform.bp)
    app.register_blueprint(services.bp)
    app.register_blueprint(openid.bp)
    app.register_blueprint(_own_files())
    app.before_request(people.remember_language)
    app.after_request(_add_headers)
    app.context_processor(_for_templates)
    app.register_error_handler(ServiceRefused, services.service_refused)
    app.register_error_handler(TokenRefused, platform.token_refused)
    app.register_error_handler(PageRefused, _page_refused)
    app.register_error_handler(HTTPException, _page_failed)


def _own_files() -> Blueprint:
    """Style and script of the sandbox alone; ``/static`` is the product's common face."""
    return Blueprint("sandbox", __name__, static_folder="static", static_url_path="/sandbox-static")


def _for_templates() -> dict[str, object]:
    """Who is signed in, and whether the page stands inside a frame, where it needs no masthead of its own."""
    return {"signed_in": people.signed_in_person(), "frame": request.headers.get("Sec-Fetch-Dest") == "iframe"}


def _page_refused(refusal: PageRefused) -> Response:
    page = render_template("sandbox/refused.html", status=refusal.status, reason=refusal.reason)
    return make_response(page, refusal.status)


def _page_failed(error: HTTPException) -> Response:
    status = error.code or 500
    return make_response(render_template("sandbox/refused.html", status=status, reason=""), status)


def _add_headers(response: Response) -> Response:
    """Only the tool may be shown in our frames and be sent our forms; only we may frame ourselves."""
    tool = origin(settings.current().public_url)
    policy = [
        "default-src 'self'",
        "img-src 'self' data:",
        f"frame-src 'self' {tool}",
        f"form-action 'self' {tool}",
        "frame-ancestors 'self'",
        "object-src 'none'",
        "base-uri 'none'",
    ]
    response.headers.setdefault("Content-Security-Policy", "; ".join(policy))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if not (request.endpoint or "").endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
