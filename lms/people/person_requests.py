"""What a person asks of us about her own data, and complaints: one queue, each with the clock that the law sets.

A request for data, for a correction or for deletion is answered within a week; a complaint about the service within five
working days. It is accepted, or refused in writing with the ground in law (:mod:`lms.people.legal_grounds`). Deciding is for
people, because the law keeps some of what they are asked to delete.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import audit, clock, settings, working_calendar
from lms.core.db import Base, db, insert_once, new_id
from lms.core.errors import Conflict, Invalid, NotFound, Sentence
from lms.core.i18n import _l
from lms.people import legal_grounds
from lms.people.models import Person

LONGEST_TEXT = 2_000
MOST_OPEN = 10
"""Of one person: a queue of people can be filled by nobody alone."""
DATA_WITHIN = timedelta(days=7)
COMPLAINT_WITHIN_WORKING_DAYS = 5


class Kind(StrEnum):
    """What is asked."""

    DATA = "data"
    CORRECTION = "correction"
    DELETION = "deletion"
    COMPLAINT = "complaint"


KINDS: dict[Kind, Sentence] = {
    Kind.DATA: _l("Question about my data"),
    Kind.CORRECTION: _l("Correct my data"),
    Kind.DELETION: _l("Delete my data"),
    Kind.COMPLAINT: _l("Complaint"),
}


class Decision(StrEnum):
    """What an administrator decided."""

    GRANTED = "granted"
    REFUSED = "refused"


class PersonRequest(Base):
    """One request and its answer; a person may ask again."""

    __tablename__ = "person_request"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    """Made with the form, so that a second click sends nothing twice."""
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id), index=True)
    kind: Mapped[Kind] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text, default="", info={"personal": "what a person asks or complains about"})
    language: Mapped[str] = mapped_column(String(2))
    """In which the person read the form."""
    asked_by: Mapped[str] = mapped_column(String(80))
    """``person:<id>``: the person herself, or an administrator of her learning system."""
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime] = mapped_column(index=True)
    escalated_at: Mapped[datetime | None]
    """When it was told that nobody has answered in time."""
    decision: Mapped[Decision | None] = mapped_column(String(10))
    ground: Mapped[str | None] = mapped_column(String(40))
    """Of a refusal: a code of ``legal_grounds.yaml``."""
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(
        Text, default="", info={"personal": "what the administrator answered to a request or complaint"}
    )

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.decision is None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the time of the law is over without an answer."""
        return self.is_open and now > self.due_at


def due(kind: Kind, asked_at: datetime) -> datetime:
    """Until when the law wants an answer (Law No. 58, Article 17; Digital Code, Article 119)."""
    if kind is not Kind.COMPLAINT:
        return asked_at + DATA_WITHIN
    ours = settings.current()
    return working_calendar.end_of_working_days(
        asked_at, COMPLAINT_WITHIN_WORKING_DAYS, country=ours.country, zone=ZoneInfo(ours.time_zone)
    )


def ask(
    person_id: str, kind: Kind, *, asked_by: str, language: str, text: str = "", request_id: str | None = None
) -> PersonRequest:
    """A new request. The same id again gives the same; so does asking for deletion while that is open.

    :raises Invalid: ``request-text-missing``, ``request-text-too-long``.
    :raises Conflict: ``too-many-open-requests``.
    """
    said = text.strip()
    _refuse_text(kind, said)
    there = [each for each in of_person(person_id) if each.is_open]
    known = next((each for each in there if each.id == request_id or each.kind == kind == Kind.DELETION), None)
    if known:
        return known
    if len(there) >= MOST_OPEN:
        raise Conflict("too-many-open-requests", _l("Many of your requests wait already. Wait for an answer."))
    now = clock.now()
    values = {"kind": kind, "text": said, "language": language, "asked_by": asked_by, "asked_at": now}
    asked, is_new = insert_once(
        PersonRequest,
        {"id": request_id or new_id()},
        {"person_id": person_id, "due_at": due(kind, now), "answer": "", **values},
    )
    if is_new:
        audit.record(f"{kind}.asked", subject=f"person:{person_id}", actor=asked_by, request=asked.id)
    elif asked.person_id != person_id:
        raise NotFound("request-unknown", _l("There is no such request."))
    return asked


def of_person(person_id: str) -> list[PersonRequest]:
    """Everything that was asked for a person, the newest first."""
    asked = select(PersonRequest).filter_by(person_id=person_id)
    return list(db.session.scalars(asked.order_by(PersonRequest.asked_at.desc(), PersonRequest.id)))


def latest(person_id: str, kind: Kind) -> PersonRequest | None:
    """The newest request of one kind."""
    return next((each for each in of_person(person_id) if each.kind == kind), None)


def waiting(*, most: int = 200) -> list[PersonRequest]:
    """What nobody has answered, the nearest end first: so what is overdue stands on top."""
    asked = select(PersonRequest).where(PersonRequest.decision.is_(None)).order_by(PersonRequest.due_at)
    return list(db.session.scalars(asked.limit(most)))


def answered(*, most: int = 100) -> list[PersonRequest]:
    """What was decided, the newest first."""
    decided = select(PersonRequest).where(PersonRequest.decision.is_not(None))
    return list(db.session.scalars(decided.order_by(PersonRequest.decided_at.desc()).limit(most)))


def overdue() -> Sequence[PersonRequest]:
    """Everything whose time is over."""
    late = select(PersonRequest).where(PersonRequest.decision.is_(None), PersonRequest.due_at < clock.now())
    return db.session.scalars(late.order_by(PersonRequest.due_at)).all()


def find(request_id: str) -> PersonRequest:
    """Held until the commit, so that two administrators do not decide at once.

    :raises NotFound: ``request-unknown``.
    """
    found = db.session.scalar(select(PersonRequest).filter_by(id=request_id).with_for_update())
    if found is None:
        raise NotFound("request-unknown", _l("There is no such request."))
    return found


def decide(
    request: PersonRequest, decision: Decision, *, answer: str, decided_by: str, ground: str | None = None
) -> None:
    """Answer a request, once. What is deleted then is deleted by whoever calls this.

    :param ground: of a refusal, a code of ``legal_grounds.yaml``.
    :raises Conflict: ``request-decided``.
    :raises Invalid: ``answer-missing`` without an answer, except to a deletion that is granted; ``ground-unknown`` for a
        refusal without its ground; ``answer-too-long``.
    """
    said = answer.strip()
    if not request.is_open:
        raise Conflict("request-decided", _l("Somebody has decided about this request already."))
    if not said and (decision is Decision.REFUSED or request.kind != Kind.DELETION):
        raise Invalid("answer-missing", _l("Write an answer. The person reads it."))
    if len(said) > LONGEST_TEXT:
        raise Invalid("answer-too-long", _l("The answer is too long. Shorten it."))
    if decision is Decision.REFUSED and not legal_grounds.allows(ground, request.kind):
        raise Invalid("ground-unknown", _l("Choose the ground in law on which you refuse."))
    request.decision, request.answer = decision, said
    request.ground = ground if decision is Decision.REFUSED else None
    request.decided_by, request.decided_at = decided_by, clock.now()
    subject = f"person:{request.person_id}"
    audit.record(f"{request.kind}.{decision}", subject=subject, actor=decided_by, request=request.id, ground=ground)


def _refuse_text(kind: Kind, text: str) -> None:
    if not text and kind is not Kind.DELETION:
        raise Invalid("request-text-missing", _l("Write what you ask for."))
    if len(text) > LONGEST_TEXT:
        raise Invalid("request-text-too-long", _l("The text is too long. Shorten it."))
