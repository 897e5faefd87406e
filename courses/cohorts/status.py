"""How a cohort stands: nominated, selected, arrived, completed - in all and by region, agency and gender. Three queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import and_, select

from courses.cohorts.binding import SAME
from courses.cohorts.models import Binding, Cohort, Member, Nomination, Plan
from courses.models import Completion, Enrolment, Module
from lms.core.db import db

ALL = "all"
BY = ("region", "agency", "gender")


@dataclass
class Counts:
    """Numbers of one line."""

    nominated: int = 0
    on_roster: int = 0
    arrived: int = 0
    completed: Counter[str] = field(default_factory=Counter)
    """By module."""

    @property
    def completed_all(self) -> int:
        """How many completed every module."""
        return self.completed[ALL]


@dataclass(frozen=True)
class Status:
    """Lines by (dimension, key); ``("all", "")`` is everybody."""

    lines: dict[tuple[str, str], Counts]

    @property
    def everybody(self) -> Counts:
        """The whole cohort."""
        return self.lines.get((ALL, ""), Counts())

    def of(self, dimension: str) -> list[tuple[str, Counts]]:
        """Lines of one dimension, by key."""
        return sorted((key, counts) for (found, key), counts in self.lines.items() if found == dimension)


def of_cohort(cohort: Cohort, plan: Plan) -> Status:
    """Counted now."""
    status = Status({})
    for region, agency, gender in _nominees(cohort):
        for line in _lines(status, (region, agency, gender)):
            line.nominated += 1
    done = _completed(cohort, plan)
    for region, agency, gender, person_id in _members(cohort):
        modules = done.get(person_id or "", set())
        for line in _lines(status, (region, agency, gender)):
            line.on_roster += 1
            line.arrived += person_id is not None
            line.completed.update([*modules, *([ALL] if plan.modules and modules >= set(plan.modules) else [])])
    return status


def _lines(status: Status, keys: Iterable[str]) -> list[Counts]:
    places = [(ALL, ""), *zip(BY, keys, strict=True)]
    return [status.lines.setdefault(place, Counts()) for place in places]


def _nominees(cohort: Cohort) -> list[tuple[str, str, str]]:
    if cohort.call_id is None:
        return []
    rows = db.session.execute(
        select(Nomination.region, Nomination.agency_id, Nomination.gender).filter_by(call_id=cohort.call_id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _members(cohort: Cohort) -> list[tuple[str, str, str, str | None]]:
    rows = db.session.execute(
        select(Member.region, Member.agency_id, Member.gender, Binding.person_id)
        .outerjoin(Binding, and_(Binding.member_id == Member.id, Binding.verdict == SAME, Binding.undone_at.is_(None)))
        .where(Member.cohort_id == cohort.id, Member.left_at.is_(None))
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _completed(cohort: Cohort, plan: Plan) -> dict[str, set[str]]:
    """Modules that each bound person completed, whole or the short way."""
    rows = db.session.execute(
        select(Enrolment.person_id, Module.slug)
        .join(Module, Module.id == Enrolment.module_id)
        .join(Completion, Completion.enrolment_id == Enrolment.id)
        .join(Binding, and_(Binding.person_id == Enrolment.person_id, Binding.cohort_id == cohort.id))
        .where(Module.slug.in_(plan.modules), Binding.undone_at.is_(None), Enrolment.is_trial.is_(False))
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for person_id, slug in rows:
        found.setdefault(person_id, set()).add(slug)
    return found
