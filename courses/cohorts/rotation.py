"""Nominations and rosters get the newest key of personal numbers, person by person: both tables together, so that the same
person is found in both at every moment."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select, union

from courses.cohorts import identity
from courses.cohorts.models import Member, Nomination
from lms.core.db import db
from lms.people import number_keys
from lms.people.number_keys import Key

Row = TypeVar("Row", Member, Nomination)


def init() -> None:
    """Make it known."""
    number_keys.register("cohorts", move)


def move(key: Key, batch: int) -> int:
    """Write the rows of at most so many people anew; how many people had another key."""
    waiting = union(*(select(table.person_key).where(table.number_key != key.id) for table in (Member, Nomination)))
    known_as = db.session.scalars(waiting.limit(batch)).all()
    people: dict[str, list[Member | Nomination]] = {person_key: [] for person_key in known_as}
    everybody: list[Member | Nomination] = list(_rows(Member, known_as))
    everybody += _rows(Nomination, known_as)
    for row in everybody:
        people[row.person_key].append(row)
    for person_key, rows in people.items():
        _write_anew(rows, person_key=_known_anew_as(person_key, rows), key=key)
    return len(people)


def _rows(table: type[Row], known_as: Sequence[str]) -> Sequence[Row]:
    return db.session.scalars(select(table).where(table.person_key.in_(known_as)).with_for_update()).all()


def _known_anew_as(person_key: str, rows: list[Member | Nomination]) -> str:
    """The hash by the newest key. Where number and address were deleted it stays: nothing is left to compute it from."""
    for row in rows:
        if number := identity.number(row.number_encrypted):
            return identity.key_of(number, email=None, name="")
    for row in rows:
        if row.email:
            return identity.key_of(None, email=row.email, name=row.name)
    return person_key


def _write_anew(rows: list[Member | Nomination], *, person_key: str, key: Key) -> None:
    for row in rows:
        row.person_key, row.number_key = person_key, key.id
        row.number_encrypted = identity.encrypted_number(identity.number(row.number_encrypted))
        if isinstance(row, Member):
            row.passport_encrypted = identity.encrypted_passport(identity.passport(row.passport_encrypted) or None)
