"""Scores arrive and become results (AGS 2.0, sections 3.3 and 3.4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.core import clock
from lms.sandbox import addresses, demo, identifiers, store, switches
from lms.sandbox.demo import Person, Role
from lms.sandbox.memberships import member_by_user_id
from lms.sandbox.models import LineItem, Result
from lms.sandbox.options import Option, number
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import PersonNotGradable, ServiceRefused

ACTIVITY_PROGRESS = frozenset({"Initialized", "Started", "InProgress", "Submitted", "Completed"})
GRADING_PROGRESS = frozenset({"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"})
SUBMISSION_EXTENSION = "https://canvas.instructure.com/lti/submission"
AHEAD = timedelta(minutes=1)
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
    submitted_at: datetime | None
    is_new_submission: bool


def read(body: Mapping[str, object], profile: Profile) -> Score:
    """:raises ServiceRefused: 400 at the first member that is missing or wrong."""
    given, maximum = _score_and_maximum(body, profile)
    submission = _submission(body, profile)
    return Score(
        user_id=_required_text(body, "userId"),
        timestamp=_timestamp(body, profile),
        activity_progress=_one_of(body, "activityProgress", ACTIVITY_PROGRESS),
        grading_progress=_one_of(body, "gradingProgress", GRADING_PROGRESS),
        score_given=given,
        score_maximum=maximum,
        comment=_optional_text(body, "comment"),
        scoring_user_id=_optional_text(body, "scoringUserId"),
        submitted_at=_submitted_at(submission, profile),
        is_new_submission=_extension(body).get("new_submission") is not False,
    )


def accept(score: Score, item: LineItem, profile: Profile) -> Result:
    """Take a score that is newer than the last one.

    :raises PersonNotGradable: if the score is for nobody who studies here.
    :raises ServiceRefused: 409 if a score of the same or a later time was taken before; as the profile has it, for too
        high a score or too many attempts.
    """
    person = _trainee(score.user_id, profile)
    kept = _result(item, person)
    if kept is not None:
        _refuse_old(score, kept, profile)
    _refuse_too_high(score, profile)
    result = kept or Result(line_item_id=item.id, person_id=person.id, score=None, attempts=0, history=[])
    _count_attempt(result, score, profile)
    _apply(result, score, item, profile)
    store.session().add(result)
    return result


def results_of(item: LineItem, profile: Profile, *, user_id: str | None = None) -> list[Result]:
    """What people have in a column."""
    statement = select(Result).where(Result.line_item_id == item.id).order_by(Result.id)
    return [
        result
        for result in store.session().scalars(statement)
        if (result.score is not None or Quirk.CLEARED_RESULTS_VANISH not in profile)
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
    context_id = item.context_id
    optional = {
        "resultScore": result.score,
        "comment": result.comment,
        "scoringUserId": result.scoring_user_id,
    }
    return {
        "id": addresses.result(profile, context_id, item.id, user_id),
        "scoreOf": addresses.line_item(profile, context_id, item.id),
        "userId": user_id,
        "resultMaximum": item.score_maximum,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _trainee(user_id: str, profile: Profile) -> Person:
    person = member_by_user_id(user_id, profile)
    if person is None:
        raise PersonNotGradable(user_id, is_known=False)
    if person.role not in (Role.LEARNER, Role.TEST_STUDENT) or not switches.takes_part(person):
        raise PersonNotGradable(user_id, is_known=True)
    return person


def _result(item: LineItem, person: Person) -> Result | None:
    return store.session().scalar(select(Result).where(Result.line_item_id == item.id, Result.person_id == person.id))


def _refuse_old(score: Score, kept: Result, profile: Profile) -> None:
    """AGS 2.0, section 3.3: a timestamp is newer than any before; platforms differ in grain and in what they answer."""
    new, old = _comparable(score.timestamp, profile), _comparable(kept.scored_at, profile)
    if Quirk.OLDER_IS_400 in profile:
        if new < old:
            raise ServiceRefused(400, "The timestamp is before the last one")
    elif new <= old:
        raise ServiceRefused(409, "A score of the same or a later timestamp was accepted before")


def _comparable(timestamp: datetime, profile: Profile) -> datetime:
    return timestamp.replace(microsecond=0) if Quirk.WHOLE_SECONDS in profile else timestamp


def _refuse_too_high(score: Score, profile: Profile) -> None:
    too_high = (score.score_given or 0) > (score.score_maximum or 0)
    if Quirk.SCORES_ABOVE_MAXIMUM_ARE_REFUSED in profile and too_high:
        raise ServiceRefused(400, "The grade item does not allow scores above its maximum (Can exceed)")


def _count_attempt(result: Result, score: Score, profile: Profile) -> None:
    if Quirk.EVERY_SCORE_IS_AN_ATTEMPT not in profile or not score.is_new_submission:
        return
    limit = number(Option.ATTEMPT_LIMIT)
    if limit and result.attempts >= limit:
        raise ServiceRefused(422, "The maximum number of allowed attempts has been reached for this submission")
    result.attempts += 1


def _apply(result: Result, score: Score, item: LineItem, profile: Profile) -> None:
    result.activity_progress = score.activity_progress
    result.grading_progress = score.grading_progress
    result.scored_at = score.timestamp
    result.received_at = clock.now()
    result.submitted_at = score.submitted_at
    counts = _counts(score, profile)
    if not counts and Quirk.UNFINISHED_GRADING_CLEARS not in profile:
        return
    result.score = _on_scale_of(item, score, profile) if counts else None
    result.comment = score.comment
    result.scoring_user_id = score.scoring_user_id
    result.history = [*result.history, result.score]


def _counts(score: Score, profile: Profile) -> bool:
    """Whether this is a grade and not only news of its making."""
    manual = score.grading_progress == "PendingManual" and Quirk.PENDING_MANUAL_COUNTS in profile
    return score.grading_progress == "FullyGraded" or manual


def _on_scale_of(item: LineItem, score: Score, profile: Profile) -> float | None:
    """The score on the column's own scale; no score given clears the result (AGS 2.0, section 3.4.5)."""
    if score.score_given is None or score.score_maximum is None:
        return None
    scaled = score.score_given * item.score_maximum / score.score_maximum
    return min(scaled, item.score_maximum) if Quirk.SCORES_STOP_AT_MAXIMUM in profile else scaled


def _user_id(result: Result, profile: Profile) -> str:
    person = demo.person(result.person_id)
    return identifiers.user_id(person, profile) if person else result.person_id


def _score_and_maximum(body: Mapping[str, object], profile: Profile) -> tuple[float | None, float | None]:
    given, maximum = _optional_number(body, "scoreGiven"), _optional_number(body, "scoreMaximum")
    if given is not None and maximum is None:
        status = 422 if Quirk.MISSING_MAXIMUM_IS_422 in profile else 400
        raise ServiceRefused(status, "scoreMaximum is missing beside scoreGiven")
    if given is not None and given < 0:
        raise ServiceRefused(400, "scoreGiven may not be below zero")
    if maximum is not None and maximum <= 0:
        raise ServiceRefused(400, "scoreMaximum must be above zero")
    return given, maximum


def _submission(body: Mapping[str, object], profile: Profile) -> Mapping[str, object]:
    """``submission`` of AGS 2.0 with ``startedAt`` and ``submittedAt``, or the extension that says the same."""
    submission = body.get("submission", {})
    if not isinstance(submission, dict):
        raise ServiceRefused(400, "submission must be an object")
    for name in ("startedAt", "submittedAt"):
        if name in submission:
            _moment(submission[name], f"submission.{name}")
    extension = _extension(body)
    return {"submittedAt": extension["submitted_at"]} if "submitted_at" in extension else submission


def _extension(body: Mapping[str, object]) -> Mapping[str, object]:
    extension = body.get(SUBMISSION_EXTENSION, {})
    return extension if isinstance(extension, dict) else {}


def _submitted_at(submission: Mapping[str, object], profile: Profile) -> datetime | None:
    if "submittedAt" not in submission:
        return None
    moment = _moment(submission["submittedAt"], "submittedAt")
    if Quirk.SUBMITTED_AHEAD_IS_400 in profile and moment > clock.now() + AHEAD:
        raise ServiceRefused(400, "Provided submitted_at timestamp is in the future")
    return moment


def _moment(value: object, name: str) -> datetime:
    if not isinstance(value, str) or TIMESTAMP.fullmatch(value) is None:
        raise ServiceRefused(400, f"{name} must be ISO 8601 with a time zone")
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise ServiceRefused(400, f"{name} is no moment") from error


def _timestamp(body: Mapping[str, object], profile: Profile) -> datetime:
    text = _required_text(body, "timestamp")
    moment = _moment(text, "timestamp")
    if Quirk.WHOLE_SECONDS not in profile and "." not in text:
        raise ServiceRefused(400, "timestamp must be finer than a second")
    return moment


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
