"""Who of an asking body asked: X-Road-UserId, which may hold a personal number, under the keys of personal numbers.

It stands beside the line of the request and not in it: such a line never changes, and a key does.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from certificates.xroad.models import XroadRequest, XroadUser
from lms.core import audit
from lms.core.db import db
from lms.people import number_keys
from lms.people.number_keys import Key

PURPOSE = "xroad-user"


@dataclass(frozen=True)
class Asked:
    """One request as an investigation reads it."""

    at: datetime
    client: str
    service: str
    user_id: str
    """Empty if the asking body did not say."""
    issue: str


def init() -> None:
    """Let user ids take part when the key of personal numbers changes."""
    number_keys.register("xroad", move)


def keep(request: XroadRequest, user_id: str) -> None:
    """Beside the line of the request, in the caller's transaction. Nothing is kept of nothing."""
    if not user_id:
        return
    db.session.flush()  # numbers the line
    written = number_keys.encrypt(user_id, PURPOSE)
    db.session.add(XroadUser(request_id=request.id, user_id_encrypted=written, number_key=number_keys.current().id))


def asked(message_id: str, *, actor: str) -> list[Asked]:
    """Who asked with this X-Road-Id, the first first. That somebody wanted to know stands in the audit."""
    wanted = select(XroadRequest, XroadUser).outerjoin(XroadUser).where(XroadRequest.message_id == message_id)
    audit.record("xroad.user-read", subject=f"xroad-message:{message_id}", actor=actor)
    return [
        Asked(request.at, request.client, request.service, _read(user), request.issue)
        for request, user in db.session.execute(wanted.order_by(XroadRequest.id))
    ]


def move(key: Key, batch: int) -> int:
    """Write at most so many anew; how many had another key."""
    older = select(XroadUser).where(XroadUser.number_key != key.id).limit(batch).with_for_update()
    rows = db.session.scalars(older).all()
    for row in rows:
        row.user_id_encrypted = number_keys.encrypt(_read(row), PURPOSE)
        row.number_key = key.id
    return len(rows)


def _read(row: XroadUser | None) -> str:
    return number_keys.decrypt(row.user_id_encrypted, PURPOSE) if row else ""
