"""A tool that only publishes keys and signs, and the sandbox that knows it."""

import json
import shutil
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug import Request, Response
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from lms.core.settings import Settings
from lms.sandbox import store
from lms.sandbox.wiring import create_sandbox
from tests import stock
from tests.answering import answering
from tests.conftest import make_settings
from tests.lms.sandbox.live import Form, form_in

SANDBOX = "http://127.0.0.1:8001"
TOKEN_URL = "http://127.0.0.1:8001/oidc/token"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
NRPS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GROUPS_SCOPE = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
NOTICES_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
ALL_SCOPES = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem "
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly "
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly "
    "https://purl.imsglobal.org/spec/lti-ags/scope/score"
)
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


class Tool:
    """Publishes its keys over a real socket and signs client assertions."""

    def __init__(self) -> None:
        self.key = new_key()
        self.published = [self.key]
        self.fetches = 0
        self.status = 200
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://localhost:{self.server.server_port}"

    def rotate(self) -> None:
        """Sign with a new key and publish it beside the old one."""
        self.key = new_key()
        self.published.append(self.key)

    def key_without_algorithm(self) -> RSAKey:
        """The signing key, free to be used with any algorithm."""
        free = {name: value for name, value in self.key.as_dict(private=True).items() if name != "alg"}
        return RSAKey.import_key(free)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good assertion; a change to None leaves a claim out."""
        issued_at = int(time.time())
        good = {
            "iss": "bilim-demo",
            "sub": "bilim-demo",
            "aud": TOKEN_URL,
            "iat": issued_at,
            "exp": issued_at + 300,
            "jti": str(uuid4()),
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def assertion(self, *, header: dict[str, Any] | None = None, key: RSAKey | None = None, **changes: Any) -> str:
        signing = key or self.key
        return jwt.encode(header or {"alg": "RS256", "kid": signing.kid}, self.claims(**changes), signing)

    def _answer(self, environment: Any, start_response: Any) -> Any:
        self.fetches += Request(environment).path == "/lti/jwks.json"
        body = json.dumps({"keys": [key.as_dict(private=False) for key in self.published]})
        return Response(body, status=self.status, content_type="application/json")(environment, start_response)


class Lms:
    """The sandbox, spoken to as browsers and the tool do."""

    def __init__(self, app: Flask, tool: Tool) -> None:
        self.app = app
        self.tool = tool
        self.browser: FlaskClient = app.test_client()
        self.machine: FlaskClient = app.test_client()
        self.full_bearer: dict[str, str] | None = None

    def switch(self, **changes: str) -> None:
        assert self.machine.post("/switches", data=changes).status_code == 303

    def set(self, option: str, value: str) -> None:
        self.switch(option=option, value=value)

    def quirk(self, name: str, on: str = "yes") -> None:
        self.switch(quirk=name, on=on)

    # launch
    def open_module(self, person: str = "trainee-1", module: str = "e-government") -> dict[str, str]:
        """The fields that the browser brings to the tool's login address."""
        self.browser.get(f"/enter?person={person}")
        answer = self.browser.get(f"/launch/{module}")
        return login_in(answer)

    def open(self, path: str, person: str) -> dict[str, str]:
        """The same for any other address that opens the tool."""
        self.browser.get(f"/enter?person={person}")
        return login_in(self.browser.get(path))

    def message(self, path: str, person: str) -> dict[str, Any]:
        """The claims of the message to which an address leads."""
        form = form_in(self.authorize(self.request_of(self.open(path, person))).text)
        return claims_in(form.fields["id_token"])

    def request_of(self, login: dict[str, str], **changes: str | None) -> dict[str, str]:
        """A good authentication request for a login; a change to None leaves a parameter out."""
        good: dict[str, str | None] = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": login["client_id"],
            "redirect_uri": f"{self.tool.url}/lti/launch",
            "login_hint": login["login_hint"],
            "lti_message_hint": login["lti_message_hint"],
            "state": "state-of-the-tool",
            "nonce": "nonce-of-the-tool",
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def authorize(self, asked: dict[str, str]) -> TestResponse:
        return self.browser.get(f"/oidc/authorize?{urlencode(asked)}")

    def launch(self, person: str = "trainee-1", module: str = "e-government") -> Form:
        """The form with which the browser comes to the tool."""
        return form_in(self.authorize(self.request_of(self.open_module(person, module))).text)

    def claims(self, person: str = "trainee-1", module: str = "e-government") -> dict[str, Any]:
        """The claims of a launch, read without judging them."""
        return claims_in(self.launch(person, module).fields["id_token"])

    # services
    def ask_token(self, assertion: str | None = None, **changes: str | None) -> TestResponse:
        form: dict[str, str | None] = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion if assertion is not None else self.tool.assertion(),
            "scope": ALL_SCOPES,
        }
        sent = {name: value for name, value in {**form, **changes}.items() if value is not None}
        return self.machine.post("/oidc/token", data=sent)

    def bearer(self, scope: str = ALL_SCOPES) -> dict[str, str]:
        answer = json.loads(self.ask_token(scope=scope).data)
        return {"Authorization": f"Bearer {answer['access_token']}"}

    def ask(self, method: str, url: str, *, body: Any = None, **headers: str) -> TestResponse:
        """Ask a service with a good token for everything. Header names come with underscores."""
        if self.full_bearer is None:
            self.full_bearer = self.bearer(f"{ALL_SCOPES} {NRPS_SCOPE} {GROUPS_SCOPE} {NOTICES_SCOPE}")
        given = {**self.full_bearer, **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return self.machine.open(url.removeprefix(SANDBOX), method=method, data=data, headers=given)

    def line_item_url(self, module: str = "e-government") -> str:
        """The line item that a launch of the module names."""
        return str(self.claims(module=module)[AGS_CLAIM]["lineitem"])

    def send_score(self, person: str = "trainee-1", *, module: str = "e-government", **changes: Any) -> TestResponse:
        """Send a good score; a change to None leaves a member out."""
        claims = self.claims(person, module)
        url = scores_of(claims[AGS_CLAIM]["lineitem"])
        return self.ask("POST", url, body=score(claims["sub"], **changes), Content_Type=SCORE_TYPE)

    def grade(self, person: str = "trainee-1", module: str = "e-government") -> dict[str, Any] | None:
        rows = self.machine.get("/grades.json").get_json()
        found = [row for row in rows if (row["person"], row["module"]) == (person, module)]
        return found[0] if found else None


def login_in(answer: TestResponse) -> dict[str, str]:
    """The login initiation in an answer: a redirect or a form."""
    if answer.status_code == 302:
        return Request.from_values(query_string=answer.headers["Location"].split("?")[1]).args.to_dict()
    return form_in(answer.text).fields


def claims_in(id_token: str) -> dict[str, Any]:
    payload = id_token.split(".")[1]
    decoded: dict[str, Any] = json.loads(_unpadded(payload))
    return decoded


def header_in(id_token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(_unpadded(id_token.split(".")[0]))
    return decoded


def _unpadded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def scores_of(line_item_url: str) -> str:
    """AGS 2.0: ``/scores`` is added to the path, the query stays."""
    path, _, query = line_item_url.partition("?")
    return f"{path}/scores" + (f"?{query}" if query else "")


def results_of(line_item_url: str, query: str = "") -> str:
    path, _, carried = line_item_url.partition("?")
    asked = "&".join(part for part in (carried, query) if part)
    return f"{path}/results" + (f"?{asked}" if asked else "")


def score(sub: str, **changes: Any) -> dict[str, Any]:
    good = {
        "userId": sub,
        "timestamp": "2026-11-20T10:00:00.000Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 8.6,
        "scoreMaximum": 10,
        "comment": "Жакшы",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def close(app: Flask) -> None:
    with app.app_context():
        store.current().close()


@pytest.fixture(scope="session")
def running_tool() -> Iterator[Tool]:
    made = Tool()
    with answering(made.server):
        yield made


@pytest.fixture
def tool(running_tool: Tool) -> Tool:
    """The tool as it begins: one key, reachable."""
    running_tool.published = [running_tool.key]
    running_tool.fetches = 0
    running_tool.status = 200
    return running_tool


@pytest.fixture(scope="session")
def store_template(running_tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as it begins, with its signing key, which takes long to make."""
    folder = tmp_path_factory.mktemp("sandbox-template")
    app = create_sandbox(replace(make_settings(folder, "sqlite://"), sandbox_url=SANDBOX))
    with stock.closed():
        app.test_client().get("/oidc/jwks.json")
    close(app)
    return folder / "sandbox.sqlite3"


@pytest.fixture
def settings(tmp_path: Path, tool: Tool) -> Settings:
    """Without the product's database, which the sandbox does not use."""
    return replace(make_settings(tmp_path, "sqlite://"), public_url=tool.url, sandbox_url=SANDBOX)


@pytest.fixture
def lms(settings: Settings, tool: Tool, store_template: Path) -> Iterator[Lms]:
    """The sandbox as it begins."""
    shutil.copy(store_template, settings.instance / "sandbox.sqlite3")
    app = create_sandbox(settings)
    yield Lms(app, tool)
    close(app)


@pytest.fixture
def moodle(lms: Lms) -> Lms:
    """The sandbox as it imitates Moodle."""
    lms.switch(profile="moodle")
    return lms
