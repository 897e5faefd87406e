"""The keys that sign summaries, with their history. They sign nothing else: what stands on paper is read for decades.

Retired is not compromised. What a retired key signed stays good for ever. A key that others may have had since a moment
proves only what the register holds from before it (docs/keys.md).
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from certificates.offline import summary
from certificates.snapshot import Snapshot
from lms.core import audit, jobs, keys
from lms.core.db import transaction
from lms.core.keys import SigningKey

USE = "offline"
ALGORITHM = "ES256"
"""On P-256: short signatures, and every browser can check them."""
PERIOD = timedelta(days=365)
FOR_EVER = timedelta(days=365_000)
_NUMBER_BYTES = summary.SIGNATURE_BYTES // 2


@jobs.daily("offline-keys")
def rotate_by_calendar(_subject: str) -> None:
    """A new key each year; none is ever withdrawn by the calendar."""
    with transaction():
        for done in keys.keep_fresh(USE, period=PERIOD, published_after=FOR_EVER, algorithm=ALGORITHM):
            what, kid = done.split()
            audit.record(f"offline.key-{what}", subject=kid, actor="calendar")


class Pen(NamedTuple):
    """A key that is open for signing."""

    kid: str
    key: ec.EllipticCurvePrivateKey


def pen_of_today() -> Pen:
    """The key that signs now, which is made at the first call; in the caller's writing transaction."""
    row = keys.ensure(USE, ALGORITHM)
    return Pen(row.kid, _opened(row.kid, row.private_encrypted))


def pen_at_hand() -> Pen | None:
    """The key that signs now, if one was ever made; reads in the caller's transaction."""
    row = known(keys.signing_now(USE) or "")
    return Pen(row.kid, _opened(row.kid, row.private_encrypted)) if row else None


def address_of(snapshot: Snapshot, pen: Pen, *, public_url: str) -> str:
    """What the second QR code of a certificate says."""
    facts = summary.packed(snapshot, kid=pen.kid)
    signed = pen.key.sign(facts, ec.ECDSA(SHA256()))
    signature = b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in decode_dss_signature(signed))
    return f"{public_url}{summary.PATH}#{summary.written(facts, signature)}"


def encoded(signature: bytes) -> bytes:
    """A signature as libraries take it (DER)."""
    first, second = signature[:_NUMBER_BYTES], signature[_NUMBER_BYTES:]
    return encode_dss_signature(int.from_bytes(first, "big"), int.from_bytes(second, "big"))


def history() -> list[SigningKey]:
    """Every key that ever signed a summary, newest first. Reads in the caller's transaction."""
    return keys.history(USE)


def known(kid: str) -> SigningKey | None:
    """One of these keys, whatever became of it."""
    return keys.find(kid, USE)


def compromise(row: SigningKey, since: datetime, *, actor: str) -> str:
    """Others may have had the key since a moment, which is never moved to a later one. Another key signs at once.

    In the caller's transaction.

    :returns: the id of the key that signs now.
    """
    earlier = row.withdrawn_at
    keys.withdraw(row.kid).withdrawn_at = min(since, earlier or since)
    audit.record("offline.key-compromised", subject=row.kid, actor=actor, since=since.isoformat())
    return keys.signing_now(USE) or ""


@lru_cache(maxsize=4)
def _opened(kid: str, private_encrypted: bytes) -> ec.EllipticCurvePrivateKey:
    """Opening takes longer than signing."""
    row = SigningKey(kid=kid, use=USE, algorithm=ALGORITHM, private_encrypted=private_encrypted)
    private = keys.private_part(row).private_key
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise TypeError("a key of another kind")
    return private
