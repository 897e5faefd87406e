"""The score of one unit, of the written task or of the short way reaches the column of a link that opens this part alone.

Each link that a person opened is kept. Whenever what they did may have changed a part's score, what is true now is
compared with what was last told, and only a difference is sent. The score of the whole module goes its own way
(:mod:`courses.scores`), never into the column of a part. The short way has a score once it, or the whole, is completed.
"""

from dataclasses import dataclass

from sqlalchemy import select, update

from courses import catalogue, parts, progress, rules, scores, tracks
from courses.catalogue import Edition
from courses.models import Completion, Enrolment, Module, PartScore
from courses.rules import Done, Work
from lms.core import clock, jobs
from lms.core.db import db, insert_once, reading, transaction
from lms.core.vault import hashed
from lms.lti import ags
from lms.lti.ags import Score, ScoreTarget
from lms.lti.models import ResourceLink

JOB = "part-score"


@dataclass(frozen=True)
class _Outgoing:
    """What is true now about one part."""

    percent: int
    target: ScoreTarget | None
    score: Score
    resource_id: str
    label: str


def opened(enrolment_id: str, resource_link_row_id: str) -> None:
    """A person opened a link to a part; what was done before counts too."""
    insert_once(PartScore, {"enrolment_id": enrolment_id, "resource_link_row_id": resource_link_row_id}, {})
    review(enrolment_id)


def is_known(enrolment_id: str, resource_link_row_id: str) -> bool:
    """Whether the person opened this link before."""
    wanted = select(PartScore.id).filter_by(enrolment_id=enrolment_id, resource_link_row_id=resource_link_row_id)
    return db.session.scalar(wanted) is not None


def review(enrolment_id: str) -> None:
    """Queue the score of each part whose score is another than the one that was told; one query if there is no part."""
    rows = _of(enrolment_id)
    if not rows:
        return
    enrolment = db.session.get_one(Enrolment, enrolment_id)
    edition, done = _edition_of(enrolment), progress.of(enrolment_id)
    for row, part in rows:
        told = _evidence(enrolment, edition, done, part)
        if told and told != row.told:
            db.session.execute(update(PartScore).where(PartScore.id == row.id).values(told=told))
            jobs.queue(JOB, row.id)


def send_again(enrolment_id: str) -> None:
    """Whatever became of it before."""
    for row, _part in _of(enrolment_id):
        if row.told:
            jobs.retry(JOB, row.id)


def told_of(enrolment_id: str) -> list[tuple[PartScore, str]]:
    """Each part whose score was queued at least once."""
    return [(row, part) for row, part in _of(enrolment_id) if row.told]


def of_short_way(enrolment_ids: list[str]) -> dict[str, PartScore]:
    """The score of the short way in the column of its link, by enrolment; the link that was heard of last. One query."""
    rows = db.session.scalars(
        select(PartScore)
        .join(ResourceLink, ResourceLink.id == PartScore.resource_link_row_id)
        .where(PartScore.enrolment_id.in_(enrolment_ids), ResourceLink.part == parts.SHORT, PartScore.told.is_not(None))
        .order_by(PartScore.at.nulls_last(), PartScore.id)
    )
    return {row.enrolment_id: row for row in rows}


@jobs.handles(JOB)
def deliver(row_id: str) -> None:
    """Send the score of a part as it is now. Raises as :func:`courses.scores.deliver`."""
    with reading():
        outgoing = _compose(row_id)
    if outgoing is None:
        return
    target = scores.settled(outgoing.target, resource_id=outgoing.resource_id, label=outgoing.label)
    if target:
        scores.publish(target, outgoing.score)
    outcome = {"outcome": "delivered" if target else "not-wanted", "score_percent": outgoing.percent}
    with transaction():
        db.session.execute(update(PartScore).where(PartScore.id == row_id).values(**outcome, at=clock.now()))


def _of(enrolment_id: str) -> list[tuple[PartScore, str]]:
    rows = db.session.execute(
        select(PartScore, ResourceLink.part)
        .join(ResourceLink, ResourceLink.id == PartScore.resource_link_row_id)
        .where(PartScore.enrolment_id == enrolment_id, ResourceLink.part.is_not(None))
        .order_by(ResourceLink.part, PartScore.id)
    )
    return [(row, str(part)) for row, part in rows]


def _evidence(enrolment: Enrolment, edition: Edition, done: Done, part: str) -> str | None:
    """A hash of what is told; None while there is no score."""
    percent = _percent(enrolment, edition, done, part)
    if percent is None:
        return None
    work = _work(done, part)
    return hashed(f"{part} {percent} {work.comment if work else ''}")


def _percent(enrolment: Enrolment, edition: Edition, done: Done, part: str) -> int | None:
    if part == parts.SHORT:
        return _percent_of_short_way(enrolment, done)
    return parts.percent(edition.outline, done, part)


def _percent_of_short_way(enrolment: Enrolment, done: Done) -> int | None:
    """Its result; the whole module contains it, so a completion of that is one of the short way too."""
    completed = db.session.scalars(select(Completion).filter_by(enrolment_id=enrolment.id).order_by(Completion.track))
    for completion in completed:  # "reserve" before "whole"
        if completion.reported_percent is not None:
            return completion.reported_percent
        edition = catalogue.edition(enrolment.module_id, completion.version_id)
        percent = rules.result_percent(edition.on(tracks.RESERVE).outline, done)
        if percent is not None:
            return percent
    return None


def _work(done: Done, part: str) -> Work | None:
    """The text behind a score."""
    return done.counting_work if part in (parts.WORK, parts.SHORT) else None


def _compose(row_id: str) -> _Outgoing | None:
    found = db.session.execute(
        select(Enrolment, ResourceLink)
        .join(PartScore, PartScore.enrolment_id == Enrolment.id)
        .join(ResourceLink, ResourceLink.id == PartScore.resource_link_row_id)
        .where(PartScore.id == row_id, Enrolment.is_trial.is_(False), ResourceLink.part.is_not(None))
    ).first()
    if found is None:
        return None
    enrolment, link = found
    edition, done, part = _edition_of(enrolment), progress.of(enrolment.id), str(link.part)
    percent = _percent(enrolment, edition, done, part)
    if percent is None:
        return None
    return _Outgoing(
        percent=percent,
        target=ags.target_for(link.id, enrolment.person_id),
        score=_score(enrolment, edition, done, part=part, percent=percent, registration_id=link.registration_id),
        resource_id=parts.resource_id(edition.slug, part),
        label=parts.titles_of(edition.outline, part)["ky"],
    )


def _score(
    enrolment: Enrolment, edition: Edition, done: Done, *, part: str, percent: int, registration_id: str
) -> Score:
    """A grade that stands, though a further attempt may raise it: anything less would clear it (Moodle)."""
    work = _work(done, part)
    is_passed = part == parts.SHORT or parts.is_passed(edition.outline, done, part)
    return Score(
        score_given=percent,
        score_maximum=100,
        activity_progress="Completed" if is_passed else "Submitted",
        grading_progress="FullyGraded",
        timestamp=clock.now(),
        comment=(work.comment or None) if work else None,
        started_at=enrolment.started_at,
        submitted_at=work.submitted_at if work else None,
        scoring_user_id=scores.marker_of(work, registration_id) if work else None,
    )


def _edition_of(enrolment: Enrolment) -> Edition:
    version_id = db.session.scalars(select(Module.current_version_id).filter_by(id=enrolment.module_id)).one()
    return catalogue.edition(enrolment.module_id, version_id)
