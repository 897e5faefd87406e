"""What can be done about a record that brings no certificate yet, for others through :mod:`courses.records`."""

from sqlalchemy import select

from courses import completion, enrolment, part_scores, roster, scores, tracks
from courses.models import TrackRecord
from courses.roster import Delivery
from lms.core import audit, jobs
from lms.core.db import db
from lms.lti.models import LaunchSession


def score_of(enrolment_id: str, track: str) -> Delivery:
    """Whether the score of what was completed has reached the gradebook."""
    if track == tracks.WHOLE:
        return roster.delivery_of(
            jobs.state_of("score", enrolment_id), scores.deliveries([enrolment_id]).get(enrolment_id)
        )
    row = part_scores.of_short_way([enrolment_id]).get(enrolment_id)
    if row is None:
        return Delivery(state="none")
    return roster.delivery_of(jobs.state_of(part_scores.JOB, row.id), row if row.outcome else None)


def send_score_again(enrolment_id: str, *, actor: str) -> None:
    """Whatever became of it before."""
    jobs.retry("score", enrolment_id)
    part_scores.send_again(enrolment_id)
    audit.record("score.resend", subject=f"enrolment:{enrolment_id}", actor=actor)


def review_again(enrolment_id: str) -> None:
    """Look once more whether every rule is met; what is found to be complete is recorded."""
    completion.review(enrolment_id)


def seen_by_instructor(launch: LaunchSession, slug: str, enrolment_id: str) -> str:
    """Id of the record, on the track that the trainee is on, if an instructor of this launch may see it.

    :raises NotFound: ``trainee-unknown``, also if it exists elsewhere; as ``enrolment.edition_here``.
    """
    found = enrolment.seen(launch, enrolment.edition_here(launch, slug), enrolment_id)
    short = select(TrackRecord.id).filter_by(enrolment_id=found.id, track=found.track)
    return found.id if found.track == tracks.WHOLE else db.session.scalar(short) or found.id
