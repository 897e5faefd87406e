"""The REST API: described by OpenAPI 3.1, answered in JSON, refused in problem details.

flask-smorest reads and writes by schemas and describes both; the edge (``lms.core.web``) answers every error, so that the
API has the one family like all else. A view says what it takes and answers, and which scope opens it::

    @blueprint.route("/completions", methods=["POST"])
    @bearer("completions:write")
    @blueprint.takes(CompletionReport)
    @blueprint.answers(201, CompletionView, "Recorded.")
    def report(asked): ...
"""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from threading import Lock
from typing import Any, NoReturn, TypeVar

import flask_smorest
from flask import Blueprint as Pages
from flask import Flask, Request, Response, current_app, jsonify, render_template, request
from flask_smorest.utils import prepare_response
from marshmallow import Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from lms.core import openapi, schemas, settings, web
from lms.core.errors import BadRequest, Invalid, Sentence
from lms.core.i18n import _l, use_language

PREFIX = "/api/v1"
SECURITY_SCHEME = "machine"
PROBLEM = "application/problem+json"
DESCRIPTION = (
    "For other systems. Get an access token at `/oauth/token` (OAuth 2.0 client credentials) and send it as "
    "`Authorization: Bearer`. Errors are problem details (RFC 9457) with a `code` that never changes."
)
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": (
        "Yours to choose, such as a UUID. For a day, the same request under the same key gets the same answer and "
        "nothing is done twice; another request under it is refused (idempotency-key-reused)."
    ),
}

View = TypeVar("View", bound=Callable[..., Any])


class ProblemDetails(schemas.View):
    """An error, as ``lms.core.web`` answers it (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "Address of what kind of problem this is."})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable name of the problem, for programs."})
    detail = fields.String(required=True, metadata={"description": "For people, in the language that was asked for."})
    request_id = fields.String(allow_none=True, metadata={"description": "Give this when you ask for help."})
    specification = fields.String(metadata={"description": "The section of a standard that asks for this."})
    errors = fields.Dict(metadata={"description": "What is wrong, by field."})


class Parser(FlaskParser):
    """Reads requests; what is wrong with one becomes a problem of our family."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": None}  # noqa: RUF012
    """What follows the ``?`` is as strict as its schema says: a misspelt filter must not be passed over."""

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **_: Any) -> NoReturn:
        """:raises Invalid: ``values-not-valid``."""
        by_location: Any = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(
            "values-not-valid",
            _l("Some values are missing or not valid. Correct them and send again."),
            fields=next(
                (by_location[place] for place in ("json", "files", "query", "headers") if place in by_location),
                by_location,
            ),
        ) from error

    def _raw_load_json(self, req: Request) -> Any:
        """Python refuses numbers of thousands of digits by ValueError, and runs out of stack at thousands of brackets.

        :raises BadRequest: ``body-not-json``.
        """
        try:
            return super()._raw_load_json(req)
        except (ValueError, RecursionError) as error:
            raise BadRequest("body-not-json", _l("The body is not JSON in UTF-8.")) from error


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """Views of the API, with what they take and answer."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.after_request(_answer_only_what_is_new)

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """The address of the view, and its place in the description."""
        decorate: Callable[[View], View] = super().route(rule, **options)
        return decorate

    def takes(self, schema: type[Schema]) -> Callable[[View], View]:
        """The view is called with the checked body, after the values of its path."""
        decorate: Callable[[View], View] = self.arguments(schema)
        return decorate

    def takes_query(self, schema: type[Schema]) -> Callable[[View], View]:
        """The view is called with the checked values of the address, after those of its path."""
        decorate: Callable[[View], View] = self.arguments(schema, location="query")
        return decorate

    def takes_headers(self, schema: type[Schema]) -> Callable[[View], View]:
        """The view is called with the checked headers, after the values of its path."""
        decorate: Callable[[View], View] = self.arguments(schema, location="headers")
        return decorate

    def takes_files(self, schema: type[Schema]) -> Callable[[View], View]:
        """The view is called with the checked files of a form (multipart), after the values of its path."""
        decorate: Callable[[View], View] = self.arguments(schema, location="files")
        return decorate

    def answers_file(self, media_type: str, description: str) -> Callable[[View], View]:
        """The view returns a response of its own, with these bytes."""
        what = {"type": "string", "format": "binary"}
        decorate: Callable[[View], View] = self.response(200, what, description=description, content_type=media_type)
        return decorate

    def answers(self, status: int, schema: type[Schema], description: str) -> Callable[[View], View]:
        """What the view returns is written by this schema."""
        decorate: Callable[[View], View] = self.response(status, schema, description=description)
        return decorate

    def also_answers(self, status: int, schema: type[Schema], description: str) -> Callable[[View], View]:
        """The view may return this status too."""
        decorate: Callable[[View], View] = self.alt_response(
            status, schema=schema, description=description, success=True
        )
        return decorate

    def refuses(self, status: int, description: str) -> Callable[[View], View]:
        """The view may raise problems of this status; the description names their codes."""
        decorate: Callable[[View], View] = self.alt_response(
            status, schema=ProblemDetails, content_type=PROBLEM, description=description
        )
        return decorate

    def register_views_in_doc(self, api: "Api", app: Flask, spec: Any, **options: Any) -> None:
        """Not yet: see :class:`Api`."""
        api.describe_later(partial(super().register_views_in_doc, api, app, spec, **options))

    def add_url_rule(self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any) -> None:
        """Also describe the scope that the view names by ``lms.oauth.guard.bearer``, and that it may be sent again."""
        if scope := getattr(view_func, "scope", None):
            view_func = self.refuses(401, "token-missing, token-invalid, token-revoked")(view_func)
            view_func = self.refuses(403, "scope-missing")(view_func)
            view_func = self.refuses(429, "too-many-requests: wait as long as Retry-After says")(view_func)
            view_func = self.doc(security=[{SECURITY_SCHEME: [scope]}])(view_func)
        if getattr(view_func, "is_repeatable", False):
            view_func = self.refuses(400, "body-not-json, idempotency-key-not-valid")(view_func)
            view_func = self.doc(parameters=[IDEMPOTENCY_KEY])(view_func)
        super().add_url_rule(rule, endpoint, view_func, **options)


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The description, and nothing that would answer errors beside the edge.

    It is put together when somebody first asks for it: that takes longer than all else of a start, and workers and
    commands never ask.
    """

    ERROR_SCHEMA = ProblemDetails

    def __init__(self, app: Flask, **options: Any) -> None:
        self._undescribed: list[Callable[[], None]] = []
        self._describing = Lock()
        super().__init__(app, **options)

    def describe_later(self, describe: Callable[[], None]) -> None:
        """Keep what describes some views until :meth:`document` is called."""
        self._undescribed.append(describe)

    def document(self) -> dict[str, Any]:
        """The whole description."""
        with self._describing:
            while self._undescribed:
                self._undescribed.pop(0)()
            document: dict[str, Any] = self.spec.to_dict()
        return document

    def _register_error_handlers(self) -> None:
        """None: an error page of a browser would come back as JSON."""

    def _register_responses(self) -> None:
        self.describe_later(self._describe_responses)

    def _describe_responses(self) -> None:
        """As flask-smorest does it, but errors are problem details."""
        for name, phrase in [(status.name, status.phrase) for status in HTTPStatus] + [("DEFAULT_ERROR", "Any error")]:
            response: dict[str, Any] = {"description": phrase, "schema": self.ERROR_SCHEMA}
            prepare_response(response, self.spec, PROBLEM)
            self.spec.components.response(name, response, lazy=True)


pages = Pages("api", __name__)


@pages.get("/openapi.json")
def description() -> Response:
    """The description for programs, always in English."""
    with use_language("en"):
        return jsonify(_api().document())


@pages.get("/docs")
def reading_page() -> str:
    """The description for people."""
    return render_template(
        "api.html", operations=openapi.operations(_api().document()), here=settings.current().public_url
    )


def init_app(app: Flask) -> None:
    """Open the API, still without views."""
    configured: settings.Settings = app.extensions["bilim.settings"]
    app.config.update(API_TITLE="Bilim", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    app.extensions["bilim.api"] = Api(
        app,
        spec_kwargs={"info": {"description": DESCRIPTION}, "servers": [{"url": configured.public_url}]},
    )
    web.register(app, pages, guard=web.public, url_prefix=PREFIX)


def register(app: Flask, blueprint: Blueprint, *, guard: web.Guard) -> None:
    """Add views under ``/api/v1``. No cookie opens them, so no form of another page can."""
    web.declare(app, blueprint.name, guard)
    web.csrf.exempt(blueprint)
    app.extensions["bilim.api"].register_blueprint(blueprint, url_prefix=PREFIX)


def describe_scopes(app: Flask, token_path: str, scopes: Mapping[str, Sentence]) -> None:
    """Say where tokens are given and what they may open."""
    configured: settings.Settings = app.extensions["bilim.settings"]
    flow = {"tokenUrl": f"{configured.public_url}{token_path}", "scopes": dict(scopes)}
    app.extensions["bilim.api"].spec.components.security_scheme(
        SECURITY_SCHEME, {"type": "oauth2", "flows": {"clientCredentials": flow}}
    )


def _answer_only_what_is_new(answer: Response) -> Response:
    """What is read carries a tag; whoever sends it back and has the same still gets 304 (RFC 9110, section 13.1.2)."""
    if request.method in web.SAFE_METHODS and answer.status_code == HTTPStatus.OK and not answer.is_streamed:
        answer.add_etag()
        answer.headers["Cache-Control"] = "private, no-cache"  # may be kept by whoever asked, and has to be asked about
        answer.make_conditional(request)
    return answer


def _api() -> Api:
    api: Api = current_app.extensions["bilim.api"]
    return api
