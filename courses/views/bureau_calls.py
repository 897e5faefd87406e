"""For the bureau and for agencies: calls, nominations with consent, the selection with its protocol, its order."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from courses.cohorts import calls, forms, plans, protocol, wording
from courses.cohorts.criteria import Criteria
from courses.cohorts.models import Call, Plan
from courses.views.bureau_access import READERS, faults_of, may_change, organisations, paged, read_plan, sent
from lms.core.errors import Invalid, Problem
from lms.core.i18n import _, locale
from lms.core.schemas import load
from lms.signin import guard
from lms.signin.roles import BUREAU_OFFICER

CRITERIA_LISTS = ("post_groups", "languages")

blueprint = Blueprint("bureau_calls", __name__, template_folder="../templates")


@blueprint.get("/")
def listing() -> str:
    """Calls of one's bureaus, and those in which one's agency may nominate today."""
    mine = guard.current().organisations(*READERS)
    own = calls.of_organisations(mine)
    others = [pair for pair in calls.open_today() if pair not in own] if _nominating_for() else []
    lines = [(call, plan, calls.state_of(call)) for call, plan in [*own, *others]]
    return render_template("courses/bureau/calls.html", lines=lines)


@blueprint.get("/new/<plan_id>")
def draft(plan_id: str) -> str:
    """Dates and criteria of a new call."""
    return _draft_page(_own_plan(plan_id), {}, {})


@blueprint.post("/new/<plan_id>")
def publish(plan_id: str) -> ResponseReturnValue:
    """Publish a call with the commitment of its draw."""
    plan = _own_plan(plan_id)
    try:
        values = load(forms.CallForm(), sent())
        criteria: Criteria = load(forms.CriteriaForm(), sent(*CRITERIA_LISTS))["criteria"]
        call = calls.publish(plan, values, criteria, actor=guard.current().actor)
    except Invalid as refused:
        return _draft_page(plan, sent(*CRITERIA_LISTS), faults_of(refused.fields)), refused.status
    return redirect(url_for("bureau_calls.one", call_id=call.id), 303)


@blueprint.get("/<call_id>")
def one(call_id: str) -> str:
    """A call: its criteria, who is nominated, and the protocol once there is one."""
    call, plan, agencies = _seen(call_id)
    everybody = calls.nominations(call, agencies=agencies)
    rows, page, pages = paged(everybody)
    return render_template(
        "courses/bureau/call.html",
        call=call,
        plan=plan,
        state=calls.state_of(call),
        criteria=Criteria.of(call.criteria),
        rows=rows,
        nominated=len(everybody),
        page=page,
        pages=pages,
        unmet={row.id: [rule for rule in calls.rules_of(call, row) if not rule.is_met] for row in rows},
        agencies=dict(organisations()),
        decisions=protocol.decisions(call) if agencies is None else [],
        may_change=may_change(plan),
        may_nominate=bool(_agencies_for(plan)),
    )


@blueprint.get("/<call_id>/nominate")
def nominee(call_id: str) -> str:
    """Whom to put forward."""
    call, plan, _agencies = _seen(call_id)
    return _nominee_page(call, plan, {}, {})


@blueprint.post("/<call_id>/nominate")
def nominate(call_id: str) -> ResponseReturnValue:
    """Put somebody forward, with the consent that was given."""
    call, plan, _agencies = _seen(call_id)
    try:
        values = load(forms.NominationForm(), sent("languages"))
        if values["agency_id"] not in dict(_agencies_for(plan)):
            raise Invalid("values-not-valid", _not_yours(), fields={"agency_id": [_not_yours()]})
        made = calls.nominate(call, values, actor=guard.current().actor)
    except Problem as refused:
        faults = faults_of(getattr(refused, "fields", {})) or {"name": str(refused.sentence)}
        return _nominee_page(call, plan, sent("languages"), faults), refused.status
    flash(_("Nominated as number %(number)s.", number=made.number), "success")
    return redirect(url_for("bureau_calls.nomination", call_id=call.id, nomination_id=made.id), 303)


@blueprint.get("/<call_id>/nominations/<nomination_id>")
def nomination(call_id: str, nomination_id: str) -> str:
    """One nominee: each condition met or unmet, each point with its ground, and what became of it."""
    call, plan, agencies = _seen(call_id)
    row = protocol.nomination_of(call, nomination_id)
    if agencies is not None and row.agency_id not in agencies:
        guard.require(BUREAU_OFFICER, row.agency_id)
    return render_template(
        "courses/bureau/nomination.html",
        call=call,
        plan=plan,
        row=row,
        rules=[vars(rule) for rule in calls.rules_of(call, row)],
        agencies=dict(organisations()),
        may_change=may_change(plan),
    )


@blueprint.post("/<call_id>/selection")
def select(call_id: str) -> ResponseReturnValue:
    """Close the call: reveal the seed and select."""
    call, plan = _own(call_id)
    protocol.select_by_criteria(call, plan, actor=guard.current().actor)
    return redirect(url_for("bureau_calls.one", call_id=call.id), 303)


@blueprint.post("/<call_id>/order")
def order(call_id: str) -> ResponseReturnValue:
    """Fix the selection by an order."""
    call, _plan = _own(call_id)
    values = load(forms.OrderForm(), sent())
    protocol.order(call, number=values["number"], on=values["on"], actor=guard.current().actor)
    flash(_("The order is entered. From now on only a decision changes the selection."), "success")
    return redirect(url_for("bureau_calls.one", call_id=call.id), 303)


@blueprint.post("/<call_id>/decisions")
def decide(call_id: str) -> ResponseReturnValue:
    """After the order: a place is given up, or goes to somebody of the reserve list."""
    call, plan = _own(call_id)
    values = load(forms.DecisionForm(), sent())
    row = protocol.nomination_of(call, values["nomination"])
    protocol.decide(call, plan, row, reason=values["reason"], act=values["act"], actor=guard.current().actor)
    flash(_("The decision is recorded."), "success")
    return redirect(url_for("bureau_calls.nomination", call_id=call.id, nomination_id=row.id), 303)


def _not_yours() -> str:
    return str(_("You may not nominate for this agency."))


def _own_plan(plan_id: str) -> Plan:
    plan = plans.get(plan_id)
    guard.require(BUREAU_OFFICER, plan.organisation_id)
    return plan


def _own(call_id: str) -> tuple[Call, Plan]:
    call, plan = calls.get(call_id)
    guard.require(BUREAU_OFFICER, plan.organisation_id)
    return call, plan


def _seen(call_id: str) -> tuple[Call, Plan, frozenset[str] | None]:
    """The call and whose nominations the viewer sees: all (None) in one's own bureau, else those of one's agencies.

    :raises NotFound: ``not-found``.
    """
    call, plan = calls.get(call_id)
    viewer = guard.current()
    if any(viewer.may(role, plan.organisation_id) for role in READERS):
        return call, plan, None
    mine = viewer.organisations(BUREAU_OFFICER)
    if not mine or (calls.state_of(call) == "published"):
        read_plan(plan)
    return call, plan, mine


def _nominating_for() -> bool:
    mine = guard.current().organisations(BUREAU_OFFICER)
    return mine is None or bool(mine)


def _agencies_for(plan: Plan) -> list[tuple[str, str]]:
    """Agencies for which the viewer may nominate: all for the bureau itself, which also takes nominations on paper."""
    if may_change(plan):
        return organisations()
    mine = guard.current().organisations(BUREAU_OFFICER)
    return organisations(mine) if mine else []


def _draft_page(plan: Plan, given: dict[str, Any], faults: dict[str, str]) -> str:
    return render_template("courses/bureau/call_new.html", plan=plan, given=given, faults=faults)


def _nominee_page(call: Call, plan: Plan, given: dict[str, Any], faults: dict[str, str]) -> str:
    return render_template(
        "courses/bureau/nominate.html",
        call=call,
        plan=plan,
        agencies=_agencies_for(plan),
        words=wording,
        consent_version=calls.CONSENT_VERSION,
        given={"consent_language": locale(), **given},
        faults=faults,
    )
