"""What is kept secret at rest: encryption, keyed hashes and new secrets, each derived for one purpose.

Keys are derived from the secret key by HKDF (RFC 5869) with the purpose as context, so that a value encrypted for one
purpose cannot be read or compared under another. While the secret key is changed (``lms.core.secret_key``), what another one of
the settings wrote is read too.
"""

import base64
import hashlib
import hmac
import secrets
from contextlib import suppress
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lms.core import settings
from lms.core.errors import Unavailable
from lms.core.i18n import _l


def encrypt(data: bytes, purpose: str, *, secret: str | None = None) -> bytes:
    """Encrypt and authenticate; only :func:`decrypt` with the same purpose and secret reads it.

    :param secret: another than the secret key of this installation, for data whose key changes more often.
    """
    return _cipher(secret or settings.current().secret_key, purpose).encrypt(data)


def decrypt(data: bytes, purpose: str, *, secret: str | None = None) -> bytes:
    """:raises Unavailable: ``secret-key-changed`` if no secret that we have wrote the data."""
    for each in [secret] if secret else _secret_keys():
        with suppress(InvalidToken):
            return _cipher(each, purpose).decrypt(data)
    raise Unavailable(
        "secret-key-changed",
        _l("Stored secrets cannot be read with the present secret key. Ask the administrator to restore it."),
    )


def is_of_present_key(data: bytes, purpose: str) -> bool:
    """Whether the secret key of today wrote this, and not another of the settings."""
    try:
        _cipher(settings.current().secret_key, purpose).decrypt(data)
    except InvalidToken:
        return False
    return True


def keyed_hash(value: str, purpose: str, *, secret: str | None = None) -> str:
    """A hash by which equal values are found and which nobody can compute without our secret key, or this other one."""
    key = _derived(secret or settings.current().secret_key, f"hash:{purpose}")
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def keyed_hashes(value: str, purpose: str) -> list[str]:
    """What :func:`keyed_hash` gives today, and what it gave or will give under the other secret keys of the settings."""
    return [keyed_hash(value, purpose, secret=each) for each in _secret_keys()]


def is_keyed_hash(given: str, value: str, purpose: str) -> bool:
    """Whether we have made this hash; compared so that time tells nothing."""
    return any(hmac.compare_digest(given.encode(), each.encode()) for each in keyed_hashes(value, purpose))


def hashed(value: str) -> str:
    """SHA-256 in hex, for values that are random enough to need no key (tokens, states)."""
    return hashlib.sha256(value.encode()).hexdigest()


def new_secret(prefix: str = "") -> str:
    """A fresh random value of 256 bits; the prefix says what it is when it turns up somewhere."""
    return prefix + secrets.token_urlsafe(32)


def _secret_keys() -> list[str]:
    configured = settings.current()
    return [configured.secret_key, *configured.other_secret_keys]


@lru_cache(maxsize=64)
def _cipher(secret_key: str, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret_key, f"encrypt:{purpose}")))


@lru_cache(maxsize=64)
def _derived(secret_key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"bilim:{purpose}".encode()).derive(secret_key.encode())
