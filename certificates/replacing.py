"""Another certificate in the place of one: after a correction, for a further span of validity, or issued anew.

What is printed follows from the earlier snapshot, not from the course, which may be gone by then. The earlier one stays as it
is until the new one is sealed and valid; then it is superseded, in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.exc import IntegrityError

from certificates import eligibility, issuing, lookup, numbering, printing, register
from certificates.models import Certificate
from certificates.offline import signing as offline
from certificates.register import Replacement
from certificates.snapshot import Issuer, Snapshot
from certificates.standing import POSSIBLE_FROM, Kind, Replacing, State
from lms.core import clock, jobs
from lms.core.db import db, new_id
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.i18n import _l, civil_date
from lms.organisations import issuers

MOST_HOURS = 2000


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What the new certificate says differently."""

    holder: Mapping[str, str] | None = None
    """Forms of the name by script."""
    hours: int | None = None
    valid_until: date | None = None


def replace_by(certificate_id: str, changes: Changes, *, reason: Replacing, actor: str) -> Certificate:
    """Reserve the new certificate, in the caller's transaction, and queue its making.

    :raises NotFound: ``certificate-unknown``.
    :raises Conflict: ``state-differs`` if there is nothing to take the place of, ``replacement-under-way``, ``no-signer``.
    :raises Invalid: ``hours-not-valid``, ``day-not-valid``, ``glyph-missing``.
    """
    old = db.session.get(Certificate, certificate_id)
    if old is None:
        raise NotFound("certificate-unknown", _l("The register holds no such certificate."))
    _refuse_unless_newest(old)
    draft = _draft(lookup.snapshot_of(old), changes, organisation_id=old.organisation_id)
    issuing.refuse_what_cannot_be_printed(draft)
    try:
        new = register.reserve(
            issuing.numbered(draft, numbering.series_of(old.number), offline.pen_of_today()),
            record_id=old.record_id,
            person_id=old.person_id,
            organisation_id=old.organisation_id,
            actor=actor,
            replacement=Replacement(old, reason),
        )
    except IntegrityError as error:
        raise _under_way() from error
    jobs.queue(issuing.JOB, new.record_id)
    return new


def renew(certificate_id: str, *, until: date | None, actor: str) -> Certificate:
    """Another certificate with a later last day of validity.

    :param until: None takes as many months from today as the series prescribes; without such a rule, no end.
    :raises Invalid: ``day-not-valid`` if it is not later than that of the present one; and as :func:`replace_by`.
    """
    old = db.session.get(Certificate, certificate_id)
    if old is None:
        raise NotFound("certificate-unknown", _l("The register holds no such certificate."))
    months = issuers.valid_for_months(numbering.series_of(old.number), old.organisation_id)
    last_day = until or issuing.last_day(civil_date(clock.now()), months)
    if last_day and old.valid_until and last_day <= old.valid_until:
        raise Invalid("day-not-valid", _l("The new last day must be later than the present one."))
    return replace_by(certificate_id, Changes(valid_until=last_day), reason=Replacing.RENEWAL, actor=actor)


def _refuse_unless_newest(old: Certificate) -> None:
    if State(old.status) not in POSSIBLE_FROM[Kind.SUPERSEDED]:
        raise Conflict(
            "state-differs",
            _l("The certificate is in another state by now, in which this cannot be done. Look at it again."),
            state=old.status,
        )
    newest = lookup.of_record(old.record_id)
    if newest is not None and newest.id != old.id:
        raise _under_way()


def _under_way() -> Conflict:
    return Conflict("replacement-under-way", _l("Another certificate is being made in its place already."))


def _draft(old: Snapshot, changes: Changes, *, organisation_id: str) -> Snapshot:
    today = civil_date(clock.now())
    if changes.hours is not None and not 1 <= changes.hours <= MOST_HOURS:
        raise Invalid("hours-not-valid", _l("Academic hours are a whole number of at least 1."))
    if changes.valid_until is not None and changes.valid_until < today:
        raise Invalid("day-not-valid", _l("The last day of validity is over already."))
    organisation = issuers.answering_today(organisation_id)
    signer = issuers.signer_on(organisation.id, today)
    if signer is None:
        raise Conflict(eligibility.ReasonCode.NO_SIGNER, _l("Nobody may sign for the organisation today."))
    draft = replace(
        old,
        certificate_id=new_id(),
        holder=changes.holder or old.holder,
        hours=changes.hours if changes.hours is not None else old.hours,
        valid_until=changes.valid_until or old.valid_until,
        issued_on=today,
        issuer=Issuer(organisation.names, organisation.country),
        signer=printing.signer_of(signer),
    )
    return printing.dressed(draft, series=numbering.series_of(old.number), organisation_id=organisation.id)
