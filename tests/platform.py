"""A learning platform for tests: a real server on this machine with its own keys, written apart from the tool's code.

It signs with PyJWT where the tool verifies with joserfc, so that one library cannot hide the other's mistake.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from flask.testing import FlaskClient
from jwt.algorithms import RSAAlgorithm
from werkzeug.test import TestResponse

from lms.core.db import db, transaction
from lms.lti.models import Deployment, Registration
from tests.answering import answering

TOOL = "http://localhost:8000"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def rsa_key(number: int = 0, bits: int = 2048) -> RSAPrivateKey:
    """The same few keys for a whole test run: making them is slow."""
    return _made_key(number, bits)


@cache
def _made_key(_number: int, bits: int) -> RSAPrivateKey:
    return generate_private_key(65537, bits)


def public_jwk(key: RSAPrivateKey, **more: str) -> dict[str, Any]:
    """As a key set lists it."""
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "use": "sig", "alg": "RS256", **more}


@dataclass
class Asked:
    """A request that the tool made to the platform."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reply:
    """What the platform answers."""

    status: int = 200
    """0: it hangs up."""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Platform:
    """One issuer with one client. Change its fields, or ``replies`` by path, to make it misbehave."""

    url: str
    issuer: str = "https://lms.academy.example"
    client_id: str = "bilim-at-academy"
    deployment_id: str = "deployment-1"
    kid: str = "platform-key-1"
    target: str = f"{TOOL}/lti/launch"
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public_jwk(rsa_key(), kid="platform-key-1")])
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    # What an administrator does

    def register(self, *, policy: str = "closed", deployments: tuple[str, ...] | None = None, **values: Any) -> str:
        """Make the tool know this platform; returns the registration's id."""
        with transaction():
            registration = Registration(
                **{
                    "issuer": self.issuer,
                    "client_id": self.client_id,
                    "auth_url": f"{self.url}/auth",
                    "token_url": f"{self.url}/token",
                    "jwks_url": f"{self.url}/jwks",
                    "deployment_policy": policy,
                    **values,
                }
            )
            db.session.add(registration)
            db.session.flush()
            for deployment_id in (self.deployment_id,) if deployments is None else deployments:
                db.session.add(
                    Deployment(registration_id=registration.id, deployment_id=deployment_id, is_approved=True)
                )
            return registration.id

    # What a person's click does

    def log_in(self, browser: FlaskClient, **changes: Any) -> dict[str, str]:
        """Begin a launch; returns the parameters of the authentication request."""
        answer = browser.get("/lti/login", query_string=self.login_parameters(**changes))
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.location).query))

    def login_parameters(self, **changes: Any) -> dict[str, str]:
        """What a login initiation carries; ``None`` leaves a parameter out."""
        parameters = {
            "iss": self.issuer,
            "client_id": self.client_id,
            "login_hint": "17",
            "target_link_uri": self.target,
            "lti_message_hint": '{"cmid":4,"launchid":"l+1"}',
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def launch(self, browser: FlaskClient, *, log_in: Mapping[str, Any] | None = None, **changes: Any) -> TestResponse:
        """Log in and answer with a launch; ``changes`` are claims by their short name."""
        question = self.log_in(browser, **(log_in or {}))
        return self.answer(browser, question, **changes)

    def answer(self, browser: FlaskClient, question: Mapping[str, str], **changes: Any) -> TestResponse:
        """Send a launch that answers this question."""
        return self.send(browser, question, self.token(self.claims(question, **changes)))

    def send(self, browser: FlaskClient, question: Mapping[str, str], id_token: str) -> TestResponse:
        """Post whatever is given as the token."""
        return browser.post("/lti/launch", data={"state": question["state"], "id_token": id_token})

    # What the platform says

    def claims(self, question: Mapping[str, str], **changes: Any) -> dict[str, Any]:
        """A complete resource link launch of a learner. A change to ``None`` leaves the claim out."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "person-17",
            "exp": now + 300,
            "iat": now,
            "nonce": question["nonce"],
            "name": "Айгүл Токтогулова",
            "message_type": "LtiResourceLinkRequest",
            "version": "1.3.0",
            "deployment_id": self.deployment_id,
            "target_link_uri": self.target,
            "resource_link": {"id": "link-1", "title": "Public management"},
            "roles": [f"{MEMBERSHIP}Learner"],
            "context": {"id": "course-1", "label": "PM", "title": "Public management 2026"},
            "tool_platform": {"guid": "academy", "product_family_code": "moodle"},
            "launch_presentation": {"locale": "ru", "return_url": f"{self.issuer}/mod/lti/return.php?sesskey=secret"},
            "ags": {"scope": [SCORE_SCOPE], "lineitem": f"{self.url}/items/5/lineitem?type_id=3"},
            **changes,
        }
        return {_full_name(name): value for name, value in claims.items() if value is not None}

    def token(
        self,
        claims: Mapping[str, Any],
        *,
        key: RSAPrivateKey | str | None = None,
        algorithm: str = "RS256",
        header: Mapping[str, Any] | None = None,
    ) -> str:
        """Sign; with the platform's key unless another is given. A header field of ``None`` is left out."""
        fields = {"kid": self.kid, **(header or {})}
        return jwt.encode(
            dict(claims),
            key if key is not None else rsa_key(),
            algorithm=algorithm,
            headers={name: value for name, value in fields.items() if value is not None},
        )

    def asked_for(self, path: str) -> list[Asked]:
        """Requests that the tool made to a path."""
        return [asked for asked in self.asked if urlsplit(asked.path).path == path]

    # Its server

    def reply_to(self, asked: Asked) -> Reply:
        """The next reply prepared for this path, or the ordinary one."""
        self.asked.append(asked)
        path = urlsplit(asked.path).path
        prepared = self.replies.get(path)
        if prepared:
            return prepared.pop(0) if len(prepared) > 1 else prepared[0]
        if path == "/jwks":
            return self._key_set()
        return self._token(asked) if path == "/token" else Reply()

    def _key_set(self) -> Reply:
        return Reply(body=json.dumps({"keys": self.keys}).encode(), headers={"Content-Type": "application/json"})

    def _token(self, asked: Asked) -> Reply:
        scope = parse_qs(asked.body.decode())["scope"][0]
        body = {"access_token": f"token-{uuid4()}", "token_type": "bearer", "expires_in": 3600, "scope": scope}
        return Reply(body=json.dumps(body).encode(), headers={"Content-Type": "text/html"})


@contextmanager
def running(kind: type[Platform] = Platform) -> Iterator[Platform]:
    """A platform whose server answers on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    platform = kind(url=f"http://127.0.0.1:{server.server_address[1]}")
    server.platform = platform  # type: ignore[attr-defined]
    with answering(server):
        yield platform


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self.server.platform.reply_to(Asked(self.command, self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        if not reply.status:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *_arguments: Any) -> None:
        """Tests are quiet."""


def _full_name(name: str) -> str:
    if name == "ags":
        return AGS
    is_core = name in {
        "message_type",
        "version",
        "deployment_id",
        "target_link_uri",
        "resource_link",
        "roles",
        "context",
    }
    return CLAIM + name if is_core or name in {"tool_platform", "launch_presentation", "custom"} else name
