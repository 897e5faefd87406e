"""Cohorts: people who are trained together, from a selection or from a roster, within the places of the plan."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select

from courses.cohorts.models import Call, Cohort, Member, Nomination, Plan
from courses.cohorts.plans import QuotaExceeded
from courses.cohorts.protocol import DECLINED
from courses.cohorts.selection import SELECTED
from lms.core import alphabet, audit, clock
from lms.core.db import db, new_id
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l

_COPIED = (
    *("name", "latin_name", "gender", "region", "level", "agency_id", "email"),
    *("number_encrypted", "person_key", "number_key"),
)


def make(plan: Plan, values: Mapping[str, Any], *, call: Call | None = None, actor: str) -> Cohort:
    """A new cohort; of a call whose order is entered, with everybody who was selected.

    :raises QuotaExceeded: ``quota-exceeded``; :raises Conflict: ``order-missing``, ``cohort-exists``.
    """
    used = db.session.scalar(select(func.coalesce(func.sum(Cohort.places), 0)).filter_by(plan_id=plan.id)) or 0
    if values["places"] > plan.places - used:
        raise QuotaExceeded("places", asked=values["places"], left=plan.places - used)
    if call is not None and call.ordered_on is None:
        raise Conflict("order-missing", _l("Enter the order first."))
    if call is not None and db.session.scalar(select(Cohort.id).filter_by(call_id=call.id)):
        raise Conflict("cohort-exists", _l("There is a cohort of this call already."))
    cohort = Cohort(**values, id=new_id(), plan_id=plan.id, call_id=call.id if call else None)
    db.session.add(cohort)
    db.session.flush()
    audit.record("cohort.made", subject=f"cohort:{cohort.id}", actor=actor, places=cohort.places)
    if call is not None:
        fill(cohort, call, actor=actor)
    return cohort


def fill(cohort: Cohort, call: Call, *, actor: str) -> int:
    """Let everybody come in who was selected, and those go who gave up their place. How many came.

    :raises QuotaExceeded: ``quota-exceeded``.
    """
    selected = db.session.scalars(select(Nomination).filter_by(call_id=call.id, outcome=SELECTED)).all()
    if len(selected) > cohort.places:
        raise QuotaExceeded("places", asked=len(selected), left=cohort.places)
    present = set(db.session.scalars(select(Member.person_key).filter_by(cohort_id=cohort.id)))
    came = [row for row in selected if row.person_key not in present]
    db.session.add_all(
        Member(**{name: getattr(row, name) for name in _COPIED}, cohort_id=cohort.id, nomination_id=row.id)
        for row in came
    )
    gone = _given_up(cohort, call)
    for member in gone:
        member.left_at = clock.now()
    audit.record("cohort.filled", subject=f"cohort:{cohort.id}", actor=actor, added=len(came), left=len(gone))
    return len(came)


def get(cohort_id: str) -> tuple[Cohort, Plan]:
    """:raises NotFound: ``not-found``."""
    row = db.session.execute(
        select(Cohort, Plan).join(Plan, Plan.id == Cohort.plan_id).where(Cohort.id == cohort_id)
    ).one_or_none()
    if row is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return row[0], row[1]


def seen_in(
    *, bureaus: frozenset[str] | None, academies: frozenset[str] | None, hosts: frozenset[str] | None
) -> Sequence[tuple[Cohort, Plan, int]]:
    """Cohorts of these bureaus, academies or hosts (None means every one) with how many people are in; one query."""
    wanted = (
        select(Cohort, Plan, func.count(Member.id))
        .join(Plan, Plan.id == Cohort.plan_id)
        .outerjoin(Member, and_(Member.cohort_id == Cohort.id, Member.left_at.is_(None)))
        .group_by(Cohort.id, Plan.id)
        .order_by(Cohort.starts_on.desc(), Cohort.id)
    )
    columns = ((Plan.organisation_id, bureaus), (Cohort.academy_id, academies), (Cohort.host_id, hosts))
    if all(mine is not None for _column, mine in columns):
        wanted = wanted.where(or_(*(column.in_(mine or ()) for column, mine in columns)))
    return [(row[0], row[1], row[2]) for row in db.session.execute(wanted)]


def members(cohort: Cohort) -> Sequence[Member]:
    """Everybody on the roster, by name."""
    found = db.session.scalars(select(Member).filter_by(cohort_id=cohort.id, left_at=None))
    return sorted(found, key=lambda member: (alphabet.place(member.name), member.id))


def _given_up(cohort: Cohort, call: Call) -> Sequence[Member]:
    wanted = select(Member).join(Nomination, Nomination.id == Member.nomination_id)
    declined = (Nomination.call_id == call.id, Nomination.outcome == DECLINED)
    return db.session.scalars(wanted.where(Member.cohort_id == cohort.id, Member.left_at.is_(None), *declined)).all()
