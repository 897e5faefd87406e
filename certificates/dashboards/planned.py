"""How many places were planned for a line. Plans share places out by one thing at a time, so two at once are not known. Pure.

Of an academy the places are those of its cohorts: how a plan shares places out is the bureau's, and nothing is known of it there.
"""

from collections.abc import Sequence

from certificates.dashboards.figures import Place
from courses.training import WOMAN, Scope, Share, TrainingCohort, TrainingPlan

_SHARED_OUT = ("region", "agency", "level")


class Places:
    """What is planned, for the plans of a scope."""

    def __init__(
        self,
        scope: Scope,
        plans: Sequence[TrainingPlan],
        shares: Sequence[Share],
        cohorts: Sequence[TrainingCohort],
    ) -> None:
        self._wanted = {name: getattr(scope, name) for name in (*_SHARED_OUT, "gender", "cohort")}
        self._plans = [plan for plan in plans if _is_of(scope, plan)]
        ids = {plan.id for plan in self._plans}
        self._is_of_academies = scope.academies is not None
        self._shares = [share for share in shares if share.plan_id in ids and not self._is_of_academies]
        self._cohorts = {cohort.id: cohort for cohort in cohorts}

    @property
    def offered(self) -> int:
        """Places that hosts offered first."""
        return 0 if self._is_of_academies else sum(plan.offered for plan in self._plans)

    def lines(self) -> set[Place]:
        """Lines for which places are planned, whether somebody came or not."""
        found: set[Place] = {("year", str(plan.year)) for plan in self._plans}
        found |= {(share.dimension, share.key) for share in self._shares}
        found |= {("cohort", cohort_id) for cohort_id in self._cohorts}
        return {(by, key) for by, key in found if self._wanted.get(by) in (None, key) and self.of(by, key)}

    def of(self, by: str, key: str) -> int | None:
        """Places of a line; None where plans say nothing of it."""
        wanted = {name: value for name, value in self._wanted.items() if value is not None}
        if by in self._wanted:
            wanted[by] = key
        if len(wanted) > 1:
            return None
        plans = [plan for plan in self._plans if _is_in(plan, by, key)]
        return self._of_one(wanted, plans) if wanted else self._of_all(plans)

    def _of_all(self, plans: Sequence[TrainingPlan]) -> int:
        if not self._is_of_academies:
            return sum(plan.places for plan in plans)
        ids = {plan.id for plan in plans}
        return sum(cohort.places for cohort in self._cohorts.values() if cohort.plan_id in ids)

    def _of_one(self, wanted: dict[str, str], plans: Sequence[TrainingPlan]) -> int | None:
        ((name, value),) = wanted.items()
        if name == "cohort":
            cohort = self._cohorts.get(value)
            return cohort.places if cohort and any(plan.id == cohort.plan_id for plan in plans) else None
        if name == "gender":
            if self._is_of_academies:
                return None
            return sum(plan.least_women for plan in plans) or None if value == WOMAN else None
        ids = {plan.id for plan in plans}
        found = [
            share.places
            for share in self._shares
            if (share.dimension, share.key) == (name, value) and share.plan_id in ids
        ]
        return sum(found) if found else None


def _is_of(scope: Scope, plan: TrainingPlan) -> bool:
    """In a period the plans of its year count."""
    year = scope.period.first.year if scope.period else scope.year
    return year in (None, plan.year) and (scope.module is None or scope.module in plan.modules)


def _is_in(plan: TrainingPlan, by: str, key: str) -> bool:
    if by == "year":
        return str(plan.year) == key
    return by != "module" or key in plan.modules
