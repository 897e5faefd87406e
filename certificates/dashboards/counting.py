"""Counts everything of a scope, in a fixed number of queries: the database groups, and what comes back is lines."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, Integer, Select, String, cast, func, literal, select, union_all

from certificates.dashboards import rows
from certificates.dashboards.figures import ALL, Figures, Line, Place, Spread
from certificates.dashboards.planned import Places
from courses import training
from courses.training import Scope, TrainingPlan
from lms.core.db import db

_COLUMNS = {"region": "region", "agency": "agency_id", "level": "level", "gender": "gender", "cohort": "cohort_id"}
_PLAN = "plan"
_NOMINEES, _MEMBERS = ("nominated", "selected"), ("enrolled", "begun", "completed", "certified", "hours")
_TIMES = ("waiting", "learning")
Counts = dict[Place, Counter[str]]


def count(scope: Scope) -> Figures:
    """The figures of a scope."""
    plans = training.plans(scope)
    counted = [plan for plan in plans if scope.module in (None, *plan.modules)]
    cohorts = training.cohorts(plans)
    places = Places(scope, plans, training.shares(plan.id for plan in plans), cohorts)
    nominees = _read(_nominees(scope, counted), _NOMINEES)
    people = _read(_people(scope, counted), _MEMBERS)
    spreads = {name: _spread(people, name) for name in _TIMES}
    counts = _with_sums(nominees, people, counted, only=scope.module)
    keys = {*counts, *places.lines(), (ALL, "")}
    return Figures(
        lines={place: _line(place, counts.get(place, Counter()), places) for place in keys},
        offered=places.offered,
        waiting=spreads["waiting"],
        learning=spreads["learning"],
    )


def _line(place: Place, counted: Counter[str], places: Places) -> Line:
    by, key = place
    numbers = {name: counted[name] for name in (*_NOMINEES, *_MEMBERS)}
    return Line(by=by, key=key, planned=places.of(by, key), **numbers)


def _nominees(scope: Scope, plans: Sequence[TrainingPlan]) -> Select[Any]:
    found = rows.of_nominees(scope, plans).cte("counted_nominees")
    columns = {**_COLUMNS, _PLAN: "plan_id"}
    return union_all(*(_grouped(found, by, found.c[name], _NOMINEES) for by, name in columns.items()))  # type: ignore[return-value]


def _people(scope: Scope, plans: Sequence[TrainingPlan]) -> Select[Any]:
    """Everybody and all their work in one statement, so that it is gone through once."""
    hours = training.worth({slug for plan in plans for slug in plan.modules})
    work = rows.of_work(scope, plans, hours).cte("counted_work")
    people = rows.of_members(scope, plans, work).cte("counted_members")
    columns = {**_COLUMNS, _PLAN: "plan_id"}
    parts = [_grouped(people, by, people.c[name], _MEMBERS) for by, name in columns.items()]
    of_modules = ("", "begun", "completed", "certified", "hours")
    parts.append(_grouped(work, "module", work.c.module, of_modules))
    parts += [
        _grouped(work, name, cast(work.c[name], String), ("",) * 5, first=func.count()).where(work.c[name].is_not(None))
        for name in _TIMES
    ]
    return union_all(*parts)  # type: ignore[return-value]


def _grouped(
    found: CTE,
    part: str,
    key: ColumnElement[Any],
    names: Sequence[str],
    *,
    first: ColumnElement[int] | None = None,
) -> Select[Any]:
    sums = [func.sum(found.c[name]) if name else literal(0, Integer) for name in names]
    columns = [sums[0] if first is None else first, *sums[1:]]
    return select(literal(part).label("part"), key.label("key"), *columns).select_from(found).group_by(key)


def _read(statement: Any, names: Sequence[str]) -> Counts:
    """Keys that are empty belong to no line: nominees of a call without a cohort."""
    found: Counts = {}
    for part, key, *numbers in db.session.execute(statement):
        if key is not None:
            found[part, str(key)] = Counter({name: int(number) for name, number in zip(names, numbers, strict=True)})
    return found


def _spread(people: Counts, name: str) -> Spread:
    """Taken out of what was read. Clocks of two systems differ: less than no day is no day."""
    days: Counter[int] = Counter()
    for place in [place for place in people if place[0] == name]:
        days[max(int(place[1]), 0)] += people.pop(place)["enrolled"]
    return Spread(dict(days))


def _with_sums(nominees: Counts, people: Counts, plans: Sequence[TrainingPlan], *, only: str | None) -> Counts:
    """Both together, with what follows from the lines of plans: years, modules, and all."""
    found: Counts = {}
    for place, counted in (*nominees.items(), *people.items()):
        found.setdefault(place, Counter()).update(counted)
    by_plan = {key: found.pop((by, key)) for by, key in list(found) if by == _PLAN}
    for plan in plans:
        counted = by_plan.get(plan.id, Counter())
        _add(found, (ALL, ""), counted, counted)
        if counted:
            _add(found, ("year", str(plan.year)), counted, counted)
        for slug in plan.modules if only is None else (only,):
            _add(found, ("module", slug), counted, (*_NOMINEES, "enrolled"))
    return found


def _add(found: Counts, place: Place, counted: Mapping[str, int], names: Iterable[str]) -> None:
    found.setdefault(place, Counter()).update({name: counted.get(name, 0) for name in names})
