"""The addresses of the authorization server: tokens, their revocation and introspection, and what it says of itself."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from lms.core import keys
from lms.core.errors import Refused
from lms.core.i18n import _l
from lms.core.web import limiter
from lms.oauth import assertions, client_keys, scopes, tokens
from lms.oauth.server import METHODS, server

CACHED_SECONDS = 3600

blueprint = Blueprint("oauth", __name__)


class RequestRefused(Refused):
    """A request for a token that is answered in the words of RFC 6749, section 5.2. What was noted of it stays."""

    def __init__(self, answer: Response) -> None:
        super().__init__("token-refused", _l("The request for a token was refused."), status=answer.status_code)
        self.answer = answer


@blueprint.post("/oauth/token")
@limiter.limit("60/minute")
def token() -> Response:
    """A token for a program that shows its id and secret, or a signed assertion (RFC 6749, section 4.4; RFC 7523)."""
    assertions.prepare(request.form)
    return _answered(server.create_token_response())


@blueprint.post("/oauth/revoke")
@limiter.limit("60/minute")
def revoke() -> Response:
    """A client gives a token back (RFC 7009)."""
    assertions.prepare(request.form)
    return _answered(server.create_endpoint_response("revocation"))


@blueprint.post("/oauth/introspect")
@limiter.limit("600/minute")
def introspect() -> Response:
    """Whether a token may still be used (RFC 7662)."""
    assertions.prepare(request.form)
    return _answered(server.create_endpoint_response("introspection"))


@blueprint.get("/.well-known/oauth-authorization-server")
def metadata() -> Response:
    """What this server can do and where (RFC 8414). There is no authorization endpoint, so no response type."""
    here = tokens.issuer()
    algorithms = list(client_keys.ALGORITHMS)
    return _cached(
        {
            "issuer": here,
            "token_endpoint": f"{here}/oauth/token",
            "token_endpoint_auth_methods_supported": METHODS,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "revocation_endpoint": f"{here}/oauth/revoke",
            "revocation_endpoint_auth_methods_supported": METHODS,
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint": f"{here}/oauth/introspect",
            "introspection_endpoint_auth_methods_supported": METHODS,
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
            "jwks_uri": f"{here}/.well-known/jwks.json",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": list(scopes.SCOPES),
            "service_documentation": f"{here}/api/v1/docs",
        }
    )


@blueprint.get("/.well-known/jwks.json")
def key_set() -> Response:
    """Public keys of our access tokens."""
    return _cached({"keys": keys.published(tokens.KEY_USE)})


@blueprint.errorhandler(RequestRefused)
def in_words_of_oauth(refused: RequestRefused) -> Response:
    """The answer as OAuth clients read it, not as problem details."""
    return refused.answer


def _answered(answer: Response) -> Response:
    """:raises RequestRefused: so that the edge keeps what was noted of a refused request."""
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Basic realm="bilim", charset="UTF-8"'
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        raise RequestRefused(answer)
    return answer


def _cached(document: dict[str, object]) -> Response:
    answer = jsonify(document)
    answer.headers["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
    return answer
