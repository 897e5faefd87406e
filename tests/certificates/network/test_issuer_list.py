"""A list is believed under a key that was compared, and read only if it is built as a list."""

from collections.abc import Mapping
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from certificates.network import issuer_list
from certificates.network.issuer_list import NotGenuine

KEY = ECKey.generate_key("P-256", {"kid": "node-1"})
OTHER = ECKey.generate_key("P-256", {"kid": "node-2"})
CLAIMS: Mapping[str, Any] = {
    "iss": "https://bilim.far.example",
    "iat": 1_795_000_000,
    "exp": 1_797_000_000,
    "node_keys": [KEY.as_dict(private=False)],
    "keys": [{"kid": "credential-1", "jwk": {"kty": "RSA"}, "compromised_at": None}],
    "bodies": [{"id": "body", "names": {"en": "Far Academy"}, "country": "KZ", "today": None}],
}


def signed(key: ECKey = KEY, *, kind: str = issuer_list.TYPE, **changes: object) -> str:
    header = {"alg": "ES256", "kid": key.kid, "typ": kind}
    return jwt.encode(header, {**CLAIMS, **changes}, key, algorithms=["ES256"])


def public(key: ECKey) -> dict[str, Any]:
    return key.as_dict(private=False)


def test_a_list_says_who_issues_and_with_which_keys() -> None:
    said = issuer_list.read(signed(), [public(KEY)])

    assert said.address == "https://bilim.far.example"
    assert said.bodies["body"].names == {"en": "Far Academy"}
    assert said.keys["credential-1"].compromised_at is None
    assert [key["kid"] for key in said.node_keys] == ["node-1"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        signed(OTHER),
        signed(kind="JWT"),
        signed(node_keys=[RSAKey.generate_key(2048).as_dict(private=False)]),
        signed(bodies=[{"id": "body"}]),
        signed(bodies="none"),
        signed(keys=[{"kid": 1, "jwk": {}, "compromised_at": None}]),
        signed(iat="yesterday"),
        signed(iat=10**30),
        signed(keys=[{"kid": "k", "jwk": {}, "compromised_at": "soon"}]),
    ],
    ids=range(11),
)
def test_what_is_not_signed_or_not_built_as_a_list_is_refused(text: str) -> None:
    with pytest.raises(NotGenuine):
        issuer_list.read(text, [public(KEY)])


def test_a_fingerprint_finds_the_key_however_it_was_typed() -> None:
    typed = f" {issuer_list.shown(issuer_list.fingerprint(public(KEY))).upper()}\n"

    assert issuer_list.signed_by(signed(), typed).address == "https://bilim.far.example"


def test_a_key_that_the_list_only_names_signs_nothing() -> None:
    both = [public(KEY), public(OTHER)]

    with pytest.raises(NotGenuine):
        issuer_list.signed_by(signed(OTHER, node_keys=both), issuer_list.fingerprint(public(KEY)))
    with pytest.raises(LookupError):
        issuer_list.signed_by(signed(), issuer_list.fingerprint(public(OTHER)))


def test_what_cannot_be_taken_apart_announces_nothing() -> None:
    for text in ("", "a.b.c", signed(node_keys=7)):
        with pytest.raises(NotGenuine):
            issuer_list.signed_by(text, "00")
