"""For administrators of an academy: the certificates of a whole cohort, issued at once or taken as an archive."""

from typing import NamedTuple

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import bulk, eligibility_words, exports, file_names, lookup
from certificates.models import Export, IssueBatch
from courses import records
from courses.records import Cohort
from lms.core.db import new_id
from lms.core.errors import NotFound
from lms.core.i18n import _, _l, _n
from lms.organisations import issuers
from lms.organisations.models import Organisation
from lms.people import names
from lms.signin import guard
from lms.signin.roles import ACADEMY_ADMINISTRATOR

blueprint = Blueprint("certificate_cohorts", __name__, template_folder="../templates")
SHOWN_UNFINISHED = 50


class Line(NamedTuple):
    """A cohort with the organisation that issues for it, and how many have a certificate."""

    cohort: Cohort
    organisation: Organisation
    issued: int


@blueprint.get("/")
def listing() -> str:
    """Cohorts in which somebody completed the module, of the organisations in which one is administrator."""
    return render_template("certificates/admin/cohorts.html", lines=_own_lines())


@blueprint.get("/<cohort_id>/<slug>")
def one(cohort_id: str, slug: str) -> str:
    """What can be done for a cohort, and what was."""
    line = _own(cohort_id, slug)
    return render_template(
        "certificates/admin/cohort.html",
        line=line,
        batch_id=new_id(),
        export_id=new_id(),
        batches=[(batch, bulk.progress_of(batch)) for batch in bulk.of_cohort(cohort_id, slug)],
        exports=exports.of_cohort(cohort_id, slug),
    )


@blueprint.post("/<cohort_id>/<slug>/issue")
def issue(cohort_id: str, slug: str) -> ResponseReturnValue:
    """Issue what is due. The id came with the form, so a second click leads to the same batch."""
    line = _own(cohort_id, slug)
    batch = bulk.start(_id_of_form(), line.cohort, organisation_id=line.organisation.id, actor=guard.current().actor)
    return redirect(url_for("certificate_cohorts.batch", batch_id=batch.id), 303)


@blueprint.get("/batches/<batch_id>")
def batch(batch_id: str) -> str:
    """How far a batch is. While it runs the page looks again by itself."""
    found = _own_batch(batch_id)
    progress = bulk.progress_of(found)
    unfinished = bulk.unfinished(found)[:SHOWN_UNFINISHED]
    return render_template(
        "certificates/admin/batch.html",
        batch=found,
        progress=progress,
        words=_progress_words(progress),
        unfinished=[(item, eligibility_words.of_missing(item.reason_code)) for item in unfinished],
        names=_known_as([item.record_id for item in unfinished]),
    )


@blueprint.post("/batches/<batch_id>/cancel")
def cancel(batch_id: str) -> ResponseReturnValue:
    """Begin no further one."""
    bulk.cancel(_own_batch(batch_id), actor=guard.current().actor)
    flash(_("Cancelled. What was issued before stays issued."), "success")
    return redirect(url_for("certificate_cohorts.batch", batch_id=batch_id), 303)


@blueprint.post("/batches/<batch_id>/restart")
def restart(batch_id: str) -> ResponseReturnValue:
    """Try the rest again."""
    bulk.restart(_own_batch(batch_id), actor=guard.current().actor)
    return redirect(url_for("certificate_cohorts.batch", batch_id=batch_id), 303)


@blueprint.post("/<cohort_id>/<slug>/export")
def ask_for_export(cohort_id: str, slug: str) -> ResponseReturnValue:
    """Ask for an archive of the cohort's certificates."""
    line = _own(cohort_id, slug)
    made = exports.ask(_id_of_form(), line.cohort, organisation_id=line.organisation.id, actor=guard.current().actor)
    return redirect(url_for("certificate_cohorts.export", export_id=made.id), 303)


@blueprint.get("/exports/<export_id>")
def export(export_id: str) -> str:
    """Whether the archive is ready, until when it is kept, and its hash."""
    return render_template("certificates/admin/export.html", export=_own_export(export_id))


@blueprint.get("/exports/<export_id>/file")
def export_file(export_id: str) -> Response:
    """The archive, sent in parts after the transaction has ended."""
    found = _own_export(export_id)
    response = Response(exports.parts(exports.opened(found)), mimetype="application/zip")
    name = f"{file_names.safe(f'{found.title} {found.module_slug}')}.zip"
    response.headers["Content-Disposition"] = file_names.disposition(name, fallback=f"{found.module_slug}.zip")
    response.headers["Content-Length"] = str(found.size_bytes)
    return response


def _own_lines() -> list[Line]:
    mine = guard.current().organisations(ACADEMY_ADMINISTRATOR)
    lines = []
    for cohort in records.cohorts():
        organisation = issuers.issuer_of(cohort.series, organisation_code=cohort.organisation_code)
        if organisation is not None and (mine is None or organisation.id in mine):
            completed = records.completed_in(cohort.id, cohort.module_slug)
            lines.append(Line(cohort, organisation, len(lookup.issued_records(completed))))
    return lines


def _own(cohort_id: str, slug: str) -> Line:
    """:raises NotFound: ``not-found``, also for a cohort of another organisation."""
    cohort = records.cohort_of(cohort_id, slug)
    organisation = issuers.issuer_of(cohort.series, organisation_code=cohort.organisation_code) if cohort else None
    guard.require(ACADEMY_ADMINISTRATOR, organisation.id if organisation else "-")
    if cohort is None or organisation is None:
        raise _not_found()
    completed = records.completed_in(cohort.id, cohort.module_slug)
    return Line(cohort, organisation, len(lookup.issued_records(completed)))


def _own_batch(batch_id: str) -> IssueBatch:
    found = bulk.get(batch_id)
    guard.require(ACADEMY_ADMINISTRATOR, found.organisation_id)
    return found


def _own_export(export_id: str) -> Export:
    found = exports.get(export_id)
    guard.require(ACADEMY_ADMINISTRATOR, found.organisation_id)
    return found


def _known_as(record_ids: list[str]) -> dict[str, str]:
    """Names of the people of these records, as colleagues know them."""
    found = records.records_of(record_ids)
    known = names.known_as([record.person_id for record in found.values()])
    return {record.id: known.get(record.person_id, "") for record in found.values()}


def _id_of_form() -> str:
    """:raises NotFound: ``not-found`` for what no form of ours sends."""
    given = request.form.get("id", "")
    if len(given) != len(new_id()):
        raise _not_found()
    return given


def _not_found() -> NotFound:
    return NotFound("not-found", _l("There is no page at this address. Check the address or go back."))


def _progress_words(progress: bulk.Progress) -> str:
    return str(
        _n(
            "%(done)s of %(num)s record is done",
            "%(done)s of %(num)s records are done",
            progress.total,
            done=progress.done,
        )
    )
