"""The holder's pages, inside a launch: confirm the spelling of the name, see why there is no certificate yet, take it."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import corrections, eligibility_words, glyphs, handing_out, issuing, lookup, numbering, wording
from certificates.badges import credential
from certificates.eligibility import FOR_NOBODY, Reason, ReasonCode, reasons_against
from certificates.models import Certificate
from courses import records
from courses.records import CourseRecord
from lms.core import jobs
from lms.core.errors import NotFound, Sentence
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
    newest = lookup.of_record(record.id)
    if issued := lookup.newest_issued([record.id]):
        return _issued_page(record, issued[0], is_being_replaced=newest is not None and newest.id != issued[0].id)
    outlook = _outlook(record, newest)
    return render_template(
        "certificates/not_yet.html",
        record=record,
        outlook=outlook,
        reasons=[(reason, eligibility_words.of_not_yet(reason.code)) for reason in outlook.reasons],
        characters=eligibility_words.of_characters,
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
    issued = lookup.newest_issued([_own_record(slug).id])
    if not issued:
        raise NotFound("certificate-not-ready", _l("There is no certificate to download yet."))
    return handing_out.as_download(issued[0])


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
    if record := records.at(records.of_person(session.current().person_id), slug):
        return record
    raise NotFound("record-unknown", _l("You have not begun this module yet. Open it from your course."))


def _issued_page(record: CourseRecord, issued: Certificate, *, is_being_replaced: bool) -> str:
    standing = lookup.standing_of(issued)
    asked = corrections.of_certificates([issued.id])
    return render_template(
        "certificates/issued.html",
        record=record,
        snapshot=lookup.snapshot_of(issued),
        shown_code=numbering.shown(issued.code),
        standing=standing,
        state_words=wording.of_state(standing.state),
        reason_words=wording.of_status_reason(standing.reason_code) if standing.reason_code else "",
        is_being_replaced=is_being_replaced,
        correction=asked[0] if asked else None,
        has_credential=credential.of_certificate(issued.id) is not None,
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
        characters=eligibility_words.of_characters(missing),
    )
    return sentence


def _confirm(person_id: str, typed: Mapping[str, str]) -> None:
    names.confirm(person_id, typed)
    for record in records.of_person(person_id):
        if record.completed_at:
            jobs.queue(issuing.JOB, record.id)
