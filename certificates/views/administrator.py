"""For administrators of an academy: find a certificate, see its history, suspend, reinstate, revoke, renew, issue it anew."""

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import corrections, deeds, handing_out, lookup, numbering, searching, wording
from certificates.deeds import Asked, Deed
from certificates.models import Certificate, Correction
from certificates.standing import ReasonCode, State
from lms.core.db import db
from lms.core.errors import Invalid, NotFound, Sentence
from lms.core.i18n import _, _l
from lms.organisations import issuers
from lms.people import names
from lms.signin import guard
from lms.signin.models import StaffMember
from lms.signin.roles import ACADEMY_ADMINISTRATOR

blueprint = Blueprint("certificate_administration", __name__, template_folder="../templates")

SHOWN_STATES = (
    State.VALID,
    State.SUSPENDED,
    State.REVOKED,
    State.SUPERSEDED,
    State.EXPIRED,
    State.RESERVED,
    State.VOID,
)
TAGS = {"valid": "good", "suspended": "attention", "revoked": "bad", "reserved": "now"}


@blueprint.get("/")
def listing() -> str:
    """Certificates of the organisations in which one is administrator, the newest first."""
    mine = guard.current().organisations(ACADEMY_ADMINISTRATOR)
    found = searching.search(
        mine,
        text=request.args.get("q", ""),
        state=_state(request.args.get("state", "")),
        organisation_id=request.args.get("organisation") or None,
        after=request.args.get("after") or None,
    )
    return render_template(
        "certificates/admin/list.html",
        rows=[_row(certificate) for certificate in found.certificates],
        next_after=found.next_after,
        states=[("", _("All"))] + [(state.value, wording.of_state(state)) for state in SHOWN_STATES],
        organisations=issuers.named(mine),
        waiting=len(corrections.waiting(mine)),
    )


@blueprint.get("/<certificate_id>")
def one(certificate_id: str) -> str:
    """One certificate: what is printed, its state, its file, what happened, what can be done."""
    certificate = _own(certificate_id)
    events = lookup.events_of(certificate.id)
    state = lookup.state_today(certificate)
    newest = lookup.of_record(certificate.record_id)
    return render_template(
        "certificates/admin/one.html",
        certificate=certificate,
        snapshot=lookup.snapshot_of(certificate),
        shown_code=numbering.shown(certificate.code),
        standing=lookup.standing_of(certificate),
        tag_kind=TAGS.get(state, "neutral"),
        events=[(event, wording.of_event(event.kind), _reason(event.reason_code)) for event in events],
        notes=lookup.notes_of(events),
        deeds=[(name, deed) for name, deed in deeds.DEEDS.items() if state in deed.possible_in],
        replaces=lookup.by_id(certificate.replaces_id) if certificate.replaces_id else None,
        newest=newest if newest and newest.id != certificate.id else None,
        corrections=corrections.of_certificates([certificate.id]),
        versions=names.versions(certificate.person_id),
        state_words=wording.of_state,
        who=_who,
    )


@blueprint.get("/<certificate_id>/file")
def download(certificate_id: str) -> Response:
    """The sealed file, under a name in the holder's own letters."""
    return handing_out.as_download(_own(certificate_id))


@blueprint.get("/<certificate_id>/<deed>")
def ask(certificate_id: str, deed: str) -> str:
    """Before anything is done: what it means, why, and is it really meant."""
    return _form(_own(certificate_id), deed, {})


@blueprint.post("/<certificate_id>/<deed>")
def do(certificate_id: str, deed: str) -> ResponseReturnValue:
    """Do it; the guard has told who does."""
    certificate = _own(certificate_id)
    chosen = _deed(deed)
    asked, faults = _asked(chosen)
    if faults:
        return _form(certificate, deed, faults), 422
    try:
        deeds.do(deed, certificate, asked, actor=guard.current().actor)
    except Invalid as problem:
        return _form(certificate, deed, {"until": problem.sentence}), 422
    flash(str(chosen.done), "success")
    return redirect(url_for("certificate_administration.one", certificate_id=certificate_id), 303)


@blueprint.get("/corrections")
def waiting() -> str:
    """Corrections that wait for a decision, the oldest first."""
    rows = corrections.waiting(guard.current().organisations(ACADEMY_ADMINISTRATOR))
    listed = [(correction, certificate, lookup.snapshot_of(certificate)) for correction, certificate in rows]
    return render_template("certificates/admin/corrections.html", rows=listed)


@blueprint.get("/corrections/<correction_id>")
def correction(correction_id: str) -> str:
    """One correction beside what is printed now."""
    return _correction_page(correction_id, {})


@blueprint.post("/corrections/<correction_id>")
def decide(correction_id: str) -> ResponseReturnValue:
    """Accept or refuse it."""
    _own_correction(correction_id)
    actor = guard.current().actor
    try:
        if "refuse" in request.form:
            corrections.refuse(correction_id, ground=request.form.get("ground", ""), actor=actor)
            flash(_("The correction is refused. The holder reads why."), "success")
        else:
            corrections.accept(correction_id, hours=_hours(request.form.get("hours", "")), actor=actor)
            flash(_("The correction is accepted. The new certificate is being made."), "success")
    except Invalid as problem:
        field = "ground" if problem.code == "ground-missing" else "hours"
        return _correction_page(correction_id, {field: problem.sentence}), 422
    return redirect(url_for("certificate_administration.waiting"), 303)


def _own(certificate_id: str) -> Certificate:
    """:raises NotFound: ``not-found``, also for a certificate of another organisation: strangers do not learn that it exists."""
    certificate = lookup.any_by_id(certificate_id)
    guard.require(ACADEMY_ADMINISTRATOR, certificate.organisation_id if certificate else "-")
    if certificate is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return certificate


def _own_correction(correction_id: str) -> tuple[Correction, Certificate]:
    found = corrections.get(correction_id)
    return found, _own(found.certificate_id)


def _row(certificate: Certificate) -> dict[str, object]:
    state = lookup.state_today(certificate)
    return {
        "certificate": certificate,
        "snapshot": lookup.snapshot_of(certificate),
        "state": wording.of_state(state),
        "kind": TAGS.get(state, "neutral"),
    }


def _state(text: str) -> State | None:
    return State(text) if text in frozenset(State) else None


def _reason(code: str | None) -> Sentence:
    return wording.of_status_reason(code) if code else ""


def _who(actor: str) -> str:
    """Colleagues by their name, who has left by the identifier; programs and operators by what they are."""
    kind, _colon, identifier = actor.partition(":")
    member = db.session.get(StaffMember, identifier) if kind == "staff" else None
    return member.name if member else actor


def _deed(name: str) -> Deed:
    if name not in deeds.DEEDS:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return deeds.DEEDS[name]


def _form(certificate: Certificate, name: str, faults: dict[str, Sentence]) -> str:
    months = issuers.valid_for_months(numbering.series_of(certificate.number), certificate.organisation_id)
    return render_template(
        "certificates/admin/deed.html",
        certificate=certificate,
        snapshot=lookup.snapshot_of(certificate),
        name=name,
        deed=_deed(name),
        reasons=[("", _("Choose a reason"))] + [(code.value, wording.of_status_reason(code)) for code in ReasonCode],
        faults=faults,
        months=months,
    )


def _asked(deed: Deed) -> tuple[Asked, dict[str, Sentence]]:
    faults: dict[str, Sentence] = {}
    reason = request.form.get("reason", "")
    if deed.needs_reason and reason not in frozenset(ReasonCode):
        faults["reason"] = _l("Choose a reason.")
    until = None
    if typed := request.form.get("until", ""):
        try:
            until = date.fromisoformat(typed)
        except ValueError:
            faults["until"] = _l("This is not a day.")
    known = ReasonCode(reason) if reason in frozenset(ReasonCode) else None
    return Asked(known, request.form.get("note", ""), until), faults


def _correction_page(correction_id: str, faults: dict[str, Sentence]) -> str:
    found, certificate = _own_correction(correction_id)
    return render_template(
        "certificates/admin/correction.html",
        correction=found,
        certificate=certificate,
        snapshot=lookup.snapshot_of(certificate),
        about=wording.of_correction(found.about),
        faults=faults,
        who=_who,
    )


def _hours(text: str) -> int | None:
    """:raises Invalid: ``hours-not-valid``."""
    if not text.strip():
        return None
    if not text.strip().isdecimal():
        raise Invalid("hours-not-valid", _l("Academic hours are a whole number of at least 1."))
    return int(text)
