"""Scores on their way to a gradebook."""

import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import clock
from lms.core import keys as signing_keys
from lms.core.db import db, reading, transaction
from lms.core.errors import RemoteFailure
from lms.lti import ags
from lms.lti.ags import Score, ScoreRefused, ScoreTarget
from lms.lti.models import LaunchSession, Registration, ServiceToken
from tests.platform import Platform, Reply

SCORES = "/items/5/lineitem/scores"
NOON = datetime(2026, 11, 21, 12, 0, 0, 736_000, tzinfo=UTC)


@pytest.fixture
def target(client: FlaskClient, platform: Platform) -> ScoreTarget:
    """The cell of a learner who was launched, at a platform that does not say of which make it is."""
    with transaction():
        signing_keys.ensure("lti")
    platform.launch(client, tool_platform=None)
    platform.asked.clear()
    return _target()


def _target() -> ScoreTarget:
    with reading():
        launch = db.session.scalars(select(LaunchSession)).one()
        found = ags.target_for(launch.resource_link_row_id, launch.person_id)
    assert found is not None
    return found


def score(**changes: Any) -> Score:
    values: dict[str, Any] = {
        "score_given": 83,
        "score_maximum": 100,
        "activity_progress": "Completed",
        "grading_progress": "FullyGraded",
        "timestamp": NOON,
        **changes,
    }
    return Score(**values)


def sent_scores(platform: Platform) -> list[dict[str, Any]]:
    return [json.loads(asked.body) for asked in platform.asked_for(SCORES)]


def test_a_score_arrives_as_the_specification_writes_it(platform: Platform, target: ScoreTarget) -> None:
    ags.publish_score(
        target,
        score(comment="Well done", started_at=datetime(2026, 11, 21, 11, 0, tzinfo=UTC), scoring_user_id="teacher"),
    )

    (asked,) = platform.asked_for(SCORES)
    assert asked.path == "/items/5/lineitem/scores?type_id=3"
    assert asked.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert asked.headers["Accept"] == "application/vnd.ims.lis.v1.score+json"
    assert json.loads(asked.body) == {
        "userId": "person-17",
        "scoreGiven": 83,
        "scoreMaximum": 100,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-21T12:00:00.736+00:00",
        "comment": "Well done",
        "scoringUserId": "teacher",
        "submission": {"startedAt": "2026-11-21T11:00:00.000+00:00"},
    }


def test_a_score_of_nothing_is_sent_and_progress_has_no_score(platform: Platform, target: ScoreTarget) -> None:
    ags.publish_score(target, score(score_given=None, activity_progress="InProgress", grading_progress="NotReady"))
    ags.publish_score(target, score(score_given=0))

    progress, grade = sent_scores(platform)
    assert "scoreGiven" not in progress
    assert "scoreMaximum" not in progress
    assert grade["scoreGiven"] == 0


@pytest.mark.parametrize(
    ("line_item", "scores"),
    [
        ("https://a.example/items/5", "https://a.example/items/5/scores"),
        ("https://a.example/items/5/", "https://a.example/items/5/scores"),
        ("https://a.example/items/5/lineitem?type_id=3", "https://a.example/items/5/lineitem/scores?type_id=3"),
    ],
)
def test_the_address_of_scores_keeps_the_query(line_item: str, scores: str) -> None:
    assert ags.scores_url(line_item) == scores


def test_timestamps_rise_by_a_second_at_least(platform: Platform, target: ScoreTarget) -> None:
    ags.publish_score(target, score())
    ags.publish_score(target, score())
    ags.publish_score(target, score(timestamp=datetime(2026, 11, 21, 11, 0, tzinfo=UTC)))
    ags.publish_score(target, score(timestamp=datetime(2026, 11, 21, 13, 0, tzinfo=UTC)))

    assert [sent["timestamp"] for sent in sent_scores(platform)] == [
        "2026-11-21T12:00:00.736+00:00",
        "2026-11-21T12:00:01.736+00:00",
        "2026-11-21T12:00:02.736+00:00",
        "2026-11-21T13:00:00.000+00:00",
    ]


def test_progress_after_a_grade_is_not_sent(platform: Platform, target: ScoreTarget) -> None:
    ags.publish_score(target, score())

    ags.publish_score(target, score(grading_progress="Pending"))
    ags.publish_score(target, score(score_given=None))

    assert len(sent_scores(platform)) == 1


@pytest.mark.parametrize("status", [200, 201, 204, 409])
def test_a_score_that_is_taken_or_already_newer_is_delivered(
    platform: Platform, target: ScoreTarget, status: int
) -> None:
    platform.replies[SCORES] = [Reply(status=status, body=b"not json")]

    ags.publish_score(target, score())


@pytest.mark.parametrize(
    ("family", "status", "body", "code"),
    [
        (None, 404, b"", "line-item-missing"),
        (None, 403, b"", "score-not-allowed"),
        (None, 400, b"[]", "score-refused"),
        ("moodle", 400, b"[]", "not-enrolled"),
        ("moodle", 400, b"No handler found", "score-refused"),
        ("canvas", 422, b"{}", "not-enrolled"),
    ],
)
def test_a_final_refusal_is_told_apart(
    platform: Platform, target: ScoreTarget, family: str | None, status: int, body: bytes, code: str
) -> None:
    _is_a(family)
    platform.replies[SCORES] = [Reply(status=status, body=body)]

    with pytest.raises(ScoreRefused) as refused:
        ags.publish_score(target, score())

    assert refused.value.code == code
    assert not refused.value.retryable
    assert "type_id" not in refused.value.asked


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_may_be_tried_again(platform: Platform, target: ScoreTarget, status: int) -> None:
    platform.replies[SCORES] = [Reply(status=status, headers={"Retry-After": "30"})]

    with pytest.raises(RemoteFailure) as failure:
        ags.publish_score(target, score())

    assert failure.value.code == "score-not-delivered"
    assert failure.value.retryable
    assert failure.value.retry_after_seconds == 30


@pytest.mark.parametrize("family", ["canvas", "open edx"])
def test_an_older_timestamp_is_no_failure_on_platforms_that_answer_400(
    platform: Platform, target: ScoreTarget, family: str
) -> None:
    _is_a(family)
    platform.replies[SCORES] = [Reply(status=400, body=b'{"error": "Timestamp is older"}')]

    ags.publish_score(target, score())


def test_canvas_counts_no_new_attempt(platform: Platform, target: ScoreTarget) -> None:
    _is_a("canvas")

    ags.publish_score(target, score())

    assert sent_scores(platform)[0]["https://canvas.instructure.com/lti/submission"] == {"new_submission": False}


def _is_a(family: str | None) -> None:
    with transaction():
        db.session.scalars(select(Registration)).one().product_family_code = family


@pytest.mark.parametrize("claim", [None, {"scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"]}])
def test_without_a_line_item_or_the_right_to_score_there_is_no_target(
    client: FlaskClient, platform: Platform, claim: dict[str, Any] | None
) -> None:
    platform.launch(client, ags=claim and {**claim, "lineitem": "https://lms.academy.example/5"})

    with reading():
        launch = db.session.scalars(select(LaunchSession)).one()
        assert ags.target_for(launch.resource_link_row_id, launch.person_id) is None


# Tokens


def test_a_token_is_asked_for_with_a_signed_assertion(platform: Platform, target: ScoreTarget) -> None:
    ags.publish_score(target, score())

    (asked,) = platform.asked_for("/token")
    form = dict(part.split("=") for part in asked.body.decode().split("&"))
    with reading():
        public = jwt.PyJWK(signing_keys.published("lti")[0])
    assertion = jwt.decode(form["client_assertion"], public, algorithms=["RS256"], audience=f"{platform.url}/token")
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == "https%3A%2F%2Fpurl.imsglobal.org%2Fspec%2Flti-ags%2Fscope%2Fscore"
    assert assertion["iss"] == assertion["sub"] == "bilim-at-academy"
    assert assertion["exp"] - assertion["iat"] == 300
    assert len(assertion["jti"]) == 36
    assert jwt.get_unverified_header(form["client_assertion"]) == {
        "alg": "RS256",
        "typ": "JWT",
        "kid": public.key_id,
    }


def test_a_token_serves_until_a_minute_before_its_end(platform: Platform, target: ScoreTarget) -> None:
    with clock.frozen(clock.now()):
        ags.publish_score(target, score())
        clock.advance(3539)
        ags.publish_score(target, score())
        before = len(platform.asked_for("/token"))
        clock.advance(1)
        ags.publish_score(target, score())

    assert before == 1
    assert len(platform.asked_for("/token")) == 2


def test_a_token_is_not_readable_in_the_database(platform: Platform, target: ScoreTarget) -> None:
    ags.publish_score(target, score())

    with reading():
        kept = db.session.scalars(select(ServiceToken.token_encrypted)).one()
    used = platform.asked_for(SCORES)[0].headers["Authorization"].removeprefix("Bearer ")
    assert used.startswith("token-")
    assert used.encode() not in kept


def test_a_token_that_is_not_taken_any_more_is_replaced_once(platform: Platform, target: ScoreTarget) -> None:
    platform.replies[SCORES] = [Reply(status=401), Reply(status=200)]

    ags.publish_score(target, score())

    first, second = platform.asked_for(SCORES)
    assert first.headers["Authorization"] != second.headers["Authorization"]


def test_a_service_that_refuses_every_token_is_asked_twice_only(platform: Platform, target: ScoreTarget) -> None:
    platform.replies[SCORES] = [Reply(status=401)]

    with pytest.raises(RemoteFailure):
        ags.publish_score(target, score())

    assert len(platform.asked_for(SCORES)) == 2


@pytest.mark.parametrize(
    ("reply", "code", "retryable"),
    [
        (Reply(status=400, body=b'{"error": "invalid_client"}'), "token-refused", False),
        (Reply(status=503), "token-unavailable", True),
        (Reply(status=200, body=b"<html>"), "token-unavailable", True),
        (Reply(status=200, body=b'{"access_token": "t", "scope": ""}'), "scope-not-granted", False),
    ],
)
def test_a_token_that_cannot_be_had_says_whether_to_try_again(
    platform: Platform, target: ScoreTarget, reply: Reply, code: str, retryable: bool
) -> None:
    platform.replies["/token"] = [reply]

    with pytest.raises(RemoteFailure) as failure:
        ags.publish_score(target, score())

    assert (failure.value.code, failure.value.retryable) == (code, retryable)


def test_a_registered_audience_is_named_instead_of_the_token_address(platform: Platform, target: ScoreTarget) -> None:
    with transaction():
        db.session.scalars(select(Registration)).one().token_audience = "https://api.brightspace.com/auth/token"

    ags.publish_score(target, score())

    form = dict(part.split("=") for part in platform.asked_for("/token")[0].body.decode().split("&"))
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    assert claims["aud"] == "https://api.brightspace.com/auth/token"
