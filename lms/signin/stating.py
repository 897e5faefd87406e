"""For what somebody of staff looks at people now: stated once for a stretch of work, and told to each person who is shown.

It stands in the signed cookie of the browser and not in a table: what counts is the line that each look leaves
(:mod:`lms.people.accesses`), and that repeats it (docs/adr/0052).
"""

from datetime import datetime, timedelta

from flask import session

from lms.core import clock
from lms.core.errors import Forbidden, Sentence
from lms.core.i18n import _l
from lms.people import accesses, purposes
from lms.people.accesses import AccessKind
from lms.signin import guard

LASTS = timedelta(hours=2)
"""Work of one morning; whoever looks for another reason says so before."""
_KEPT = "purpose"


class PurposeFirst(Forbidden):
    """The page shows people, and nobody has said for what. A person is led to where it is stated, a program is told."""

    def __init__(self) -> None:
        super().__init__(
            "purpose-not-stated", _l("Say first for what you need this: each person who is shown can read it.")
        )


def keep(purpose: str) -> None:
    """Remember what was stated, for the person who is signed in now.

    :param purpose: as ``lms.people.purposes.stated`` gave it.
    """
    session[_KEPT] = {"of": guard.current().id, "until": (clock.now() + LASTS).isoformat(), "purpose": purpose}


def stated() -> str | None:
    """What the person who is signed in stated and what still holds; None if it has to be asked."""
    kept = session.get(_KEPT)
    if not kept or kept["of"] != guard.current().id or datetime.fromisoformat(kept["until"]) <= clock.now():
        return None
    purpose: str = kept["purpose"]
    return purpose


def require() -> str:
    """:raises PurposeFirst: ``purpose-not-stated``."""
    purpose = stated()
    if purpose is None:
        raise PurposeFirst
    return purpose


def note(person_id: str, *, service: str) -> None:
    """Leave a line to a person who is shown, in the transaction of the answer.

    :raises PurposeFirst: ``purpose-not-stated``.
    """
    purpose = require()
    accesses.note(
        person_id=person_id, who=guard.current().actor, kind=AccessKind.STAFF, purpose=purpose, service=service
    )


def in_words() -> tuple[Sentence | str, str] | None:
    """What holds, as a reader understands it: its kind, and what was written beside."""
    purpose = stated()
    return purposes.in_words(purpose) if purpose else None
