"""Who looked at a person's records, when, for which purpose, by which service. The person reads all of it.

Lines are added and never changed; triggers of the migrations let the database refuse it. A room that shows records of one
person to somebody else says so here, in the transaction of its answer, and names its service in words once.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, db
from lms.core.errors import Sentence
from lms.core.i18n import _l
from lms.people.holdings import Holding, register
from lms.people.models import Person

LONGEST_PURPOSE = 500


class AccessKind(StrEnum):
    """In which way somebody came to the records."""

    STAFF = "staff"
    PROGRAM = "program"
    XROAD = "xroad"


class Access(Base):
    """One look at the records of one person."""

    __tablename__ = "person_access"
    __table_args__ = (Index("ix_person_access_person_id_at", "person_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    kind: Mapped[AccessKind] = mapped_column(String(10))
    who: Mapped[str]
    """As the audit names actors: ``staff:<id>``, ``client:<id>``; ``xroad:<client identifier>``."""
    service: Mapped[str] = mapped_column(String(80))
    """A stable code; its words are those of :func:`name_service`."""
    purpose: Mapped[str] = mapped_column(
        String(LONGEST_PURPOSE), info={"personal": "for which purpose somebody looked at the records of a person"}
    )
    """A code of ``lms.people.purposes``, then what was written beside it."""
    reference: Mapped[str | None] = mapped_column(String(80))
    """The asker's own number of the question, such as the X-Road-Id."""


_services: dict[str, Sentence] = {}


def init() -> None:
    """Let the person read it among all that is kept."""
    register(
        "accesses",
        Holding(
            title=_l("Who looked at the records"),
            shown=_shown,
            erased=None,
            why=_l("It stays as long as the records: it shows to the person, and to the law, who read them."),
        ),
    )


def name_service(code: str, words: Sentence) -> None:
    """Say in words what a service is, for the person who reads the list. Naming it again changes nothing."""
    _services[code] = words


def services() -> Mapping[str, Sentence]:
    """The words of each service, by its code."""
    return _services


def note(
    *, person_id: str, who: str, kind: AccessKind, purpose: str, service: str, reference: str | None = None
) -> None:
    """Add a line that the person can read, in the transaction of the answer."""
    db.session.add(
        Access(
            person_id=person_id,
            at=clock.now(),
            kind=kind,
            who=who,
            service=service,
            purpose=purpose[:LONGEST_PURPOSE],
            reference=reference,
        )
    )


def of(person_id: str) -> list[Access]:
    """Everybody who looked at the records of this person, the latest first."""
    wanted = select(Access).filter_by(person_id=person_id).order_by(Access.at.desc(), Access.id.desc())
    return list(db.session.scalars(wanted))


def _shown(person_id: str) -> list[dict[str, Any]]:
    return [
        {
            "at": access.at.isoformat(),
            "kind": str(access.kind),
            "who": access.who,
            "service": access.service,
            "purpose": access.purpose,
            "reference": access.reference,
        }
        for access in of(person_id)
    ]
