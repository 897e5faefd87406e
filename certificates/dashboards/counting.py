"""Counts everything of a scope, in a fixed number of queries: the database groups, and what comes back is cells to add up.

A cell is everybody of one cohort, region, agency, level and gender together. People are gone through once, their modules
once (docs/adr/0047).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import CTE, CompoundSelect, Integer, Select, String, func, literal, null, select, type_coerce, union_all

from certificates.dashboards import rows
from certificates.dashboards.figures import ALL, Figures, Line, Place, Spread
from certificates.dashboards.planned import Places
from courses import training
from courses.training import Scope, TrainingPlan
from lms.core.db import db

_COLUMNS = {
    "plan": "plan_id",
    "cohort": "cohort_id",
    "region": "region",
    "agency": "agency_id",
    "level": "level",
    "gender": "gender",
}
_NOMINEES = ("nominated", "selected")
_WORK = ("begun", "completed", "certified", "hours")
_MEMBERS = ("enrolled", *_WORK)
_FOR_MEMBERS = ("member_id", "is_done", "is_certified")
Counts = dict[Place, Counter[str]]


class _Work(NamedTuple):
    """Completed modules that took equally long."""

    module: str | None
    waiting: int | None
    learning: int | None
    number: int


def count(scope: Scope) -> Figures:
    """The figures of a scope."""
    plans = training.plans(scope)
    counted = [plan for plan in plans if scope.module in (None, *plan.modules)]
    places = Places(
        scope, plans, training.shares(plan.id for plan in plans), training.cohorts(plans, academies=scope.academies)
    )
    counts: Counts = {}
    for cell in db.session.execute(_nominees(scope, counted)):
        _add_cell(counts, cell[: len(_COLUMNS)], _NOMINEES, cell[len(_COLUMNS) :])
    work = _count_people(counts, scope, counted)
    _sum_up(counts, counted, only=scope.module)
    shown = {*counts, *places.lines(), (ALL, "")}
    return Figures(
        lines={place: _line(place, counts.get(place, Counter()), places) for place in shown},
        offered=places.offered,
        waiting=_spread((each.waiting, each.number) for each in work),
        learning=_spread((each.learning, each.number) for each in work),
    )


def _line(place: Place, counted: Counter[str], places: Places) -> Line:
    by, key = place
    numbers = {name: counted[name] for name in (*_NOMINEES, *_MEMBERS)}
    return Line(by=by, key=key, planned=places.of(by, key), **numbers)


def _nominees(scope: Scope, plans: Sequence[TrainingPlan]) -> Select[Any]:
    found = _narrow(rows.of_nominees(scope, plans), (*_COLUMNS.values(), *_NOMINEES), "counted_nominees")
    keys = [found.c[name] for name in _COLUMNS.values()]
    return select(*keys, *(func.sum(found.c[name]) for name in _NOMINEES)).group_by(*keys)


def _people(scope: Scope, plans: Sequence[TrainingPlan]) -> CompoundSelect[Any]:
    """Cells of people, and after them their work by module and days, in one statement."""
    hours = training.worth({slug for plan in plans for slug in plan.modules})
    wanted = (*_FOR_MEMBERS, "module", *_WORK, "waiting", "learning")
    work = _narrow(rows.of_work(scope, plans, hours), wanted, "counted_work")
    members = _narrow(rows.of_members(scope, plans, work), (*_COLUMNS.values(), *_MEMBERS), "counted_members")
    keys = [members.c[name] for name in _COLUMNS.values()]
    no_number, no_text = type_coerce(null(), Integer), type_coerce(null(), String)
    of_people = select(
        literal(0, Integer), *keys, no_text, no_number, no_number, *(func.sum(members.c[name]) for name in _MEMBERS)
    ).group_by(*keys)
    taken = (work.c.module, work.c.waiting, work.c.learning)
    of_work = select(
        func.count(),
        *(no_text for _name in _COLUMNS),
        *taken,
        literal(0, Integer),
        *(func.sum(work.c[name]) for name in _WORK),
    ).group_by(*taken)
    return union_all(of_people, of_work)


def _count_people(counts: Counts, scope: Scope, plans: Sequence[TrainingPlan]) -> list[_Work]:
    """Adds cells up; gives back how long work took."""
    end = 1 + len(_COLUMNS)
    found = []
    for row in db.session.execute(_people(scope, plans)):
        number, cell, (module, waiting, learning), numbers = row[0], row[1:end], row[end : end + 3], row[end + 3 :]
        if module is None:
            _add_cell(counts, cell, _MEMBERS, numbers)
        else:
            _add(counts, ("module", module), dict(zip(_WORK, numbers[1:], strict=True)))
            found.append(_Work(module, waiting, learning, number))
    return found


def _narrow(wide: Select[Any], names: Iterable[str], called: str) -> CTE:
    """Only these columns: what is kept for a while should be small."""
    found = wide.subquery()
    return select(*(found.c[name] for name in names)).cte(called)


def _add_cell(counts: Counts, keys: Sequence[str | None], names: Sequence[str], numbers: Sequence[int]) -> None:
    """To each line that it belongs to; nominees of a call without a cohort belong to none of a cohort."""
    told = dict(zip(names, map(int, numbers), strict=True))
    for by, key in zip(_COLUMNS, keys, strict=True):
        if key is not None:
            _add(counts, (by, key), told)


def _add(counts: Counts, place: Place, told: Mapping[str, int]) -> None:
    line = counts.setdefault(place, Counter())
    for name, number in told.items():
        line[name] += int(number)


def _spread(taken: Iterable[tuple[int | None, int]]) -> Spread:
    """Clocks of two systems differ: less than no day is no day."""
    days: Counter[int] = Counter()
    for day, number in taken:
        if day is not None:
            days[max(day, 0)] += number
    return Spread(dict(days))


def _sum_up(counts: Counts, plans: Sequence[TrainingPlan], *, only: str | None) -> None:
    """What follows from the lines of plans, which are no lines themselves: years, modules, and all."""
    for plan in plans:
        counted = counts.pop(("plan", plan.id), Counter())
        _add(counts, (ALL, ""), counted)
        if counted:
            _add(counts, ("year", str(plan.year)), counted)
        for slug in plan.modules if only is None else (only,):
            _add(counts, ("module", slug), {name: counted[name] for name in (*_NOMINEES, "enrolled")})
