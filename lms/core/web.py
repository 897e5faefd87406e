"""The web edge: the application class with the one commit, guards that every route declares, errors, and headers.

A request ends in one of three ways. It succeeds: the commit happens inside ``dispatch_request``, so that a constraint met
only at commit becomes a 409 like any other error. It is refused (``Refused``): what it used up - a state, a nonce, a
token's jti - stays used. It fails: everything is rolled back.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.core import settings
from lms.core.db import begin_as, db, new_id
from lms.core.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refused,
    TooLarge,
    TooMany,
    Unavailable,
)
from lms.core.i18n import _l, locale

Guard = Callable[[], None]
View = TypeVar("View", bound=Callable[..., Any])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MACHINE_PATHS = ("/api/", "/oauth/", "/.well-known/", "/lti/jwks.json", "/healthz", "/readyz", "/metrics")
LARGEST_REQUEST_BYTES = 12 * 1024 * 1024

log = structlog.get_logger()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=[])


class Bilim(Flask):
    """Flask with one commit, at the edge."""

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Decide, before any guard reads, whether this request may write."""
        view = self.view_functions.get(request.endpoint or "")
        may_write = request.method not in SAFE_METHODS or getattr(view, "writes", False)
        begin_as("write" if may_write else "read")
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


def init_app(app: Flask) -> None:
    """Cookies, request ids, guards, errors and headers."""
    configured: settings.Settings = app.extensions["bilim.settings"]
    app.config.update(_cookie_settings())
    app.config.update(
        SECRET_KEY=configured.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        RATELIMIT_ENABLED=configured.rate_limits,
        RATELIMIT_STORAGE_URI=configured.broker_url if configured.broker_url.startswith("redis") else "memory://",
        RATELIMIT_HEADERS_ENABLED=True,
    )
    app.before_request(_name_request)  # first, so that every refusal has a number
    if configured.proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=configured.proxies, x_proto=configured.proxies)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(_run_guard)
    app.after_request(_add_headers)
    _register_errors(app)


def wants_json() -> bool:
    """Whether the asker is a program."""
    if request.path.startswith(MACHINE_PATHS):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def problem_answer(problem: Problem) -> Response:
    """The answer to a problem: problem details (RFC 9457) for programs, a page for people."""
    answer = _problem_details(problem) if wants_json() else _problem_page(problem)
    answer.headers.update(problem.headers)
    return answer


def _problem_page(problem: Problem) -> Response:
    page = render_template(
        "error.html",
        status=problem.status,
        title=_title_of(problem),
        sentence=problem.sentence,
        code=problem.code,
        request_id=g.get("request_id"),
        frame="launch" in g,
    )
    return make_response(page, problem.status)


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


def _run_guard() -> None:
    """Deny by default: a route whose blueprint declared nothing is closed."""
    if request.endpoint is None:
        return  # 404 and 405 follow
    guard = guards(current_app).get(request.blueprint or request.endpoint)
    if guard is None:
        raise Forbidden("no-guard", _l("This page is closed."))
    guard()


def _add_headers(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    response.headers.setdefault("Content-Security-Policy", _content_security_policy())
    if not settings.current().is_loopback:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _content_security_policy() -> str:
    """Nothing inline, nothing foreign. Only the platform that launched a page may frame it, and be sent its forms."""
    platforms = " ".join(sorted(g.get("frame_ancestors", ())))
    return "; ".join(
        [
            "default-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            f"form-action 'self' {platforms}".rstrip(),
            f"frame-ancestors 'self' {platforms}".rstrip(),
            f"frame-src 'self' {settings.current().sandbox_url}".rstrip(),
        ]
    )


def _register_errors(app: Flask) -> None:
    app.register_error_handler(Problem, _on_problem)
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(IntegrityError, _on_integrity_error)
    app.register_error_handler(OperationalError, _on_operational_error)
    app.register_error_handler(Exception, _on_bug)


def _on_problem(problem: Problem) -> Response:
    log.info("problem", code=problem.code, status=problem.status, **_safe(problem))
    return problem_answer(problem)


def _on_http_exception(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    answer = problem_answer(_as_problem(error))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            answer.headers[name] = value
    return answer


def _as_problem(error: HTTPException) -> Problem:
    problem: Problem
    if isinstance(error, CSRFError):
        problem = BadRequest(
            "form-expired", _l("This form is too old or came from another page. Go back, reload, and send it again.")
        )
    elif isinstance(error, RateLimitExceeded):
        problem = TooMany("too-many-requests", _l("Too many requests. Wait a minute and try again."))
    elif error.code == HTTPStatus.NOT_FOUND:
        problem = NotFound("page-not-found", _l("There is no page at this address. Check the address or go back."))
    elif error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        problem = TooLarge("request-too-large", _l("What was sent is larger than we take."))
    elif error.code == HTTPStatus.METHOD_NOT_ALLOWED:
        problem = Problem("method-not-allowed", _l("This address cannot be used in this way. Go back and try again."))
    elif error.code == HTTPStatus.UNPROCESSABLE_ENTITY:
        fields = getattr(error, "data", {}).get("messages", {})
        problem = Invalid(
            "values-not-valid", _l("Some values are missing or not valid. Correct them and send again."), fields=fields
        )
    else:
        problem = Problem("request-refused", _l("The request could not be understood."))
    problem.status = error.code or HTTPStatus.BAD_REQUEST
    return problem


def _on_integrity_error(error: IntegrityError) -> Response:
    db.session.rollback()
    log.warning("constraint", error=type(error.orig).__name__)
    return problem_answer(
        Conflict("already-exists", _l("This was changed or sent already. Reload the page to see it."))
    )


def _on_operational_error(error: OperationalError) -> Response:
    if "readonly database" in str(error.orig):
        return _on_bug(error)  # a view that answers GET writes without having said so
    db.session.rollback()
    log.error("database-unavailable", error=type(error.orig).__name__)
    answer = problem_answer(
        Unavailable(
            "database-unavailable",
            _l("The service cannot reach its database. Nothing was lost; try again in a minute."),
        )
    )
    answer.headers["Retry-After"] = "30"
    return answer


def _on_bug(error: Exception) -> Response:
    """A mistake of ours. The reader gets a number to tell us; the log gets the traceback."""
    db.session.rollback()
    log.exception("unexpected-error", error=type(error).__name__)
    problem = Problem(
        "unexpected-error", _l("Something went wrong on our side. Try again; if it stays, tell us the number below.")
    )
    problem.status = HTTPStatus.INTERNAL_SERVER_ERROR
    return problem_answer(problem)


def _problem_details(problem: Problem) -> Response:
    body: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": str(problem.sentence),
        "request_id": g.get("request_id"),
    }
    if problem.spec:
        body["specification"] = problem.spec
    if isinstance(problem, Invalid) and problem.fields:
        body["errors"] = problem.fields
    response = jsonify(body)
    response.status_code = problem.status
    response.mimetype = "application/problem+json"
    response.headers["Content-Language"] = locale()
    return response


def _title_of(problem: Problem) -> object:
    titles = {401: _l("Sign in first"), 403: _l("Not allowed"), 404: _l("Not found"), 410: _l("This has ended")}
    titles |= {429: _l("Please wait"), 502: _l("The other service did not answer"), 503: _l("Not available now")}
    default = (
        _l("Something went wrong") if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR else _l("This did not work")
    )
    return titles.get(problem.status, default)


def _safe(problem: Problem) -> dict[str, object]:
    return {f"fact_{name}": value for name, value in problem.facts.items()}


def is_our_address(url: str) -> bool:
    """Whether an address lies on this service's own host."""
    ours, theirs = urlsplit(settings.current().public_url), urlsplit(url)
    return (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())
