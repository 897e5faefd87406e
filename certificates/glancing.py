"""Does a file carry one of our seals over other bytes than were sealed? Seen without parsing the PDF around it.

This can only refuse. A file with our seal whose sealed bytes have changed is altered, whatever else may be wrong with it;
that is more use to people than "cannot be read", and most altered files cost a millisecond here and not ten.
"""

import hashlib
import re
from collections.abc import Iterable

from asn1crypto import cms

from certificates.verdicts import TrustedSeal

_RANGE = re.compile(rb"/ByteRange ?\[ ?0 (\d{1,9}) (\d{1,9}) (\d{1,9}) *\]")


def seal_over_other_bytes(data: bytes, seals: Iterable[TrustedSeal]) -> str | None:
    """Fingerprint of our seal if the file carries exactly one signature, it is ours, and it speaks of other bytes."""
    ranges = _RANGE.findall(data)
    if len(ranges) != 1:
        return None
    length, second, rest = (int(number) for number in ranges[0])
    if not (length < second and second + rest <= len(data)):
        return None
    try:
        message = bytes.fromhex(data[length + 1 : second - 1].decode("ascii"))
        signed = cms.ContentInfo.load(message)["content"]
        fingerprint = _ours(signed, seals)
        digest = hashlib.sha256(data[:length] + data[second : second + rest]).digest()
        return fingerprint if fingerprint and _told(signed) != [digest] else None
    except Exception:  # no seal that we understand; the thorough reader will say what it is
        return None


def _ours(signed: cms.SignedData, seals: Iterable[TrustedSeal]) -> str | None:
    carried = {hashlib.sha256(choice.chosen.dump()).hexdigest() for choice in signed["certificates"]}
    return next((seal.fingerprint for seal in seals if seal.fingerprint in carried), None)


def _told(signed: cms.SignedData) -> list[bytes]:
    (signer,) = signed["signer_infos"]
    return [one["values"][0].native for one in signer["signed_attrs"] if one["type"].native == "message_digest"]
