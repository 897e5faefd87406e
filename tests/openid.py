"""A sign-in provider for tests: a real OpenID server on this machine, written apart from the product's code.

It signs with PyJWT where the product verifies with joserfc, and it checks what a provider has to check: the secret, the
redirect address, PKCE, and that a code is used once.
"""

import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit
from uuid import uuid4

import jwt
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.platform import Asked, Reply, public_jwk, rsa_key, running

CLIENT_ID, SECRET = "bilim-staff", "secret with %: and space"
CALLBACK = "http://localhost:8000/staff/callback"


@dataclass
class OpenIdProvider:
    """One issuer with one client. Change its fields, or ``replies`` by path, to make it misbehave."""

    url: str
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "esi-17", "name": "Мисал Үлгүбаева"})
    """What is said about whoever signs in."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Claims of the token that differ from the right ones; None leaves one out."""
    header: dict[str, Any] = field(default_factory=dict)
    key: Any = None
    algorithm: str = "RS256"
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public_jwk(rsa_key(), kid="provider-key-1")])
    description: dict[str, Any] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    # What a browser does

    def sign_in(self, browser: FlaskClient, begin: str = "/staff/sign-in/begin", **sent: str) -> TestResponse:
        """Begin, sign in here, and bring the answer back as a form."""
        return self.bring_back(browser, self.question(browser, begin), **sent)

    def question(self, browser: FlaskClient, begin: str = "/staff/sign-in/begin") -> dict[str, str]:
        """Begin a sign-in; returns the parameters of the authentication request."""
        answer = browser.get(begin)
        assert answer.status_code == 302, answer.text
        assert answer.location.startswith(f"{self.url}/connect/authorize?"), answer.location
        return dict(parse_qsl(urlsplit(answer.location).query))

    def bring_back(self, browser: FlaskClient, question: Mapping[str, str], **sent: str) -> TestResponse:
        """The answer to a question, as a form."""
        return browser.post("/staff/callback", data={**self.answer(question), **sent})

    def answer(self, question: Mapping[str, str]) -> dict[str, str]:
        """What is sent back after the person signed in here."""
        code = uuid4().hex
        self.codes[code] = dict(question)
        return {"state": question["state"], "code": code}

    # What the provider says

    def id_token(self, question: Mapping[str, str]) -> str:
        """The token, right but for ``changes``, ``header``, ``key`` and ``algorithm``."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": question["nonce"],
            **self.person,
            **self.changes,
        }
        header = {"kid": "provider-key-1", **self.header}
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            rsa_key() if self.key is None else self.key,
            algorithm=self.algorithm,
            headers={name: value for name, value in header.items() if value is not None},
        )

    def asked_for(self, path: str) -> list[Asked]:
        """Requests made to a path."""
        return [asked for asked in self.asked if urlsplit(asked.path).path == path]

    # Its server

    def reply_to(self, asked: Asked) -> Reply:
        """The reply prepared for this path, or the ordinary one."""
        self.asked.append(asked)
        path = urlsplit(asked.path).path
        if path in self.replies:
            return self.replies[path]
        if path == "/.well-known/openid-configuration":
            return _json(self._description())
        if path == "/jwks":
            return _json({"keys": self.keys})
        if path == "/connect/token":
            return self._token(asked)
        if path == "/connect/userinfo":
            return self._userinfo(asked)
        return Reply(404)

    def _description(self) -> dict[str, Any]:
        said = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/connect/authorize",
            "token_endpoint": f"{self.url}/connect/token",
            "userinfo_endpoint": f"{self.url}/connect/userinfo",
            "end_session_endpoint": f"{self.url}/connect/endsession",
            "jwks_uri": f"{self.url}/jwks",
            "response_modes_supported": ["form_post", "query"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.description,
        }
        return {name: value for name, value in said.items() if value is not None}

    def _token(self, asked: Asked) -> Reply:
        form = dict(parse_qsl(asked.body.decode()))
        question = self.codes.pop(form.get("code", ""), None)
        if question is None or not self._is_client(asked, form):
            return _json({"error": "invalid_grant"}, 400)
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if challenge != question["code_challenge"] or form["redirect_uri"] != question["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        access_token = uuid4().hex
        self.tokens[access_token] = dict(self.person)
        said = {"id_token": self.id_token(question), "access_token": access_token, "token_type": "Bearer"}
        return _json(said)

    def _is_client(self, asked: Asked, form: Mapping[str, str]) -> bool:
        scheme, _, given = asked.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            client_id, _, secret = b64decode(given).decode().partition(":")
            return (unquote_plus(client_id), unquote_plus(secret)) == (CLIENT_ID, SECRET)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, SECRET)

    def _userinfo(self, asked: Asked) -> Reply:
        said = self.tokens.get(asked.headers.get("Authorization", "").removeprefix("Bearer "))
        return _json(said) if said else Reply(401)


@contextmanager
def running_provider() -> Iterator[OpenIdProvider]:
    """A provider whose server answers on this machine."""
    with running(OpenIdProvider) as provider:  # type: ignore[arg-type]
        yield provider  # type: ignore[misc]


def _json(said: Mapping[str, Any], status: int = 200) -> Reply:
    return Reply(status, json.dumps(said).encode(), {"Content-Type": "application/json"})
