"""Plans with their quotas, and cohorts, as other systems read them: numbers alone, a page at a time, in a fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from courses.cohorts.binding import SAME
from courses.cohorts.models import Binding, Call, Cohort, Member, Nomination, Plan, Quota
from courses.cohorts.selection import SELECTED, WOMAN
from lms.core.db import db
from lms.organisations.models import Organisation

Place = tuple[int, str]
"""Year of the plan and id of the row: where a page ends."""
AGENCY = "agency"


@dataclass(frozen=True, kw_only=True)
class ToldQuota:
    """Places of one region, agency or level."""

    dimension: str
    key: str
    """Code of the region, of the agency as an organisation, or of the level."""
    places: int
    taken: int


@dataclass(frozen=True, kw_only=True)
class ToldPlan:
    """A plan and how far it is filled."""

    id: str
    organisation: str
    programme: str
    title: str
    year: int
    modules: Sequence[str]
    offered: int
    places: int
    least_women: int
    taken: int
    taken_by_women: int
    quotas: Sequence[ToldQuota]


@dataclass(frozen=True, kw_only=True)
class ToldCohort:
    """A cohort and how many people are in it."""

    id: str
    plan_id: str
    programme: str
    title: str
    year: int
    starts_on: date
    ends_on: date
    places: int
    on_roster: int
    arrived: int
    """Of whom it is known who of the learning system they are."""


def plans(
    *, organisations: Collection[str] | None, year: int | None, after: Place | None, limit: int
) -> list[ToldPlan]:
    """Plans of these bureaus (None: of all), by year. Five queries."""
    wanted = select(Plan).order_by(Plan.year, Plan.id)
    rows = db.session.scalars(_part(wanted, Plan.id, organisations, year, after).limit(limit)).all()
    ids = [row.id for row in rows]
    quotas = _quotas(ids)
    taken = _taken(ids)
    agencies = {each.share for found in quotas.values() for each in found if each.dimension == AGENCY}
    codes = _codes({row.organisation_id for row in rows} | agencies)
    return [_plan(row, quotas[row.id], taken[row.id], codes) for row in rows]


def cohorts(
    *, organisations: Collection[str] | None, year: int | None, after: Place | None, limit: int
) -> list[ToldCohort]:
    """Cohorts of plans of these bureaus (None: of all), by the year of the plan. Two queries."""
    wanted = select(Cohort, Plan).join(Plan, Plan.id == Cohort.plan_id).order_by(Plan.year, Cohort.id)
    rows = db.session.execute(_part(wanted, Cohort.id, organisations, year, after).limit(limit)).all()
    people = _people([cohort.id for cohort, _plan in rows])
    return [
        ToldCohort(
            id=cohort.id,
            plan_id=plan.id,
            programme=plan.programme,
            title=cohort.title,
            year=plan.year,
            starts_on=cohort.starts_on,
            ends_on=cohort.ends_on,
            places=cohort.places,
            on_roster=people.get(cohort.id, (0, 0))[0],
            arrived=people.get(cohort.id, (0, 0))[1],
        )
        for cohort, plan in rows
    ]


def _part(
    wanted: Any,
    row_id: InstrumentedAttribute[str],
    organisations: Collection[str] | None,
    year: int | None,
    after: Place | None,
) -> Any:
    """A select of plans, narrowed."""
    if organisations is not None:
        wanted = wanted.where(Plan.organisation_id.in_(organisations))
    if year is not None:
        wanted = wanted.where(Plan.year == year)
    return wanted.where(tuple_(Plan.year, row_id) > after) if after else wanted


def _plan(row: Plan, quotas: Sequence[Quota], taken: Counter[tuple[str, str]], codes: Mapping[str, str]) -> ToldPlan:
    return ToldPlan(
        id=row.id,
        organisation=codes[row.organisation_id],
        programme=row.programme,
        title=row.title,
        year=row.year,
        modules=row.modules,
        offered=row.offered,
        places=row.places,
        least_women=row.least_women,
        taken=taken["", ""],
        taken_by_women=taken["gender", WOMAN],
        quotas=[
            ToldQuota(
                dimension=each.dimension,
                key=codes.get(each.share, each.share),
                places=each.places,
                taken=taken[each.dimension, each.share],
            )
            for each in quotas
        ],
    )


def _quotas(plan_ids: Sequence[str]) -> Mapping[str, Sequence[Quota]]:
    found: dict[str, list[Quota]] = defaultdict(list)
    wanted = select(Quota).where(Quota.plan_id.in_(plan_ids)).order_by(Quota.dimension, Quota.share)
    for quota in db.session.scalars(wanted):
        found[quota.plan_id].append(quota)
    return found


def _taken(plan_ids: Sequence[str]) -> Mapping[str, Counter[tuple[str, str]]]:
    """Of each plan, how many were selected: in all, by gender and by each share."""
    columns = (Nomination.region, Nomination.agency_id, Nomination.level, Nomination.gender)
    rows = db.session.execute(
        select(Call.plan_id, *columns, func.count())
        .join(Call, Call.id == Nomination.call_id)
        .where(Call.plan_id.in_(plan_ids), Nomination.outcome == SELECTED)
        .group_by(Call.plan_id, *columns)
    )
    found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for plan_id, region, agency, level, gender, number in rows:
        for place in (("", ""), ("region", region), (AGENCY, agency), ("level", level), ("gender", gender)):
            found[plan_id][place] += number
    return found


def _people(cohort_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    is_bound = and_(Binding.member_id == Member.id, Binding.verdict == SAME, Binding.undone_at.is_(None))
    rows = db.session.execute(
        select(Member.cohort_id, func.count(), func.count(Binding.person_id))
        .outerjoin(Binding, is_bound)
        .where(Member.cohort_id.in_(cohort_ids), Member.left_at.is_(None))
        .group_by(Member.cohort_id)
    )
    return {cohort_id: (on_roster, arrived) for cohort_id, on_roster, arrived in rows}


def _codes(organisation_ids: Collection[str]) -> Mapping[str, str]:
    rows = db.session.execute(
        select(Organisation.id, Organisation.code).where(Organisation.id.in_(tuple(organisation_ids)))
    )
    return {row[0]: row[1] for row in rows}
