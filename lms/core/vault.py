"""What is kept secret at rest: encryption, keyed hashes and new secrets, each derived for one purpose.

Keys are derived from the secret key by HKDF (RFC 5869) with the purpose as context, so that a value encrypted for one
purpose cannot be read or compared under another.
"""

import base64
import hashlib
import hmac
import secrets
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
    """:raises Unavailable: ``secret-key-changed`` if this secret did not write the data."""
    try:
        return _cipher(secret or settings.current().secret_key, purpose).decrypt(data)
    except InvalidToken as error:
        raise Unavailable(
            "secret-key-changed",
            _l("Stored secrets cannot be read with the present secret key. Ask the administrator to restore it."),
        ) from error


def keyed_hash(value: str, purpose: str, *, secret: str | None = None) -> str:
    """A hash by which equal values are found and which nobody can compute without our secret key, or this other one."""
    key = _derived(secret or settings.current().secret_key, f"hash:{purpose}")
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def hashed(value: str) -> str:
    """SHA-256 in hex, for values that are random enough to need no key (tokens, states)."""
    return hashlib.sha256(value.encode()).hexdigest()


def new_secret(prefix: str = "") -> str:
    """A fresh random value of 256 bits; the prefix says what it is when it turns up somewhere."""
    return prefix + secrets.token_urlsafe(32)


@lru_cache(maxsize=64)
def _cipher(secret_key: str, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret_key, f"encrypt:{purpose}")))


@lru_cache(maxsize=64)
def _derived(secret_key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"bilim:{purpose}".encode()).derive(secret_key.encode())
