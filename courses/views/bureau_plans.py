"""For the bureau: plans of places and how far they are filled."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from courses import catalogue
from courses.cohorts import forms, plans, wording
from courses.cohorts.models import Plan
from courses.views.bureau_access import READERS, faults_of, may_change, organisations, read_plan, sent
from lms.core.db import db
from lms.core.errors import Problem, Sentence
from lms.core.i18n import _
from lms.core.schemas import load
from lms.signin import guard
from lms.signin.roles import BUREAU_OFFICER

blueprint = Blueprint("bureau_plans", __name__, template_folder="../templates")


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"bureau_words": wording}


@blueprint.get("/")
def everything() -> str:
    """All plans of one's bureaus, and a form for another."""
    return _list_page({}, {})


@blueprint.post("/")
def make() -> ResponseReturnValue:
    """A new plan."""
    organisation_id = request.form.get("organisation", "")
    guard.require(BUREAU_OFFICER, organisation_id or "-")
    try:
        plan = plans.make(
            load(forms.PlanForm(), sent("modules")), organisation_id=organisation_id, actor=guard.current().actor
        )
    except Problem as refused:
        return _list_page(sent("modules"), _faults(refused, "programme")), refused.status
    return redirect(url_for("bureau_plans.one", plan_id=plan.id), 303)


@blueprint.get("/<plan_id>")
def one(plan_id: str) -> str:
    """A plan with its shares: planned, taken, left."""
    plan = plans.get(plan_id)
    read_plan(plan)
    return _plan_page(plan, {}, {})


@blueprint.post("/<plan_id>/quotas")
def share_out(plan_id: str) -> ResponseReturnValue:
    """Places for a region, an agency or a level."""
    plan = plans.get(plan_id)
    guard.require(BUREAU_OFFICER, plan.organisation_id)
    try:
        values = load(forms.QuotaForm(), _share_sent())
        share = (values["dimension"], values["share"])
        plans.share_out(plan, share, values["places"], actor=guard.current().actor)
    except Problem as refused:
        return _plan_page(plan, request.form.to_dict(), _faults(refused, "places")), refused.status
    flash(_("Kept."), "success")
    return redirect(url_for("bureau_plans.one", plan_id=plan.id), 303)


def _share_sent() -> dict[str, Any]:
    """The list of the form holds ``region:KG-B``: one choice instead of two that could disagree."""
    dimension, _colon, share = request.form.get("share", "").partition(":")
    return {"dimension": dimension, "share": share, "places": request.form.get("places", "")}


def _faults(refused: Problem, field: str) -> dict[str, str]:
    return faults_of(getattr(refused, "fields", {})) or {field: str(refused.sentence)}


def _list_page(given: dict[str, Any], faults: dict[str, str]) -> str:
    mine = guard.current().organisations(*READERS)
    wanted = select(Plan).order_by(Plan.year.desc(), Plan.programme)
    if mine is not None:
        wanted = wanted.where(Plan.organisation_id.in_(mine))
    own = guard.current().organisations(BUREAU_OFFICER)
    return render_template(
        "courses/bureau/plans.html",
        plans=db.session.scalars(wanted).all(),
        own=organisations(own) if own is None or own else [],
        modules=[(each.outline.slug, each.outline.titles) for each in catalogue.everything()],
        given=given,
        faults=faults,
    )


def _plan_page(plan: Plan, given: dict[str, Any], faults: dict[str, str]) -> str:
    bodies = dict(organisations())
    choices = {"region": wording.REGIONS, "agency": bodies, "level": wording.LEVELS}
    _shares, everybody, women = plans.taken(plan)
    return render_template(
        "courses/bureau/plan.html",
        plan=plan,
        taken=everybody,
        women=women,
        fills=plans.fills(plan),
        names={dimension: {key: str(name) for key, name in words.items()} for dimension, words in choices.items()},
        choices=_choices(choices),
        may_change=may_change(plan),
        given=given,
        faults=faults,
    )


def _choices(words: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"{dimension}:{key}", f"{_title(dimension)}: {name}")
        for dimension, known in words.items()
        for key, name in known.items()
    ]


def _title(dimension: str) -> Sentence:
    return wording.DIMENSIONS[dimension]
