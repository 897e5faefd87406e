"""When was a file sealed, if an authority that we trust has said so? Every time stamp in it has to hold."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

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
        for attribute in unsigned_attributes(seal_in_file)
    ]
    return min((_moment_of(token, imprint, time_roots) for token, imprint in stamps), default=None)


def _moment_of(token: Any, imprint: Imprint, time_roots: Sequence[bytes]) -> datetime:
    """What a time stamp says, judged by what held at that moment (RFC 3161, 2.4.2)."""
    said: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    context = context_of(time_roots, said)
    status = TimestampSignatureStatus(**finished(validate_tst_signed_data(token, context, imprint)))
    if not (status.intact and status.valid and status.trusted):
        raise Decided(VerdictCode.MODIFIED_CONTAINER, "time-stamp-not-trusted")
    _refuse_strange_certificates(token, context, time_roots)
    return said


def _refuse_strange_certificates(token: Any, context: ValidationContext, time_roots: Sequence[bytes]) -> None:
    """An authority may send more certificates than one chain; each leads to a root that we trust, or is one."""
    others = extract_certs_for_validation(token).other_certs
    for certificate in others:
        if certificate.self_signed != "no":
            if certificate.dump() not in time_roots:
                raise room_used()
            continue
        validator = CertificateValidator(certificate, intermediate_certs=others, validation_context=context)
        try:
            finished(validator.async_validate_usage(set()))  # type: ignore[no-untyped-call]
        except (PathBuildingError, PathValidationError) as err:
            raise room_used() from err
