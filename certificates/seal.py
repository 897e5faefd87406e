"""The seal of the issuing body on a PDF: a PAdES B-B certification signature that allows no change at all.

A certification with DocMDP ``NO_CHANGES`` and not an approval: to an approved file a stranger can append a second
signature, and validators still call it valid. The seal is invisible, because a drawn stamp would break PDF/A and
PDF/UA; the page says in words that it is sealed.
"""

from io import BytesIO
from pathlib import Path
from typing import Any, Self

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lms.core import clock
from lms.core.errors import Unavailable

FIELD = "IssuerSeal"
_CMS_BYTES_BESIDE_CERTIFICATES = 640
"""Beside the name of the issuer, which stands twice."""


class Seal:
    """A seal that is open for work: key and chain are read once and stay in memory."""

    def __init__(self, key: EllipticCurvePrivateKey, certificate: x509.Certificate, chain: list[x509.Certificate]):
        self.certificate = certificate
        self.chain = chain
        self._signer = _PdfSealer(_signature_metadata(), signer=_KeyHolder(key, certificate, chain))
        certificates, name = sum(map(len, self._certificates_der())), len(certificate.issuer.public_bytes())
        self._bytes_reserved = 2 * (certificates + 2 * name + _CMS_BYTES_BESIDE_CERTIFICATES)

    @classmethod
    def load(cls, path: Path, passphrase: str) -> Self:
        """Open a PKCS#12 file that holds a P-256 key, its certificate and the chain up to the root.

        :raises Unavailable: ``seal-missing`` without a file, ``seal-locked`` with a wrong passphrase or an unusable key.
        """
        try:
            packed = path.read_bytes()
        except FileNotFoundError as err:
            raise Unavailable("seal-missing", "There is no seal yet to seal certificates with.") from err
        try:
            key, certificate, chain = pkcs12.load_key_and_certificates(packed, passphrase.encode())
        except ValueError as err:
            raise _seal_locked() from err
        if not isinstance(key, EllipticCurvePrivateKey) or certificate is None or not chain:
            raise _seal_locked()
        return cls(key, certificate, chain)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the seal's certificate in hexadecimal. A verifier trusts this and not the name in it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def root(self) -> x509.Certificate:
        """The self-signed end of the chain."""
        return next(certificate for certificate in self.chain if certificate.subject == certificate.issuer)

    def seal(self, pdf: bytes) -> bytes:
        """The file with the seal appended; the unsigned file is its exact beginning.

        Not reproducible: an ECDSA signature holds a random number.
        """
        sealed = BytesIO()
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        self._signer.sign_pdf(writer, bytes_reserved=self._bytes_reserved, output=sealed)
        return sealed.getvalue()

    def _certificates_der(self) -> list[bytes]:
        return [certificate.public_bytes(Encoding.DER) for certificate in (self.certificate, *self.chain)]


def _signature_metadata() -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )


def _seal_locked() -> Unavailable:
    return Unavailable("seal-locked", "The seal cannot be opened. Check its passphrase.")


class _KeyHolder(Signer):
    """pyHanko's own signer parses and proves the private key anew for each signature; here it is parsed once."""

    def __init__(self, key: EllipticCurvePrivateKey, certificate: x509.Certificate, chain: list[x509.Certificate]):
        links = SimpleCertificateStore.from_certs([_asn1(link) for link in chain])  # type: ignore[no-untyped-call]
        super().__init__(signing_cert=_asn1(certificate), cert_registry=links)
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return self._key.sign(data, ECDSA(hashes.SHA256()))


class _PdfSealer(PdfSigner):
    """pyHanko takes the moment from the machine's local zone; ours comes from the one clock, in UTC."""

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = clock.now()
        return session


def _asn1(certificate: x509.Certificate) -> Any:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
