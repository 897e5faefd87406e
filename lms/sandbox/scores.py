"""Scores arrive and become results (AGS 2.0, sections 3.3 and 3.4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.core import clock
from lms.sandbox import addresses, store, switches
from lms.sandbox.demo import PEOPLE, Person, Role
from lms.sandbox.models import LineItem, Result
from lms.sandbox.profiles import Profile
from lms.sandbox.refusals import PersonNotGradable, ServiceRefused

ACTIVITY_PROGRESS = frozenset({"Initialized", "Started", "InProgress", "Submitted", "Completed"})
GRADING_PROGRESS = frozenset({"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"})
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?P<fraction>\.\d+)?(Z|[+-]\d\d:?\d\d)")


@dataclass(frozen=True)
class Score:
    """A score of the right form."""

    user_id: str
    timestamp: datetime
    activity_progress: str
    grading_progress: str
    score_given: float | None
    score_maximum: float | None
    comment: str | None
    scoring_user_id: str | None


def read(body: Mapping[str, object], profile: Profile) -> Score:
    """:raises ServiceRefused: 400 at the first member that is missing or wrong."""
    given, maximum = _score_and_maximum(body)
    return Score(
        user_id=_required_text(body, "userId"),
        timestamp=_timestamp(body, profile),
        activity_progress=_one_of(body, "activityProgress", ACTIVITY_PROGRESS),
        grading_progress=_one_of(body, "gradingProgress", GRADING_PROGRESS),
        score_given=given,
        score_maximum=maximum,
        comment=_optional_text(body, "comment"),
        scoring_user_id=_optional_text(body, "scoringUserId"),
    )


def accept(score: Score, item: LineItem, profile: Profile) -> Result:
    """Take a score that is newer than the last one.

    :raises PersonNotGradable: if the score is for nobody who studies here.
    :raises ServiceRefused: 409 if a score of the same or a later time was taken before.
    """
    person = _trainee(score.user_id, profile)
    kept = _result(item, person)
    if kept is not None:
        _refuse_old(score, kept, profile)
    result = kept or Result(line_item_id=item.id, person_id=person.id, score=None)
    _apply(result, score, item, profile)
    store.session().add(result)
    return result


def results_of(item: LineItem, profile: Profile, *, user_id: str | None = None) -> list[Result]:
    """What people have in a column."""
    statement = select(Result).where(Result.line_item_id == item.id).order_by(Result.id)
    return [
        result
        for result in store.session().scalars(statement)
        if (result.score is not None or profile.cleared_results_are_listed)
        and user_id in (None, _user_id(result, profile))
    ]


def of_everyone() -> Sequence[tuple[LineItem, Result]]:
    """All results with their columns, for the gradebook."""
    statement = (
        select(LineItem, Result).join(Result, Result.line_item_id == LineItem.id).order_by(LineItem.id, Result.id)
    )
    return [(item, result) for item, result in store.session().execute(statement)]


def shown(result: Result, item: LineItem, profile: Profile) -> dict[str, object]:
    """A result in the words of the service; without a score it is not graded."""
    user_id = _user_id(result, profile)
    optional = {
        "resultScore": result.score,
        "comment": result.comment,
        "scoringUserId": result.scoring_user_id,
    }
    return {
        "id": addresses.result(profile, item.id, user_id),
        "scoreOf": addresses.line_item(profile, item.id),
        "userId": user_id,
        "resultMaximum": item.score_maximum,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _trainee(user_id: str, profile: Profile) -> Person:
    for person in PEOPLE:
        if profile.user_id(person) == user_id and person.role is Role.LEARNER and switches.takes_part(person):
            return person
    raise PersonNotGradable


def _result(item: LineItem, person: Person) -> Result | None:
    return store.session().scalar(select(Result).where(Result.line_item_id == item.id, Result.person_id == person.id))


def _refuse_old(score: Score, kept: Result, profile: Profile) -> None:
    if profile.comparable(score.timestamp) <= profile.comparable(kept.scored_at):
        raise ServiceRefused(409, "A score of the same or a later timestamp was accepted before")


def _apply(result: Result, score: Score, item: LineItem, profile: Profile) -> None:
    result.activity_progress = score.activity_progress
    result.grading_progress = score.grading_progress
    result.scored_at = score.timestamp
    result.received_at = clock.now()
    if score.grading_progress != "FullyGraded" and not profile.unfinished_grading_clears:
        return
    finished = score.grading_progress == "FullyGraded"
    result.score = _on_scale_of(item, score, profile) if finished else None
    result.comment = score.comment
    result.scoring_user_id = score.scoring_user_id


def _on_scale_of(item: LineItem, score: Score, profile: Profile) -> float | None:
    """The score on the column's own scale; no score given clears the result (AGS 2.0, section 3.4.5)."""
    if score.score_given is None or score.score_maximum is None:
        return None
    scaled = score.score_given * item.score_maximum / score.score_maximum
    return min(scaled, item.score_maximum) if profile.scores_stop_at_maximum else scaled


def _user_id(result: Result, profile: Profile) -> str:
    return next(profile.user_id(person) for person in PEOPLE if person.id == result.person_id)


def _score_and_maximum(body: Mapping[str, object]) -> tuple[float | None, float | None]:
    given, maximum = _optional_number(body, "scoreGiven"), _optional_number(body, "scoreMaximum")
    if given is not None and maximum is None:
        raise ServiceRefused(400, "scoreMaximum is missing beside scoreGiven")
    if given is not None and given < 0:
        raise ServiceRefused(400, "scoreGiven may not be below zero")
    if maximum is not None and maximum <= 0:
        raise ServiceRefused(400, "scoreMaximum must be above zero")
    return given, maximum


def _timestamp(body: Mapping[str, object], profile: Profile) -> datetime:
    text = _required_text(body, "timestamp")
    matched = TIMESTAMP.fullmatch(text)
    if matched is None:
        raise ServiceRefused(400, "timestamp must be ISO 8601 with a time zone")
    if profile.timestamps_need_fractions and not matched["fraction"]:
        raise ServiceRefused(400, "timestamp must be finer than a second")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ServiceRefused(400, "timestamp is no moment") from error


def _one_of(body: Mapping[str, object], name: str, allowed: frozenset[str]) -> str:
    value = _required_text(body, name)
    if value not in allowed:
        raise ServiceRefused(400, f"{name} must be one of {', '.join(sorted(allowed))}")
    return value


def _required_text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ServiceRefused(400, f"{name} is missing")
    return value


def _optional_text(body: Mapping[str, object], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ServiceRefused(400, f"{name} must be a text")
    return value


def _optional_number(body: Mapping[str, object], name: str) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ServiceRefused(400, f"{name} must be a number")
    return value
