"""For the bureau and academies: cohorts, their rosters, how they stand, and who is who."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import catalogue
from courses.cohorts import binding, calls, forms, groups, importing, plans, status, wording
from courses.cohorts.models import Call, Cohort, Plan
from courses.views.bureau_access import READERS, faults_of, organisations, require_any, sent
from lms.core import jobs, workbooks
from lms.core.db import new_id
from lms.core.errors import Invalid, Problem
from lms.core.i18n import LANGUAGES, _
from lms.core.schemas import load
from lms.core.web import limiter, takes_up_to
from lms.signin import guard
from lms.signin.roles import ACADEMY_ADMINISTRATOR, BUREAU_OFFICER

ROLES = (*READERS, ACADEMY_ADMINISTRATOR)
SHOWN_FAULTS = 200
PATTERN = (
    *("Name", "Latin name", "Gender", "Region", "Level", "Agency", "E-mail", "Personal number"),
    *("Passport", "Passport until"),
)

blueprint = Blueprint("bureau_cohorts", __name__, template_folder="../templates")


@blueprint.get("/")
def listing() -> str:
    """Cohorts of one's bureaus and academies."""
    viewer = guard.current()
    lines = groups.seen_in(bureaus=viewer.organisations(*READERS), academies=_academies(), hosts=frozenset())
    return render_template("courses/bureau/cohorts.html", lines=lines)


@blueprint.get("/new/<plan_id>")
def draft(plan_id: str) -> str:
    """A new cohort of a plan, or of a call if the address names one."""
    return _draft_page(*_source(plan_id, request.args.get("call", "")), {}, {})


@blueprint.post("/new/<plan_id>")
def make(plan_id: str) -> ResponseReturnValue:
    """Make it; of a call with everybody who was selected."""
    plan, call = _source(plan_id, request.args.get("call", ""))
    try:
        values = load(forms.CohortForm(), sent())
        cohort = groups.make(plan, values, call=call, actor=guard.current().actor)
    except Problem as refused:
        faults = faults_of(getattr(refused, "fields", {})) or {"places": str(refused.sentence)}
        return _draft_page(plan, call, request.form.to_dict(), faults), refused.status
    return redirect(url_for("bureau_cohorts.one", cohort_id=cohort.id), 303)


@blueprint.get("/roster.xlsx")
def pattern() -> ResponseReturnValue:
    """The empty roster, with its heading."""
    return workbooks.packed([PATTERN]), {
        "Content-Type": workbooks.MEDIA_TYPE,
        "Content-Disposition": "attachment; filename=roster.xlsx",
    }


@blueprint.get("/<cohort_id>")
def one(cohort_id: str) -> str:
    """How a cohort stands, in all and by region, agency and gender."""
    cohort, plan = _seen(cohort_id)
    titles = {each.outline.slug: each.outline.titles for each in catalogue.everything()}
    return render_template(
        "courses/bureau/cohort.html",
        cohort=cohort,
        plan=plan,
        status=status.of_cohort(cohort, plan),
        titles={slug: titles.get(slug, dict.fromkeys(LANGUAGES, slug)) for slug in plan.modules},
        names={
            "region": {key: str(name) for key, name in wording.REGIONS.items()},
            "agency": dict(organisations()),
            "gender": {key: str(name) for key, name in wording.GENDERS.items()},
        },
        imports=importing.of_cohort(cohort),
        may_change=_may_change(cohort, plan),
        import_id=new_id(),
    )


@blueprint.post("/<cohort_id>/fill")
def fill(cohort_id: str) -> ResponseReturnValue:
    """Let those come in who got a place by a decision after the order."""
    cohort, _plan = _own(cohort_id)
    if cohort.call_id is not None:
        call, _of_plan = calls.get(cohort.call_id)
        came = groups.fill(cohort, call, actor=guard.current().actor)
        flash(_("Came in: %(number)s.", number=came), "success")
    return redirect(url_for("bureau_cohorts.one", cohort_id=cohort.id), 303)


@blueprint.post("/<cohort_id>/roster")
@takes_up_to(11 * 1024 * 1024)
@limiter.limit("20/minute")
def send_roster(cohort_id: str) -> ResponseReturnValue:
    """Take a roster; as a dry run only the report is made."""
    cohort, _plan = _own(cohort_id)
    upload, import_id = request.files.get("file"), request.form.get("id", "")[:36] or new_id()
    if upload is None or not upload.filename:
        raise Invalid("upload-missing", _("Choose a file first."))
    is_trial = request.form.get("trial") == "yes"
    importing.start(import_id, cohort, upload.read(), is_trial=is_trial, actor=guard.current().actor)
    return redirect(url_for("bureau_cohorts.roster", cohort_id=cohort.id, import_id=import_id), 303)


@blueprint.get("/<cohort_id>/rosters/<import_id>")
def roster(cohort_id: str, import_id: str) -> str:
    """What became of each row."""
    cohort, plan = _seen(cohort_id)
    found = importing.get(cohort, import_id)
    return render_template(
        "courses/bureau/roster.html",
        cohort=cohort,
        plan=plan,
        found=found,
        job=jobs.state_of(importing.JOB, found.id),
        faults=found.faults[:SHOWN_FAULTS],
    )


@blueprint.get("/<cohort_id>/people")
def people(cohort_id: str) -> str:
    """Who of those whom learning systems sent may be who on the roster."""
    cohort, plan = _own(cohort_id)
    questions, unbound = binding.open_questions(cohort, plan)
    return render_template(
        "courses/bureau/people.html",
        cohort=cohort,
        plan=plan,
        questions=questions,
        unbound=unbound,
        history=binding.history(cohort),
        agencies=dict(organisations()),
    )


@blueprint.post("/<cohort_id>/people/certain")
def bind_certain(cohort_id: str) -> ResponseReturnValue:
    """Bind everybody whose confirmed address is the one on the roster."""
    cohort, plan = _own(cohort_id)
    bound = binding.bind_certain(cohort, plan, actor=guard.current().actor)
    flash(_("Bound by their confirmed address: %(number)s.", number=bound), "success")
    return redirect(url_for("bureau_cohorts.people", cohort_id=cohort.id), 303)


@blueprint.post("/<cohort_id>/people")
def decide(cohort_id: str) -> ResponseReturnValue:
    """The same person, or not."""
    cohort, plan = _own(cohort_id)
    form = request.form
    binding.decide(
        cohort,
        plan,
        member_id=form.get("member", ""),
        person_id=form.get("person", ""),
        verdict=form.get("verdict", ""),
        actor=guard.current().actor,
    )
    return redirect(url_for("bureau_cohorts.people", cohort_id=cohort.id), 303)


@blueprint.post("/<cohort_id>/people/<binding_id>/undo")
def undo(cohort_id: str, binding_id: str) -> ResponseReturnValue:
    """Take a decision back; it stays in the list."""
    cohort, _plan = _own(cohort_id)
    binding.undo(cohort, binding_id, actor=guard.current().actor)
    return redirect(url_for("bureau_cohorts.people", cohort_id=cohort.id), 303)


def _academies() -> frozenset[str] | None:
    return guard.current().organisations(ACADEMY_ADMINISTRATOR)


def _seen(cohort_id: str) -> tuple[Cohort, Plan]:
    cohort, plan = groups.get(cohort_id)
    bureau = [(role, plan.organisation_id) for role in READERS]
    require_any(*bureau, (ACADEMY_ADMINISTRATOR, cohort.academy_id))
    return cohort, plan


def _own(cohort_id: str) -> tuple[Cohort, Plan]:
    cohort, plan = groups.get(cohort_id)
    require_any((BUREAU_OFFICER, plan.organisation_id), (ACADEMY_ADMINISTRATOR, cohort.academy_id))
    return cohort, plan


def _may_change(cohort: Cohort, plan: Plan) -> bool:
    viewer = guard.current()
    return viewer.may(BUREAU_OFFICER, plan.organisation_id) or viewer.may(ACADEMY_ADMINISTRATOR, cohort.academy_id)


def _source(plan_id: str, call_id: str) -> tuple[Plan, Call | None]:
    plan = plans.get(plan_id)
    guard.require(BUREAU_OFFICER, plan.organisation_id)
    call, of_plan = calls.get(call_id) if call_id else (None, plan)
    guard.require(BUREAU_OFFICER, of_plan.organisation_id if of_plan.id == plan.id else "-")
    return plan, call


def _draft_page(plan: Plan, call: Call | None, given: dict[str, Any], faults: dict[str, str]) -> str:
    bodies = [("", "-"), *organisations()]
    return render_template(
        "courses/bureau/cohort_new.html", plan=plan, call=call, bodies=bodies, given=given, faults=faults
    )
