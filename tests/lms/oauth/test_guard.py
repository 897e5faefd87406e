import base64
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Blueprint, jsonify
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from lms.core import clock, keys
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict
from lms.core.settings import Settings
from lms.core.web import Bilim, csrf, register
from lms.oauth import clients, guard
from tests.conftest import application
from tests.lms.oauth.machine import Machine, admitted, bearer

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def app(settings: Settings) -> Iterator[Bilim]:
    with application(settings) as made:
        blueprint = Blueprint("vault", __name__)
        blueprint.add_url_rule("/api/vault", "open", _open)
        blueprint.add_url_rule("/api/vault/forgotten", "forgotten", lambda: "open to all")
        blueprint.add_url_rule("/api/vault/failing", "failing", _failing, methods=["POST"])
        csrf.exempt(blueprint)
        register(made, blueprint, guard=guard.admit)
        yield made


@guard.bearer("certificates:read")
def _open():  # type: ignore[no-untyped-def]
    return jsonify(client=guard.current().client_id)


@guard.bearer("certificates:read")
def _failing():  # type: ignore[no-untyped-def]
    raise Conflict("not-now", "-")


@pytest.fixture
def machine(client: FlaskClient) -> Machine:
    return admitted(client)


def knock(client: FlaskClient, token: str) -> TestResponse:
    return client.get("/api/vault", headers=bearer(token))


def signed(key: RSAKey, *, header: dict[str, str] | None = None, **claims: object) -> str:
    """A token with our own claims, but for what is said otherwise."""
    now = int(clock.now().timestamp())
    ours = {"iss": "http://localhost:8000", "aud": "http://localhost:8000/api", "iat": now, "exp": now + 600}
    kept = {name: value for name, value in (ours | claims).items() if value is not None}
    return jwt.encode({"alg": "RS256", "typ": "at+jwt", **(header or {})}, kept, key, default_type=None)


def our_key() -> RSAKey:
    with reading():
        key = keys.active("oauth")
    assert isinstance(key, RSAKey)
    return key


def jti_of(token: str) -> str:
    claims = jwt.decode(token, our_key()).claims
    return str(claims["jti"])


def test_a_token_with_the_scope_opens_the_view_and_the_call_is_noted(machine: Machine, client: FlaskClient) -> None:
    answer = knock(client, machine.token("certificates:read"))

    assert answer.get_json() == {"client": machine.id}
    with reading():
        event = db.session.scalars(db.select(AuditEvent).filter_by(action="api-call")).one()
    assert (event.actor, event.subject) == (f"client:{machine.id}", "endpoint:vault.open")
    assert event.facts == {"scope": "certificates:read"}


def test_the_name_of_the_scheme_may_be_written_small(machine: Machine, client: FlaskClient) -> None:
    token = machine.token()

    assert client.get("/api/vault", headers={"Authorization": f"bearer {token}"}).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Token abc"])
def test_a_call_without_a_token_is_challenged(header: str | None, client: FlaskClient) -> None:
    answer = client.get("/api/vault", headers={"Authorization": header} if header is not None else {})

    assert (answer.status_code, answer.get_json()["code"]) == (401, "token-missing")
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="bilim"'


def test_a_token_in_the_address_is_not_taken(machine: Machine, client: FlaskClient) -> None:
    answer = client.get("/api/vault", query_string={"access_token": machine.token()})

    assert answer.get_json()["code"] == "token-missing"


def test_a_token_with_another_scope_is_told_which_one_is_missing(machine: Machine, client: FlaskClient) -> None:
    answer = knock(client, machine.token("completions:write"))

    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope-missing")
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="bilim", error="insufficient_scope", scope="certificates:read"'
    )


def test_a_token_ends_after_an_hour(machine: Machine, client: FlaskClient) -> None:
    with clock.frozen(NOON):
        token = machine.token()
        clock.advance(3599)
        in_time = knock(client, token)
        clock.advance(1)
        late = knock(client, token)

    assert in_time.status_code == 200
    assert (late.status_code, late.get_json()["code"]) == (401, "token-invalid")
    assert late.headers["WWW-Authenticate"] == 'Bearer realm="bilim", error="invalid_token"'


def test_a_token_that_was_given_back_is_refused(machine: Machine, client: FlaskClient) -> None:
    token = machine.token()
    machine.post("/oauth/revoke", {"token": token})

    answer = knock(client, token)

    assert (answer.status_code, answer.get_json()["code"]) == (401, "token-revoked")


def test_tokens_of_a_disabled_client_are_refused(machine: Machine, client: FlaskClient) -> None:
    token = machine.token()
    with transaction():
        clients.disable(machine.id, actor="test:operator")

    assert knock(client, token).get_json()["code"] == "token-revoked"


def test_a_token_signed_before_the_keys_rotated_is_accepted(machine: Machine, client: FlaskClient) -> None:
    token = machine.token()
    with transaction():
        keys.rotate("oauth")

    assert knock(client, token).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "http://elsewhere.example"},
        {"iss": None},
        {"aud": "http://localhost:8000"},
        {"aud": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 1},
        {"jti": None},
        {"jti": 7},
        {"jti": "never-issued"},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": ""}},
    ],
)
def test_a_token_of_ours_that_was_not_made_for_this_is_refused(
    changes: dict[str, object], machine: Machine, client: FlaskClient
) -> None:
    jti = jti_of(machine.token())

    as_it_is = knock(client, signed(our_key(), jti=jti))
    changed = knock(client, signed(our_key(), **({"jti": jti} | changes)))  # type: ignore[arg-type]

    assert as_it_is.status_code == 200
    assert (changed.status_code, changed.get_json()["code"]) == (401, "token-invalid")


def test_a_token_signed_by_somebody_else_is_refused(machine: Machine, client: FlaskClient) -> None:
    jti, kid = jti_of(machine.token()), our_key().kid
    assert kid is not None
    theirs = RSAKey.generate_key(2048, {"kid": kid})

    assert knock(client, signed(theirs, jti=jti)).status_code == 401


def test_our_public_key_does_not_serve_as_a_shared_secret(machine: Machine, client: FlaskClient) -> None:
    jti, key = jti_of(machine.token()), our_key()
    assert key.kid is not None
    head, body, _ = signed(key, jti=jti).split(".")
    head = _encoded(b'{"alg":"HS256","typ":"at+jwt","kid":"' + key.kid.encode() + b'"}')
    forged = hmac.digest(key.as_pem(private=False), f"{head}.{body}".encode(), "sha256")

    assert knock(client, f"{head}.{body}.{_encoded(forged)}").status_code == 401


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJqdGkiOiJ4In0.",
        "eyJhbGciOiJub25lIn0..",
        "....",
        "a.b.c",
        "x" * 20_000,
        "\u00e9.\u00e9.\u00e9",
    ],
)
def test_what_is_no_token_is_refused(token: str, machine: Machine, client: FlaskClient) -> None:
    machine.token()

    assert knock(client, token).status_code == 401


def test_a_view_that_names_no_scope_is_closed(machine: Machine, client: FlaskClient) -> None:
    answer = client.get("/api/vault/forgotten", headers=bearer(machine.token()))

    assert (answer.status_code, answer.get_json()["code"]) == (403, "no-guard")


def test_a_call_that_failed_changed_nothing_and_is_noted_with_its_status(machine: Machine, client: FlaskClient) -> None:
    answer = client.post("/api/vault/failing", headers=bearer(machine.token()))
    without = client.post("/api/vault/failing", headers=bearer(machine.token("completions:write")))
    stranger = client.post("/api/vault/failing", headers=bearer("none"))

    assert (answer.status_code, without.status_code, stranger.status_code) == (409, 403, 401)
    with reading():
        events = db.session.scalars(db.select(AuditEvent).filter_by(action="api-call")).all()
    assert [(event.actor, event.subject, event.facts) for event in events] == [
        (f"client:{machine.id}", "endpoint:vault.failing", {"status": 409}),
        (f"client:{machine.id}", "endpoint:vault.failing", {"status": 403}),
    ]
