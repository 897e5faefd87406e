"""A seal whose key never leaves its token: a smart card or HSM, reached by PKCS#11.

Tokens often hold the key alone, so certificate and chain stand in ``keys/seal.pem``: the seal's own certificate first,
its root last.
"""

import hashlib
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, unquote

import pkcs11
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from certificates.seal import Seal, seal_locked
from lms.core.errors import Unavailable
from lms.core.i18n import _l
from lms.core.settings import Settings


def open_token(configured: Settings) -> Seal:
    """Open the token that the settings name.

    :raises Unavailable: ``seal-missing`` without ``keys/seal.pem``; ``seal-token-missing`` without the token or the key in
        it; ``seal-locked`` with a wrong PIN, or with a key that is not the one of the certificate.
    """
    try:
        chain = x509.load_pem_x509_certificates((configured.instance / "keys" / "seal.pem").read_bytes())
    except (FileNotFoundError, ValueError) as error:
        raise Unavailable("seal-missing", _l("There is no seal yet to seal certificates with.")) from error
    certificate, *others = chain
    key = _Key(configured.seal_pkcs11, configured.seal_passphrase)
    _refuse_other_key(key, certificate)
    return Seal(key.sign, certificate, others)


def _refuse_other_key(key: "_Key", certificate: x509.Certificate) -> None:
    public = certificate.public_key()
    try:
        if not isinstance(public, EllipticCurvePublicKey):
            raise seal_locked()
        public.verify(key.sign(b"probe"), b"probe", ECDSA(SHA256()))
    except InvalidSignature as error:
        raise seal_locked() from error


class _Key:
    """The private key inside the token. One question at a time: sessions of tokens are not made for threads."""

    def __init__(self, uri: str, pin: str) -> None:
        path, module, label = _read(uri)
        self._lock = Lock()
        try:
            token = pkcs11.lib(module).get_token(token_label=path)
            self._session = _session(token, pin)
            self._key: Any = self._session.get_key(
                object_class=pkcs11.ObjectClass.PRIVATE_KEY, key_type=pkcs11.KeyType.EC, label=label
            )
        except (pkcs11.PinIncorrect, pkcs11.PinLenRange, pkcs11.PinLocked, pkcs11.PinInvalid) as error:
            raise seal_locked() from error
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise Unavailable(
                "seal-token-missing", _l("The token with the key of the seal cannot be reached. Check the token.")
            ) from error

    def sign(self, data: bytes) -> bytes:
        """ECDSA over SHA-256, as DER. The token gives the two numbers side by side."""
        with self._lock:
            numbers: bytes = self._key.sign(hashlib.sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA)
        half = len(numbers) // 2
        return encode_dss_signature(int.from_bytes(numbers[:half], "big"), int.from_bytes(numbers[half:], "big"))


def _session(token: Any, pin: str) -> Any:
    """A process is logged in to a token once for all its sessions (PKCS#11 v2.40, 5.6)."""
    try:
        return token.open(user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:
        return token.open()


def _read(uri: str) -> tuple[str, str, str]:
    """Token, module and label of a PKCS#11 URI (RFC 7512, 2.3)."""
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    told = dict(part.partition("=")[::2] for part in path.split(";"))
    return unquote(told["token"]), parse_qs(query)["module-path"][0], unquote(told["object"])
