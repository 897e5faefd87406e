"""What names the record of a person on a track, for certificates and for jobs: the enrolment's id for a whole module, an id
of its own for the short way.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, func, select, union

from courses.models import Enrolment, TrackRecord
from courses.tracks import WHOLE
from lms.core.db import db, insert_once

RECORD_ID = func.coalesce(TrackRecord.id, Enrolment.id)
"""Of a completed way, where an enrolment is joined with the record of that way."""


def ensure(enrolment_id: str, track: str) -> str:
    """The id of the record, which is made if it is new."""
    if track == WHOLE:
        return enrolment_id
    kept, _ = insert_once(TrackRecord, {"enrolment_id": enrolment_id, "track": track}, {})
    return kept.id


def enrolments_of(record_ids: Collection[str]) -> CompoundSelect[Any]:
    """Ids of the enrolments of these records, to be looked for with ``in_``.

    A union: for "this id, or one of a subquery" PostgreSQL reads every enrolment there is.
    """
    whole = select(Enrolment.id).where(Enrolment.id.in_(record_ids))
    short = select(TrackRecord.enrolment_id).where(TrackRecord.id.in_(record_ids))
    return union(whole, short)


def is_one_of(record_ids: Collection[str]) -> ColumnElement[bool]:
    """Whether a completed way has one of these records; joined as for :data:`RECORD_ID`."""
    return and_(Enrolment.id.in_(enrolments_of(record_ids)), RECORD_ID.in_(record_ids))


def of_many(enrolment_ids: Collection[str]) -> dict[tuple[str, str], str]:
    """Ids of the records of short ways, by enrolment and track; one query."""
    rows = db.session.scalars(select(TrackRecord).where(TrackRecord.enrolment_id.in_(enrolment_ids)))
    return {(row.enrolment_id, row.track): row.id for row in rows}
