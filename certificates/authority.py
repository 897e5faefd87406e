"""A small authority for demonstrations and tests: a root, an issuing authority and one seal of P-256.

In production the seal comes from a real authority. Here the private keys of root and issuing authority are thrown
away, so nobody can make another seal of the same chain.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from lms.core import clock

ROOT_DAYS = 30 * 365
ISSUING_DAYS = 20 * 365
SEAL_DAYS = 3 * 365

_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""RFC 9336: extended key usage for document signing."""

_NO_USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


@dataclass(frozen=True)
class Authority:
    """The public half of what was made."""

    root: x509.Certificate
    issuing: x509.Certificate
    seal: x509.Certificate

    @property
    def seal_fingerprint(self) -> str:
        """SHA-256 of the seal's certificate in hexadecimal, as the key register keeps it."""
        return self.seal.fingerprint(hashes.SHA256()).hex()


def make_authority(path: Path, passphrase: str, *, organisation: str, country: str) -> Authority:
    """Make a chain and write seal key and chain as PKCS#12, encrypted, readable by the owner only.

    Beside it stand the lists of revoked certificates, which B-LT and B-LTA embed.

    :raises FileExistsError: a seal is never overwritten: certificates sealed with it would lose their issuer.
    """
    root_key, issuing_key, seal_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root_name, issuing_name, seal_name = (
        _name(part, organisation=organisation, country=country) for part in ("Root", "Issuing authority", "Seal")
    )
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)

    root = _signed(_authority(root_name, root_key, today, days=ROOT_DAYS, path_length=1), root_name, root_key, root_key)
    issuing = _signed(
        _authority(issuing_name, issuing_key, today, days=ISSUING_DAYS, path_length=0), root_name, root_key, issuing_key
    )
    seal = _signed(_seal(seal_name, seal_key, today), issuing_name, issuing_key, seal_key)

    packed = pkcs12.serialize_key_and_certificates(
        b"seal", seal_key, seal, [issuing, root], BestAvailableEncryption(passphrase.encode())
    )
    _write_once(path, packed)
    for name, issuer, issuer_key in (("root", root, root_key), ("issuing", issuing, issuing_key)):
        _write_once(path.with_name(f"{path.stem}-{name}.crl"), _nothing_revoked(issuer, issuer_key, today))
    return Authority(root, issuing, seal)


def root_as_pem(authority: Authority) -> bytes:
    """The root as a ministry keeps it to verify offline."""
    return authority.root.public_bytes(Encoding.PEM)


def _name(part: str, *, organisation: str, country: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{part} (demonstration)"),
        ]
    )


def _authority(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, today: datetime, *, days: int, path_length: int
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(**_NO_USAGE | {"key_cert_sign": True, "crl_sign": True})
    return (
        _certificate(name, key, today, days=days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(usage, critical=True)
    )


def _seal(name: x509.Name, key: ec.EllipticCurvePrivateKey, today: datetime) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(**_NO_USAGE | {"digital_signature": True, "content_commitment": True})
    return (
        _certificate(name, key, today, days=SEAL_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
    )


def _certificate(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, today: datetime, *, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed(
    builder: x509.CertificateBuilder,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    subject_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    if issuer_key is not subject_key:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    return builder.issuer_name(issuer).sign(issuer_key, hashes.SHA256())


def _nothing_revoked(issuer: x509.Certificate, key: ec.EllipticCurvePrivateKey, today: datetime) -> bytes:
    """An empty list of revoked certificates, in force as long as the seal: the keys are thrown away, so it stays true."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(today)
        .next_update(today + timedelta(days=SEAL_DAYS))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _write_once(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
