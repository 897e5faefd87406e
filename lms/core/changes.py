"""What other systems have to hear of: one strictly ordered sequence without gaps, of which nothing is ever lost.

Whoever changes something adds a line without a number, in the same transaction. Transactions commit in another order
than they began, so a number given by the writer could become visible after a higher one, behind the back of a reader who
has gone past it. Numbers are therefore given by readers: one at a time, under a lock, to lines that are committed
(docs/adr/0032). Lines hold identifiers only; what is told is composed when somebody reads.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Index, String, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, db, insert_once

_HEAD = 1
_WITHOUT_NUMBER = text("position IS NULL")


class Change(Base):
    """One thing that happened."""

    __tablename__ = "change"
    __table_args__ = (
        Index("uq_change_position", "position", unique=True),
        Index("ix_change_unnumbered", "id", sqlite_where=_WITHOUT_NUMBER, postgresql_where=_WITHOUT_NUMBER),
        Index("ix_change_organisation", "organisation_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    """In the order of adding: what follows from another change has a higher one."""
    position: Mapped[int | None]
    """The place in the sequence, from 1; None until somebody read on."""
    kind: Mapped[str] = mapped_column(String(40))
    """Such as ``completion.recorded``."""
    record_id: Mapped[str] = mapped_column(String(36))
    """The course record that it is about."""
    subject: Mapped[str] = mapped_column(String(64))
    """Identifier of what happened, in the room that knows it."""
    organisation_id: Mapped[str | None] = mapped_column(String(36))
    """The body that answered for it then; None where nobody was assigned."""
    at: Mapped[datetime]


class ChangeHead(Base):
    """One row: the last number that was given. Whoever gives numbers holds it until the commit."""

    __tablename__ = "change_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def note(kind: str, *, record_id: str, subject: str, organisation_id: str | None) -> None:
    """Add a line, in the transaction of what it tells about. Waits for nobody."""
    db.session.add(
        Change(kind=kind, record_id=record_id, subject=subject, organisation_id=organisation_id, at=clock.now())
    )


def after(position: int, *, organisations: Collection[str] | None, limit: int) -> list[Change]:
    """What follows this place, oldest first. Gives numbers, so the caller's transaction has to write.

    :param organisations: only changes of these; None means all.
    """
    _number_what_is_committed()
    wanted = select(Change).where(Change.position > position).order_by(Change.position).limit(limit)
    if organisations is not None:
        wanted = wanted.where(Change.organisation_id.in_(organisations))
    return list(db.session.scalars(wanted))


def _number_what_is_committed() -> None:
    """The lock is asked for only if there is something to number; what another reader numbers meanwhile is seen after it."""
    if db.session.scalar(select(Change.id).where(Change.position.is_(None)).limit(1)) is None:
        return
    head = _locked_head()
    for change_id in db.session.scalars(select(Change.id).where(Change.position.is_(None)).order_by(Change.id)).all():
        head.last += 1
        db.session.execute(update(Change).where(Change.id == change_id).values(position=head.last))
    db.session.flush()


def _locked_head() -> ChangeHead:
    locked = select(ChangeHead).filter_by(id=_HEAD).with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(locked)
    if found is None:
        insert_once(ChangeHead, {"id": _HEAD}, {"last": 0})
        found = db.session.scalars(locked).one()
    return found
