"""What counts as what: nominees, people and their modules as rows with a 1 or a 0 for each stage.

Numbers and the lists behind them are made from the same rows, so that they cannot differ (docs/adr/0047).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from certificates.models import VALID, VOID, Certificate
from courses import training
from courses.training import Scope, TrainingPlan

Hours = Mapping[tuple[str, str], int]
"""Academic hours by version of a module and track."""


class days_between(FunctionElement[int]):
    """Whole days from the first moment to the second."""

    inherit_cache = True
    type = Integer()


@compiles(days_between, "sqlite")
def _in_sqlite(element: days_between, compiler: SQLCompiler, **options: Any) -> str:
    first, second = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _in_postgresql(element: days_between, compiler: SQLCompiler, **options: Any) -> str:
    first, second = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(trunc(extract(epoch FROM ({second} - {first})) / 86400) AS INTEGER)"


def of_nominees(scope: Scope, plans: Sequence[TrainingPlan]) -> Select[Any]:
    """Those of :func:`training.nominees` with ``nominated`` and ``selected``.

    In a period: of calls that closed then; of orders of then.
    """
    found = training.nominees(scope).subquery("nominees")
    is_selected = and_(found.c.outcome == training.SELECTED, _on_days(scope, found.c.ordered_on))
    return select(
        found,
        _flag(_on_days(scope, found.c.closes_on)).label("nominated"),
        _flag(is_selected).label("selected"),
    ).where(found.c.plan_id.in_([plan.id for plan in plans]))


def of_work(scope: Scope, plans: Sequence[TrainingPlan], hours: Hours) -> Select[Any]:
    """Those of :func:`training.work`, each with the certificate that is valid now (``number``, ``issued_at``).

    ``begun``, ``completed``, ``certified`` and ``hours`` tell of the period; ``is_done`` and ``is_certified`` of its end.
    ``waiting``: days from the recorded completion to the certificate. ``learning``: days from the first opening to the end.
    """
    found = training.work(scope, plans).subquery("begun")
    is_done: ColumnElement[bool] = found.c.completed_at.is_not(None)
    is_done_now: ColumnElement[bool] = true()
    if scope.period:
        begin, end = scope.period.moments()
        is_done, is_done_now = found.c.completed_at < end, found.c.completed_at >= begin
    is_completed, has_certificate = and_(is_done, is_done_now), Certificate.id.is_not(None)
    is_certified = and_(is_completed, has_certificate)
    worth = [(and_(found.c.version_id == of, found.c.track == on), number) for (of, on), number in hours.items()]
    waiting, learning = (
        days_between(found.c.recorded_at, Certificate.issued_at),
        days_between(found.c.started_at, found.c.completed_at),
    )
    return select(
        found,
        Certificate.number.label("number"),
        Certificate.issued_at.label("issued_at"),
        _flag(_at_moments(scope, found.c.started_at)).label("begun"),
        _flag(is_done).label("is_done"),
        _flag(and_(is_done, has_certificate)).label("is_certified"),
        _flag(is_completed).label("completed"),
        _flag(is_certified).label("certified"),
        case((is_completed, case(*worth, else_=0) if worth else 0), else_=0).label("hours"),
        case((is_certified, waiting)).label("waiting"),
        case((is_completed, learning)).label("learning"),
    ).outerjoin(Certificate, _is_valid_for(found.c.record_id))


def of_members(scope: Scope, plans: Sequence[TrainingPlan], work: CTE) -> Select[Any]:
    """Those of :func:`training.members` with ``enrolled``, ``begun``, ``completed``, ``certified`` and ``hours``.

    Completed is who completed every module of the plan (or the one that is asked for); certified who has a valid
    certificate for each. In a period: whose cohort began, whose first or last module was begun or completed then.
    """
    found = training.members(scope).subquery("members")
    done = _work_by_member(work)
    needed = _modules_needed(scope, plans, found.c.plan_id)
    is_completed = and_(done.c.done == needed, needed > 0, done.c.completed > 0)
    return (
        select(
            found,
            _flag(_on_days(scope, found.c.starts_on)).label("enrolled"),
            func.coalesce(done.c.begun, 0).label("begun"),
            _flag(is_completed).label("completed"),
            _flag(and_(is_completed, done.c.certified == needed)).label("certified"),
            func.coalesce(done.c.hours, 0).label("hours"),
            func.coalesce(done.c.done, 0).label("modules_done"),
        )
        .outerjoin(done, done.c.member_id == found.c.member_id)
        .where(found.c.plan_id.in_([plan.id for plan in plans]))
    )


def _work_by_member(work: CTE) -> CTE:
    return (
        select(
            work.c.member_id,
            func.max(work.c.begun).label("begun"),
            func.sum(work.c.is_done).label("done"),
            func.sum(work.c.is_certified).label("certified"),
            func.max(work.c.completed).label("completed"),
            func.sum(work.c.hours).label("hours"),
        )
        .group_by(work.c.member_id)
        .cte("work_by_member")
    )


def _modules_needed(scope: Scope, plans: Sequence[TrainingPlan], plan_id: ColumnElement[str]) -> ColumnElement[int]:
    if scope.module or not plans:
        return literal(1, Integer)
    return cast(case({plan.id: len(plan.modules) for plan in plans}, value=plan_id, else_=0), Integer)


def _is_valid_for(record_id: ColumnElement[str]) -> ColumnElement[bool]:
    """At most one. The last condition is implied, and lets the index that leaves out the void be used."""
    return and_(Certificate.record_id == record_id, Certificate.status == VALID, Certificate.status != VOID)


def _on_days(scope: Scope, day: ColumnElement[Any]) -> ColumnElement[bool]:
    return day.between(scope.period.first, scope.period.last) if scope.period else true()


def _at_moments(scope: Scope, moment: ColumnElement[Any]) -> ColumnElement[bool]:
    if scope.period is None:
        return true()
    begin, end = scope.period.moments()
    return and_(moment >= begin, moment < end)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
