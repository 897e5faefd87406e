"""Plans of places: so many in all, split by region, agency and level, some kept for women. More than planned is refused."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from courses.cohorts.models import Call, Nomination, Plan, Quota
from courses.cohorts.selection import DIMENSIONS, SELECTED, WOMAN, Limits, Share
from lms.core import audit
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l


class QuotaExceeded(Conflict):
    """More than the plan has; says what is full and the numbers."""

    def __init__(self, what: str, *, asked: int, left: int) -> None:
        super().__init__(
            "quota-exceeded",
            _l(
                "The plan has no room for this: %(what)s. Asked: %(asked)s, left: %(left)s.",
                what=what,
                asked=asked,
                left=left,
            ),
            what=what,
            asked=asked,
            left=left,
        )


@dataclass(frozen=True)
class Fill:
    """A share of a plan: how many places, and how many of them are taken."""

    dimension: str
    share: str
    places: int
    taken: int


def make(values: Mapping[str, Any], *, organisation_id: str, actor: str) -> Plan:
    """A new plan.

    :raises Conflict: ``plan-exists``; :raises Invalid: ``more-women-than-places``.
    """
    if values["least_women"] > values["places"]:
        raise Invalid(
            "more-women-than-places",
            _l("More places are kept for women than there are."),
            fields={"least_women": [_l("At most as many as there are places.")]},
        )
    unique = {key: values[key] for key in ("programme", "year")} | {"organisation_id": organisation_id}
    plan, is_new = insert_once(Plan, unique, {key: values[key] for key in values.keys() - unique.keys()})
    if not is_new:
        raise Conflict("plan-exists", _l("There is a plan of this programme for this year already."))
    audit.record("plan.made", subject=f"plan:{plan.id}", actor=actor, year=plan.year, places=plan.places)
    return plan


def get(plan_id: str) -> Plan:
    """:raises NotFound: ``not-found``."""
    plan = db.session.get(Plan, plan_id)
    if plan is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return plan


def share_out(plan: Plan, share: Share, places: int, *, actor: str) -> Quota:
    """Let a share have at most so many places; again with another number changes it.

    :raises QuotaExceeded: ``quota-exceeded``: the shares of a dimension together are at most the plan.
    """
    dimension, key = share
    others = {
        quota.share: quota.places for quota in quotas(plan) if quota.dimension == dimension and quota.share != key
    }
    left = plan.places - sum(others.values())
    if places > left:
        raise QuotaExceeded(dimension, asked=places, left=left)
    quota, _is_new = insert_once(Quota, {"plan_id": plan.id, "dimension": dimension, "share": key}, {"places": places})
    quota.places = places
    audit.record("plan.shared-out", subject=f"plan:{plan.id}", actor=actor, share=f"{dimension}:{key}", places=places)
    return quota


def quotas(plan: Plan) -> list[Quota]:
    """Shares of a plan, by dimension."""
    return list(db.session.scalars(select(Quota).filter_by(plan_id=plan.id).order_by(Quota.dimension, Quota.share)))


def taken(plan: Plan) -> tuple[Counter[Share], int, int]:
    """How many places of each share are taken, of all, and by women; one query."""
    rows = db.session.execute(
        select(Nomination.region, Nomination.agency_id, Nomination.level, Nomination.gender, func.count())
        .join(Call, Call.id == Nomination.call_id)
        .where(Call.plan_id == plan.id, Nomination.outcome == SELECTED)
        .group_by(Nomination.region, Nomination.agency_id, Nomination.level, Nomination.gender)
    ).all()
    shares: Counter[Share] = Counter()
    for region, agency, level, _gender, number in rows:
        shares.update({("region", region): number, ("agency", agency): number, ("level", level): number})
    return shares, sum(row[4] for row in rows), sum(row[4] for row in rows if row[3] == WOMAN)


def left(plan: Plan) -> Limits:
    """What a selection may still give away."""
    shares, everybody, women = taken(plan)
    return Limits(
        places=max(plan.places - everybody, 0),
        shares={
            (each.dimension, each.share): max(each.places - shares[each.dimension, each.share], 0)
            for each in quotas(plan)
        },
        least_women=max(plan.least_women - women, 0),
    )


def fills(plan: Plan) -> list[Fill]:
    """Every share with what is taken of it, in the order of dimensions."""
    shares, _everybody, _women = taken(plan)
    found = [Fill(each.dimension, each.share, each.places, shares[each.dimension, each.share]) for each in quotas(plan)]
    return sorted(found, key=lambda fill: DIMENSIONS.index(fill.dimension))
