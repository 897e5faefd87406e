"""Mail to holders: a line of the outbox in the transaction of what it tells, sent by a job, once.

The text is composed when it is sent, in the holder's language. It names nobody, brings no file, and leads to a page.
"""

from dataclasses import dataclass

from sqlalchemy import update

from certificates import lookup
from certificates.chain import Link
from certificates.models import Certificate, CertificateEvent, Correction, OutgoingMail
from certificates.standing import Kind
from lms.core import clock, jobs, mail, settings
from lms.core.db import db, insert_once, reading, transaction
from lms.core.errors import Sentence
from lms.core.i18n import _, _l, use_language
from lms.core.mail import Letter
from lms.people import mail_addresses
from lms.people.models import MailAddress

JOB = "mail"
CONFIRM, CERTIFICATE, CORRECTION = "confirm-address", "certificate", "correction"

_SUBJECTS: dict[str, Sentence] = {
    Kind.ISSUED: _l("Your certificate is ready"),
    Kind.SUSPENDED: _l("A certificate of yours was suspended"),
    Kind.REINSTATED: _l("A certificate of yours is valid again"),
    Kind.REVOKED: _l("A certificate of yours was revoked"),
}
"""What a holder is told. That a certificate was replaced is told by the one in its place."""


@dataclass(frozen=True)
class _Content:
    subject: str
    text: str


def ask_to_confirm(address: MailAddress) -> None:
    """Ask the mailbox whether it wants mail of ours; once for each address that is given."""
    _queue(address.person_id, CONFIRM, address.key)


def tell_of(certificate: Certificate, event: CertificateEvent | Link) -> None:
    """Tell the holder what happened to a certificate, if she wants to be told."""
    if event.kind in _SUBJECTS:
        _queue_if_wanted(certificate.person_id, CERTIFICATE, str(event.id))


def tell_of_issue(certificate: Certificate) -> None:
    """Tell the holder that a certificate became valid just now, if she wants to be told."""
    if mail.is_on():
        tell_of(certificate, lookup.events_of(certificate.id)[-1])


def tell_of_decision(correction: Correction) -> None:
    """Tell the holder that her correction was refused; an accepted one is told by its new certificate."""
    if correction.state == "refused":
        _queue_if_wanted(correction.person_id, CORRECTION, correction.id)


@jobs.handles(JOB)
def deliver(mail_id: str) -> None:
    """Send one mail, unless it was sent."""
    with reading():
        row = db.session.get_one(OutgoingMail, mail_id)
        letter = None if row.sent_at else _letter(row)
    if row.sent_at:
        return
    if letter is not None:
        mail.send(letter)
    with transaction():
        outcome = "sent" if letter else "dropped"
        db.session.execute(
            update(OutgoingMail).filter_by(id=mail_id, sent_at=None).values(sent_at=clock.now(), outcome=outcome)
        )


def _queue_if_wanted(person_id: str, kind: str, subject_id: str) -> None:
    if not mail.is_on():
        return
    address = mail_addresses.of(person_id)
    if address is not None and address.confirmed_at is not None:
        _queue(person_id, kind, subject_id)


def _queue(person_id: str, kind: str, subject_id: str) -> None:
    if not mail.is_on():
        return
    key = {"kind": kind, "subject_id": subject_id, "person_id": person_id}
    row, is_new = insert_once(OutgoingMail, key, {"queued_at": clock.now()})
    if is_new:
        jobs.queue(JOB, row.id)


def _letter(row: OutgoingMail) -> Letter | None:
    """None where nobody wants it any more: the address is gone, or was never confirmed, or mail was switched off."""
    address = mail_addresses.of(row.person_id)
    is_asked = row.kind == CONFIRM
    if not mail.is_on() or address is None or (address.confirmed_at is None and not is_asked):
        return None
    if is_asked and address.key != row.subject_id:
        return None
    with use_language(address.language):
        content = _content(row, address)
    return Letter(address.address, content.subject, content.text, row.id, address.language) if content else None


def _content(row: OutgoingMail, address: MailAddress) -> _Content | None:
    link = f"{settings.current().public_url}/mail/{mail_addresses.token_of(address)}"
    if row.kind == CONFIRM:
        return _Content(
            str(_("Please confirm your e-mail address")),
            _paragraphs(
                _(
                    "Somebody gave this address in Bilim, to be told about certificates. If it was you, confirm it here:"
                ),
                link,
                _("If it was not you, do nothing, or remove the address on the same page. We send nothing else."),
            ),
        )
    about = _about_event(row) if row.kind == CERTIFICATE else _about_correction(row)
    if about is None:
        return None
    ending = _("You get this because you gave us this address. To stop it:")
    return _Content(about.subject, _paragraphs(about.text, ending, link))


def _about_event(row: OutgoingMail) -> _Content | None:
    event = db.session.get(CertificateEvent, int(row.subject_id))
    certificate = lookup.by_id(event.certificate_id) if event else None
    if event is None or certificate is None:
        return None
    look = _("Register number %(number)s. What others see with its code:", number=certificate.number)
    address = f"{settings.current().public_url}/v/{certificate.code}"
    advice = _("Open the module in your learning system to download the certificate, or to see more.")
    return _Content(str(_SUBJECTS[event.kind]), _paragraphs(_SUBJECTS[event.kind], f"{look}\n{address}", advice))


def _about_correction(row: OutgoingMail) -> _Content | None:
    correction = db.session.get(Correction, row.subject_id)
    certificate = lookup.by_id(correction.certificate_id) if correction else None
    if correction is None or certificate is None:
        return None
    said = _("The correction that you asked for was decided. Register number: %(number)s.", number=certificate.number)
    advice = _("Open the module in your learning system to read the decision.")
    return _Content(str(_("Your correction was decided")), _paragraphs(said, advice))


def _paragraphs(*texts: object) -> str:
    return "\n\n".join(str(text) for text in texts) + "\n"
