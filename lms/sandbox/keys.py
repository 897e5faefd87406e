"""The platform's signing keys: RSA 2048, kept in the store. The newest signs, all are published."""

import json
from functools import lru_cache

from joserfc.jwk import RSAKey
from sqlalchemy import select

from lms.sandbox import store
from lms.sandbox.models import PlatformKey

BITS = 2048


def signing_key() -> RSAKey:
    """The newest key; the first one is made when it is needed."""
    newest = store.session().scalar(select(PlatformKey).order_by(PlatformKey.id.desc()).limit(1))
    return _read(json.dumps((newest or _add()).private_jwk))


def published() -> list[dict[str, object]]:
    """The public keys, as they stand in the key set (RFC 7517)."""
    signing_key()
    rows = store.session().scalars(select(PlatformKey).order_by(PlatformKey.id))
    return [dict(_read(json.dumps(row.private_jwk)).as_dict(private=False)) for row in rows]


def rotate() -> str:
    """Sign with a new key from now on; the old ones stay published. Returns the new key's ``kid``."""
    return _add().kid


def unpublished_key(kid: str) -> RSAKey:
    """A key that nobody knows, under any name: for launches that have to be refused."""
    return RSAKey.generate_key(BITS, {"kid": kid, "use": "sig", "alg": "RS256"})


def _add() -> PlatformKey:
    made = RSAKey.generate_key(BITS, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    key = PlatformKey(kid=made.kid or "", private_jwk=dict(made.as_dict(private=True)))
    store.session().add(key)
    store.session().flush()
    return key


@lru_cache(maxsize=16)
def _read(private_jwk: str) -> RSAKey:
    """Once for each key: its numbers are proven each time they are read, which takes longer than the rest of a launch."""
    return RSAKey.import_key(json.loads(private_jwk))
