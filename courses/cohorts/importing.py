"""Imports of rosters, as work after the answer: read, judged row by row, and written in one transaction."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from sqlalchemy import Table, func, insert, select

from courses.cohorts import identity, rosters
from courses.cohorts.models import Cohort, Member, RosterImport
from courses.cohorts.rosters import Entry, Reading
from lms.core import audit, clock, files, jobs
from lms.core.archives import NotRead
from lms.core.db import db, insert_once, new_id, transaction
from lms.core.errors import Invalid, NotFound
from lms.core.i18n import _l
from lms.organisations.models import Organisation
from lms.people import number_keys

JOB = "roster-import"
_MEMBERS = cast(Table, Member.__table__)
_COMPARED = ("name", "latin_name", "gender", "region", "level", "agency_id", "email", "passport_until")


def start(import_id: str, cohort: Cohort, data: bytes, *, is_trial: bool, actor: str) -> RosterImport:
    """Take an upload; the id came with the form, so a second click changes nothing.

    :raises Invalid: ``upload-too-large``, ``upload-unknown``.
    """
    if len(data) > rosters.LARGEST_BYTES:
        raise Invalid("upload-too-large", _l("The file is too large. At most 10 MB."))
    if not data.startswith(b"PK"):
        raise Invalid("upload-unknown", _l("This is not a spreadsheet in XLSX."))
    values = {"cohort_id": cohort.id, "made_by": actor, "is_trial": is_trial, "made_at": clock.now()}
    stored_as = f"rosters/{new_id()}.xlsx"
    made, is_new = insert_once(RosterImport, {"id": import_id}, {**values, "stored_as": stored_as})
    if is_new:
        files.store(stored_as, data)
        jobs.queue(JOB, made.id)
        audit.record("roster.sent", subject=f"cohort:{cohort.id}", actor=actor, is_trial=is_trial)
    return made


def get(cohort: Cohort, import_id: str) -> RosterImport:
    """:raises NotFound: ``not-found``."""
    found = db.session.scalar(select(RosterImport).filter_by(id=import_id, cohort_id=cohort.id))
    if found is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return found


def of_cohort(cohort: Cohort) -> list[RosterImport]:
    """All, the newest first."""
    wanted = select(RosterImport).filter_by(cohort_id=cohort.id).order_by(RosterImport.made_at.desc())
    return list(db.session.scalars(wanted))


@jobs.handles(JOB)
def run(import_id: str) -> None:
    """Read the upload and write what is right. Twice does the same as once."""
    with transaction():
        found = db.session.get_one(RosterImport, import_id)
        if found.finished_at is not None or found.stored_as is None:
            return
        _judge(found, stored_as=found.stored_as)
        found.finished_at = clock.now()
        done, found.stored_as = found.stored_as, None
    files.remove(done)


def _judge(found: RosterImport, *, stored_as: str) -> None:
    try:
        reading = rosters.read(files.read(stored_as), _agencies())
    except (NotRead, NotFound) as refusal:
        found.refusal = {"code": refusal.code}
        return
    found.rows = reading.rows
    found.faults = [asdict(fault) for fault in reading.faults]
    _take(found, reading)


def _take(found: RosterImport, reading: Reading) -> None:
    cohort = db.session.get_one(Cohort, found.cohort_id)
    present = _present(cohort, reading)
    new = {key: entry for key, entry in reading.entries.items() if key not in present}
    left = cohort.places - _taken_places(cohort)
    if len(new) > left:
        found.refusal = {"code": "quota-exceeded", "asked": len(new), "left": left, "places": cohort.places}
        return
    known = {key: entry for key, entry in reading.entries.items() if key in present}
    differing = {key: entry for key, entry in known.items() if _differs(present[key], entry)}
    found.added, found.changed, found.same = len(new), len(differing), len(known) - len(differing)
    if not found.is_trial:
        if new:  # rows and no objects: an object for each would take five times as long (script/bench bulk)
            db.session.execute(insert(_MEMBERS), _members(cohort, new))
        for key, entry in differing.items():
            _update(present[key], entry)
        subject = f"cohort:{cohort.id}"
        audit.record("roster.taken", subject=subject, actor=found.made_by, added=len(new), changed=len(differing))


def _present(cohort: Cohort, reading: Reading) -> dict[str, Member]:
    """Who is on the roster already, by the newest hash where the list names them, whichever key their row has."""
    own = select(Member).filter_by(cohort_id=cohort.id)
    has_older = identity.are_older_keys()
    if not has_older and reading.entries.keys().isdisjoint(
        db.session.scalars(own.with_only_columns(Member.person_key))
    ):
        return {}
    present = {row.person_key: row for row in db.session.scalars(own)}
    if not has_older:
        return present
    for key, entry in reading.entries.items():
        for older in identity.keys_of(entry.personal_number, email=entry.email, name=entry.name)[1:]:
            if older in present:
                present[key] = present.pop(older)
    return present


def _taken_places(cohort: Cohort) -> int:
    """Whoever left has given the place up."""
    wanted = select(func.count(Member.id)).where(Member.cohort_id == cohort.id, Member.left_at.is_(None))
    return db.session.scalar(wanted) or 0


def _agencies() -> dict[str, str]:
    return {row.code: row.id for row in db.session.execute(select(Organisation.code, Organisation.id))}


def _values(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _COMPARED}


def _differs(member: Member, entry: Entry) -> bool:
    same = all(getattr(member, name) == value for name, value in _values(entry).items())
    return not same or identity.passport(member.passport_encrypted) != (entry.passport or "")


def _members(cohort: Cohort, entries: Mapping[str, Entry]) -> list[dict[str, Any]]:
    key_id = number_keys.current().id
    return [
        {
            **_values(entry),
            "cohort_id": cohort.id,
            "person_key": key,
            "number_key": key_id,
            "number_encrypted": identity.encrypted_number(entry.personal_number),
            "passport_encrypted": identity.encrypted_passport(entry.passport),
        }
        for key, entry in entries.items()
    ]


def _update(member: Member, entry: Entry) -> None:
    values: Mapping[str, Any] = _values(entry)
    for name, value in values.items():
        setattr(member, name, value)
    member.passport_encrypted = identity.encrypted_passport(entry.passport)
