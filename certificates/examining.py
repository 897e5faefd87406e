"""Whose seal does a PDF carry, and is it whole? Decided on bytes alone, in a fixed order; the first decisive check answers.

"Valid" by a PDF reader is not a verdict: it is also said of a file with something appended, and of a second signature
under a like name. Every byte of an authentic file is accounted for: sealed, or part of the seal or of a time stamp
whose form leaves no room, down to the padding (the attacks of pdf-insecurity.org live in such room).

Hostile bytes make parsers fail in every way there is. For files of strangers this runs inside ``certificates.capped``.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import EmbeddedPdfSignature, SignatureCoverageLevel, async_validate_pdf_signature

from certificates import spelling, time_proof
from certificates.deciding import Decided, context_of, finished, is_time_stamp, room_used
from certificates.glancing import seal_over_other_bytes
from certificates.seal import FIELD
from certificates.verdicts import TrustedSeal, Verdict, VerdictCode

MOST_SIGNATURES = 40
"""The seal and an archive time stamp every few years."""


def examine(data: bytes, *, seals: Sequence[TrustedSeal], time_roots: Sequence[bytes] = ()) -> Verdict:
    """The verdict on a file, as far as the file itself can tell. Never raises.

    :param seals: every seal that we answer for. A matching name in a certificate is worth nothing.
    :param time_roots: DER of the roots of the time-stamping authorities that we trust.
    """
    digest = hashlib.sha256(data).hexdigest()
    if broken := seal_over_other_bytes(data, seals):
        return Verdict(VerdictCode.TAMPERED, ("content-changed",), digest, broken)
    try:
        signatures = _readable(data)
        seal_in_file = _only_seal(signatures, seals)
    except Decided as decided:
        return Verdict(decided.code, decided.reasons, digest)
    return _judge(data, seal_in_file, signatures, seals=seals, time_roots=time_roots, digest=digest)


def _judge(
    data: bytes,
    seal_in_file: EmbeddedPdfSignature,
    signatures: list[EmbeddedPdfSignature],
    *,
    seals: Iterable[TrustedSeal],
    time_roots: Sequence[bytes],
    digest: str,
) -> Verdict:
    fingerprint = _fingerprint(seal_in_file)
    sealed_at = proved_at = None
    code = VerdictCode.AUTHENTIC_BY_SIGNATURE
    reasons: tuple[str, ...] = ("sealed-by-us", "file-not-registered")
    try:
        sealed_at = _sealed_at(seal_in_file)
        seal = _pinned(fingerprint, seals)
        _refuse_other_content(seal_in_file)
        _refuse_what_was_changed(seal_in_file, seal)
        _refuse_what_was_appended(signatures)
        _refuse_room(data, signatures)
        proved_at = time_proof.proved_at(seal_in_file, signatures, time_roots)
        _refuse_wrong_time(seal, sealed_at=sealed_at, proved_at=proved_at)
    except Decided as decided:
        code, reasons = decided.code, decided.reasons
    except Exception:  # a seal that breaks the tools that check it is broken
        code, reasons = VerdictCode.TAMPERED, ("seal-cannot-be-checked",)
    return Verdict(code, reasons, digest, fingerprint, sealed_at, proved_at)


def _readable(data: bytes) -> list[EmbeddedPdfSignature]:
    """Seals and time stamps of the file in their order, each parsed to its certificate."""
    try:
        signatures: list[EmbeddedPdfSignature] = PdfFileReader(BytesIO(data)).embedded_signatures
        for signature in signatures[:MOST_SIGNATURES]:
            _fingerprint(signature)
    except Exception as err:  # Hostile bytes fail in the parsers in every way there is.
        raise Decided(VerdictCode.UNREADABLE, "cannot-be-parsed") from err
    if len(signatures) > MOST_SIGNATURES:
        raise Decided(VerdictCode.NOT_OURS_OR_EXTENDED, "several-signatures")
    return signatures


def _only_seal(signatures: list[EmbeddedPdfSignature], seals: Iterable[TrustedSeal]) -> EmbeddedPdfSignature:
    regular = [signature for signature in signatures if not is_time_stamp(signature)]
    if not regular:
        raise Decided(VerdictCode.UNSIGNED_COPY, "no-signature")
    first, *others = regular
    if not _is_our_kind(first):
        raise Decided(VerdictCode.NOT_OURS_OR_EXTENDED, "not-an-issuer-seal")
    if others and _fingerprint(first) in {seal.fingerprint for seal in seals}:
        raise Decided(VerdictCode.TAMPERED, "signature-added")
    if others:
        raise Decided(VerdictCode.NOT_OURS_OR_EXTENDED, "several-signatures")
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
    raise Decided(VerdictCode.UNKNOWN_SIGNER, "signer-not-ours")


def _refuse_other_content(signature: EmbeddedPdfSignature) -> None:
    """Does the seal speak of these bytes at all? The cheapest question that most altered files fail."""
    attributes = signature.signer_info["signed_attrs"]
    told = [attribute["values"][0].native for attribute in attributes if attribute["type"].native == "message_digest"]
    if told != [signature.compute_digest()]:
        raise Decided(VerdictCode.TAMPERED, "content-changed")


def _refuse_what_was_changed(signature: EmbeddedPdfSignature, seal: TrustedSeal) -> None:
    # Trust as of the moment that the signed bytes name: a certificate outlives the three years of its seal. The seal is
    # pinned, so a false moment helps nobody but its owner; a stolen key is answered by proved time, below.
    context = context_of([seal.root], _sealed_at(signature))
    status = finished(async_validate_pdf_signature(signature, context, ts_validation_context=context))
    allowed = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
    checks = {
        "content-changed": status.intact,
        "seal-does-not-match": status.valid,
        "changed-after-sealing": status.docmdp_ok and status.modification_level in allowed,
        # Trust is only asked about a signature that holds.
        "outside-validity-of-seal": status.trusted or not status.intact or not status.valid,
    }
    if failed := [reason for reason, passed in checks.items() if not passed]:
        raise Decided(VerdictCode.TAMPERED, *failed)
    _refuse_other_chain(signature, status.validation_path or ())


def _refuse_other_chain(signature: EmbeddedPdfSignature, path: Iterable[x509.Certificate]) -> None:
    """The certificates beside a seal are not sealed themselves: they are its chain and nothing else."""
    chain = {certificate.sha256 for certificate in path}
    if any(certificate.sha256 not in chain for certificate in signature.other_embedded_certs):
        raise room_used()


def _refuse_what_was_appended(signatures: list[EmbeddedPdfSignature]) -> None:
    # A time stamp of the archive covers the seal and stands last; without one the seal itself has to.
    if signatures[-1].evaluate_signature_coverage() is not SignatureCoverageLevel.ENTIRE_FILE:
        raise Decided(VerdictCode.MODIFIED_CONTAINER, "appended-after-seal")


def _refuse_room(data: bytes, signatures: list[EmbeddedPdfSignature]) -> None:
    """The one place of a sealed file that no seal covers is the seal itself: it must have exactly one form."""
    for signature in signatures:
        first, length, second, _rest = (int(number) for number in signature.byte_range)
        gap = data[first + length : second]
        spelled = spelling.of_time_stamp if is_time_stamp(signature) else spelling.of_seal
        message = spelled(signature.signed_data)
        if first != 0 or gap != b"<" + message.hex().upper().encode().ljust(len(gap) - 2, b"0") + b">":
            raise room_used()


def _refuse_wrong_time(seal: TrustedSeal, *, sealed_at: datetime | None, proved_at: datetime | None) -> None:
    """Retired is not compromised: a retired key made no seals later; a stolen one may have, under any date."""
    if seal.compromised_at and not (proved_at and proved_at < seal.compromised_at):
        raise Decided(VerdictCode.UNKNOWN_SIGNER, "seal-compromised")
    if seal.retired_at and not (sealed_at and sealed_at <= seal.retired_at):
        raise Decided(VerdictCode.TAMPERED, "sealed-after-retirement")


def _fingerprint(signature: EmbeddedPdfSignature) -> str:
    return str(signature.signer_cert.sha256.hex())


def _sealed_at(signature: EmbeddedPdfSignature) -> datetime | None:
    return signature.self_reported_timestamp
