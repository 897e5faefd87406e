"""What a node says of itself: its bodies and the keys of its credentials, under one signature. Pure, except for the words.

The list is a JWT (RFC 7519) of a type of its own. It names organisations and keys, never a person.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

TYPE = "issuer-list+jwt"
ALGORITHM = "ES256"
PATH = "/.well-known/bilim-issuers.jwt"
LONGEST = 1024 * 1024
"""Characters."""


class NotGenuine(ValueError):
    """No key that we know has signed it as a list, or it says something that a list cannot say."""


@dataclass(frozen=True)
class CredentialKey:
    """A public key that signs credentials, or did."""

    kid: str
    jwk: Mapping[str, Any]
    compromised_at: datetime | None
    """From then on its owner does not vouch for its signatures."""


@dataclass(frozen=True)
class Body:
    """An organisation that issues, and who answers for it today."""

    id: str
    names: Mapping[str, str]
    country: str
    today: Mapping[str, Any] | None
    """``names``, ``act``, ``day`` of the body that took over; None if it answers itself."""


@dataclass(frozen=True)
class IssuerList:
    """One list, read."""

    address: str
    issued_at: datetime
    expires_at: datetime
    node_keys: tuple[Mapping[str, Any], ...]
    """Keys that may sign the next list."""
    keys: Mapping[str, CredentialKey]
    bodies: Mapping[str, Body]


def read(text: str, node_keys: list[Mapping[str, Any]]) -> IssuerList:
    """What a list says.

    :param node_keys: public keys that are trusted to sign it.
    :raises NotGenuine: see there.
    """
    if len(text) > LONGEST:
        raise NotGenuine("too long")
    try:
        token = jwt.decode(text.strip(), KeySet.import_key_set({"keys": [dict(key) for key in node_keys]}), [ALGORITHM])
        if token.header.get("typ") != TYPE:
            raise NotGenuine("signed as something else")
        return _read(token.claims)
    except (JoseError, KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise NotGenuine(str(error)) from error


def signed_by(text: str, wanted: str) -> IssuerList:
    """What a list says that is signed by the key of this fingerprint, which a person has compared.

    :raises LookupError: if the list announces no such key.
    :raises NotGenuine: if that key has not signed it.
    """
    for key in _announced(text):
        if fingerprint(key) == plain(wanted):
            return read(text, [key])
    raise LookupError(wanted)


def fingerprint(jwk: Mapping[str, Any]) -> str:
    """SHA-256 of the key (RFC 7638) as 64 hexadecimal digits."""
    digits = ECKey.import_key(dict(jwk)).thumbprint()
    return urlsafe_b64decode(digits + "=").hex()


def shown(fingerprint: str) -> str:
    """In groups of four, as two people read it to each other."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def plain(typed: str) -> str:
    """A fingerprint as somebody typed it."""
    return "".join(typed.split()).lower()


def _announced(text: str) -> list[Mapping[str, Any]]:
    """The keys inside, **unproved**."""
    try:
        claims = json.loads(jws.extract_compact(text.strip().encode()).payload)
        return [_public(key) for key in claims["node_keys"]]
    except (JoseError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise NotGenuine(str(error)) from error


def _read(claims: Mapping[str, Any]) -> IssuerList:
    return IssuerList(
        address=_text(claims["iss"]),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        node_keys=tuple(_public(key) for key in claims["node_keys"]),
        keys={_text(one["kid"]): _key(one) for one in claims["keys"]},
        bodies={_text(one["id"]): _body(one) for one in claims["bodies"]},
    )


def _key(said: Mapping[str, Any]) -> CredentialKey:
    since = said["compromised_at"]
    return CredentialKey(said["kid"], dict(said["jwk"]), datetime.fromisoformat(since) if since else None)


def _body(said: Mapping[str, Any]) -> Body:
    names = {_text(language): _text(name) for language, name in said["names"].items()}
    return Body(said["id"], names, _text(said["country"]), said["today"])


def _public(jwk: Mapping[str, Any]) -> Mapping[str, Any]:
    """The public part, and only of the kind that signs lists.

    :raises ValueError: for another kind of key.
    """
    if jwk["kty"] != "EC" or jwk["crv"] != "P-256":
        raise ValueError("another kind of key")
    return {name: _text(jwk[name]) for name in ("kty", "crv", "x", "y", "kid")}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
