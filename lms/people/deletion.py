"""A person asks that what we keep about them is deleted. It is a request with a clock; an administrator decides.

Deciding is for people, because the law keeps some of it: a certificate and the register that proves it stay.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import audit, clock
from lms.core.db import Base, db, new_id
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l
from lms.people.models import Person

ANSWERED_WITHIN = timedelta(days=30)
LONGEST_ANSWER = 2_000


class Decision(StrEnum):
    """What an administrator decided."""

    GRANTED = "granted"
    REFUSED = "refused"


class DeletionRequest(Base):
    """One request; a person may ask again after an answer."""

    __tablename__ = "deletion_request"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id), index=True)
    asked_by: Mapped[str] = mapped_column(String(80))
    """``person:<id>``: the person herself, or an administrator of her learning system."""
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime]
    decision: Mapped[Decision | None] = mapped_column(String(10))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(
        Text, default="", info={"personal": "what the administrator answered to a request for deletion"}
    )

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.decision is None


def ask(person_id: str, *, asked_by: str) -> DeletionRequest:
    """The request that is open, or a new one."""
    there = latest(person_id)
    if there and there.is_open:
        return there
    now = clock.now()
    request = DeletionRequest(
        id=new_id(), person_id=person_id, asked_by=asked_by, asked_at=now, due_at=now + ANSWERED_WITHIN
    )
    db.session.add(request)
    audit.record("deletion.asked", subject=f"person:{person_id}", actor=asked_by, request=request.id)
    return request


def latest(person_id: str) -> DeletionRequest | None:
    """The newest request of a person."""
    asked = select(DeletionRequest).filter_by(person_id=person_id).order_by(DeletionRequest.asked_at.desc()).limit(1)
    return db.session.scalar(asked)


def listed(*, is_open: bool, most: int = 200) -> list[DeletionRequest]:
    """Requests that wait, the nearest end first; or those that were decided, the newest first."""
    if is_open:
        asked = select(DeletionRequest).where(DeletionRequest.decision.is_(None)).order_by(DeletionRequest.due_at)
    else:
        decided = DeletionRequest.decision.is_not(None)
        asked = select(DeletionRequest).where(decided).order_by(DeletionRequest.decided_at.desc())
    return list(db.session.scalars(asked.limit(most)))


def find(request_id: str) -> DeletionRequest:
    """:raises NotFound: ``request-unknown``."""
    found = db.session.get(DeletionRequest, request_id)
    if found is None:
        raise NotFound("request-unknown", _l("There is no such request."))
    return found


def decide(request: DeletionRequest, decision: Decision, *, answer: str, decided_by: str) -> None:
    """Answer a request, once. What is deleted then is deleted by whoever calls this.

    :raises Conflict: ``request-decided``.
    :raises Invalid: ``answer-missing`` for a refusal without its reason; ``answer-too-long``.
    """
    if not request.is_open:
        raise Conflict("request-decided", _l("Somebody has decided about this request already."))
    if decision is Decision.REFUSED and not answer.strip():
        raise Invalid("answer-missing", _l("Write why. The person reads it."))
    if len(answer) > LONGEST_ANSWER:
        raise Invalid("answer-too-long", _l("The answer is too long. Shorten it."))
    request.decision, request.answer = decision, answer.strip()
    request.decided_by, request.decided_at = decided_by, clock.now()
    audit.record(f"deletion.{decision}", subject=f"person:{request.person_id}", actor=decided_by, request=request.id)
