"""What the pages of the bureau share: who may see what, forms with lists, names of organisations."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flask import request
from sqlalchemy import select

from courses.cohorts.models import Plan
from lms.core.db import db
from lms.core.i18n import pick
from lms.organisations.models import Organisation
from lms.signin import guard
from lms.signin.roles import AUDITOR, BUREAU_OFFICER, Role

READERS = (BUREAU_OFFICER, AUDITOR)
ROWS_ON_A_PAGE = 100
Row = TypeVar("Row")


def require_any(*wanted: tuple[Role, str | None]) -> None:
    """One of these roles is held there.

    :raises NotFound: ``not-found``: to a stranger it does not exist.
    """
    viewer = guard.current()
    if not any(viewer.may(role, organisation_id) for role, organisation_id in wanted):
        guard.require(*wanted[0])


def may_change(plan: Plan) -> bool:
    """Whether the viewer is an officer of the bureau whose plan it is."""
    return guard.current().may(BUREAU_OFFICER, plan.organisation_id)


def read_plan(plan: Plan) -> None:
    """:raises NotFound: ``not-found``."""
    require_any(*((role, plan.organisation_id) for role in READERS))


def sent(*lists: str) -> dict[str, Any]:
    """What a form sends; the named fields are lists."""
    values: dict[str, Any] = request.form.to_dict()
    return {**values, **{name: request.form.getlist(name) for name in lists}}


def paged(rows: Sequence[Row]) -> tuple[Sequence[Row], int, int]:
    """The rows of the page that the address asks for, its number, and how many pages there are."""
    pages = max(1, -(-len(rows) // ROWS_ON_A_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return rows[(page - 1) * ROWS_ON_A_PAGE : page * ROWS_ON_A_PAGE], page, pages


def faults_of(fields: Mapping[str, object]) -> dict[str, str]:
    """The first fault of each field, for the page."""
    return {name: str(_first(found)) for name, found in fields.items()}


def organisations(mine: frozenset[str] | None = None) -> list[tuple[str, str]]:
    """Id and name of these organisations, of all if None, by name."""
    wanted = select(Organisation)
    if mine is not None:
        wanted = wanted.where(Organisation.id.in_(mine))
    return sorted(((row.id, pick(row.names)) for row in db.session.scalars(wanted)), key=lambda pair: pair[1])


def _first(found: object) -> object:
    if isinstance(found, Mapping):
        return _first(next(iter(found.values())))
    if isinstance(found, Sequence) and not isinstance(found, str):
        return _first(found[0])
    return found
