"""What names the record of a person on a track, for certificates and for jobs: the enrolment's id for a whole module, an id
of its own for the short way.
"""

from collections.abc import Collection

from sqlalchemy import select

from courses.models import TrackRecord
from courses.tracks import WHOLE
from lms.core.db import db, insert_once


def ensure(enrolment_id: str, track: str) -> str:
    """The id of the record, which is made if it is new."""
    if track == WHOLE:
        return enrolment_id
    kept, _ = insert_once(TrackRecord, {"enrolment_id": enrolment_id, "track": track}, {})
    return kept.id


def of_many(enrolment_ids: Collection[str]) -> dict[tuple[str, str], str]:
    """Ids of the records of short ways, by enrolment and track; one query."""
    rows = db.session.scalars(select(TrackRecord).where(TrackRecord.enrolment_id.in_(enrolment_ids)))
    return {(row.enrolment_id, row.track): row.id for row in rows}
