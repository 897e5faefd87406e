"""The score of a completed module reaches the gradebook of the course from which it was opened.

Only a final result is sent: a platform would take anything else for a grade, or wipe the grade it has (Moodle).
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from courses import catalogue, progress, rules
from courses.models import Completion, Enrolment, Grade, ScoreDelivery
from courses.rules import Done, Work
from courses.tracks import WHOLE
from lms.core import clock, jobs
from lms.core.db import db, reading, transaction
from lms.core.jobs import NeedsPerson
from lms.lti import ags, ags_choice
from lms.lti.ags import Score, ScoreTarget
from lms.lti.models import ResourceLink
from lms.lti.platforms.base import LINE_ITEM_MISSING


@dataclass(frozen=True)
class _Outgoing:
    """What is true now about a completed enrolment."""

    percent: int
    target: ScoreTarget | None
    score: Score
    module_slug: str
    module_title: str


@jobs.handles("score")
def deliver(enrolment_id: str) -> None:
    """Send the score as it is now, or note that nobody asked for it.

    :raises NeedsPerson: with the code of a refusal that sending again does not cure.
    :raises TryLater: ``line-item-sought`` while another score of this link looks for its column.
    """
    with reading():
        outgoing = _compose(enrolment_id)
    if outgoing is None:
        return
    target = settled(outgoing.target, resource_id=outgoing.module_slug, label=outgoing.module_title)
    if target:
        publish(target, outgoing.score)
    with transaction():
        _note(enrolment_id, "delivered" if target else "not-wanted", outgoing.percent)


def settled(target: ScoreTarget | None, *, resource_id: str, label: str) -> ScoreTarget | None:
    """The column: as the launch said, else found, else made; None where the learning system has none for us."""
    return ags_choice.settled(target, resource_id=resource_id, label=label) if target else None


def publish(target: ScoreTarget, score: Score) -> None:
    """:raises NeedsPerson: with the code of a refusal that sending again does not cure."""
    try:
        ags.publish_score(target, score)
    except ags.ScoreRefused as refused:
        if refused.code == LINE_ITEM_MISSING:  # the next try looks for another
            ags_choice.forget(target)
        raise NeedsPerson(refused.code) from refused


def marker_of(work: Work, registration_id: str) -> str | None:
    """Who set the mark that counts, as the platform calls them; nobody for what only tests decided."""
    counting = select(Grade.marker_id).filter_by(submission_id=work.submission_id, is_held=False)
    marker_id = db.session.scalar(counting.order_by(Grade.number.desc()).limit(1))
    return ags.sub_of(marker_id, registration_id) if marker_id else None


def deliveries(enrolment_ids: list[str]) -> dict[str, ScoreDelivery]:
    """What became of the last score of each enrolment that had one; one query."""
    rows = db.session.scalars(select(ScoreDelivery).where(ScoreDelivery.enrolment_id.in_(enrolment_ids)))
    return {row.enrolment_id: row for row in rows}


def _compose(enrolment_id: str) -> _Outgoing | None:
    """Nothing for somebody who only looks around, or has not completed, or has no result in numbers."""
    row = db.session.execute(
        select(Enrolment, Completion)
        .join(Completion, Completion.enrolment_id == Enrolment.id)
        .where(Enrolment.id == enrolment_id, Enrolment.is_trial.is_(False), Completion.track == WHOLE)
    ).first()
    if row is None:
        return None
    enrolment, completion = row
    done = progress.of(enrolment_id)
    percent = _percent(enrolment, completion, done)
    if percent is None:
        return None
    outline = catalogue.edition(enrolment.module_id, completion.version_id).outline
    return _Outgoing(
        percent=percent,
        target=_target(enrolment),
        score=_score(enrolment, completion, done, percent),
        module_slug=outline.slug,
        module_title=outline.titles["ky"],
    )


def _target(enrolment: Enrolment) -> ScoreTarget | None:
    """The column of the link of the last launch; never that of a link to one part, which has a score of its own."""
    part = db.session.scalar(select(ResourceLink.part).where(ResourceLink.id == enrolment.resource_link_row_id))
    return None if part else ags.target_for(enrolment.resource_link_row_id, enrolment.person_id)


def _percent(enrolment: Enrolment, completion: Completion, done: Done) -> int | None:
    if completion.reported_percent is not None:
        return completion.reported_percent
    outline = catalogue.edition(enrolment.module_id, completion.version_id).outline
    return rules.result_percent(outline, done)


def _score(enrolment: Enrolment, completion: Completion, done: Done, percent: int) -> Score:
    work = done.counting_work
    return Score(
        score_given=percent,
        score_maximum=100,
        activity_progress="Completed",
        grading_progress="FullyGraded",
        timestamp=clock.now(),
        comment=(work.comment or None) if work else None,
        started_at=enrolment.started_at,
        submitted_at=(work.submitted_at if work else None) or completion.completed_at,
        scoring_user_id=marker_of(work, enrolment.registration_id) if work else None,
    )


def _note(enrolment_id: str, outcome: str, percent: int) -> None:
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"outcome": outcome, "score_percent": percent, "at": clock.now()}
    statement = insert(ScoreDelivery).values(enrolment_id=enrolment_id, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["enrolment_id"], set_=values))
