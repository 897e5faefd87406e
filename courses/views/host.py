"""For the host abroad: who comes, with what a travel and visa list needs and nothing else."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from courses.cohorts import groups, identity, wording
from courses.cohorts.models import Cohort
from courses.views.bureau_access import READERS, require_any
from lms.core import audit, workbooks
from lms.core.i18n import _
from lms.core.web import writes
from lms.signin import guard
from lms.signin.roles import BUREAU_OFFICER, HOST_COORDINATOR

ROLES = (HOST_COORDINATOR, BUREAU_OFFICER)

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
