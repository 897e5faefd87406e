"""A check-up of one platform: what works between it and us, what does not, and who must change what where.

Reads our records, then calls the platform and our own address. It changes nothing, here or there.
"""

from collections.abc import Iterable

from sqlalchemy import select

from lms.core import clock
from lms.core.db import db, reading
from lms.lti import doctor_calls, doctor_records, registrations
from lms.lti.findings import Finding, Report
from lms.lti.models import Registration, State


def look_at(registration_id: str) -> Report:
    """Everything that can be found out about a platform now. No transaction may be open: it is called.

    :raises NotFound: ``platform-not-found``.
    """
    with reading():
        row = registrations.find(registration_id)
        recorded = _recorded(row)
        scopes, place = doctor_records.scopes_to_ask(row), doctor_records.place_to_ask(row)
    calls = doctor_calls.Calls(row)
    called: list[Finding] = []
    if row.state != State.DELETED:
        for answers in (calls.keys(), calls.token(scopes, place), calls.clock(), doctor_calls.own_address(row)):
            called.extend(answers)
    return Report(row, clock.now(), [*recorded, *called])


def everybody() -> list[str]:
    """The ids of all platforms that were not deleted, by name."""
    with reading():
        wanted = select(Registration.id).where(Registration.state != State.DELETED)
        return list(db.session.scalars(wanted.order_by(Registration.name, Registration.issuer)))


def _recorded(row: Registration) -> list[Finding]:
    told: Iterable[Iterable[Finding]] = (
        doctor_records.standing(row),
        doctor_records.places(row),
        doctor_records.launches(row),
        doctor_records.grants(row),
        doctor_records.answering(row),
        doctor_records.work(row),
    )
    return [finding for findings in told for finding in findings]
