"""How problems are answered: one family for pages and programs, whatever raised them.

Programs get problem details (RFC 9457), people a page with a sentence they can act on. A mistake of ours is never turned
into a 404, and never shows more than a number that leads to the log.
"""

from http import HTTPStatus

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from lms.core.db import db
from lms.core.errors import BadRequest, Conflict, Invalid, NotFound, Problem, TooLarge, Unavailable
from lms.core.i18n import _l, locale

MACHINE_PATHS = ("/api/", "/oauth/", "/.well-known/", "/lti/jwks.json", "/xroad/", "/healthz", "/readyz", "/metrics")

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Answer whatever is raised."""
    app.register_error_handler(Problem, _on_problem)
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(IntegrityError, _on_integrity_error)
    app.register_error_handler(OperationalError, _on_operational_error)
    app.register_error_handler(Exception, _on_bug)


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
