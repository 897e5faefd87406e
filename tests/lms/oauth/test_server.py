import base64
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet

from lms.core import clock
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.settings import Settings
from lms.oauth import clients, own_keys
from lms.oauth.models import Client, ClientSecret, IssuedToken
from tests.conftest import application
from tests.lms.oauth.machine import Machine, admitted

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def actions() -> list[str]:
    with reading():
        return list(db.session.scalars(db.select(AuditEvent.action).order_by(AuditEvent.id)))


def basic(text: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text).decode()}


def test_a_token_is_a_signed_access_token_for_our_api(machine: Machine, client: FlaskClient) -> None:
    with clock.frozen(NOON):
        answer = machine.ask_token("certificates:read")

    given = answer.get_json()
    keys = KeySet.import_key_set(client.get("/.well-known/jwks.json").get_json())
    token = jwt.decode(given["access_token"], keys, algorithms=["RS256"])
    jti = token.claims.pop("jti")
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 3600, "certificates:read")
    assert "refresh_token" not in given
    assert (token.header["typ"], token.header["alg"]) == ("at+jwt", "RS256")
    assert token.claims == {
        "iss": "http://localhost:8000",
        "aud": "http://localhost:8000/api",
        "sub": machine.id,
        "client_id": machine.id,
        "scope": "certificates:read",
        "iat": 1772452800,
        "exp": 1772456400,
    }
    with reading():
        row = db.session.get(IssuedToken, jti)
        assert row is not None
        assert (row.client_id, row.scope, row.revoked_at) == (machine.id, "certificates:read", None)


def test_the_answer_with_a_token_may_not_be_stored(machine: Machine) -> None:
    assert machine.ask_token().headers["Cache-Control"] == "no-store"


def test_a_program_that_names_no_scope_gets_all_it_may_have(machine: Machine) -> None:
    granted = "completions:write certificates:read records:read register:read plans:read tokens:introspect"
    assert machine.ask_token().get_json()["scope"] == granted


def test_a_program_gets_no_scope_that_it_was_not_given(client: FlaskClient) -> None:
    bureau = admitted(client, scope=("certificates:read",))

    for scope in ("completions:write", "certificates:read completions:write", "everything"):
        answer = bureau.ask_token(scope)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")


def test_a_wrong_secret_is_refused_and_the_refusal_stays_in_the_audit(machine: Machine) -> None:
    machine.secret = "bilim_secret_guessed"

    answer = machine.ask_token()

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="bilim", charset="UTF-8"'
    assert actions() == ["client-admitted", "client-secret-added", "client-refused"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic(b"nobody:secret"),
        basic(b"no-colon"),
        basic(b"\xff\xfe:\xff"),
        basic(b"zero\x00byte:x"),
        {"Authorization": "Basic é"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer abc"},
    ],
)
def test_credentials_that_cannot_be_read_are_refused(headers: dict[str, str], client: FlaskClient) -> None:
    answer = client.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=headers)

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_a_secret_in_the_form_or_the_address_is_not_taken(machine: Machine, client: FlaskClient) -> None:
    form = {"grant_type": "client_credentials", "client_id": machine.id, "client_secret": machine.secret}

    assert client.post("/oauth/token", data=form).status_code == 401
    assert client.post("/oauth/token", query_string=form).status_code == 400


def test_parameters_in_the_address_are_not_taken(machine: Machine) -> None:
    answer = machine.post("/oauth/token?grant_type=client_credentials", {})

    assert (answer.status_code, answer.get_json()["error"]) == (400, "unsupported_grant_type")


def test_a_parameter_given_twice_is_refused(machine: Machine, client: FlaskClient) -> None:
    answer = client.post(
        "/oauth/token",
        data="grant_type=client_credentials&scope=certificates:read&scope=completions:write",
        content_type="application/x-www-form-urlencoded",
        auth=(machine.id, machine.secret),
    )

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", ""])
def test_there_is_one_grant(grant: str, machine: Machine) -> None:
    answer = machine.post("/oauth/token", {"grant_type": grant, "username": "a", "password": "b"})

    assert (answer.status_code, answer.get_json()["error"]) == (400, "unsupported_grant_type")


def test_a_disabled_client_gets_no_token(machine: Machine) -> None:
    with transaction():
        clients.disable(machine.id, actor="test:operator")

    assert machine.ask_token().status_code == 401


def test_neither_the_secret_nor_the_token_is_in_the_database(machine: Machine) -> None:
    token = machine.token()

    with reading():
        rows = [
            repr(row.__dict__)
            for table in (Client, ClientSecret, IssuedToken)
            for row in db.session.scalars(db.select(table))
        ]
    assert machine.secret.startswith("bilim_secret_")
    assert len(rows) == 3
    assert not any(machine.secret in row or token in row for row in rows)


def test_asking_for_a_token_is_noted_without_the_token(machine: Machine) -> None:
    machine.token("certificates:read")

    with reading():
        event = db.session.scalars(db.select(AuditEvent).filter_by(action="token-issued")).one()
    assert event.actor == f"client:{machine.id}"
    assert event.facts == {"scope": "certificates:read"}


def test_tokens_that_ended_more_than_a_day_ago_are_forgotten(machine: Machine) -> None:
    with clock.frozen(NOON):
        machine.token()
        clock.advance(3600 + 24 * 3600 + 1)
        machine.token()
        own_keys.forget_what_is_over("")

    with reading():
        assert db.session.scalar(db.select(db.func.count()).select_from(IssuedToken)) == 1


def test_asking_too_often_is_answered_with_when_to_come_back(settings: Settings) -> None:
    with application(settings, rate_limits=True) as app:
        client = app.test_client()
        answers = [client.post("/oauth/token") for _ in range(61)]

    assert [answer.status_code for answer in answers] == [400] * 60 + [429]
    assert answers[-1].get_json()["code"] == "too-many-requests"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_a_token_that_was_given_back_is_no_longer_active(machine: Machine) -> None:
    token = machine.token()
    before = machine.post("/oauth/introspect", {"token": token}).get_json()

    answer = machine.post("/oauth/revoke", {"token": token})

    after = machine.post("/oauth/introspect", {"token": token}).get_json()
    assert answer.status_code == 200
    assert before["active"] is True
    assert after == {"active": False}
    assert actions()[-4:] == ["token-issued", "token-asked-about", "token-revoked", "token-asked-about"]


def test_introspection_says_what_the_token_says(machine: Machine) -> None:
    with clock.frozen(NOON):
        said = machine.post("/oauth/introspect", {"token": machine.token("certificates:read")}).get_json()

    said.pop("jti")
    assert said == {
        "active": True,
        "token_type": "Bearer",
        "client_id": machine.id,
        "sub": machine.id,
        "scope": "certificates:read",
        "iss": "http://localhost:8000",
        "aud": "http://localhost:8000/api",
        "iat": 1772452800,
        "exp": 1772456400,
    }


def test_a_program_learns_nothing_about_the_token_of_another_and_cannot_revoke_it(
    machine: Machine, client: FlaskClient
) -> None:
    other = admitted(client, name="Another program", scope=("certificates:read",))
    token = machine.token()

    assert other.post("/oauth/introspect", {"token": token}).get_json() == {"active": False}
    assert other.post("/oauth/revoke", {"token": token}).status_code == 400
    assert machine.post("/oauth/introspect", {"token": token}).get_json()["active"] is True


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "x" * 200_000])
def test_a_token_that_is_none_is_inactive_and_revoking_it_is_no_fault(token: str, machine: Machine) -> None:
    machine.token()

    assert machine.post("/oauth/introspect", {"token": token}).get_json() == {"active": False}
    assert machine.post("/oauth/revoke", {"token": token}).status_code == 200


def test_revocation_and_introspection_need_the_secret(machine: Machine, client: FlaskClient) -> None:
    token = machine.token()

    assert client.post("/oauth/revoke", data={"token": token}).status_code == 401
    assert client.post("/oauth/introspect", data={"token": token}).status_code == 401


def test_a_program_with_the_scope_for_it_may_ask_about_tokens_of_others(machine: Machine, client: FlaskClient) -> None:
    gateway = admitted(client, name="Gateway", scope=("tokens:introspect",))
    token = machine.token("certificates:read")

    said = gateway.post("/oauth/introspect", {"token": token}).get_json()
    with transaction():
        clients.disable(machine.id, actor="test:operator")
    after = gateway.post("/oauth/introspect", {"token": token}).get_json()

    assert (said["active"], said["client_id"], said["scope"]) == (True, machine.id, "certificates:read")
    assert after == {"active": False}
