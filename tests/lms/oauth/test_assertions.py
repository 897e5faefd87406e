"""Programs that prove themselves by signature (RFC 7523). Each case is one thing that is wrong."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from lms.core import clock
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.errors import Invalid
from lms.oauth import assertions, client_keys, clients
from lms.oauth.client_keys import KeySource
from tests.answering import answering

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve"})


def key_set(*keys: RSAKey | ECKey) -> str:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


def admitted(keys: KeySource) -> str:
    with transaction():
        client, secret = clients.admit(name="Course server", scope=["certificates:read"], actor="test:setup", keys=keys)
    assert secret is None
    return client.id


def signed(client_id: str, *, key: RSAKey | ECKey = KEY, alg: str = "RS256", **changes: object) -> str:
    now = int(clock.now().timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": "http://localhost:8000/oauth/token",
        "iat": now,
        "exp": now + 60,
        "jti": "a",
    }
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid}, kept, key, algorithms=[alg])


def ask(client: FlaskClient, assertion: str, **form: str) -> TestResponse:
    proof = {"client_assertion_type": assertions.TYPE, "client_assertion": assertion}
    return client.post("/oauth/token", data={"grant_type": "client_credentials", **proof, **form})


def reasons() -> list[object]:
    with reading():
        rows = db.session.scalars(db.select(AuditEvent).filter_by(action="client-refused"))
        return [row.facts["reason"] for row in rows]


def test_a_signed_assertion_gets_a_token_once(client: FlaskClient) -> None:
    program = admitted(client_keys.source(jwks=key_set(KEY, CURVE)))

    first, again = ask(client, signed(program)), ask(client, signed(program))
    curve = ask(client, signed(program, key=CURVE, alg="ES256", jti="b", aud=["http://localhost:8000"]))
    pss = ask(client, signed(program, alg="PS256", jti="c"), client_id=program)

    assert (first.status_code, curve.status_code, pss.status_code) == (200, 200, 200)
    assert (again.status_code, again.get_json()["error"]) == (401, "invalid_client")
    assert reasons() == ["used-before"]


def test_each_thing_that_is_wrong_refuses(client: FlaskClient) -> None:
    program, now = admitted(client_keys.source(jwks=key_set(KEY))), int(NOON.timestamp())
    cases: list[tuple[dict[str, object], str]] = [
        ({"iss": "somebody"}, "issuer-differs"),
        ({"aud": None}, "audience-differs"),
        ({"aud": "http://localhost:8000/oauth/introspect"}, "audience-differs"),
        ({"aud": ["http://localhost:8000", "https://elsewhere.example"]}, "audience-differs"),
        ({"aud": []}, "audience-differs"),
        ({"exp": None}, "expired"),
        ({"exp": now - 31}, "expired"),
        ({"exp": "soon"}, "expired"),
        ({"exp": now + 3600}, "lives-too-long"),
        ({"nbf": now + 60}, "not-yet-valid"),
        ({"iat": now + 60}, "not-yet-valid"),
        ({"jti": None}, "jti-missing"),
        ({"jti": "x" * 256}, "jti-missing"),
        ({"key": OTHER}, "signature-wrong"),
        ({"alg": "RS512"}, "signature-wrong"),
    ]
    with clock.frozen(NOON):
        answers = [ask(client, signed(program, **changes)) for changes, _reason in cases]  # type: ignore[arg-type]
        other_id = ask(client, signed(program), client_id="somebody")

    assert {answer.status_code for answer in [*answers, other_id]} == {401}
    assert reasons() == [*(reason for _changes, reason in cases), "client-id-differs"]


def test_what_is_no_assertion_of_a_program_refuses(client: FlaskClient) -> None:
    program = admitted(client_keys.source(jwks=key_set(KEY)))
    good = signed(program)
    unsigned = good.rsplit(".", 1)[0] + "."

    answers = [
        ask(client, ""),
        ask(client, "a.b.c"),
        ask(client, "é.é.é"),
        ask(client, good + "x" * 9000),
        ask(client, unsigned),
        ask(client, signed("nobody")),
        ask(client, good, client_assertion_type="urn:other"),
        client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(program, "")),
    ]

    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"keys": []}',
        '{"keys": [1]}',
        json.dumps({"keys": [KEY.as_dict(private=True)]}),
        json.dumps({"keys": [{"kty": "oct", "k": "AAAA"}]}),
        json.dumps({"keys": [{"kty": "RSA", "e": "AQAB", "n": "_" * 171}]}),
        json.dumps({"keys": [ECKey.generate_key("P-384").as_dict(private=False)]}),
        json.dumps({"keys": [{**KEY.as_dict(private=False), "kid": None}] * 2}),
        '{"keys": "' + "x" * 17_000 + '"}',
    ],
)
def test_only_sets_of_good_public_keys_are_taken(text: str) -> None:
    with pytest.raises(Invalid, match="keys-not-valid"):
        client_keys.source(jwks=text)


class Published(BaseHTTPRequestHandler):
    """A program's server that publishes its keys."""

    text = ""
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200 if self.text else 503)
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    Published.text, Published.asked = "", 0
    server = HTTPServer(("127.0.0.1", 0), Published)
    with answering(server):
        yield f"http://127.0.0.1:{server.server_port}/keys"


def test_published_keys_are_read_when_one_is_new_but_not_more_than_once_a_minute(
    client: FlaskClient, address: str
) -> None:
    program = admitted(KeySource(jwks_uri=address))
    with clock.frozen(NOON):
        away = ask(client, signed(program, jti="1"))
        Published.text = key_set(KEY)
        too_soon = ask(client, signed(program, jti="2"))
        clock.advance(61)
        there = ask(client, signed(program, jti="3"))
        Published.text = key_set(KEY, CURVE)
        clock.advance(61)
        new = ask(client, signed(program, key=CURVE, alg="ES256", jti="4"))
        known = ask(client, signed(program, jti="5"))

    statuses = [answer.status_code for answer in (away, too_soon, there, new, known)]
    assert statuses == [401, 401, 200, 200, 200]
    assert Published.asked == 3
