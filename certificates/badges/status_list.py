"""Which credentials of an issuer do not hold, as long rows of bits that name nobody (W3C Bitstring Status List 1.0).

Whoever asks about one credential gets the list of all, so we do not learn which one it was. A list says what the register
says at that moment: there is no second truth to keep in step.
"""

import base64
import gzip
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from certificates.badges import signing
from certificates.badges.addresses import CREDENTIALS_CONTEXT, Addresses
from certificates.badges.models import Credential
from certificates.models import Certificate
from certificates.standing import State
from lms.core import clock
from lms.core.db import db

ENTRIES = 131_072
"""The smallest list that the recommendation allows: 16 KB of bits."""
GOOD_FOR = timedelta(minutes=5)
"""So long anybody may keep a list."""
VALID_FOR = timedelta(days=1)
"""Older lists prove nothing, even where somebody kept them back."""

SET_BY = {
    "revocation": (State.REVOKED, State.SUPERSEDED, State.VOID),
    "suspension": (State.SUSPENDED,),
}
"""By which states of the register a bit is set. What was replaced does not hold either, and it never will again."""


def signed(organisation_id: str, number: int, purpose: str, addresses: Addresses) -> str | None:
    """The list as a signed credential, or None if there is no such list. Reads in the caller's transaction.

    All answers within five minutes are about the same span, so that an unchanged list has the same bytes.
    """
    newest = select(func.max(Credential.list_number)).filter_by(organisation_id=organisation_id)
    last = db.session.scalar(newest)
    if last is None or not 1 <= number <= last or purpose not in SET_BY:
        return None
    address = addresses.status_list(organisation_id, number, purpose)
    encoded = encode(_positions(organisation_id, number, purpose))
    return signing.sign(_credential(address, addresses.issuer(organisation_id), purpose, encoded), addresses).jwt


def encode(positions: Iterable[int]) -> str:
    """Compressed bits as multibase base64url (``u``). Position 0 is the left-most bit (section 3.3)."""
    bits = bytearray(ENTRIES // 8)
    for position in positions:
        bits[position // 8] |= 0x80 >> position % 8
    packed = gzip.compress(bytes(bits), mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _positions(organisation_id: str, number: int, purpose: str) -> list[int]:
    wanted = (
        select(Credential.position)
        .join(Certificate, Certificate.id == Credential.certificate_id)
        .where(Credential.organisation_id == organisation_id, Credential.list_number == number)
        .where(Certificate.status.in_(SET_BY[purpose]))
    )
    return list(db.session.scalars(wanted))


def _credential(address: str, issuer: str, purpose: str, encoded: str) -> dict[str, Any]:
    since = _beginning_of_span(clock.now())
    end = since + VALID_FOR
    return {
        "@context": [CREDENTIALS_CONTEXT],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "validUntil": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encoded,
            "ttl": int(GOOD_FOR.total_seconds() * 1000),
        },
        "iss": issuer,
        "sub": f"{address}#list",
        "jti": address,
        "nbf": int(since.timestamp()),
        "exp": int(end.timestamp()),
    }


def _beginning_of_span(moment: datetime) -> datetime:
    span = int(GOOD_FOR.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // span * span, UTC)
