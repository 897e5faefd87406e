"""When was a file sealed, if an authority that we trust has said so? Every time stamp in it has to hold."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus

from certificates.deciding import Decided, context_of, finished, is_time_stamp, room_used, unsigned_attributes
from certificates.verdicts import VerdictCode

Imprint = Callable[[str], bytes]
"""The digest that a time stamp has to hold, by the name of the hash."""


def proved_at(
    seal_in_file: EmbeddedPdfSignature, signatures: list[EmbeddedPdfSignature], time_roots: Sequence[bytes]
) -> datetime | None:
    """The earliest moment at which a trusted authority saw the seal; every time stamp in the file has to hold."""
    value: bytes = seal_in_file.signer_info["signature"].native
    stamps = [(stamp.signed_data, cast(Imprint, stamp.compute_digest)) for stamp in signatures if is_time_stamp(stamp)]
    stamps += [
        (attribute["values"][0]["content"], lambda algorithm: hashlib.new(algorithm, value).digest())
        for attribute in unsigned_attributes(seal_in_file.signer_info)
    ]
    return min((_moment_of(token, imprint, time_roots) for token, imprint in stamps), default=None)


def _moment_of(token: Any, imprint: Imprint, time_roots: Sequence[bytes]) -> datetime:
    """What a time stamp says, judged by what held at that moment (RFC 3161, 2.4.2)."""
    said: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    context = context_of(time_roots, said)
    status = TimestampSignatureStatus(**finished(validate_tst_signed_data(token, context, imprint)))
    if not (status.intact and status.valid and status.trusted):
        raise Decided(VerdictCode.MODIFIED_CONTAINER, "time-stamp-not-trusted")
    _refuse_strange_certificates(token, time_roots)
    return said


def _refuse_strange_certificates(token: Any, time_roots: Sequence[bytes]) -> None:
    """An authority may send more certificates than one chain: each is a root that we trust, or was issued under one.

    A root is one to the byte. Libraries take anything with its name and key for it, whatever else may stand there.
    """
    sent = {certificate.dump() for certificate in extract_certs_for_validation(token).other_certs}
    authorities = [x509.load_der_x509_certificate(root) for root in time_roots]
    strange = [x509.load_der_x509_certificate(certificate) for certificate in sent - set(time_roots)]
    while issued := [each for each in strange if any(_has_issued(authority, each) for authority in authorities)]:
        authorities = [each for each in issued if _is_authority(each)]
        strange = [each for each in strange if each not in issued]
    if strange:
        raise room_used()


def _has_issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):  # another name, a key of no use, another signature
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    """Whether it may issue others (RFC 5280, 4.2.1.9)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound):
        return False
