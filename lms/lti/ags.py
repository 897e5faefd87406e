"""Scores go back to the platform's gradebook (Assignment and Grade Services 2.0, score publish service).

Platforms ignore or refuse a score that is not newer than the last one, some compare whole seconds (Moodle), and a report
of progress after a grade wipes the grade (Moodle). So each score gets a timestamp at least a second after the one before,
reserved before it is sent, and progress is not reported once a grade was.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import select

from lms.core.db import db, insert_once, reading, transaction
from lms.core.errors import RemoteFailure
from lms.core.http import Answer
from lms.core.i18n import _l
from lms.core.vault import hashed
from lms.lti.access import Access
from lms.lti.models import Deployment, LastScoreTime, PlatformUser, Registration, ResourceLink

SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
BETWEEN_SCORES = timedelta(seconds=1)

ActivityProgress = Literal["Initialized", "Started", "InProgress", "Submitted", "Completed"]
GradingProgress = Literal["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"]


@dataclass(frozen=True)
class ScoreTarget:
    """One person's cell in a gradebook."""

    registration_id: str
    resource_link_row_id: str
    """Id of our row of the link from which the score comes."""
    line_item_url: str | None
    """The column; None where the launch named none, so that it has to be looked for (:mod:`lms.lti.ags_choice`)."""
    user_id: str
    """The person's ``sub`` on that platform."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """What is reported. Without ``score_given`` it is progress, not a grade."""

    score_given: float | None
    score_maximum: float | None
    activity_progress: ActivityProgress
    grading_progress: GradingProgress
    timestamp: datetime
    """When the result was reached, aware. It is moved on if a score as new was sent before."""
    comment: str | None = None
    """Plain text. Left out, it clears the comment that we sent before."""
    started_at: datetime | None = None
    submitted_at: datetime | None = None
    scoring_user_id: str | None = None

    @property
    def is_grade(self) -> bool:
        """Whether a platform will show it as a final grade."""
        return self.score_given is not None and self.grading_progress == "FullyGraded"


class ScoreRefused(RemoteFailure):
    """The platform will never take this score as it is. The code says why; sending it again does not help."""

    def __init__(self, code: str, *, asked: str, status_code: int) -> None:
        super().__init__(
            code,
            _l("The learning system does not take this grade. See the reason, correct it there, and send again."),
            asked=asked,
            status_code=status_code,
            retryable=False,
        )


def target_for(resource_link_id: str, person_id: str) -> ScoreTarget | None:
    """Where a person's scores for a link go, or None if the platform gave the link no gradebook or no right to score.

    :param resource_link_id: id of our row.
    """
    found = db.session.execute(
        select(ResourceLink, PlatformUser.sub)
        .join(PlatformUser, PlatformUser.registration_id == ResourceLink.registration_id)
        .where(ResourceLink.id == resource_link_id, PlatformUser.person_id == person_id)
        .limit(1)
    ).first()
    if found is None or SCORE_SCOPE not in found[0].ags_scopes:
        return None
    link, sub = found
    if not link.line_item_url and not link.line_items_url:
        return None
    return ScoreTarget(link.registration_id, link.id, link.line_item_url, sub)


def sub_of(person_id: str, registration_id: str) -> str | None:
    """How a platform calls somebody who marked, if it knows them."""
    return db.session.scalar(
        select(PlatformUser.sub).filter_by(person_id=person_id, registration_id=registration_id).limit(1)
    )


def publish_score(target: ScoreTarget, score: Score) -> None:
    """Send a score; returns when the platform has it or has a newer one. May be repeated.

    Calls the platform, so no transaction may be open.

    :raises ScoreRefused: ``not-enrolled``, ``line-item-missing``, ``score-not-allowed``, ``score-refused``.
    :raises RemoteFailure: ``score-not-delivered`` and others that a later try may cure.
    """
    line_item_url = _named(target)
    timestamp = _reserve_timestamp(target, score)
    if timestamp is None:
        return
    access = _access(target)
    platform = access.habits
    answer = access.call(
        "POST",
        scores_url(line_item_url),
        scopes=[SCORE_SCOPE],
        body=json.dumps({**_body(target, score, timestamp), **platform.score_extensions()}).encode(),
        headers={"Content-Type": SCORE_TYPE, "Accept": SCORE_TYPE},
    )
    if answer.is_success or platform.is_already_newer(answer.status, answer.body):
        return  # the body of a success says nothing that we need, and is empty on Moodle
    _raise_failure(answer, target, platform.permanent_refusal(answer.status, answer.body))


def scores_url(line_item_url: str) -> str:
    """``/scores`` goes behind the path and before the query, which Moodle needs."""
    parts = urlsplit(line_item_url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/scores"))


def _named(target: ScoreTarget) -> str:
    """:raises ValueError: for a target whose column was not looked for."""
    if not target.line_item_url:
        raise ValueError("a score needs its line item")
    return target.line_item_url


def _access(target: ScoreTarget) -> Access:
    with reading():
        registration, deployment_id = db.session.execute(
            select(Registration, Deployment.deployment_id)
            .join(ResourceLink, ResourceLink.registration_id == Registration.id)
            .join(Deployment, Deployment.id == ResourceLink.deployment_id)
            .where(ResourceLink.id == target.resource_link_row_id)
        ).one()
    return Access(registration, deployment_id)


def _reserve_timestamp(target: ScoreTarget, score: Score) -> datetime | None:
    """A moment later than that of every score before; None for progress after a grade, which must not be sent."""
    unique = {
        "registration_id": target.registration_id,
        "line_item_hash": hashed(_named(target)),
        "sub": target.user_id,
    }
    with transaction():
        row, created = insert_once(LastScoreTime, unique, {"used_at": score.timestamp, "has_grade": score.is_grade})
        if created:
            return row.used_at
        db.session.refresh(row, with_for_update=True)
        if row.has_grade and not score.is_grade:
            return None
        row.used_at = max(score.timestamp, row.used_at + BETWEEN_SCORES)
        row.has_grade = row.has_grade or score.is_grade
        return row.used_at


def _body(target: ScoreTarget, score: Score, timestamp: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "userId": target.user_id,
        "timestamp": _text(timestamp),
        "activityProgress": score.activity_progress,
        "gradingProgress": score.grading_progress,
        "scoreGiven": score.score_given,
        "scoreMaximum": score.score_maximum if score.score_given is not None else None,
        "comment": score.comment,
        "scoringUserId": score.scoring_user_id,
        "submission": {
            name: _text(moment)
            for name, moment in (("startedAt", score.started_at), ("submittedAt", score.submitted_at))
            if moment
        },
    }
    return {name: value for name, value in values.items() if value not in (None, {})}


def _raise_failure(answer: Answer, target: ScoreTarget, permanent: str | None) -> None:
    parts = urlsplit(_named(target))
    asked = f"POST {parts.hostname}{parts.path}/scores"
    if permanent:
        raise ScoreRefused(permanent, asked=asked, status_code=answer.status)
    raise RemoteFailure(
        "score-not-delivered",
        _l("The learning system did not take the grade now. We will send it again by ourselves."),
        asked=asked,
        status_code=answer.status,
        retry_after_seconds=answer.retry_after_seconds,
    )


def _text(moment: datetime) -> str:
    """ISO 8601 with parts of a second and a zone, as the specification asks."""
    return moment.isoformat(timespec="milliseconds")
