"""What administrators look for in the register, within the organisations that are theirs. Pages follow a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from certificates.lookup import holder_key
from certificates.models import Certificate
from certificates.standing import State
from lms.core import clock
from lms.core.db import db
from lms.core.i18n import civil_date

PAGE_SIZE = 50


@dataclass(frozen=True)
class Found:
    """One page of certificates, the newest first."""

    certificates: Sequence[Certificate]
    next_after: str | None
    """Id of the certificate after which the next page begins; None at the end."""


def search(
    organisation_ids: frozenset[str] | None,
    *,
    text: str = "",
    state: State | None = None,
    organisation_id: str | None = None,
    after: str | None = None,
) -> Found:
    """Certificates by number or by any part of the holder's printed name, in any of its scripts.

    :param organisation_ids: where the person who asks is an administrator; None means everywhere.
    """
    wanted = _within(organisation_ids)
    if organisation_id:
        wanted = wanted.where(Certificate.organisation_id == organisation_id)
    if text.strip():
        wanted = wanted.where(_speaks_of(text))
    if state is not None:
        wanted = wanted.where(_is_in(state))
    if after:
        edge = select(Certificate.reserved_at, Certificate.id).where(Certificate.id == after)
        wanted = wanted.where(tuple_(Certificate.reserved_at, Certificate.id) < edge.scalar_subquery())
    newest_first = wanted.order_by(Certificate.reserved_at.desc(), Certificate.id.desc())
    rows = list(db.session.scalars(newest_first.limit(PAGE_SIZE + 1)))
    has_more = len(rows) > PAGE_SIZE
    return Found(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].id if has_more else None)


def counts_of(record_ids: Sequence[str]) -> dict[State, int]:
    """How many of these records have a certificate in each stored state. One query."""
    rows = db.session.execute(
        select(Certificate.status, func.count(Certificate.record_id.distinct()))
        .where(Certificate.record_id.in_(record_ids))
        .group_by(Certificate.status)
    )
    return {State(status): count for status, count in rows}


def _within(organisation_ids: frozenset[str] | None) -> Select[Certificate]:
    wanted = select(Certificate)
    return wanted if organisation_ids is None else wanted.where(Certificate.organisation_id.in_(organisation_ids))


def _speaks_of(text: str) -> ColumnElement[bool]:
    """Signs that mean something to LIKE are looked for as they are."""
    return or_(
        Certificate.number.icontains(text.strip(), autoescape=True),
        Certificate.holder_key.contains(holder_key(text), autoescape=True),
    )


def _is_in(state: State) -> ColumnElement[bool]:
    """Expired is kept as valid; the calendar tells."""
    has_ended = and_(Certificate.valid_until.is_not(None), Certificate.valid_until < civil_date(clock.now()))
    if state is State.EXPIRED:
        return and_(Certificate.status == State.VALID, has_ended)
    if state is State.VALID:
        return and_(Certificate.status == State.VALID, or_(Certificate.valid_until.is_(None), ~has_ended))
    return Certificate.status == state
