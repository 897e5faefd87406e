"""The holder says that something is wrong; an administrator accepts, and another certificate takes its place, or refuses.

A name is corrected in the forms that the holder wrote, which are confirmed by the acceptance. What does not say what it should
be instead (a text about something else) can be accepted too: then the administrator sets it right.
"""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from certificates import lookup, outbox, replacing
from certificates.models import Certificate, Correction
from certificates.replacing import Changes
from certificates.standing import Replacing, State
from lms.core import audit, clock
from lms.core.db import db
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l
from lms.people import names

LONGEST_TEXT = 500


class About(StrEnum):
    """What is wrong."""

    NAME = "name"
    HOURS = "hours"
    OTHER = "other"


OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"


def ask(certificate: Certificate, *, about: About, text: str, forms: Mapping[str, str], actor: str) -> Correction:
    """Ask for a correction, in the caller's transaction. Forms of the name are tidied and checked as always.

    :raises Conflict: ``correction-open`` while an earlier one is not decided, ``state-differs`` if the certificate is not in force.
    :raises Invalid: ``correction-not-valid`` with the faults.
    """
    if lookup.state_today(certificate) not in (State.VALID, State.EXPIRED, State.SUSPENDED):
        raise Conflict("state-differs", _l("Only a certificate that is in force can be corrected."))
    tidied = {script: names.tidy(form) for script, form in forms.items()} if about is About.NAME else {}
    _refuse_faults(about, text.strip(), tidied)
    if about is About.NAME and _is_printed_so(certificate, tidied):
        fault: dict[str, object] = {"Cyrl": _l("This is what is printed already. Write what would be right.")}
        raise Invalid("correction-not-valid", _l("Something is missing. Correct it and send it again."), fields=fault)
    correction = Correction(
        certificate_id=certificate.id,
        person_id=certificate.person_id,
        about=about,
        text=text.strip(),
        name_forms={script: form for script, form in tidied.items() if form},
        state=OPEN,
        asked_at=clock.now(),
    )
    db.session.add(correction)
    try:
        db.session.flush()  # the constraint decides whether another one is open
    except IntegrityError as error:
        raise Conflict("correction-open", _l("You have asked already. Wait for the decision.")) from error
    _record(correction, "asked", actor)
    return correction


def accept(correction_id: str, *, hours: int | None = None, actor: str) -> Certificate:
    """Decide for the holder: another certificate takes the place of this one.

    :param hours: the right number of academic hours, where the administrator sets it.
    :raises Conflict: ``correction-decided``; and as ``replacing.replace_by``.
    """
    correction = _open(correction_id)
    if correction.name_forms:
        names.confirm(correction.person_id, correction.name_forms, actor=actor)
    changes = Changes(holder=dict(correction.name_forms) or None, hours=hours)
    new = replacing.replace_by(correction.certificate_id, changes, reason=Replacing.CORRECTION, actor=actor)
    correction.replacement_id = new.id
    _decide(correction, ACCEPTED, actor)
    return new


def refuse(correction_id: str, *, ground: str, actor: str) -> Correction:
    """Decide against it, with the ground that the holder will read.

    :raises Conflict: ``correction-decided``.
    :raises Invalid: ``ground-missing``.
    """
    correction = _open(correction_id)
    if not ground.strip():
        raise Invalid("ground-missing", _l("Write why. The holder will read it."))
    correction.ground = ground.strip()[:LONGEST_TEXT]
    _decide(correction, REFUSED, actor)
    outbox.tell_of_decision(correction)
    return correction


def get(correction_id: str) -> Correction:
    """:raises NotFound: ``not-found``."""
    correction = db.session.get(Correction, correction_id)
    if correction is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return correction


def of_certificates(certificate_ids: list[str]) -> list[Correction]:
    """Everything that was asked about these certificates, the newest first."""
    wanted = select(Correction).where(Correction.certificate_id.in_(certificate_ids))
    return list(db.session.scalars(wanted.order_by(Correction.asked_at.desc())))


def waiting(organisation_ids: frozenset[str] | None) -> list[tuple[Correction, Certificate]]:
    """What waits for a decision in these organisations, the oldest first; None means in all."""
    wanted = select(Correction, Certificate).join(Certificate, Certificate.id == Correction.certificate_id)
    wanted = wanted.where(Correction.state == OPEN).order_by(Correction.asked_at)
    if organisation_ids is not None:
        wanted = wanted.where(Certificate.organisation_id.in_(organisation_ids))
    return [(correction, certificate) for correction, certificate in db.session.execute(wanted)]


def _refuse_faults(about: About, text: str, forms: Mapping[str, str]) -> None:
    faults: dict[str, object] = {}
    if about is About.NAME:
        faults = {script: fault for script in names.SCRIPTS if (fault := names.fault_of(script, forms.get(script, "")))}
    elif not text:
        faults["text"] = _l("Write what is wrong and what would be right.")
    if len(text) > LONGEST_TEXT:
        faults["text"] = _l("This is too long. Use at most %(most)s characters.", most=LONGEST_TEXT)
    if faults:
        raise Invalid("correction-not-valid", _l("Something is missing. Correct it and send it again."), fields=faults)


def _is_printed_so(certificate: Certificate, forms: Mapping[str, str]) -> bool:
    printed = lookup.snapshot_of(certificate).holder
    return {script: form for script, form in forms.items() if form} == dict(printed)


def _open(correction_id: str) -> Correction:
    """Held until the commit, so that two administrators do not decide at once."""
    correction = db.session.scalar(select(Correction).filter_by(id=correction_id).with_for_update())
    if correction is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    if correction.state != OPEN:
        raise Conflict("correction-decided", _l("Somebody has decided about this already."))
    return correction


def _decide(correction: Correction, state: str, actor: str) -> None:
    correction.state, correction.decided_at, correction.decided_by = state, clock.now(), actor
    _record(correction, state, actor)


def _record(correction: Correction, what: str, actor: str) -> None:
    audit.record(f"correction.{what}", subject=f"certificate:{correction.certificate_id}", actor=actor)
