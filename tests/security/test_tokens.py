"""Signed tokens: each kind that the product accepts, forged in each way that is known, and shown at the doors of all other kinds.

The ways: no signature; a symmetric one made with the public key; a key, an address of keys or a certificate that the token brings itself;
an id of a key that is a path, a query or no text; an extension that must be understood; other forms of writing the same token.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from certificates import chain
from certificates.badges import signing
from certificates.badges.addresses import Addresses
from certificates.batches import receipt
from certificates.models import SignedHead
from certificates.network import foreign, issuer_list, publishing, statuses
from certificates.offline import listing
from certificates.verdicts import VerdictCode
from lms.core import keys
from lms.core.db import reading, transaction
from lms.core.web import Bilim
from lms.lti import keys as tool_keys
from lms.oauth import client_keys
from lms.oauth import tokens as access_tokens
from tests.lms.lti.test_notices import notice
from tests.lms.lti.test_notices import send as send_notice
from tests.lms.oauth import test_assertions as programs
from tests.lms.oauth.machine import admitted, bearer
from tests.platform import Platform, rsa_key, running

ATTACKER = RSAKey.generate_key(2048, {"kid": "attacker"})
ATTACKER_CURVE = ECKey.generate_key("P-256", {"kid": "attacker"})
ADDRESSES = Addresses("http://localhost:8000")
Key = RSAKey | ECKey


@dataclass
class Kind:
    """One kind of token: a good one, the key behind it, and the door at which it is shown."""

    name: str
    token: str
    key: Key
    takes: Callable[[str], bool]

    @property
    def header(self) -> dict[str, Any]:
        return json.loads(decoded(self.token.split(".")[0]))  # type: ignore[no-any-return]

    @property
    def payload(self) -> str:
        return self.token.split(".")[1]

    def signed(self, key: Key | None = None, **header: object) -> str:
        """The same claims under another header, signed by the rightful key or by another."""
        changed = {name: value for name, value in (self.header | header).items() if value is not ...}
        head = f"{encoded(json.dumps(changed).encode())}.{self.payload}"
        return f"{head}.{encoded(_signature(head.encode(), key or self.key))}"

    def mac(self, secret: bytes, algorithm: str = "HS256") -> str:
        head = f"{encoded(json.dumps(self.header | {'alg': algorithm}).encode())}.{self.payload}"
        return f"{head}.{encoded(hmac.digest(secret, head.encode(), hashlib.sha256))}"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _signature(data: bytes, key: Key) -> bytes:
    algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
    alone = jws.serialize_compact({"alg": algorithm}, b"", key, algorithms=[algorithm])
    assert alone
    model = jws.JWSRegistry.algorithms[algorithm]
    return model.sign(data, key)


def forgeries(kind: Kind) -> Iterator[tuple[str, str]]:
    """What nobody may take, by the name of the attack."""
    head, payload, signature = kind.token.split(".")
    theirs: Key = ATTACKER if isinstance(kind.key, RSAKey) else ATTACKER_CURVE
    public = theirs.as_dict(private=False)
    for none in ("none", "None", "NONE", "", "null"):
        yield f"algorithm {none!r}", f"{encoded(json.dumps(kind.header | {'alg': none}).encode())}.{payload}."
    yield "no algorithm", kind.signed(alg=...)
    yield "algorithm as a list", kind.signed(alg=[kind.header["alg"]])
    ours = kind.key.as_dict(private=False)
    for what, secret in {
        "public key": kind.key.as_pem(private=False),
        "public key in one line": kind.key.as_pem(private=False).strip(),
        "public key in binary": kind.key.as_der(private=False),
        "key as JSON": json.dumps(ours).encode(),
        "nothing": b"",
    }.items():
        yield f"{what} as password", kind.mac(secret)
        yield f"{what} as password of another length", kind.mac(secret, "HS512")
    yield "key of the attacker", kind.signed(theirs)
    yield "key brought along", kind.signed(theirs, jwk=public)
    yield "key brought along without a name", kind.signed(theirs, jwk=public, kid=...)
    yield "address of keys", kind.signed(theirs, jku="https://attacker.example/jwks.json", kid="attacker")
    yield "address of a certificate", kind.signed(theirs, x5u="https://attacker.example/c.pem")
    yield "certificate brought along", kind.signed(theirs, x5c=["MIIB"], x5t="x")
    for kid in (
        "../../../../dev/null",
        "/dev/null",
        "' OR '1'='1",
        "a\0b",
        "\ud83d",
        "k" * 5000,
        "http://[::1",
        "https://a\0b/credentials/keys/x",
        "",
        7,
        None,
        ["a"],
        {"a": 1},
    ):
        yield f"kid {str(kid)[:20]!r}", kind.signed(theirs, kid=kid)
    yield "rightful key under another name", kind.signed(kid="../" + "another")
    yield "extension", kind.signed(crit=["exp"], exp=1)
    yield "extension of nobody", kind.signed(crit=["attack"], attack=True)
    yield "payload that is not encoded", kind.signed(crit=["b64"], b64=False)
    yield "no signature", f"{head}.{payload}."
    yield "signature of zeros", f"{head}.{payload}.{encoded(bytes(len(decoded(signature))))}"
    yield "claims of another", f"{head}.{encoded(b'{}')}.{signature}"
    yield "as an object", json.dumps({"protected": head, "payload": payload, "signature": signature})
    yield "as an object without protection", json.dumps({"header": kind.header, "payload": payload, "signature": ""})
    yield "five parts", f"{head}.{payload}.{signature}.a.b"
    yield "two parts", f"{head}.{payload}"
    yield "header that is no object", f"{encoded(b'[]')}.{payload}.{signature}"
    yield "header without an end", f"{encoded(b'{' * 3000)}.{payload}.{signature}"
    yield "header nested deeply", f"{encoded(b'[' * 3000 + b']' * 3000)}.{payload}.{signature}"


@pytest.fixture
def platform(app: Bilim) -> Iterator[Platform]:
    with running() as made:
        made.register()
        yield made


@pytest.fixture
def kinds(app: Bilim, client: FlaskClient, platform: Platform) -> list[Kind]:
    return [
        _launch(client, platform),
        _notice(client, platform),
        _assertion(client),
        _access(client),
        _credential(),
        _status_list(),
        _receipt(),
        _issuers(),
        _list_of_today(),
        _head(),
        _message_of_ours(),
    ]


def _launch(client: FlaskClient, platform: Platform) -> Kind:
    question = platform.log_in(client)

    def takes(token: str) -> bool:
        return platform.send(client, platform.log_in(client) if token != good else question, token).status_code == 303

    good = platform.token(platform.claims(question))
    return Kind("launch", good, _joserfc(platform), takes)


def _notice(client: FlaskClient, platform: Platform) -> Kind:
    good = platform.token(notice(platform))
    return Kind("notice", good, _joserfc(platform), lambda token: send_notice(client, token)[1] == ["taken"])


def _joserfc(platform: Platform) -> RSAKey:
    numbers = rsa_key()
    return RSAKey.import_key(numbers, {"kid": platform.kid})


def _assertion(client: FlaskClient) -> Kind:
    program = programs.admitted(client_keys.source(jwks=programs.key_set(programs.KEY)))
    good = programs.signed(program)
    return Kind("assertion", good, programs.KEY, lambda token: programs.ask(client, token).status_code == 200)


def _access(client: FlaskClient) -> Kind:
    good = admitted(client).token("certificates:read")

    def takes(token: str) -> bool:
        try:
            headers = bearer(token)
            return client.get("/api/v1/certificates/unknown", headers=headers).status_code not in (400, 401)
        except ValueError:  # a line break, which no header can hold
            return False

    with reading():
        return Kind("access token", good, keys.active(access_tokens.KEY_USE), takes)


def _credential() -> Kind:
    with transaction():
        payload = {"type": ["VerifiableCredential", "OpenBadgeCredential"], "jti": "urn:uuid:nobody"}
        good = signing.sign(payload, ADDRESSES).jwt
        return Kind("credential", good, keys.active(signing.USE), _is_genuine_credential)


def _is_genuine_credential(token: str) -> bool:
    genuine = {VerdictCode.AUTHENTIC_EXACT, VerdictCode.AUTHENTIC_BY_SIGNATURE}
    return foreign.verify(token).code in genuine


def _status_list() -> Kind:
    address = ADDRESSES.status_list("body", 1, "revocation")
    with transaction():
        good = signing.sign(
            {"id": address, "exp": 4_000_000_000, "type": ["BitstringStatusListCredential"], "credentialSubject": {}},
            ADDRESSES,
        ).jwt
        said = issuer_list.read(publishing.composed(), [*keys.published(publishing.USE)])
        key = keys.active(signing.USE)

    def takes(token: str) -> bool:
        try:
            statuses._proved(token, said, address)
        except statuses.NotToBeHad:
            return False
        return True

    return Kind("status list", good, key, takes)


def _receipt() -> Kind:
    with transaction():
        row = keys.ensure(receipt.USE, receipt.ALGORITHM)
        key = keys.private_part(row)
    header = {"alg": receipt.ALGORITHM, "kid": row.kid, "typ": receipt.TYPE}
    good = jws.serialize_compact(header, b'{"rows": []}', key, algorithms=[receipt.ALGORITHM])

    def takes(token: str) -> bool:
        with reading():
            return receipt.read(token) is not None

    return Kind("receipt", good, key, takes)


def _issuers() -> Kind:
    with transaction():
        good, key, known = publishing.composed(), keys.active(publishing.USE), keys.published(publishing.USE)

    def takes(token: str) -> bool:
        try:
            issuer_list.read(token, list(known))
        except issuer_list.NotGenuine:
            return False
        return True

    return Kind("issuer list", good, key, takes)


def _list_of_today() -> Kind:
    with transaction():
        keys.ensure(chain.KEY_USE, chain.ALGORITHM)
        good, key, known = listing.composed(), keys.active(chain.KEY_USE), keys.published(chain.KEY_USE)

    def takes(token: str) -> bool:
        try:
            listing.read(token, known)
        except listing.NotGenuine:
            return False
        return True

    return Kind("list of today", good, key, takes)


def _head() -> Kind:
    with transaction():
        key, known = keys.active(chain.KEY_USE), keys.published(chain.KEY_USE)
    header = {"alg": chain.ALGORITHM, "kid": key.kid, "typ": "register-head+jwt"}
    claims = {"day": "2026-11-20", "event": 7, "hash": "0" * 64}
    good = jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=[chain.ALGORITHM])

    def takes(token: str) -> bool:
        return chain.is_genuine(SignedHead(day=date(2026, 11, 20), event_id=7, hash="0" * 64, statement=token), known)

    return Kind("head of the register", good, key, takes)


def _message_of_ours() -> Kind:
    """What we sign for platforms, which goes through the browser of a person; nobody takes it here."""
    with transaction():
        keys.ensure(tool_keys.USE)
        key = keys.active(tool_keys.USE)
    claims = {
        "iss": "bilim-at-academy",
        "aud": "https://lms.academy.example",
        "sub": "bilim-at-academy",
        "exp": 4_000_000_000,
    }
    good = jws.serialize_compact({"alg": "RS256", "kid": key.kid, "typ": "JWT"}, json.dumps(claims).encode(), key)
    return Kind("deep-linking answer", good, key, lambda _token: False)


def test_no_door_takes_a_forged_token(kinds: list[Kind]) -> None:
    taken, tried = [], 0
    for kind in kinds:
        for name, token in forgeries(kind):
            tried += 1
            if kind.takes(token):
                taken.append(f"{kind.name}: {name}")

    assert taken == [], "\n".join(taken)
    assert tried >= 45 * len(kinds)
    assert [kind.name for kind in kinds if not kind.takes(kind.token)] == ["deep-linking answer"], (
        "or the doors are shut"
    )


@pytest.mark.parametrize(
    "text", ["a\0b", "\ud83d", "x" * 100_000, "", 7, None, ["a\0"], {"a": 1}, [["a"]], 1e400, True]
)
def test_odd_names_in_what_nobody_has_proved_are_refused_and_no_fault_of_ours(
    text: object, client: FlaskClient, platform: Platform
) -> None:
    """What is read before a signature is checked, to find out whose key it needs."""
    odd = {"iss": text, "aud": text, "sub": text, "client_id": text, "azp": text, "jti": text}
    token = f"{encoded(json.dumps({'alg': 'RS256', 'kid': text}).encode())}.{encoded(json.dumps(odd).encode())}.eA"
    named = text if isinstance(text, str) else "x"
    typed = named.encode("utf-8", "replace").decode()
    basic = base64.b64encode(f"{named}:secret".encode("utf-8", "surrogatepass")).decode()[:4000]

    statuses_ = {
        "notice": send_notice(client, token)[0],
        "assertion": programs.ask(client, token).status_code,
        "basic": client.post("/oauth/token", headers={"Authorization": f"Basic {basic}"}).status_code,
        "bearer": client.get("/api/v1/certificates/x", headers=bearer(token[:8000])).status_code,
        "launch": platform.send(client, platform.log_in(client), token).status_code,
        "login": client.get("/lti/login", query_string={"iss": typed, "login_hint": typed}).status_code,
        "file": client.post("/verify/credential", data={"credential": token}).status_code,
    }

    assert {where: status for where, status in statuses_.items() if status >= 500} == {}


def test_no_door_takes_the_token_of_another(kinds: list[Kind]) -> None:
    taken = [
        f"{door.name} takes {other.name}"
        for door in kinds
        for other in kinds
        if door is not other and door.takes(other.token)
    ]

    assert taken == []
