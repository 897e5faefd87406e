"""The records behind a number, a page at a time: of the same rows that were counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from certificates.dashboards import rows
from courses import training
from courses.training import Scope, Share, TrainingPlan
from lms.core.db import db

NOMINEES, PEOPLE = ("nominated", "selected"), ("enrolled", "begun", "completed", "certified")
WORK = ("hours", "waiting", "learning")
ON_A_PAGE = 100


@dataclass(frozen=True)
class Listed:
    """One page of a list. ``rows`` have the columns of :mod:`certificates.dashboards.rows`."""

    rows: Sequence[Any]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """At least one."""
        return max(1, -(-self.total // ON_A_PAGE))


def places(scope: Scope) -> list[tuple[TrainingPlan, int | None]]:
    """Plans of a scope, each with the places of the share that is asked for; None where it has none."""
    plans = [plan for plan in _plans(scope) if scope.year in (None, plan.year)]
    if scope.academies is not None:
        return [(plan, _of_academies(scope, plan)) for plan in plans]
    shared = training.shares(plan.id for plan in plans)
    return [(plan, _share_of(scope, plan, shared)) for plan in plans]


def nominees(scope: Scope, what: str, page: int) -> Listed:
    """Nominations, by call and number."""
    found = rows.of_nominees(scope, _plans(scope)).subquery("found")
    wanted = select(found).where(found.c[what] == 1)
    return _page(wanted, (found.c.year.desc(), found.c.call_id, found.c.number), page)


def people(scope: Scope, what: str, page: int) -> Listed:
    """People on rosters, by name."""
    plans = _plans(scope)
    work = rows.of_work(scope, plans, _hours(plans)).cte("begun_work")
    found = rows.of_members(scope, plans, work).subquery("found")
    wanted = select(found).where(found.c[what] == 1)
    return _page(wanted, (found.c.name, found.c.member_id), page)


def work(scope: Scope, what: str, page: int, *, days: tuple[int, int | None] | None = None) -> Listed:
    """Modules that were completed, by name; with ``days`` those that took from so many to so many days."""
    plans = _plans(scope)
    found = rows.of_work(scope, plans, _hours(plans)).subquery("found")
    wanted = select(found).where(found.c[what].is_not(None), found.c.completed == 1)
    if days and days[0] > 0:
        wanted = wanted.where(found.c[what] >= days[0])
    if days and days[1] is not None:
        wanted = wanted.where(found.c[what] <= days[1])
    return _page(wanted, (found.c.name, found.c.member_id, found.c.module), page)


def _page(wanted: Select[Any], order: Sequence[Any], page: int) -> Listed:
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    last = max(1, -(-total // ON_A_PAGE))
    shown = min(max(page, 1), last)
    found = db.session.execute(wanted.order_by(*order).limit(ON_A_PAGE).offset((shown - 1) * ON_A_PAGE)).all()
    return Listed(found, total, shown)


def _plans(scope: Scope) -> list[TrainingPlan]:
    return [plan for plan in training.plans(scope) if scope.module in (None, *plan.modules)]


def _hours(plans: Sequence[TrainingPlan]) -> rows.Hours:
    return training.worth({slug for plan in plans for slug in plan.modules})


def _of_academies(scope: Scope, plan: TrainingPlan) -> int:
    found = training.cohorts([plan], academies=scope.academies)
    return sum(cohort.places for cohort in found if scope.cohort in (None, cohort.id))


def _share_of(scope: Scope, plan: TrainingPlan, shared: Sequence[Share]) -> int | None:
    asked = {"region": scope.region, "agency": scope.agency, "level": scope.level}
    wanted = [(name, key) for name, key in asked.items() if key]
    if not wanted:
        return plan.least_women if scope.gender == training.WOMAN else plan.places
    return next(
        (each.places for each in shared if each.plan_id == plan.id and (each.dimension, each.key) in wanted), None
    )
