"""For the host abroad: who comes, with what a travel and visa list needs and nothing else."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.cohorts import groups, hosting, identity, stays, wording
from courses.cohorts.models import Cohort, Plan
from courses.cohorts.stays import Reading
from courses.views.bureau_access import READERS, require_any
from lms.core import audit, workbooks
from lms.core.archives import NotRead
from lms.core.errors import Invalid
from lms.core.i18n import _
from lms.core.web import limiter, writes
from lms.signin import guard
from lms.signin.roles import BUREAU_OFFICER, HOST_COORDINATOR

ROLES = (HOST_COORDINATOR, BUREAU_OFFICER)
FIELDS = ("lodging", "faculty", "offered")
LONGEST = 4000
"""Characters of one text."""

blueprint = Blueprint("host_cohorts", __name__, template_folder="../templates")


@blueprint.get("/")
def listing() -> str:
    """Cohorts that one's house receives."""
    viewer = guard.current()
    lines = groups.seen_in(
        bureaus=viewer.organisations(BUREAU_OFFICER),
        academies=frozenset(),
        hosts=viewer.organisations(HOST_COORDINATOR),
    )
    return render_template("courses/bureau/host.html", lines=lines)


@blueprint.get("/<cohort_id>/travel.xlsx")
@writes
def travel(cohort_id: str) -> ResponseReturnValue:
    """The travel and visa list. Each fetch leaves a line in the audit."""
    cohort, plan = groups.get(cohort_id)
    require_any((HOST_COORDINATOR, cohort.host_id), *((role, plan.organisation_id) for role in READERS))
    data = workbooks.packed([_heading(), *_lines(cohort)])
    audit.record("cohort.travel-list", subject=f"cohort:{cohort.id}", actor=guard.current().actor)
    return data, {
        "Content-Type": workbooks.MEDIA_TYPE,
        "Content-Disposition": "attachment; filename=travel.xlsx",
    }


@blueprint.get("/<cohort_id>")
def one(cohort_id: str) -> str:
    """How the host receives a cohort, and what it told of its people."""
    return _page(*_received(cohort_id))


@blueprint.post("/<cohort_id>")
def keep(cohort_id: str) -> ResponseReturnValue:
    """Lodging, faculty and courses, in the words of the host."""
    cohort, _plan = _received(cohort_id)
    values = {name: request.form.get(name, "").strip() for name in FIELDS}
    if any(len(value) > LONGEST for value in values.values()):
        raise Invalid("host-plan-too-long", _("A text is longer than 4,000 characters. Shorten it and save again."))
    hosting.keep_plan(cohort, values, actor=guard.current().actor)
    flash(_("Saved."), "success")
    return redirect(url_for("host_cohorts.one", cohort_id=cohort.id), 303)


@blueprint.get("/<cohort_id>/results.xlsx")
@writes
def results(cohort_id: str) -> ResponseReturnValue:
    """The spreadsheet for hours, results and return, with what was told before. Each fetch leaves a line in the audit."""
    cohort, _plan = _received(cohort_id)
    audit.record("cohort.results-sheet", subject=f"cohort:{cohort.id}", actor=guard.current().actor)
    return workbooks.packed(hosting.sheet(cohort)), {
        "Content-Type": workbooks.MEDIA_TYPE,
        "Content-Disposition": "attachment; filename=results.xlsx",
    }


@blueprint.post("/<cohort_id>/results")
@limiter.limit("20/minute")
def take(cohort_id: str) -> ResponseReturnValue:
    """Take the filled sheet: right rows are written, the others are told one by one."""
    cohort, plan = _received(cohort_id)
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("upload-missing", _("Choose a file first."))
    try:
        reading = hosting.take(cohort, upload.read(stays.LARGEST_BYTES + 1), actor=guard.current().actor)
    except NotRead as refused:
        return _page(cohort, plan, refusal=refused.code), HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(cohort, plan, reading=reading)


def _received(cohort_id: str) -> tuple[Cohort, Plan]:
    cohort, plan = groups.get(cohort_id)
    require_any((HOST_COORDINATOR, cohort.host_id), (BUREAU_OFFICER, plan.organisation_id))
    return cohort, plan


def _page(cohort: Cohort, plan: Plan, *, reading: Reading | None = None, refusal: str = "") -> str:
    return render_template(
        "courses/bureau/host_cohort.html",
        cohort=cohort,
        plan=plan,
        host_plan=hosting.plan_of(cohort),
        tally=hosting.tally(cohort),
        reading=reading,
        refusal=wording.of_refusal(refusal) if refusal else "",
    )


def _heading() -> list[workbooks.Cell]:
    return [_("Number"), _("Name in the passport"), _("Gender"), _("Passport"), _("Valid until"), _("Leaves from")]


def _lines(cohort: Cohort) -> list[list[workbooks.Cell]]:
    return [
        [
            number,
            row.latin_name,
            str(wording.GENDERS[row.gender]),
            identity.passport(row.passport_encrypted) or None,
            row.passport_until.isoformat() if row.passport_until else None,
            str(wording.REGIONS[row.region]),
        ]
        for number, row in enumerate(groups.members(cohort), 1)
    ]
