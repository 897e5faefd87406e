"""A time stamp of another authority over the signed head of a day (RFC 3161): nobody, we included, can make that day anew."""

import asyncio
from datetime import datetime
from hashlib import sha256

from asn1crypto import cms, x509
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from certificates import time_authority
from lms.core import settings


def stamp(statement: str) -> bytes | None:
    """The token over a statement; None where no authority is configured. Asks over the network.

    :raises RemoteFailure: ``no-answer``, ``time-stamp-refused``: asked again later.
    """
    if not settings.current().tsa_url:
        return None
    asked = time_authority.current().async_timestamp(sha256(statement.encode()).digest(), "sha256")
    token: bytes = asyncio.run(asked).dump()
    return token


def stamped_at(statement: str, token: bytes) -> datetime | None:
    """When an authority that we trust or once trusted saw the statement; None if the token proves nothing of the kind.

    Its certificate is judged at that moment, because tokens outlive certificates.
    """
    try:
        signed: cms.SignedData = cms.ContentInfo.load(token)["content"]
        said: datetime = signed["encap_content_info"]["content"].parsed["gen_time"].native
        found = asyncio.run(
            validate_tst_signed_data(signed, _context(said), lambda name: _imprint(name, statement.encode()))
        )
    except (ValueError, TypeError, KeyError, AttributeError):  # whatever stands there is no token
        return None
    status = TimestampSignatureStatus(**found)
    return said if status.intact and status.valid and status.trusted else None


def _imprint(algorithm: str, data: bytes) -> bytes:
    """Only the digest that we ask for: a token over another one is not ours."""
    return sha256(data).digest() if algorithm == "sha256" else b""


def _context(moment: datetime) -> ValidationContext:
    roots = [x509.Certificate.load(root) for root in time_authority.roots_of(settings.current())]
    return ValidationContext(trust_roots=roots, moment=moment, allow_fetching=False, revocation_mode="soft-fail")
