"""The holder's pages, inside a launch: confirm the spelling of the name, see why there is no certificate yet, take it."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import glyphs, issuing, numbering, register, wording
from certificates.eligibility import FOR_NOBODY, Reason, ReasonCode, reasons_against
from certificates.models import VALID, Certificate
from courses import records
from courses.records import CourseRecord
from lms.core import files, jobs
from lms.core.errors import NotFound, Sentence, Unavailable
from lms.core.i18n import _, _l
from lms.lti import session
from lms.people import names

blueprint = Blueprint("holder", __name__, template_folder="../templates")


class Outlook(NamedTuple):
    """How far a certificate is that is not there yet."""

    state: str
    """ready, being-made, holder (has to do something), academy (has to do something) or nobody."""
    reasons: tuple[Reason, ...]


@blueprint.get("/<slug>")
def certificate(slug: str) -> str:
    """The certificate of one module: its file, or how far it is and what is missing."""
    record = _own_record(slug)
    issued = register.of_record(record.id)
    if issued and issued.status == VALID:
        return _issued_page(record, issued)
    outlook = _outlook(record, issued)
    return render_template(
        "certificates/not_yet.html",
        record=record,
        outlook=outlook,
        reasons=[(reason, wording.of_not_yet(reason.code)) for reason in outlook.reasons],
        characters=wording.of_characters,
        name_is_confirmed=ReasonCode.NAME_NOT_CONFIRMED not in {reason.code for reason in outlook.reasons},
    )


@blueprint.post("/<slug>")
def ask_for_it(slug: str) -> ResponseReturnValue:
    """Everything is ready and nobody has asked yet: ask."""
    jobs.queue(issuing.JOB, _own_record(slug).id)
    return redirect(url_for("holder.certificate", slug=slug), 303)


@blueprint.get("/<slug>/file")
def download(slug: str) -> Response:
    """The sealed file, exactly as it was stored.

    :raises NotFound: ``certificate-not-ready``.
    :raises Unavailable: ``file-damaged`` if the stored bytes are not those that were issued.
    """
    issued = register.of_record(_own_record(slug).id)
    if issued is None or issued.status != VALID or issued.file_name is None:
        raise NotFound("certificate-not-ready", _l("There is no certificate to download yet."))
    data = files.read(issued.file_name)
    if register.digest(data) != issued.pdf_sha256:
        raise Unavailable("file-damaged", _l("The stored file is damaged. Your academy has to restore it."))
    response = Response(data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = _disposition(issued)
    return response


@blueprint.get("/<slug>/name")
def name(slug: str) -> str:
    """Ask for each form of the name, beginning with what is known."""
    person_id = session.current().person_id
    known = names.suggested(person_id) | names.confirmed(person_id)
    problems = {script: fault for script in known if (fault := _glyph_fault(known[script]))}
    return _name_form(_own_record(slug), known, problems)


@blueprint.post("/<slug>/name")
def save_name(slug: str) -> ResponseReturnValue:
    """Show first how the name will look; keep it when the holder says that this is right."""
    record = _own_record(slug)
    typed: dict[str, str] = {script: names.tidy(request.form.get(script, "")) for script in names.SCRIPTS}
    if faults := _faults(typed):
        return _name_form(record, typed, faults), 422
    if "is-right" not in request.form:
        return render_template("certificates/name_preview.html", record=record, typed=typed)
    _confirm(record.person_id, typed)
    flash(_("Your name is confirmed."), "success")
    return redirect(url_for("holder.certificate", slug=slug), 303)


def _own_record(slug: str) -> CourseRecord:
    for record in records.of_person(session.current().person_id):
        if record.module_slug == slug:
            return record
    raise NotFound("record-unknown", _l("You have not begun this module yet. Open it from your course."))


def _issued_page(record: CourseRecord, issued: Certificate) -> str:
    return render_template(
        "certificates/issued.html",
        record=record,
        snapshot=register.snapshot_of(issued),
        shown_code=numbering.shown(issued.code),
    )


def _outlook(record: CourseRecord, reserved: Certificate | None) -> Outlook:
    """A reserved certificate is being made, whatever has changed since."""
    reasons = () if reserved else reasons_against(issuing.candidate_of(record))
    if reasons:
        return Outlook(_who_acts(reasons), reasons)
    job = jobs.state_of(issuing.JOB, record.id)
    if job is None or job.status == "done":
        return Outlook("ready", ())
    return Outlook("academy" if job.status == "needs-person" else "being-made", ())


def _who_acts(reasons: tuple[Reason, ...]) -> str:
    if any(reason.code in FOR_NOBODY for reason in reasons):
        return "nobody"
    return "academy" if any(reason.needs_person for reason in reasons) else "holder"


def _name_form(record: CourseRecord, values: Mapping[str, str], faults: Mapping[str, Sentence]) -> str:
    return render_template("certificates/name.html", record=record, values=values, faults=faults)


def _faults(typed: Mapping[str, str]) -> dict[str, Sentence]:
    found = {script: names.fault_of(script, typed[script]) or _glyph_fault(typed[script]) for script in names.SCRIPTS}
    return {script: fault for script, fault in found.items() if fault}


def _glyph_fault(text: str) -> Sentence | None:
    """Told before the name is confirmed: a certificate with an empty box cannot be taken back from a wall."""
    missing = glyphs.missing(text)
    if not missing:
        return None
    sentence: Sentence = _l(
        "We cannot print these characters: %(characters)s. Write the name in another way, or ask your academy.",
        characters=wording.of_characters(missing),
    )
    return sentence


def _confirm(person_id: str, typed: Mapping[str, str]) -> None:
    names.confirm(person_id, typed)
    for record in records.of_person(person_id):
        if record.completed_at:
            jobs.queue(issuing.JOB, record.id)


def _disposition(issued: Certificate) -> str:
    """A name in the holder's own letters (RFC 6266 with RFC 5987), and the plain number for programs without them."""
    holder = register.snapshot_of(issued).holder
    own = f"{issued.number} {holder.get('Cyrl') or next(iter(holder.values()))}.pdf"
    return f"attachment; filename=\"{issued.number}.pdf\"; filename*=UTF-8''{quote(own, safe='')}"
