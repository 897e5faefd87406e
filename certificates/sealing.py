"""Seal a certificate as strongly as this installation can, and strengthen what was sealed before.

PAdES levels (ETSI EN 319 142-1): B-B is our seal alone. B-T adds when, said by a time-stamping authority. B-LT adds the
proof that the chain was in force. B-LTA puts an archive time stamp over all of it, which is renewed before its authority's
certificate ends, so that the file explains itself for decades. An authority that is away delays nobody: then the seal is
B-B, and the archive time stamp follows (docs/adr/0017).
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from io import BytesIO

import structlog
from asn1crypto import x509
from flask import current_app
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation import DocumentSecurityStore, EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError, RevokedError
from pyhanko_certvalidator.path import ValidationPath

from certificates import revocation, time_authority
from certificates.seal import STAMP_SETTINGS, Seal, Timed, as_asn1
from lms.core import clock, settings
from lms.core.errors import RemoteFailure, Unavailable
from lms.core.i18n import _l

PAUSE_SECONDS = 60
"""After an authority failed, nobody waits for it for so long."""

log = structlog.get_logger()
# It warns with every seal that nothing is fetched while sealing: certificates.revocation has fetched it before.
logging.getLogger("pyhanko.sign.signers.pdf_signer").setLevel(logging.ERROR)


class Level(StrEnum):
    """How much a sealed file proves by itself."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


@dataclass(frozen=True)
class Sealed:
    """A sealed file, and what has to be done for it later."""

    pdf: bytes
    level: Level
    renew_before: datetime | None
    """Until then it needs an archive time stamp, the first or another one. None: never."""


class _NoProof(Exception):
    """An authority did not say what is needed for a level above B-B."""


def seal(pdf: bytes, seal: Seal) -> Sealed:
    """Seal a page at the level of the settings. Never holds a transaction open: authorities are asked over the network.

    :raises Unavailable: ``seal-revoked`` if the seal's own authority says that it is revoked.
    """
    wanted = Level(settings.current().seal_level)
    if wanted is Level.B_B:
        return Sealed(seal.seal(pdf), Level.B_B, None)
    try:
        return _seal_with_time(pdf, seal, wanted)
    except _NoProof as lack:
        log.warning("sealed-without-time", wanted=wanted, cause=str(lack.__cause__ or lack))
        return Sealed(seal.seal(pdf), Level.B_B, clock.now())


def strengthen(pdf: bytes) -> Sealed:
    """The sealed file with what proves its chain, and an archive time stamp over all of it, appended.

    :raises RemoteFailure: an authority did not answer as it should.
    :raises Unavailable: ``seal-revoked``.
    """
    try:
        return _stamped(pdf)
    except _NoProof as lack:
        raise _authority_away() from lack


def _seal_with_time(pdf: bytes, seal: Seal, wanted: Level) -> Sealed:
    authority = _ready_authority()
    try:
        stampers = _certificates_of(authority)
        context = None
        if wanted in (Level.B_LT, Level.B_LTA):
            chain = [as_asn1(link) for link in (seal.certificate, *seal.chain)]
            context = _context(chain + stampers, own_root=as_asn1(seal.root))
        timed = Timed(authority, context, is_archive=wanted is Level.B_LTA)
        sealed = seal.seal(pdf, with_time=timed)
    except (RemoteFailure, SigningError, TimestampRequestError, PathValidationError, PathBuildingError) as fault:
        raise _no_proof(fault) from fault
    return Sealed(sealed, wanted, _end_of(stampers) if wanted is Level.B_LTA else None)


def _stamped(pdf: bytes) -> Sealed:
    authority = _ready_authority()
    try:
        stampers = _certificates_of(authority)
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
        pool = [link for signature in signatures for link in (signature.signer_cert, *signature.other_embedded_certs)]
        own_root = next(link for link in signatures[0].other_embedded_certs if link.self_signed != "no")
        context = _context(pool + stampers, own_root=own_root)
        return Sealed(_append_stamp(pdf, _latest(signatures), authority, context), Level.B_LTA, _end_of(stampers))
    except (RemoteFailure, SigningError, TimestampRequestError, PathValidationError, PathBuildingError) as fault:
        raise _no_proof(fault) from fault


def _append_stamp(
    pdf: bytes,
    signatures: list[EmbeddedPdfSignature],
    authority: time_authority.TimeAuthority,
    context: ValidationContext,
) -> bytes:
    """One more revision: first what proves the chains so far, then the stamp, which covers that too."""
    writer, stamped = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()

    async def _write() -> None:
        paths = [await _path_of(signature, context) for signature in signatures]
        DocumentSecurityStore.supply_dss_in_writer(writer, None, paths=paths, validation_context=context)
        await PdfTimeStamper(authority).async_timestamp_pdf(
            writer, "sha256", context, dss_settings=STAMP_SETTINGS, output=stamped
        )

    asyncio.run(_write())
    return stamped.getvalue()


def _latest(signatures: list[EmbeddedPdfSignature]) -> list[EmbeddedPdfSignature]:
    """The seal, and the last time stamp over it; the ones before are proved by that."""
    return [signatures[0], *signatures[1:][-1:]]


async def _path_of(signature: EmbeddedPdfSignature, context: ValidationContext) -> ValidationPath:
    """The seal as of the moment of sealing would need lists of that day; what counts today is that it is not revoked."""
    validator = CertificateValidator(
        signature.signer_cert, intermediate_certs=signature.other_embedded_certs, validation_context=context
    )
    usage = {"time_stamping"} if signature.sig_object_type == "/DocTimeStamp" else None
    return await validator.async_validate_usage(set(), extended_key_usage=usage)  # type: ignore[no-untyped-call, no-any-return]


def _context(certificates: list[x509.Certificate], *, own_root: x509.Certificate) -> ValidationContext:
    proofs = revocation.gather({one.sha256: one for one in certificates}.values())
    time_roots = [x509.Certificate.load(root) for root in time_authority.roots_of(settings.current())]
    return ValidationContext(
        trust_roots=[own_root, *time_roots],
        other_certs=certificates,
        ocsps=proofs.ocsps,
        crls=proofs.crls,
        moment=clock.now(),
        allow_fetching=False,
        revocation_mode="soft-fail",
    )


def _certificates_of(authority: time_authority.TimeAuthority) -> list[x509.Certificate]:
    """What the authority sends with its stamps, the one that signs first."""
    token = asyncio.run(authority.async_dummy_response("sha256"))["content"]
    sent = extract_certs_for_validation(token)
    return [sent.signer_cert, *sent.other_certs]


def _end_of(stampers: list[x509.Certificate]) -> datetime:
    end: datetime = stampers[0].not_valid_after
    return end


def _ready_authority() -> time_authority.TimeAuthority:
    paused_until: datetime | None = current_app.extensions.get("bilim.time_authority_paused")
    if paused_until is not None and clock.now() < paused_until:
        raise _NoProof("paused")
    return time_authority.current()


def _no_proof(fault: Exception) -> Exception:
    """:return: what to raise: a revoked seal must not be used at all; anything else is for later."""
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, RevokedError):
            return Unavailable("seal-revoked", _l("The seal of this service was revoked by its authority."))
        cause = cause.__cause__
    current_app.extensions["bilim.time_authority_paused"] = clock.now() + timedelta(seconds=PAUSE_SECONDS)
    return _NoProof(type(fault).__name__)


def _authority_away() -> RemoteFailure:
    return RemoteFailure(
        "time-stamp-missing",
        _l("The time-stamping authority cannot be used now. We will try again by ourselves."),
        asked="time stamp",
    )
