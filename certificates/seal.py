"""The seal of the issuing body on a PDF: a PAdES certification signature that allows no change at all.

A certification with DocMDP ``NO_CHANGES`` and not an approval: to an approved file a stranger can append a second
signature, and validators still call it valid. The seal is invisible, because a drawn stamp would break PDF/A and
PDF/UA; the page says in words that it is sealed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Self

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSignatureMetadata,
    PdfSigner,
    PdfSigningSession,
    SigDSSPlacementPreference,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates.signature_form import SignatureForm
from lms.core import clock
from lms.core.errors import Unavailable

FIELD = "IssuerSeal"
_CMS_BYTES_BESIDE_CERTIFICATES = 420
"""Beside the name of the issuer, which stands twice."""
STAMP_SETTINGS = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
"""An archive time stamp is the last revision of its file, so that it covers all of it."""

Sign = Callable[[bytes], bytes]
"""ECDSA with SHA-256 over the bytes, as DER."""


@dataclass(frozen=True)
class Timed:
    """Who says when a seal was made, and what proves its chain for later."""

    authority: TimeStamper
    context: ValidationContext | None = None
    """With proofs of non-revocation: the seal becomes B-LT. Without: B-T."""
    is_archive: bool = False
    """With an archive time stamp over all of it: B-LTA."""


class Seal:
    """A seal that is open for work: key and chain are read once and stay in memory, or in a token."""

    def __init__(self, sign: Sign, certificate: x509.Certificate, chain: list[x509.Certificate]):
        self.certificate = certificate
        self.chain = chain
        self._signer = _KeyHolder(sign, certificate, chain)
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
            raise seal_locked() from err
        if not isinstance(key, EllipticCurvePrivateKey) or certificate is None or not chain:
            raise seal_locked()
        return cls(partial(key.sign, signature_algorithm=ECDSA(hashes.SHA256())), certificate, chain)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the seal's certificate in hexadecimal. A verifier trusts this and not the name in it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def root(self) -> x509.Certificate:
        """The self-signed end of the chain."""
        return next(certificate for certificate in self.chain if certificate.subject == certificate.issuer)

    def seal(self, pdf: bytes, *, with_time: Timed | None = None) -> bytes:
        """The file with the seal appended; the unsigned file is its exact beginning.

        Not reproducible: an ECDSA signature holds a random number.
        """
        sealed = BytesIO()
        metadata = _signature_metadata(with_time)
        sealer = _PdfSealer(metadata, signer=self._signer, timestamper=with_time.authority if with_time else None)
        # A time stamp is as long as its authority likes; without one we know the length.
        reserved = None if with_time else self._bytes_reserved
        sealer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=reserved, output=sealed)
        return sealed.getvalue()

    def _certificates_der(self) -> list[bytes]:
        return [certificate.public_bytes(Encoding.DER) for certificate in (self.certificate, *self.chain)]


def _signature_metadata(with_time: Timed | None) -> PdfSignatureMetadata:
    """What proves the chain stands in the same revision as the seal, and before each time stamp: nothing trails."""
    proved = with_time.context if with_time else None
    return PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        validation_context=proved,
        embed_validation_info=proved is not None,
        use_pades_lta=with_time is not None and with_time.is_archive,
        dss_settings=DSSContentSettings(
            include_vri=False,
            placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE,
            next_ts_settings=STAMP_SETTINGS,
        ),
    )


def seal_locked() -> Unavailable:
    """The key cannot be used, for whatever reason."""
    return Unavailable("seal-locked", "The seal cannot be opened. Check its passphrase.")


class _KeyHolder(Signer):
    """pyHanko's own signer parses and proves the private key anew for each signature; here it is parsed once."""

    def __init__(self, sign: Sign, certificate: x509.Certificate, chain: list[x509.Certificate]):
        store: Any = SimpleCertificateStore  # pyHanko has no types for it
        links = store.from_certs([as_asn1(link) for link in chain])
        super().__init__(signing_cert=as_asn1(certificate), cert_registry=links)
        self._sign = sign
        self._form: SignatureForm | None = None

    async def async_sign(  # type: ignore[override]
        self,
        data_digest: bytes,
        digest_algorithm: str,
        dry_run: bool = False,
        use_pades: bool = False,
        timestamper: object = None,
        **settings: Any,
    ) -> cms.ContentInfo:
        """pyHanko's container, filled in from the second one on. A time stamp stands outside the form."""
        if self._form and use_pades and not dry_run and timestamper is None:
            signature = self._sign(self._form.to_sign(data_digest))
            return cms.ContentInfo.load(self._form.filled_in(data_digest, signature))
        made = await super().async_sign(
            data_digest,
            digest_algorithm,
            dry_run=dry_run,
            use_pades=use_pades,
            timestamper=timestamper,
            **settings,
        )
        if use_pades and not dry_run and timestamper is None:
            self._form = SignatureForm.of(made, data_digest)
        return made

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return self._sign(data)


class _PdfSealer(PdfSigner):
    """pyHanko takes the moment from the machine's local zone; ours comes from the one clock, in UTC."""

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = clock.now()
        return session


def as_asn1(certificate: x509.Certificate) -> Any:
    """The same certificate for pyHanko."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
