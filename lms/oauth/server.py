"""The authorization server, made of Authlib's parts: client credentials (RFC 6749), revocation (RFC 7009) and
introspection (RFC 7662).

Ours are the reading of the request (Authlib's trips over a Basic header that is not UTF-8, and takes parameters from the
address too) and the tokens.
"""

import base64
from typing import Any

import structlog
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Request
from flask import request as present_request

from lms.core import audit, clock
from lms.oauth import assertions, client_secrets, clients, scopes, tokens
from lms.oauth.models import PRIVATE_KEY_JWT, SECRET_BASIC, Client, IssuedToken

METHODS = [SECRET_BASIC, PRIVATE_KEY_JWT]
"""How programs prove themselves, at every address of ours."""

log = structlog.get_logger()


class Body(FlaskOAuth2Payload):  # type: ignore[misc]
    """Parameters of a request: of its body only, because an address ends up in logs."""

    @property
    def data(self) -> Any:
        """The form."""
        return self._request.form


class Asked(FlaskOAuth2Request):  # type: ignore[misc]
    """A request as Authlib reads it."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.payload = Body(request)


class Server(AuthorizationServer):  # type: ignore[misc]
    """Who asks, and what is kept of a token that was given."""

    def query_client(self, client_id: str) -> Client | None:
        """The client that asks, unless it was turned off."""
        return clients.enabled(client_id)

    def save_token(self, token: dict[str, Any], request: Asked) -> None:
        """Only that it was given; its row was written when it was made."""
        audit.record(
            "token-issued",
            subject=f"client:{request.client.id}",
            actor=f"client:{request.client.id}",
            scope=token["scope"],
        )

    def create_oauth2_request(self, request: Request | None) -> Asked:
        """The request at hand."""
        return Asked(present_request)


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    """A program asks in its own name (RFC 6749, section 4.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_token_request(self) -> None:
        """:raises InvalidRequestError: also if a parameter is given twice (RFC 6749, section 3.2)."""
        if any(len(values) > 1 for values in self.request.payload.datalist.values()):
            raise InvalidRequestError("A parameter is given more than once.")
        super().validate_token_request()


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """A client gives a token back. A token that is nobody's is answered like one that was revoked."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> "_TokenOfClient | None":
        """The row that the token stands for; the hint is not needed, there is one kind."""
        return _TokenOfClient.of(token_string)

    def revoke_token(self, token: "_TokenOfClient", request: Asked) -> None:
        """From now on it is refused."""
        token.row.revoked_at = token.row.revoked_at or clock.now()
        actor = f"client:{request.client.id}"
        audit.record("token-revoked", subject=actor, actor=actor, jti=token.row.jti)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """A client asks about a token of its own; about any other it learns nothing, unless it has the scope for that."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> "_TokenOfClient | None":
        """The row that the token stands for."""
        return _TokenOfClient.of(token_string)

    def authenticate_token(self, request: Asked, client: Client) -> "_TokenOfClient | None":
        """The token, if this client may ask about it; that it asked stands in the audit."""
        found: _TokenOfClient | None = super().authenticate_token(request, client)
        whose = found.row.client_id if found else "unknown"
        audit.record("token-asked-about", subject=f"client:{whose}", actor=f"client:{client.id}")
        return found

    def check_permission(self, token: "_TokenOfClient", client: Client, request: Asked) -> bool:
        """Whether this client may ask about this token."""
        return token.check_client(client) or scopes.TOKENS_INTROSPECT in scopes.split(client.scope)

    def introspect_token(self, token: "_TokenOfClient") -> dict[str, Any]:
        """What is said about a token that may be used (RFC 7662, section 2.2)."""
        row = token.row
        return {
            "active": True,
            "token_type": "Bearer",
            "client_id": row.client_id,
            "sub": row.client_id,
            "scope": row.scope,
            "iss": tokens.issuer(),
            "aud": tokens.audience(),
            "iat": int(row.issued_at.timestamp()),
            "exp": int(row.expires_at.timestamp()),
            "jti": row.jti,
        }


class _TokenOfClient:
    """A token as Authlib's endpoints ask about it."""

    def __init__(self, row: IssuedToken) -> None:
        self.row = row

    @classmethod
    def of(cls, text: str) -> "_TokenOfClient | None":
        row = tokens.find(text)
        return cls(row) if row else None

    def check_client(self, client: Client) -> bool:
        return self.row.client_id == client.id

    def is_expired(self) -> bool:
        return self.row.expires_at <= clock.now()

    def is_revoked(self) -> bool:
        return self.row.revoked_at is not None or clients.enabled(self.row.client_id) is None


def authenticate_basic(query_client: Any, request: Asked) -> Client | None:
    """The client whose id and secret stand in the header (RFC 6749, section 2.3.1); None if they do not fit."""
    client_id, secret = _basic_credentials(request.headers.get("Authorization", ""))
    client: Client | None = query_client(client_id) if client_id else None
    if client is None:
        log.info("client-unknown")
        return None
    if client.auth_method == SECRET_BASIC and client_secrets.fits(client, secret):
        return client
    audit.record("client-refused", subject=f"client:{client.id}", actor="unknown", reason="secret-wrong")
    return None


def authenticate_assertion(_query_client: Any, request: Asked) -> Client | None:
    """The client that signed the assertion in the form (RFC 7523, section 2.2)."""
    return assertions.authenticate(request.form)


def _basic_credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        return "", ""
    client_id, _, secret = text.replace("\0", "").partition(":")
    return client_id, secret


def _make_server() -> Server:
    made = Server()
    made.scopes_supported = list(scopes.SCOPES)
    made.register_client_auth_method(SECRET_BASIC, authenticate_basic)
    made.register_client_auth_method(PRIVATE_KEY_JWT, authenticate_assertion)
    made.register_grant(ClientCredentials)
    made.register_endpoint(Revocation)
    made.register_endpoint(Introspection)
    made.register_token_generator(
        "default",
        BearerTokenGenerator(
            lambda client, grant_type, user, scope: tokens.mint(client, scope),
            expires_generator=int(tokens.LIFETIME.total_seconds()),
        ),
    )
    return made


server = _make_server()
