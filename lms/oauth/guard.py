"""What stands before our API: a Bearer token in the header, with the scope that the view names.

A blueprint is registered with ``guard=admit``; each of its views says ``@bearer("some:scope")``. A view that says
nothing is closed. The refusals are those of RFC 6750, section 3. Every call with a good token stands in the audit; one that
failed changed nothing and is noted with its status, so that whoever tries out numbers is seen. Calls beyond the limit are counted only.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from flask import Response, after_this_request, current_app, g, request

from lms.core import audit, limits, settings
from lms.core.db import db, transaction
from lms.core.errors import Forbidden, Problem, Unauthorized
from lms.core.i18n import _l
from lms.core.web import writes
from lms.oauth import tokens
from lms.oauth.models import Client
from lms.oauth.tokens import AccessToken

View = TypeVar("View", bound=Callable[..., Any])


def bearer(scope: str, *, noted_apart: bool = False) -> Callable[[View], View]:
    """Name the scope that a view asks for. Stands below the route, at any place among its decorators.

    Each call is noted in the audit, so the view writes even when it answers GET.

    :param noted_apart: in a transaction of its own, because the view begins its own and holds none while it works.
    """

    def _mark(view: View) -> View:
        view.scope = scope  # type: ignore[attr-defined]
        view.noted_apart = noted_apart  # type: ignore[attr-defined]
        return writes(view)

    return _mark


def admit() -> None:
    """Let the request pass if its token may do what the view does, and note that it was let in.

    :raises Unauthorized: ``token-missing``, ``token-invalid``, ``token-revoked``.
    :raises Forbidden: ``scope-missing``; ``no-guard`` for a view that names no scope.
    :raises TooMany: ``too-many-requests``: each program is counted by itself.
    """
    view = current_app.view_functions[request.endpoint or ""]
    scope = getattr(view, "scope", None)
    if scope is None:
        raise Forbidden("no-guard", _l("This page is closed."))
    token = g.access_token = _accepted(_presented())
    structlog.contextvars.bind_contextvars(client=token.client_id)
    limits.count_as(actor(), f"{settings.current().api_calls_per_minute}/minute", of="api")
    after_this_request(_note_failure)
    if scope not in token.scopes:
        raise _scope_missing(scope)
    if getattr(view, "noted_apart", False):
        with transaction():
            _note(scope)
        g.is_noted_already = True
    else:
        _note(scope)


def current() -> AccessToken:
    """The token of the present request."""
    token: AccessToken = g.access_token
    return token


def client() -> Client:
    """The program that asks."""
    return db.session.get_one(Client, current().client_id)


def actor() -> str:
    """Who acts now, for the audit."""
    return f"client:{current().client_id}"


def _note(scope: str) -> None:
    audit.record("api-call", subject=f"endpoint:{request.endpoint}", actor=actor(), scope=scope)


def _note_failure(answer: Response) -> Response:
    """What was noted of a call that failed was undone with it."""
    if answer.status_code >= HTTPStatus.BAD_REQUEST and not g.get("is_noted_already"):
        db.session.rollback()  # a refusal between this guard and the view left it unsaved
        with transaction():
            status = answer.status_code
            audit.record("api-call", subject=f"endpoint:{request.endpoint}", actor=actor(), status=status)
    return answer


def _presented() -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        problem = Unauthorized(
            "token-missing",
            _l("Send an access token in the Authorization header. You get one at /oauth/token."),
            spec="RFC 6750 section 3",
        )
        raise _challenged(problem)
    return text.strip()


def _accepted(text: str) -> AccessToken:
    try:
        return tokens.accept(text)
    except Unauthorized as problem:
        raise _challenged(problem, error="invalid_token") from None


def _scope_missing(scope: str) -> Problem:
    problem = Forbidden(
        "scope-missing",
        _l("This access token may not do this. Ask for the scope %(scope)s.", scope=scope),
        spec="RFC 6750 section 3.1",
    )
    return _challenged(problem, error="insufficient_scope", scope=scope)


def _challenged(problem: Problem, **parameters: str) -> Problem:
    words = ['realm="bilim"', *(f'{name}="{value}"' for name, value in parameters.items())]
    problem.headers = {"WWW-Authenticate": f"Bearer {', '.join(words)}"}
    return problem
