"""The chain of events: each holds the hash of the one before, and the end of each day is signed.

Whoever changes, removes or inserts a line behind the database's back breaks the chain. Whoever rewrites the whole chain
contradicts the signed heads, of which copies lie elsewhere (docs/adr/0019).
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import Row, Table, bindparam, func, insert, select, update

from certificates import head_stamps
from certificates.models import CertificateEvent, RegisterHead, SignedHead
from lms.core import audit, clock, jobs, keys, settings
from lms.core.db import db, execute, insert_once, reading, transaction

NO_EVENT = "0" * 64
"""What the first event holds as the hash before it."""
KEY_USE, ALGORITHM = "register", "ES256"
JOB = "register-head"
ROWS_AT_ONCE = 2000
_HEAD = 1
_EVENTS, _END = cast(Table, CertificateEvent.__table__), cast(Table, RegisterHead.__table__)
# Without objects: everybody who adds an event waits for whoever is between these statements and the commit.
_LOCK = select(_END.c.event_id, _END.c.hash, _END.c.at).where(_END.c.id == _HEAD).with_for_update()
_ADD = insert(_EVENTS)
_MOVE = (
    update(_END)
    .where(_END.c.id == _HEAD)
    .values(event_id=bindparam("last"), hash=bindparam("last_hash"), at=bindparam("last_at"))
)


@dataclass(frozen=True)
class Link:
    """One event as it is kept."""

    id: int
    certificate_id: str
    at: datetime
    kind: str
    reason_code: str | None
    actor: str
    facts: dict[str, Any]
    previous_hash: str
    hash: str

    def digest(self) -> str:
        """SHA-256, hexadecimal, of everything in it together with the hash before: what ``hash`` has to be."""
        content = {
            "actor": self.actor,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "certificate_id": self.certificate_id,
            "facts": self.facts,
            "id": self.id,
            "kind": self.kind,
            "previous": self.previous_hash,
            "reason_code": self.reason_code,
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(text.encode()).hexdigest()


def append(
    certificate_id: str, kind: str, *, actor: str, reason_code: str | None = None, facts: Mapping[str, object]
) -> Link:
    """Add an event at the end, in the caller's transaction. Others who add wait for its commit, so take row locks before.

    Moments never go back along the chain, also where the clocks of two machines differ.

    :param facts: what JSON gives back as it was: texts, whole numbers, None.
    """
    head = _locked_head()
    at = max(clock.now(), head.at)
    link = Link(head.event_id + 1, certificate_id, at, kind, reason_code, actor, dict(facts), head.hash, "")
    link = replace(link, hash=link.digest())
    execute(_ADD, vars(link))
    execute(_MOVE, {"last": link.id, "last_hash": link.hash, "last_at": at})
    return link


def links() -> Iterator[Link]:
    """Every event in order, read in parts. In the caller's transaction."""
    table = CertificateEvent.__table__.c
    rows = db.session.execute(
        select(*(table[name] for name in Link.__dataclass_fields__)).order_by(table.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for row in rows:
        yield Link(*row)


def head() -> tuple[int, str]:
    """Id and hash of the last event, as whoever added it said; 0 before the first."""
    found = execute(select(_END.c.event_id, _END.c.hash).where(_END.c.id == _HEAD), {}).first()
    return (found.event_id, found.hash) if found else (0, NO_EVENT)


def signed_heads(*, after: date | None = None, limit: int | None = None) -> list[SignedHead]:
    """All of them, or those after a day, oldest first."""
    wanted = select(SignedHead).order_by(SignedHead.day).limit(limit)
    return list(db.session.scalars(wanted.where(SignedHead.day > after) if after else wanted))


def as_json(head: SignedHead) -> dict[str, object]:
    """What is told to everybody who keeps copies; the time stamp, if there is one, is a token of RFC 3161."""
    return {
        "day": head.day.isoformat(),
        "event": head.event_id,
        "hash": head.hash,
        "statement": head.statement,
        "time_stamp": b64encode(head.timestamp_token).decode() if head.timestamp_token else None,
    }


def is_genuine(signed: SignedHead, public_keys: list[dict[str, Any]]) -> bool:
    """Whether the statement bears our signature and says what the row says.

    :param public_keys: ``keys.published(KEY_USE)``: those of today and of all days before.
    """
    try:
        claims = jwt.decode(signed.statement, KeySet.import_key_set({"keys": public_keys}), [ALGORITHM]).claims
    except (JoseError, ValueError):
        return False
    said = (claims.get("day"), claims.get("event"), claims.get("hash"))
    return said == (signed.day.isoformat(), signed.event_id, signed.hash)


@jobs.daily(JOB)
def sign_head_of_yesterday(_kind: str) -> None:
    """Sign the end of the chain as it was at the end of the last whole day (UTC), if anything has happened since the last."""
    midnight = datetime.combine(clock.now().date(), time(), UTC)
    with reading():
        last = db.session.scalar(
            select(CertificateEvent).where(CertificateEvent.at < midnight).order_by(CertificateEvent.id.desc()).limit(1)
        )
        signed = db.session.scalar(select(func.max(SignedHead.event_id)))
    if last is not None and last.id != signed:
        day = midnight.date() - timedelta(days=1)
        statement = _statement(day, last)
        _keep(day, last, statement, head_stamps.stamp(statement))


def _statement(day: date, last: CertificateEvent) -> str:
    with transaction():
        keys.ensure(KEY_USE, ALGORITHM)
    with reading():
        key = keys.active(KEY_USE)
    claims = {
        "iss": settings.current().public_url,
        "iat": int(clock.now().timestamp()),
        "day": day.isoformat(),
        "event": last.id,
        "hash": last.hash,
    }
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": "register-head+jwt"}, claims, key)


def _keep(day: date, last: CertificateEvent, statement: str, token: bytes | None) -> None:
    values = {
        "event_id": last.id,
        "hash": last.hash,
        "statement": statement,
        "signed_at": clock.now(),
        "timestamp_token": token,
    }
    with transaction():
        _row, is_new = insert_once(SignedHead, {"day": day}, values)
        if is_new:
            facts = {"event": last.id, "is_stamped": token is not None}
            audit.record("register.head-signed", subject=f"register:{day}", actor="system:register", **facts)


def _locked_head() -> Row[tuple[int, str, datetime]]:
    found = execute(_LOCK, {}).first()
    if found is None:
        beginning = {"event_id": 0, "hash": NO_EVENT, "at": datetime(1970, 1, 1, tzinfo=UTC)}
        insert_once(RegisterHead, {"id": _HEAD}, beginning)
        found = execute(_LOCK, {}).one()
    return found
