"""What a platform tells without a launch is proved as a launch is, and taken once."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.core import clock, jobs
from lms.core import keys as signing_keys
from lms.core.db import db, reading, transaction
from lms.lti.copies import ContextCopy
from lms.lti.models import Context, Deployment, Registration, State
from lms.lti.notices import SeenNotice
from tests.platform import CLAIM, Platform, Reply, rsa_key

PNS = f"{CLAIM}platformnotificationservice"
SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"


def notice(platform: Platform, **changes: Any) -> dict[str, Any]:
    """A copied course, as Canvas tells of it (doc/api/pns.md). A change to None leaves the claim out."""
    now = int(time.time())
    claims = {
        "iss": platform.issuer,
        "aud": platform.client_id,
        "azp": platform.client_id,
        "exp": now + 3600,
        "iat": now,
        "nonce": str(uuid4()),
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": platform.deployment_id,
        f"{CLAIM}notice": {
            "id": str(uuid4()),
            "timestamp": "2026-11-21T11:24:25Z",
            "type": "LtiContextCopyNotice",
        },
        f"{CLAIM}context": {"id": "course-2", "label": "PM", "title": "Public management 2027"},
        f"{CLAIM}origin_contexts": ["course-1"],
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def send(client: FlaskClient, *tokens: object) -> tuple[int, list[str]]:
    answer = client.post("/lti/notices", json={"notices": [{"jwt": token} for token in tokens]})
    return answer.status_code, [each["code"] for each in answer.json["notices"]]


def copies_noted() -> list[tuple[str, str]]:
    with reading():
        rows = db.session.execute(
            select(Context.context_id, ContextCopy.origin_context_id)
            .join(ContextCopy, ContextCopy.context_row_id == Context.id)
            .order_by(ContextCopy.origin_context_id)
        )
        return [(row[0], row[1]) for row in rows]


def test_a_copied_course_is_remembered_with_its_origin(client: FlaskClient, platform: Platform) -> None:
    assert send(client, platform.token(notice(platform))) == (200, ["taken"])

    assert copies_noted() == [("course-2", "course-1")]


def test_several_notices_come_at_once(client: FlaskClient, platform: Platform) -> None:
    hello = {f"{CLAIM}notice": {"id": "h", "type": "LtiHelloWorldNotice"}, f"{CLAIM}context": None}
    two = notice(platform, **{f"{CLAIM}origin_contexts": ["course-1", "course-0"]})

    said = send(client, platform.token(notice(platform, **hello)), platform.token(two))

    assert said == (200, ["taken", "taken"])
    assert copies_noted() == [("course-2", "course-0"), ("course-2", "course-1")]


def test_the_same_notice_again_does_nothing_and_is_no_fault(client: FlaskClient, platform: Platform) -> None:
    token = platform.token(notice(platform))

    assert send(client, token) == (200, ["taken"])
    assert send(client, token, token) == (200, ["known", "known"])

    assert len(copies_noted()) == 1


def test_a_nonce_is_good_for_one_notice(client: FlaskClient, platform: Platform) -> None:
    send(client, platform.token(notice(platform, nonce="n-1")))

    said = send(client, platform.token(notice(platform, nonce="n-1", **{f"{CLAIM}origin_contexts": ["course-9"]})))

    assert said == (401, ["nonce-used"])
    assert copies_noted() == [("course-2", "course-1")]


def test_a_wrong_notice_does_not_undo_the_others(client: FlaskClient, platform: Platform) -> None:
    said = send(client, "nonsense", platform.token(notice(platform)))

    assert said == (401, ["token-malformed", "taken"])
    assert copies_noted() == [("course-2", "course-1")]


def without(name: str) -> Callable[[Platform], str]:
    return lambda platform: platform.token(notice(platform, **{name: None}))


def with_(name: str, value: object) -> Callable[[Platform], str]:
    return lambda platform: platform.token(notice(platform, **{name: value}))


DAY = 24 * 3600
WRONG: dict[str, tuple[Callable[[Platform], str], int, str]] = {
    "no key id": (lambda p: p.token(notice(p), header={"kid": None}), 401, "key-id-missing"),
    "unknown key": (lambda p: p.token(notice(p), header={"kid": "other"}), 401, "key-unknown"),
    "other key": (lambda p: p.token(notice(p), key=rsa_key(1)), 401, "signature-wrong"),
    "shared secret": (lambda p: p.token(notice(p), key="x" * 64, algorithm="HS256"), 401, "algorithm-not-allowed"),
    "unsigned": (lambda p: p.token(notice(p), key="", algorithm="none"), 401, "algorithm-not-allowed"),
    "foreign issuer": (with_("iss", "https://other.example"), 401, "platform-unknown"),
    "foreign audience": (with_("aud", "somebody"), 401, "platform-unknown"),
    "more audiences": (lambda p: p.token(notice(p, aud=[p.client_id, "somebody"])), 401, "audience-wrong"),
    "no audience": (without("aud"), 401, "platform-unknown"),
    "foreign party": (with_("azp", "somebody"), 401, "azp-wrong"),
    "expired": (with_("exp", int(time.time()) - 600), 401, "expired"),
    "no end": (without("exp"), 401, "exp-missing"),
    "from the future": (with_("iat", int(time.time()) + DAY), 401, "issued-in-future"),
    "old": (with_("iat", int(time.time()) - DAY - 60), 401, "notice-too-old"),
    "no nonce": (without("nonce"), 401, "nonce-missing"),
    "blank nonce": (with_("nonce", " "), 401, "nonce-missing"),
    "other version": (with_(f"{CLAIM}version", "1.1"), 400, "version-wrong"),
    "no deployment": (without(f"{CLAIM}deployment_id"), 400, "deployment-missing"),
    "foreign deployment": (with_(f"{CLAIM}deployment_id", "other"), 400, "deployment-unknown"),
    "no notice": (without(f"{CLAIM}notice"), 400, "notice-missing"),
    "notice without type": (with_(f"{CLAIM}notice", {"id": "1"}), 400, "notice-missing"),
    "notice without id": (with_(f"{CLAIM}notice", {"type": "LtiContextCopyNotice"}), 400, "notice-missing"),
    "no course": (without(f"{CLAIM}context"), 400, "context-missing"),
    "a launch": (lambda p: p.token(p.claims({"nonce": "n"})), 400, "notice-missing"),
    "two parts": (lambda p: p.token(notice(p)).rsplit(".", 1)[0], 401, "token-malformed"),
    "too large": (lambda p: "x" * 300_000, 400, "token-too-large"),
}


@pytest.mark.parametrize("name", WRONG)
def test_no_wrong_notice_is_taken(client: FlaskClient, platform: Platform, name: str) -> None:
    make, status, code = WRONG[name]

    assert send(client, make(platform)) == (status, [code])

    with reading():
        assert db.session.scalar(select(func.count(SeenNotice.id))) == 0
    assert copies_noted() == []


def test_a_closed_platform_tells_us_nothing(client: FlaskClient, platform: Platform) -> None:
    with transaction():
        db.session.scalars(select(Registration)).one().state = State.DISABLED

    assert send(client, platform.token(notice(platform))) == (401, ["platform-unknown"])


def test_a_place_that_waits_for_approval_tells_us_nothing(client: FlaskClient, platform: Platform) -> None:
    with transaction():
        db.session.scalars(select(Deployment)).one().is_approved = False

    assert send(client, platform.token(notice(platform))) == (400, ["deployment-unknown"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"notices": []}',
        b'{"notices": [{}]}',
        b'{"notices": [{"jwt": 7}]}',
        b'{"notices": 5}',
        b"[" * 9999,
    ],
)
def test_what_is_no_list_of_notices_is_refused(client: FlaskClient, platform: Platform, body: bytes) -> None:
    answer = client.post("/lti/notices", data=body, headers={"Accept": "application/json"})

    assert answer.status_code == 400
    assert answer.json["code"] == "notices-malformed"


def test_more_than_a_hundred_notices_at_once_are_refused(client: FlaskClient, platform: Platform) -> None:
    answer = client.post("/lti/notices", json={"notices": [{"jwt": "x"}] * 101}, headers={"Accept": "application/json"})

    assert answer.json["code"] == "notices-malformed"


def test_used_nonces_are_forgotten_when_no_notice_can_use_them(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        send(client, platform.token(notice(platform)))
        clock.advance(8 * DAY)
        later = int(clock.now().timestamp())
        send(client, platform.token(notice(platform, iat=later, exp=later + 60)))

    with reading():
        assert db.session.scalar(select(func.count(SeenNotice.id))) == 1


# To be told at all


def offered(platform: Platform, **changes: Any) -> dict[str, Any]:
    return {
        PNS: {
            "service_versions": ["1.0"],
            "platform_notification_service_url": f"{platform.url}/notice-handlers/106",
            "scope": [SCOPE],
            "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
            **changes,
        }
    }


@pytest.fixture
def ready(platform: Platform) -> Platform:
    with transaction():
        signing_keys.ensure("lti")
    return platform


def test_a_platform_that_offers_notices_is_asked_for_them_once(client: FlaskClient, ready: Platform) -> None:
    for sub in ("1", "2"):
        ready.launch(client.application.test_client(), sub=sub, **offered(ready))
        jobs.run_due()

    (asked,) = ready.asked_for("/notice-handlers/106")
    assert asked.method == "PUT"
    assert asked.headers["Content-Type"] == "application/json"
    assert json.loads(asked.body) == {
        "notice_type": "LtiContextCopyNotice",
        "handler": "http://localhost:8000/lti/notices",
    }
    assert "noticehandlers" in ready.asked_for("/token")[0].body.decode()


@pytest.mark.parametrize(
    "changes",
    [{"scope": []}, {"notice_types_supported": ["LtiHelloWorldNotice"]}, {"platform_notification_service_url": 5}],
)
def test_a_platform_that_does_not_tell_of_copies_is_not_asked(
    client: FlaskClient, ready: Platform, changes: dict[str, Any]
) -> None:
    ready.launch(client, **offered(ready, **changes))

    assert jobs.run_due() == 0


def test_a_new_address_is_asked_again(client: FlaskClient, ready: Platform) -> None:
    ready.launch(client, **offered(ready))
    jobs.run_due()

    ready.launch(client, **offered(ready, platform_notification_service_url=f"{ready.url}/handlers"))
    jobs.run_due()

    assert len(ready.asked_for("/handlers")) == 1


@pytest.mark.parametrize(
    ("status", "job_status", "code"),
    [(403, "needs-person", "notice-handler-refused"), (503, "waiting", "notice-handler-unavailable")],
)
def test_a_refusal_to_tell_us_is_told_apart_from_a_passing_failure(
    client: FlaskClient, ready: Platform, status: int, job_status: str, code: str
) -> None:
    ready.replies["/notice-handlers/106"] = [Reply(status=status)]
    ready.launch(client, **offered(ready))

    jobs.run_due()

    with reading():
        found = jobs.state_of("notice-handler", db.session.scalars(select(Deployment.id)).one())
    assert found is not None
    assert (found.status, found.last_error) == (job_status, code)
