"""The receipt: who asked what and when, and what the answers were, signed, so that it can be filed as evidence.

A JWS of its own kind under a key of its own use: nobody can take a receipt for a credential. Receipts are read for years, so
no key is ever withdrawn from the published set.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from certificates.batches.answers import Answer
from certificates.batches.models import VerificationBatch, VerificationBatchRow
from lms.core import audit, jobs, keys, settings
from lms.core.db import transaction

USE, ALGORITHM, TYPE = "receipt", "ES256", "verification-receipt+jwt"
PERIOD = timedelta(days=365)
FOR_EVER = timedelta(days=365_000)
LONGEST = 2 * 1024 * 1024
"""Characters; a thousand rows have half of it."""


@jobs.daily("receipt-keys")
def rotate_by_calendar(_subject: str) -> None:
    """A new key each year; none is ever withdrawn."""
    with transaction():
        for done in keys.keep_fresh(USE, period=PERIOD, published_after=FOR_EVER, algorithm=ALGORITHM):
            what, kid = done.split()
            audit.record(f"receipt.key-{what}", subject=kid, actor="calendar")


def sign(batch: VerificationBatch, rows: Sequence[VerificationBatchRow], *, finished_at: datetime) -> str:
    """The compact JWS, in the caller's transaction; the key is made at the first call."""
    row = keys.ensure(USE, ALGORITHM)
    text = json.dumps(statement(batch, rows, finished_at=finished_at), ensure_ascii=False, separators=(",", ":"))
    header = {"alg": ALGORITHM, "kid": row.kid, "typ": TYPE}
    return jws.serialize_compact(header, text.encode(), keys.private_part(row), algorithms=[ALGORITHM])


def statement(
    batch: VerificationBatch, rows: Sequence[VerificationBatchRow], *, finished_at: datetime
) -> dict[str, Any]:
    """What the receipt says. The end of the register's chain at each answer stands beside the hash of that end."""
    return {
        "iss": settings.current().public_url,
        "jti": batch.id,
        "iat": int(finished_at.timestamp()),
        "asked_by": batch.asked_by,
        "asked_at": _moment(batch.created_at),
        "finished_at": _moment(finished_at),
        "input": {"form": batch.form, "sha256": batch.input_sha256, "rows": batch.rows},
        "accepted": sum(row.accepted for row in rows),
        "register": dict(sorted({str(row.head_event): row.head_hash for row in rows if row.head_hash}.items())),
        "rows": [_told(row) for row in rows],
    }


def key_set() -> dict[str, Any]:
    """Every public key that ever signed a receipt. Reads in the caller's transaction."""
    return {"keys": keys.published(USE)}


def looks_like_one(data: bytes) -> bool:
    """Whether bytes are a JWS that says of itself that it is a receipt."""
    if len(data) > LONGEST or not data.lstrip().startswith(b"eyJ"):
        return False
    try:
        return jws.extract_compact(b"".join(data.split())).headers().get("typ") == TYPE
    except (JoseError, ValueError, RecursionError):
        return False


def read(text: str) -> dict[str, Any] | None:
    """What a receipt says, if it bears our signature. Reads in the caller's transaction."""
    joined = "".join(text.split())
    try:
        kid = str(jws.extract_compact(joined.encode()).headers()["kid"])
        row = keys.find(kid, USE)
        if row is None or row.withdrawn_at is not None:
            return None
        signed = jws.deserialize_compact(joined, ECKey.import_key(row.public_jwk), algorithms=[ALGORITHM])
        said: dict[str, Any] = json.loads(signed.payload)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return said


def _told(row: VerificationBatchRow) -> dict[str, Any]:
    """A row that could not be verified says why, and has no verdict."""
    told: dict[str, Any] = {"row": row.number, "asked": row.asked, "kind": row.kind}
    if row.file_sha256:
        told["sha256"] = row.file_sha256
    if row.answer is None:
        return told | {"fault": row.fault}
    answer = Answer(**row.answer)
    return told | {
        "verdict": answer.code,
        "status": answer.status,
        "accepted": row.accepted,
        "reasons": answer.reasons,
        "number": row.certificate_number,
        "at": _moment(row.answered_at) if row.answered_at else None,
        "event": row.head_event,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
