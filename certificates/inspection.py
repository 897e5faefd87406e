"""Is this uploaded PDF one that we issued, byte for byte or by its seal? A verdict with reasons, never an exception.

Pure: the register is asked through a function, the seals that we ever used are handed in. "Valid" by a PDF reader is
not a verdict: it is also said of a file with something appended, and of a second signature under a like name. So the
checks stand in this order, and the first decisive one answers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from io import BytesIO
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import EmbeddedPdfSignature, SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from certificates.seal import FIELD

LIMIT_BYTES = 10 * 1024 * 1024


class VerdictCode(StrEnum):
    """What the file is. Whether the certificate still holds is the register's answer, given beside this one."""

    AUTHENTIC_EXACT = "AUTHENTIC_EXACT"
    """Byte for byte a file of the register."""
    AUTHENTIC_BY_SIGNATURE = "AUTHENTIC_BY_SIGNATURE"
    """Under our seal and unchanged, though the register does not hold these bytes."""
    MODIFIED_CONTAINER = "MODIFIED_CONTAINER"
    """The sealed part is whole, but something was appended."""
    TAMPERED = "TAMPERED"
    NOT_OURS_OR_EXTENDED = "NOT_OURS_OR_EXTENDED"
    """Signed, but not the way we seal."""
    UNKNOWN_SIGNER = "UNKNOWN_SIGNER"
    UNSIGNED_COPY = "UNSIGNED_COPY"
    """A PDF without any signature: printed again, or exported."""
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True)
class TrustedSeal:
    """A seal that we use or once used. What it sealed while it was ours alone stays genuine."""

    fingerprint: str
    """SHA-256 of its certificate, hexadecimal."""
    root: bytes
    """DER of the root that its chain ends in."""
    retired_at: datetime | None = None
    compromised_at: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """The same object for page, API and command line."""

    code: VerdictCode
    reasons: tuple[str, ...]
    sha256: str
    signer_fingerprint: str | None = None
    sealed_at: datetime | None = None

    @property
    def is_authentic(self) -> bool:
        """Whether what is printed in the file is what we sealed."""
        return self.code in (VerdictCode.AUTHENTIC_EXACT, VerdictCode.AUTHENTIC_BY_SIGNATURE)


class _Decided(Exception):
    """A check has answered; the ones after it are not asked."""

    def __init__(self, code: VerdictCode, *reasons: str) -> None:
        super().__init__(code)
        self.code = code
        self.reasons = reasons


def inspect(data: bytes, *, seals: Iterable[TrustedSeal], is_registered: Callable[[str], bool]) -> Verdict:
    """The verdict on an uploaded file.

    :param seals: every seal that we answer for. A matching name in a certificate is worth nothing.
    :param is_registered: whether the register holds a file with this SHA-256 in hexadecimal.
    """
    digest = sha256(data).hexdigest()
    try:
        _refuse_what_is_no_pdf(data)
        if is_registered(digest):
            return Verdict(VerdictCode.AUTHENTIC_EXACT, ("registered-file",), digest)
        signature = _only_seal(_readable(data), seals)
    except _Decided as decided:
        return Verdict(decided.code, decided.reasons, digest)
    return _judge(signature, data_sha256=digest, seals=seals)


def _judge(signature: EmbeddedPdfSignature, *, data_sha256: str, seals: Iterable[TrustedSeal]) -> Verdict:
    fingerprint = _fingerprint(signature)
    code = VerdictCode.AUTHENTIC_BY_SIGNATURE
    reasons: tuple[str, ...] = ("sealed-by-us", "file-not-registered")
    try:
        seal = _pinned(fingerprint, seals)
        _refuse_what_was_changed(signature, seal)
        _refuse_what_was_appended(signature)
    except _Decided as decided:
        code, reasons = decided.code, decided.reasons
    return Verdict(code, reasons, data_sha256, fingerprint, _sealed_at(signature))


def _refuse_what_is_no_pdf(data: bytes) -> None:
    if len(data) > LIMIT_BYTES:
        raise _Decided(VerdictCode.UNREADABLE, "too-large")
    if b"%PDF-" not in data[:1024]:
        raise _Decided(VerdictCode.UNREADABLE, "not-a-pdf")


def _readable(data: bytes) -> list[EmbeddedPdfSignature]:
    """The signatures of the file, time stamps left aside, each parsed to its certificate."""
    try:
        reader = PdfFileReader(BytesIO(data))
        signatures: list[EmbeddedPdfSignature] = reader.embedded_regular_signatures
        for signature in signatures:
            _fingerprint(signature)
    except Exception as err:  # Hostile bytes fail in the parsers in every way there is.
        raise _Decided(VerdictCode.UNREADABLE, "cannot-be-parsed") from err
    return signatures


def _only_seal(signatures: list[EmbeddedPdfSignature], seals: Iterable[TrustedSeal]) -> EmbeddedPdfSignature:
    if not signatures:
        raise _Decided(VerdictCode.UNSIGNED_COPY, "no-signature")
    first, *others = signatures
    if not _is_our_kind(first):
        raise _Decided(VerdictCode.NOT_OURS_OR_EXTENDED, "not-an-issuer-seal")
    if others and _fingerprint(first) in {seal.fingerprint for seal in seals}:
        raise _Decided(VerdictCode.TAMPERED, "signature-added")
    if others:
        raise _Decided(VerdictCode.NOT_OURS_OR_EXTENDED, "several-signatures")
    return first


def _is_our_kind(signature: EmbeddedPdfSignature) -> bool:
    """A certification in our field that forbids every change. Anything less leaves room for additions."""
    try:
        is_certified = signature.docmdp_level is MDPPerm.NO_CHANGES
        return bool(is_certified and signature.field_name == FIELD)
    except Exception:
        return False


def _pinned(fingerprint: str, seals: Iterable[TrustedSeal]) -> TrustedSeal:
    for seal in seals:
        if seal.fingerprint == fingerprint:
            return seal
    raise _Decided(VerdictCode.UNKNOWN_SIGNER, "signer-not-ours")


def _refuse_what_was_changed(signature: EmbeddedPdfSignature, seal: TrustedSeal) -> None:
    try:
        status = validate_pdf_signature(signature, _context(signature, seal))
    except Exception as err:
        raise _Decided(VerdictCode.TAMPERED, "seal-cannot-be-checked") from err
    allowed = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
    checks = {
        "content-changed": status.intact,
        "seal-does-not-match": status.valid,
        "changed-after-sealing": status.docmdp_ok and status.modification_level in allowed,
        # Trust is only asked about a signature that holds.
        "outside-validity-of-seal": status.trusted or not status.intact or not status.valid,
    }
    if failed := [reason for reason, passed in checks.items() if not passed]:
        raise _Decided(VerdictCode.TAMPERED, *failed)


def _context(signature: EmbeddedPdfSignature, seal: TrustedSeal) -> ValidationContext:
    """Trust as of the moment of sealing: a certificate outlives the three years of its seal.

    The moment is the one that the signed bytes name. The seal is pinned, so a false moment helps nobody but its owner;
    a compromised seal is answered by the register, not here.
    """
    return ValidationContext(
        trust_roots=[x509.Certificate.load(seal.root)],
        moment=_sealed_at(signature),
        allow_fetching=False,
        revocation_mode="soft-fail",
    )


def _refuse_what_was_appended(signature: EmbeddedPdfSignature) -> None:
    # A time stamp of the archive covers the seal and stands last; without one the seal itself has to.
    last: Any = signature.reader.embedded_signatures[-1]
    if last.evaluate_signature_coverage() is not SignatureCoverageLevel.ENTIRE_FILE:
        raise _Decided(VerdictCode.MODIFIED_CONTAINER, "appended-after-seal")


def _fingerprint(signature: EmbeddedPdfSignature) -> str:
    return str(signature.signer_cert.sha256.hex())


def _sealed_at(signature: EmbeddedPdfSignature) -> datetime | None:
    return signature.self_reported_timestamp
