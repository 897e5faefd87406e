"""Completed modules for other systems: who, by the platform's number, completed what, and when it was recorded.

Results are not told: they are for the person, the instructor and the learning system. Others read this through
:mod:`courses.records`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select

from courses import catalogue, tracks
from courses.models import Completion, Enrolment, Module, TrackRecord
from courses.outline import Texts
from courses.track_records import RECORD_ID, is_one_of
from lms.core.db import db
from lms.lti.models import PlatformUser, Registration
from lms.organisations.models import Organisation, PlatformIssuer

Place = tuple[datetime, str]
"""When it was recorded, and the record's id."""
_Row = Select[Completion, Enrolment, str, str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class Completed:
    """One person has completed one module, or its short way. ``id`` is the record's."""

    id: str
    issuer: str
    client_id: str
    user_id: str
    """The platform's number of the person, of the first account if the person has several there."""
    module: str
    track: str
    """See :mod:`courses.tracks`."""
    titles: Texts
    hours: int
    """Academic hours of the version that was completed, on this track."""
    organisation: str | None
    """Code of the body that answers for the learners of the platform today."""
    completed_at: datetime
    recorded_at: datetime


def page(
    *,
    after: Place | None,
    limit: int,
    organisations: Collection[str] | None = None,
    organisation: str | None = None,
    module: str | None = None,
    since: datetime | None = None,
) -> list[Completed]:
    """Completed records in the order in which they were recorded.

    :param organisations: ids of bodies; records of others are not there.
    :param organisation: code of one of them.
    """
    wanted = _rows().order_by(Completion.recorded_at, RECORD_ID).limit(limit)
    conditions: list[ColumnElement[bool]] = []
    if organisations is not None:
        conditions.append(PlatformIssuer.organisation_id.in_(organisations))
    if organisation is not None:
        conditions.append(Organisation.code == organisation)
    if module is not None:
        conditions.append(Module.slug == module)
    if since is not None:
        conditions.append(Completion.recorded_at >= since)
    if after is not None:
        at, record_id = after
        later = and_(Completion.recorded_at == at, record_id < RECORD_ID)
        conditions.append(or_(Completion.recorded_at > at, later))
    return _read(wanted.where(*conditions))


def completed_records(record_ids: Collection[str]) -> dict[str, Completed]:
    """These records, as far as they are completed, by id. A fixed number of queries."""
    return {each.id: each for each in _read(_rows().where(is_one_of(record_ids)))}


def _rows() -> _Row:
    is_its_record = and_(TrackRecord.enrolment_id == Enrolment.id, TrackRecord.track == Completion.track)
    return (
        select(
            Completion,
            Enrolment,
            RECORD_ID,
            Module.slug,
            Registration.issuer,
            Registration.client_id,
            Organisation.code,
        )
        .join(Enrolment, Enrolment.id == Completion.enrolment_id)
        .outerjoin(TrackRecord, is_its_record)
        .join(Module, Module.id == Enrolment.module_id)
        .join(Registration, Registration.id == Enrolment.registration_id)
        .outerjoin(PlatformIssuer, PlatformIssuer.registration_id == Enrolment.registration_id)
        .outerjoin(Organisation, Organisation.id == PlatformIssuer.organisation_id)
        .where(Enrolment.is_trial.is_(False))
    )


def _read(wanted: _Row) -> list[Completed]:
    rows = db.session.execute(wanted).all()
    editions = catalogue.editions({(enrolment.module_id, completion.version_id) for completion, enrolment, *_ in rows})
    subs = _subs([enrolment for _completion, enrolment, *_ in rows])
    return [
        Completed(
            id=record_id,
            issuer=issuer,
            client_id=client_id,
            user_id=subs.get((enrolment.registration_id, enrolment.person_id), ""),
            module=slug,
            track=completion.track,
            titles=tracks.titles_of(editions[completion.version_id].outline, completion.track),
            hours=editions[completion.version_id].on(completion.track).outline.published_hours,
            organisation=code,
            completed_at=completion.completed_at,
            recorded_at=completion.recorded_at,
        )
        for completion, enrolment, record_id, slug, issuer, client_id, code in rows
    ]


def _subs(enrolments: Collection[Enrolment]) -> Mapping[tuple[str, str], str]:
    """The platform's numbers of people, by registration and person."""
    people = {enrolment.person_id for enrolment in enrolments}
    rows = db.session.scalars(
        select(PlatformUser).where(PlatformUser.person_id.in_(people)).order_by(PlatformUser.created_at.desc())
    )
    return {(row.registration_id, row.person_id): row.sub for row in rows}
