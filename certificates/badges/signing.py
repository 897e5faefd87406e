"""The keys that sign credentials and status lists, with their history.

A credential is read for decades, so every public key that ever signed stays published, also one that signs no more, also one
that got into other hands: what that means is said by whoever publishes it (``certificates.badges.issuer``).
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from joserfc import jws

from certificates.badges.addresses import Addresses
from lms.core import audit, jobs, keys
from lms.core.db import transaction
from lms.core.keys import SigningJwk, SigningKey

USE = "credential"
ALGORITHM = "RS256"
"""The one that every verifier of Open Badges 3.0 has to know; its signatures are the same at every try."""
PERIOD = timedelta(days=365)
FOR_EVER = timedelta(days=365_000)


class Signed(NamedTuple):
    """A compact JWS and the id of its key."""

    jwt: str
    kid: str


@jobs.daily("credential-keys")
def rotate_by_calendar(_subject: str) -> None:
    """A new key each year; none is ever withdrawn."""
    with transaction():
        for done in keys.keep_fresh(USE, period=PERIOD, published_after=FOR_EVER, algorithm=ALGORITHM):
            what, kid = done.split()
            audit.record(f"credential.key-{what}", subject=kid, actor="calendar")


def sign(payload: Mapping[str, Any], addresses: Addresses) -> Signed:
    """Signed with the key of today, which is made at the first call; reads or writes in the caller's transaction."""
    return sign_with(key_of_today(), payload, addresses)


def sign_with(row: SigningKey, payload: Mapping[str, Any], addresses: Addresses) -> Signed:
    """Signed with this key, without a transaction."""
    return Signed(_compact(payload, _opened(row.kid, row.private_encrypted), addresses.key(row.kid)), row.kid)


def key_of_today() -> SigningKey:
    """The key that signs now, which is made at the first call; reads or writes in the caller's transaction."""
    return keys.ensure(USE, ALGORITHM)


def key_at_hand() -> SigningKey | None:
    """The key that signs now, if one was ever made; reads in the caller's transaction."""
    return known(keys.signing_now(USE) or "")


def history() -> list[SigningKey]:
    """Every key that ever signed, newest first. Reads in the caller's transaction."""
    return keys.history(USE)


def known(kid: str) -> SigningKey | None:
    """One of our keys, whatever became of it."""
    return keys.find(kid, USE)


def _compact(payload: Mapping[str, Any], key: SigningJwk, address: str) -> str:
    # Further headers are not allowed, and the type must be JWT (Open Badges 3.0, 8.2.4.1).
    header = {"alg": ALGORITHM, "kid": address, "typ": "JWT"}
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return jws.serialize_compact(header, text.encode(), key, algorithms=[ALGORITHM])


@lru_cache(maxsize=4)
def _opened(kid: str, private_encrypted: bytes) -> SigningJwk:
    """Opening takes fifty times as long as signing."""
    return keys.private_part(SigningKey(kid=kid, use=USE, algorithm=ALGORITHM, private_encrypted=private_encrypted))
