"""From a course record to a sealed certificate, once.

Eligible? Then one short transaction reserves number, code and snapshot; the page is laid out and sealed outside any
transaction; our own verifier has to call it genuine; a second transaction makes it valid. Whatever fails in between,
the next try finds the reserved row and uses the same number.
"""

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from certificates import (
    glyphs,
    lookup,
    numbering,
    outbox,
    printing,
    register,
    revisions,
    seal_keys,
    sealing,
    self_check,
)
from certificates.badges import making
from certificates.eligibility import Candidate, Reason, ReasonCode, reasons_against
from certificates.models import RESERVED, Certificate
from certificates.offline import signing as offline
from certificates.offline.signing import Pen
from certificates.register import SealedFile
from certificates.sealing import Sealed
from certificates.snapshot import Issuer, Snapshot
from courses import records
from courses.records import CourseRecord
from lms.core import clock, files, jobs, settings
from lms.core.db import db, new_id, reading, transaction
from lms.core.errors import Invalid, Unavailable
from lms.core.i18n import _l, civil_date
from lms.organisations import issuers
from lms.people import names

ACTOR = "system:issuing"
JOB = "record-changed"
"""Asked for by completions, marks and confirmed names; its subject is the record."""
TRIES_TO_RESERVE = 5
_NOT_YET = "-"


class Made(NamedTuple):
    """A finished file, stored and checked, before the register knows of it."""

    file: SealedFile
    sealed: Sealed


class NotEligible(Exception):
    """There is no certificate for this record now; the reasons say why."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


@jobs.handles(JOB)
def issue_if_eligible(record_id: str) -> None:
    """The job behind every completion, every changed mark and every confirmed name."""
    try:
        issue(record_id)
    except NotEligible as refusal:
        _ask_a_person(refusal.reasons)


def issue(record_id: str) -> Certificate:
    """The certificate of a record, whatever became of it; made now if there is none. Callers at once get the same one.

    :raises NotEligible: with every reason; no number is reserved then.
    :raises jobs.NeedsPerson: what was reserved cannot be made until somebody changes something.
    :raises jobs.TryLater: the seal or the file store cannot be used now.
    """
    certificate = _reserved(record_id)
    if certificate.status != RESERVED:
        return certificate
    with _faults_of_making():
        made_now = _make(lookup.snapshot_of(certificate), certificate.organisation_id)
    with transaction():
        made = register.make_valid(certificate.id, made_now.file, actor=ACTOR)
        if made is None:
            return db.session.get_one(Certificate, certificate.id)
        sealed = made_now.sealed
        revisions.add_first(made, level=sealed.level, renew_before=sealed.renew_before)
        outbox.tell_of_issue(made)
        return made


def candidate_of(record: CourseRecord) -> Candidate:
    """What a certificate for this record would be made from today. Reads in the caller's transaction."""
    organisation = issuers.issuer_of(record.series, organisation_code=record.organisation_code)
    signer = issuers.signer_on(organisation.id, _today()) if organisation else None
    return Candidate(
        record=record,
        names=names.confirmed(record.person_id),
        organisation_id=organisation.id if organisation else None,
        issuer=Issuer(organisation.names, organisation.country) if organisation else None,
        signer=printing.signer_of(signer) if signer else None,
        valid_for_months=issuers.valid_for_months(record.series, organisation.id) if organisation else None,
    )


def changed_records() -> list[str]:
    """Every record that was ever completed or marked: each of them has asked for the job above."""
    return list(db.session.scalars(select(jobs.Job.subject).where(jobs.Job.kind == JOB)))


def numbered(draft: Snapshot, series: str, pen: Pen) -> Snapshot:
    """The draft with the next number, a code and the signed summary of all of it, which are printed.

    The number is given only if the caller's transaction commits.
    """
    code, public_url = numbering.new_code(), settings.current().public_url
    named = replace(
        draft,
        number=register.next_number(draft.issuer.country, draft.issued_on.year, series),
        code=code,
        verify_url=f"{public_url}/v/{code}",
    )
    return replace(named, offline_url=offline.address_of(named, pen, public_url=public_url))


def refuse_what_cannot_be_printed(draft: Snapshot) -> None:
    """Known before a number is given: every character can be drawn and every placeholder filled.

    :raises Invalid: ``glyph-missing`` with the characters, or what ``printing.refuse_what_cannot_be_filled_in`` raises.
    """
    if lacking := glyphs.missing("".join(draft.holder.values())):
        raise Invalid(
            ReasonCode.GLYPH_MISSING,
            _l("Our fonts cannot draw a character of the name."),
            characters=sorted(lacking),
        )
    printing.refuse_what_cannot_be_filled_in(draft)


def last_day(first: date, months: int | None) -> date | None:
    """The last day of validity of what is issued on a day: the same day so many months later, or the end of that month.

    None without a rule: it is valid without end.
    """
    if not months:
        return None
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def _reserved(record_id: str) -> Certificate:
    with reading():
        present = lookup.of_record(record_id)
        record = None if present else records.record_of(record_id)
        candidate = candidate_of(record) if record else None
    if present:
        return present
    if candidate is None:
        raise NotEligible((Reason(ReasonCode.NOT_COMPLETED),))
    return _reserve(candidate)


def _reserve(candidate: Candidate) -> Certificate:
    """Check everything that can be checked without a number, then take one.

    Constraints decide between callers at once; who loses gives the number back with the transaction.
    """
    draft, pen = _draft(candidate), _pen()
    for _try in range(TRIES_TO_RESERVE):
        try:
            with transaction():
                return _reserve_as(numbered(draft, candidate.record.series, pen), candidate)
        except IntegrityError:
            with reading():
                present = lookup.of_record(candidate.record.id)
            if present:
                return present
    raise jobs.TryLater("number-contended")


def _draft(candidate: Candidate) -> Snapshot:
    """Everything but number and code, proved to fill the template and to be drawable."""
    if reasons := reasons_against(candidate):
        raise NotEligible(reasons)
    record, issuer, signer = candidate.record, candidate.issuer, candidate.signer
    if record.completed_at is None or issuer is None or signer is None:
        raise RuntimeError("an eligible candidate lacks what eligibility checks")
    draft = Snapshot(
        certificate_id=new_id(),
        number=_NOT_YET,
        code=_NOT_YET,
        holder=candidate.names,
        titles=record.titles,
        hours=record.hours,
        score_percent=record.score_percent,
        completed_on=civil_date(record.completed_at),
        issued_on=_today(),
        issuer=issuer,
        signer=signer,
        verify_url=_NOT_YET,
        valid_until=last_day(_today(), candidate.valid_for_months),
    )
    with _faults_of_making(), reading():
        draft = printing.dressed(
            draft, series=record.series, organisation_id=str(candidate.organisation_id), parts=record.parts
        )
        printing.refuse_what_cannot_be_filled_in(draft)
    return draft


def _pen() -> Pen:
    """Opened before the transaction that gives a number: whoever writes waits for that one."""
    with reading():
        at_hand = offline.pen_at_hand()
    if at_hand is not None:
        return at_hand
    with transaction():
        return offline.pen_of_today()


def _reserve_as(snapshot: Snapshot, candidate: Candidate) -> Certificate:
    return register.reserve(
        snapshot,
        record_id=candidate.record.id,
        person_id=candidate.record.person_id,
        organisation_id=str(candidate.organisation_id),
        actor=ACTOR,
    )


def _make(snapshot: Snapshot, organisation_id: str) -> Made:
    """Sign the credential, lay out, seal, check and store.

    Sealing never gives the same bytes twice, so the name holds their hash.
    """
    with reading():
        seal = seal_keys.current()
    (credential,) = making.attachments_of(snapshot, organisation_id)
    unsigned = printing.printed(snapshot, [credential])
    sealed = sealing.seal(unsigned, seal)
    self_check.refuse_what_our_verifier_refuses(sealed.pdf)
    name = revisions.name_of(snapshot.certificate_id, sealed.pdf)
    files.store(name, sealed.pdf)
    file = SealedFile(
        file_name=name,
        pdf_sha256=lookup.digest(sealed.pdf),
        unsigned_sha256=lookup.digest(unsigned),
        seal_fingerprint=seal.fingerprint,
        credential_sha256=lookup.digest(credential.data),
    )
    return Made(file, sealed)


@contextmanager
def _faults_of_making() -> Iterator[None]:
    try:
        yield
    except Invalid as fault:
        raise jobs.NeedsPerson(fault.code) from fault
    except Unavailable as fault:
        raise jobs.TryLater(fault.code) from fault


def _ask_a_person(reasons: tuple[Reason, ...]) -> None:
    for reason in reasons:
        if reason.needs_person:
            raise jobs.NeedsPerson(reason.code)


def _today() -> date:
    return civil_date(clock.now())
