"""For systems of the bureau: plans with their quotas, and cohorts. Numbers alone; nobody is named."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields
from marshmallow.validate import Range

from courses.cohorts import telling
from courses.cohorts.telling import Place
from lms.core import cursors
from lms.core.api import Blueprint
from lms.core.schemas import PageQuestion, View
from lms.oauth import guard, reach
from lms.oauth.scopes import PLANS_READ

blueprint = Blueprint("plans", __name__, description="Plans of places with their quotas, and cohorts.")


class PlansQuestion(PageQuestion):
    """Which part of a list."""

    year = fields.Integer(
        load_default=None, validate=Range(min=2000, max=2100), metadata={"description": "Of the plan."}
    )


class QuotaView(View):
    """At most so many places for one region, agency or level."""

    dimension = fields.String(required=True, metadata={"description": "region, agency, level."})
    key = fields.String(
        required=True, metadata={"description": "ISO 3166-2 code, code of the organisation, or of the level."}
    )
    places = fields.Integer(required=True)
    taken = fields.Integer(required=True, metadata={"description": "People who are selected."})


class PlanView(View):
    """Places of a programme in a year."""

    id = fields.String(required=True)
    organisation = fields.String(required=True, metadata={"description": "Code of the bureau."})
    programme = fields.String(required=True)
    title = fields.String(required=True)
    year = fields.Integer(required=True)
    modules = fields.List(fields.String(), required=True, metadata={"description": "Slugs, in their order."})
    offered = fields.Integer(required=True, metadata={"description": "Places that the host offered first."})
    places = fields.Integer(required=True)
    least_women = fields.Integer(required=True, metadata={"description": "Of these, kept for women."})
    taken = fields.Integer(required=True)
    taken_by_women = fields.Integer(required=True)
    quotas = fields.List(fields.Nested(QuotaView), required=True)


class PlansPage(View):
    """Some plans, by year."""

    items = fields.List(fields.Nested(PlanView), required=True)
    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"description": "Where the next page begins; null at the end."}
    )


class CohortView(View):
    """People who are trained together."""

    id = fields.String(required=True)
    plan_id = fields.String(required=True)
    programme = fields.String(required=True)
    title = fields.String(required=True)
    year = fields.Integer(required=True, metadata={"description": "Of the plan."})
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    places = fields.Integer(required=True)
    on_roster = fields.Integer(required=True, metadata={"description": "Without those who gave up their place."})
    arrived = fields.Integer(
        required=True, metadata={"description": "Of whom it is known who of the learning system they are."}
    )


class CohortsPage(View):
    """Some cohorts, by the year of their plan."""

    items = fields.List(fields.Nested(CohortView), required=True)
    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"description": "Where the next page begins; null at the end."}
    )


@blueprint.route("/quotas", methods=["GET"])
@guard.bearer(PLANS_READ)
@blueprint.refuses(400, "cursor-not-valid")
@blueprint.takes_query(PlansQuestion)
@blueprint.answers(200, PlansPage, "A page of plans.")
def plans_with_quotas(asked: dict[str, Any]) -> dict[str, Any]:
    """Read plans, their quotas and how far they are filled

    A program that was admitted for one organisation sees the plans of that one only.
    """
    return _page(asked, telling.plans(**_part(asked)))


@blueprint.route("/cohorts", methods=["GET"])
@guard.bearer(PLANS_READ)
@blueprint.refuses(400, "cursor-not-valid")
@blueprint.takes_query(PlansQuestion)
@blueprint.answers(200, CohortsPage, "A page of cohorts.")
def cohorts_of_plans(asked: dict[str, Any]) -> dict[str, Any]:
    """Read cohorts with the number of people in each

    Who they are is a question of the register of training, with a purpose.
    """
    return _page(asked, telling.cohorts(**_part(asked)))


def _part(asked: Mapping[str, Any]) -> dict[str, Any]:
    """One more than is shown tells whether there is a next page."""
    return {
        "organisations": reach.organisations(guard.client()),
        "year": asked["year"],
        "after": _place(asked["cursor"]),
        "limit": asked["limit"] + 1,
    }


def _page(asked: Mapping[str, Any], found: list[Any]) -> dict[str, Any]:
    shown = found[: asked["limit"]]
    last = shown[-1] if len(found) > len(shown) else None
    return {"items": shown, "next_cursor": cursors.written(last.year, last.id) if last else None}


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    year, row_id = cursors.read(cursor, int, str)
    return int(year), str(row_id)
