"""The one way to lines about people: a stated purpose first, then a line for each person shown, which that person can read."""

from collections.abc import Collection
from dataclasses import dataclass

from certificates.training import search
from certificates.training.search import Found, Place, Question
from lms.core import audit
from lms.core.errors import Invalid
from lms.core.i18n import _l
from lms.people import accesses
from lms.people.accesses import AccessKind

SERVICE = "training-register"
ACTION = "training.searched"
ON_A_PAGE = 50
MOST_IN_A_FILE = 2_000


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks, for what, and how far that person or program sees."""

    actor: str
    kind: AccessKind
    purpose: str
    """As ``lms.people.purposes.stated`` gave it."""
    seen_in: Collection[str] | None
    service: str = SERVICE
    reference: str | None = None
    """The asker's own number of the question."""


def look(question: Question, asker: Asker, *, limit: int, after: Place | None = None, offset: int = 0) -> Found:
    """Some lines. In the transaction of the answer each person in them gets a line of access.

    :raises Invalid: ``question-empty``.
    """
    found = search.find(question, seen_in=asker.seen_in, limit=limit, after=after, offset=offset)
    note(found, asker, question)
    return found


def take_along(question: Question, asker: Asker) -> Found:
    """All lines, for a file.

    :raises Invalid: ``question-empty``; ``too-many-lines``, and then nobody was shown.
    """
    found = search.find(question, seen_in=asker.seen_in, limit=MOST_IN_A_FILE)
    if found.total > MOST_IN_A_FILE:
        raise Invalid(
            "too-many-lines",
            _l(
                "These are %(total)s lines. A file holds %(most)s: ask for less.",
                total=found.total,
                most=MOST_IN_A_FILE,
            ),
        )
    note(found, asker, question)
    return found


def note(found: Found, asker: Asker, question: Question) -> None:
    """Who was shown, to each of them; and that somebody asked, to the audit, without any name."""
    for person_id in found.person_ids:
        accesses.note(
            person_id=person_id,
            who=asker.actor,
            kind=asker.kind,
            purpose=asker.purpose,
            service=asker.service,
            reference=asker.reference,
        )
    audit.record(
        ACTION,
        subject="register:training",
        actor=asker.actor,
        purpose=asker.purpose.partition(":")[0],
        asked_by=question.asked_by,
        people=len(found.person_ids),
        reference=asker.reference,
    )
