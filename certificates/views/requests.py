"""What a holder asks for, inside a launch: all her certificates, a correction, mail about them."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import corrections, eligibility_words, glyphs, lookup, outbox, wording
from certificates.corrections import About
from certificates.models import Certificate
from courses import records
from courses.records import CourseRecord
from lms.core import mail
from lms.core.errors import Invalid, NotFound, Sentence
from lms.core.i18n import _, _l, locale
from lms.lti import session
from lms.people import mail_addresses, names

blueprint = Blueprint("holder_requests", __name__, template_folder="../templates")

TAGS = {"valid": "good", "suspended": "attention", "revoked": "bad"}


@blueprint.get("/")
def everything() -> str:
    """Everything that was ever issued to the holder, with its state today, and what was asked about it."""
    person_id = session.current().person_id
    own = lookup.of_person(person_id)
    standings = {certificate.id: lookup.standing_of(certificate) for certificate in own}
    return render_template(
        "certificates/mine.html",
        rows=[(certificate, lookup.snapshot_of(certificate), standings[certificate.id]) for certificate in own],
        words=wording.of_state,
        reason_words=wording.of_status_reason,
        tags=TAGS,
        corrections=corrections.of_certificates([certificate.id for certificate in own]),
        numbers={certificate.id: certificate.number for certificate in own},
        slugs={record.id: record.address for record in records.of_person(person_id)},
        about_words=wording.of_correction,
        versions=names.versions(person_id),
        mail_is_on=mail.is_on(),
        address=mail_addresses.of(person_id),
        mail_fault="",
        typed="",
    )


@blueprint.get("/<slug>/correction")
def correction(slug: str) -> str:
    """Ask what is wrong, beginning with what is printed."""
    record, certificate = _own(slug)
    return _form(record, certificate, dict(lookup.snapshot_of(certificate).holder), {})


@blueprint.post("/<slug>/correction")
def ask(slug: str) -> ResponseReturnValue:
    """Send it to the academy."""
    record, certificate = _own(slug)
    forms: dict[str, str] = {script: request.form.get(script, "") for script in names.SCRIPTS}
    about = request.form.get("about", "")
    faults = _faults(about, forms)
    if not faults:
        try:
            corrections.ask(
                certificate,
                about=About(about),
                text=request.form.get("text", ""),
                forms=forms,
                actor=f"person:{record.person_id}",
            )
        except Invalid as problem:
            faults = {name: str(fault) for name, fault in problem.fields.items()}
    if faults:
        return _form(record, certificate, forms, faults), 422
    flash(_("Your academy will decide. You see the decision here."), "success")
    return redirect(url_for("holder.certificate", slug=slug), 303)


@blueprint.post("/mail-address")
def give_address() -> ResponseReturnValue:
    """Keep the address and ask its mailbox."""
    if "agree" not in request.form:
        flash(_("Say first that we may write to you."), "attention")
        return redirect(url_for("holder_requests.everything"), 303)
    try:
        address = mail_addresses.give(session.current().person_id, request.form.get("address", ""), language=locale())
    except Invalid as problem:
        flash(str(problem.sentence), "error")
        return redirect(url_for("holder_requests.everything"), 303)
    outbox.ask_to_confirm(address)
    flash(_("We have sent you a mail. Open the link in it, and we can write to you."), "success")
    return redirect(url_for("holder_requests.everything"), 303)


@blueprint.post("/mail-address/remove")
def remove_address() -> ResponseReturnValue:
    """Forget it."""
    mail_addresses.remove(session.current().person_id)
    flash(_("Your address is deleted. We do not write to you any more."), "success")
    return redirect(url_for("holder_requests.everything"), 303)


def _own(slug: str) -> tuple[CourseRecord, Certificate]:
    record = records.at(records.of_person(session.current().person_id), slug)
    found = lookup.newest_issued([record.id]) if record else []
    if record and found:
        return record, found[0]
    raise NotFound("certificate-not-ready", _l("There is no certificate to download yet."))


def _faults(about: str, forms: Mapping[str, str]) -> dict[str, Sentence]:
    """Characters that cannot be printed are told before anybody decides about them."""
    if about not in frozenset(About):
        return {"about": _l("Choose what is wrong.")}
    if about != About.NAME:
        return {}
    lacking = {script: glyphs.missing(names.tidy(form)) for script, form in forms.items()}
    return {
        script: _l(
            "We cannot print these characters: %(characters)s. Write the name in another way, or ask your academy.",
            characters=eligibility_words.of_characters(missing),
        )
        for script, missing in lacking.items()
        if missing
    }


def _form(
    record: CourseRecord, certificate: Certificate, values: Mapping[str, str], faults: Mapping[str, Sentence]
) -> str:
    return render_template(
        "certificates/correction.html",
        record=record,
        certificate=certificate,
        snapshot=lookup.snapshot_of(certificate),
        values=values,
        about=request.form.get("about", "name"),
        text=request.form.get("text", ""),
        faults=faults,
    )
