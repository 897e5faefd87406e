"""Public keys of programs that prove themselves by signature: given to us, or read where the program publishes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from lms.core import audit, clock, http
from lms.core.db import db, transaction
from lms.core.errors import Invalid, RemoteFailure
from lms.core.i18n import _l
from lms.oauth.models import PRIVATE_KEY_JWT, Client

ALGORITHMS = ("RS256", "PS256", "ES256")
"""By which a program may sign; all of public keys."""
SHORTEST_MODULUS = 342
"""Letters of base64 in which 2048 bits are written."""
LONGEST_SET = 16_384
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""RFC 7518, section 6."""
REFRESH_AFTER = timedelta(hours=24)
ASK_AGAIN_AFTER = timedelta(minutes=1)
"""However many assertions name a key that nobody knows, the program's server is asked once a minute."""

log = structlog.get_logger()


@dataclass(frozen=True)
class KeySource:
    """Where the keys of a program come from: one of the two."""

    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None


def source(*, jwks: str = "", jwks_uri: str = "") -> KeySource:
    """What somebody gave, checked.

    :param jwks: the key set as text.
    :raises Invalid: ``keys-not-valid``, ``keys-address-not-valid``.
    """
    if jwks_uri and not jwks:
        parts = urlsplit(jwks_uri)
        if parts.scheme not in ("https", "http") or not parts.hostname or len(jwks_uri) > 500:
            raise Invalid(
                "keys-address-not-valid", _l("Give the https address at which the program publishes its keys.")
            )
        return KeySource(jwks_uri=jwks_uri)
    if jwks_uri:
        raise _not_valid()
    return KeySource(jwks=_checked(jwks))


def put(client: Client, keys: KeySource, *, actor: str) -> None:
    """From now on the client proves itself by these keys, and by nothing else."""
    client.auth_method = PRIVATE_KEY_JWT
    client.jwks = dict(keys.jwks) if keys.jwks else None
    client.jwks_uri = keys.jwks_uri
    client.jwks_fetched_at = client.jwks_tried_at = None
    kids = [str(key.get("kid", "")) for key in (keys.jwks or {}).get("keys", [])]
    audit.record("client-keys-set", subject=f"client:{client.id}", actor=actor, kids=kids, address=keys.jwks_uri)


def refresh(client: Client, *, kid: str | None) -> None:
    """Read the keys at the client's address again, if it has one and may have a key that we do not know.

    Calls the program's server, so no transaction may be open; it has some of its own. If the server does not answer, old
    keys stay good.
    """
    if client.jwks_uri is None or not _must_ask(client, kid):
        return
    try:
        fetched = _fetch(client.jwks_uri)
    except (RemoteFailure, Invalid) as problem:
        log.warning("client-keys-stale", client=client.id, code=problem.code)
        fetched = None
    now = clock.now()
    with transaction():
        row = db.session.get_one(Client, client.id)
        row.jwks_tried_at = now
        if fetched is not None:
            row.jwks, row.jwks_fetched_at = fetched, now


def known(client: Client) -> KeySet | None:
    """The keys as we have them."""
    return KeySet.import_key_set(client.jwks) if client.jwks else None  # type: ignore[arg-type]


def _must_ask(client: Client, kid: str | None) -> bool:
    now = clock.now()
    if client.jwks_tried_at is not None and client.jwks_tried_at + ASK_AGAIN_AFTER > now:
        return False
    if client.jwks is None or client.jwks_fetched_at is None or client.jwks_fetched_at + REFRESH_AFTER <= now:
        return True
    return kid not in {key.get("kid") for key in client.jwks["keys"]}


def _fetch(address: str) -> dict[str, Any]:
    answer = http.get(address, headers={"Accept": "application/jwk-set+json, application/json"})
    if not answer.is_success:
        raise _not_valid()
    return _checked(answer.body.decode("utf-8", "replace"))


def _checked(text: str) -> dict[str, Any]:
    """Only what is needed of a key set, and never a private key: that would not be ours to keep.

    :raises Invalid: ``keys-not-valid``.
    """
    try:
        listed = json.loads(text)["keys"] if len(text) <= LONGEST_SET else None
        kept = [_public(key) for key in listed] if isinstance(listed, list) else []
    except (ValueError, KeyError, TypeError, RecursionError, JoseError) as error:
        raise _not_valid() from error
    has_names = len(kept) == 1 or all(isinstance(key.get("kid"), str) for key in kept)
    if not kept or not has_names:
        raise _not_valid()
    return {"keys": kept}


def _public(key: dict[str, Any]) -> dict[str, Any]:
    """:raises ValueError: for a key that is private, short or of another kind."""
    if PRIVATE_MEMBERS & set(key):
        raise ValueError("private")
    if key.get("kty") == "RSA":
        if len(str(key.get("n", ""))) < SHORTEST_MODULUS:
            raise ValueError("short")
        RSAKey.import_key(key)
    elif (key.get("kty"), key.get("crv")) == ("EC", "P-256"):
        ECKey.import_key(key)
    else:
        raise ValueError("kind")
    return {name: key[name] for name in ("kty", "kid", "alg", "use", "n", "e", "crv", "x", "y") if name in key}


def _not_valid() -> Invalid:
    return Invalid(
        "keys-not-valid",
        _l("Give a JSON Web Key Set with public keys: RSA of at least 2048 bits or EC P-256, each with its own kid."),
    )
