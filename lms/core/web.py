"""The web edge: the application class with the one commit, guards that every route declares, and headers.

A request ends in one of three ways. It succeeds: the commit happens inside ``dispatch_request``, so that a constraint met
only at commit becomes a 409 like any other problem (``lms.core.problems``). It is refused (``Refused``): what it used up - a state, a nonce, a
token's jti - stays used. It fails: everything is rolled back.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Flask, Response, abort, current_app, g, request
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.core import limits, problems, settings
from lms.core.db import begin_as, db, new_id
from lms.core.errors import BadRequest, Forbidden, Refused
from lms.core.i18n import _l

Guard = Callable[[], None]
View = TypeVar("View", bound=Callable[..., Any])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
LARGEST_REQUEST_BYTES = 12 * 1024 * 1024

csrf = CSRFProtect()
limiter = limits.limiter


class Bilim(Flask):
    """Flask with one commit, at the edge."""

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Decide, before any guard reads, whether this request may write."""
        view = self.view_functions.get(request.endpoint or "")
        may_write = request.method not in SAFE_METHODS or getattr(view, "writes", False)
        begin_as("write" if may_write else "read")
        if most_bytes := getattr(view, "most_bytes", None):
            request.max_content_length = most_bytes
        return super().preprocess_request()

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view and make what it did true, or undo it."""
        try:
            answer = self.make_response(super().dispatch_request())
        except Refused:
            db.session.commit()
            raise
        except BaseException:
            db.session.rollback()
            raise
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            db.session.commit()
        else:
            db.session.rollback()
        return answer


def writes(view: View) -> View:
    """Mark a view that writes although it answers GET (an OIDC login by GET makes a state)."""
    view.writes = True  # type: ignore[attr-defined]
    return view


def takes_up_to(most_bytes: int) -> Callable[[View], View]:
    """Mark a view to which more may be sent than ``LARGEST_REQUEST_BYTES``; stands below the route."""

    def _mark(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return _mark


def public() -> None:
    """The guard of routes that are open to everybody; said out loud."""


def register(app: Flask, blueprint: Blueprint, *, guard: Guard, url_prefix: str | None = None) -> None:
    """Add a blueprint together with what guards it. There is no other way to open a route."""
    declare(app, blueprint.name, guard)
    app.register_blueprint(blueprint, url_prefix=url_prefix)


def declare(app: Flask, blueprint_name: str, guard: Guard) -> None:
    """Say what guards a blueprint that an extension registers."""
    guards(app)[blueprint_name] = guard


def guards(app: Flask) -> dict[str, Guard]:
    """What guards each blueprint, by its name."""
    known: dict[str, Guard] = app.extensions.setdefault("bilim.guards", {"static": public})
    return known


class _Sessions(SecureCookieSessionInterface):
    """Flask makes what signs the cookie anew for each request; ours lasts as long as the application."""

    _signing: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The same each time."""
        if self._signing is None:
            self._signing = super().get_signing_serializer(app)
        return self._signing


def init_app(app: Flask) -> None:
    """Cookies, request ids, guards, errors and headers."""
    configured: settings.Settings = app.extensions["bilim.settings"]
    app.config.update(_cookie_settings())
    app.config.update(
        SECRET_KEY=configured.secret_key,
        SECRET_KEY_FALLBACKS=[*configured.other_secret_keys],
        WTF_CSRF_SECRET_KEY=[*configured.other_secret_keys, configured.secret_key],  # the last signs (itsdangerous)
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
    )
    app.session_interface = _Sessions()
    app.before_request(_name_request)  # first, so that every refusal has a number
    if configured.proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=configured.proxies, x_proto=configured.proxies)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    csrf.init_app(app)
    limits.init_app(app, configured.broker_url, enabled=configured.rate_limits)
    app.before_request(_refuse_zero_byte_in_path)
    app.before_request(_run_guard)
    app.before_request(_refuse_zero_byte_in_values)  # behind the guard, which says who may frame the refusal
    app.after_request(_add_headers)
    problems.init_app(app)


def _cookie_settings() -> dict[str, object]:
    """One cookie, kept inside frames of other sites. ``__Host-`` and Secure also work on plain-http loopback in Chromium."""
    return {
        "SESSION_COOKIE_NAME": "__Host-bilim",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "None",
        "SESSION_COOKIE_PARTITIONED": True,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: an hour is shorter than a long lesson
        "WTF_CSRF_SSL_STRICT": False,  # our pages send no referrer, on purpose
    }


def _name_request() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if re.fullmatch(r"[A-Za-z0-9._-]{8,64}", given) else new_id()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id, endpoint=request.endpoint)


def _refuse_zero_byte_in_path() -> None:
    """PostgreSQL keeps no zero byte and cannot look for one: nothing of ours has such an address."""
    if "\0" in request.path:
        abort(404)


def _refuse_zero_byte_in_values() -> None:
    """Nobody types one. A field of a form may come without a name, which werkzeug gives as None."""
    values = (text for given in (request.args, request.form) for pair in given.items(multi=True) for text in pair)
    if any(text and "\0" in text for text in values):
        raise BadRequest("zero-byte", _l("The request could not be understood."))


def _run_guard() -> None:
    """Deny by default: a route whose blueprint declared nothing is closed."""
    if request.endpoint is None:
        return  # 404 and 405 follow
    guard = guards(current_app).get(request.blueprint or request.endpoint)
    if guard is None:
        raise Forbidden("no-guard", _l("This page is closed."))
    guard()


def _add_headers(response: Response) -> Response:
    """What a view said itself, stays."""
    headers, configured = response.headers, settings.current()
    said = {name.lower() for name in headers.keys()}  # noqa: SIM118  headers are a list of pairs
    for name, value in _ALWAYS:
        if name.lower() not in said:
            headers.add(name, value)
    headers.add("X-Request-Id", g.get("request_id", ""))
    if "content-security-policy" not in said:
        platforms = " ".join(sorted(g.get("frame_ancestors", ())))
        headers.add("Content-Security-Policy", _content_security_policy(platforms, configured.sandbox_url))
    if not configured.is_loopback and "strict-transport-security" not in said:
        headers.add("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static" and "cache-control" not in said:
        headers.add("Cache-Control", "no-store")
    return response


@lru_cache(maxsize=256)
def _content_security_policy(platforms: str, sandbox_url: str) -> str:
    """Nothing inline, nothing foreign. Only the platform that launched a page may frame it, and be sent its forms."""
    return "; ".join(
        [
            "default-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            f"form-action 'self' {platforms}".rstrip(),
            f"frame-ancestors 'self' {platforms}".rstrip(),
            f"frame-src 'self' {sandbox_url}".rstrip(),
        ]
    )


def is_our_address(url: str) -> bool:
    """Whether an address lies on this service's own host."""
    ours, theirs = urlsplit(settings.current().public_url), urlsplit(url)
    return (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())
