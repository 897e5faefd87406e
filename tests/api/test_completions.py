from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from courses.models import Completion
from lms.core import clock, jobs
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti.models import Registration
from lms.oauth import clients
from tests.api.machine import Caller
from tests.certificates import academy
from tests.certificates.academy import CLIENT, ISSUER, Learner
from tests.lms.oauth.machine import Machine, admitted

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_a_known_time() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def report(learner: Learner, **changes: Any) -> dict[str, Any]:
    body = {
        "issuer": ISSUER,
        "client_id": CLIENT,
        "user_id": learner.sub,
        "module": "public-management",
        "score_percent": 86,
        "completed_at": "2026-11-20T17:40:00+06:00",
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}


def completions() -> list[Completion]:
    with reading():
        return list(db.session.scalars(db.select(Completion)))


def test_a_report_is_recorded_with_the_score_and_the_certificate_to_follow(caller: Caller, learner: Learner) -> None:
    answer = caller.post("/completions", report(learner))

    (completion,) = completions()
    assert answer.status_code == 201
    assert answer.get_json() == {
        "id": completion.id,
        "issuer": ISSUER,
        "client_id": CLIENT,
        "user_id": learner.sub,
        "module": "public-management",
        "track": "whole",
        "score_percent": 86,
        "completed_at": "2026-11-20T11:40:00+00:00",
        "recorded_at": "2026-11-21T09:30:00+00:00",
    }
    assert completion.source == f"client:{caller.client_id}"
    with reading():
        assert jobs.state_of("score", learner.record_id) is not None
        assert jobs.state_of("record-changed", learner.record_id) is not None


def test_a_second_report_changes_nothing_and_gets_the_same_answer(caller: Caller, learner: Learner) -> None:
    first = caller.post("/completions", report(learner))
    clock.advance(60)

    second = caller.post("/completions", report(learner, score_percent=12, completed_at="2026-11-21T09:30:00Z"))

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.get_json() == first.get_json()
    assert len(completions()) == 1


def test_of_many_reports_at_once_one_records(app: Bilim, caller: Caller, learner: Learner) -> None:
    def once_more(_: int) -> int:
        mine = Caller(app.test_client(), caller.client_id, caller.token)
        return mine.post("/completions", report(learner)).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(once_more, range(8)))

    assert sorted(statuses) == [200] * 7 + [201]
    assert len(completions()) == 1


def test_a_result_need_not_be_known(caller: Caller, learner: Learner) -> None:
    answer = caller.post("/completions", report(learner, score_percent=...))

    assert (answer.status_code, answer.get_json()["score_percent"]) == (201, None)


def test_a_report_is_noted_with_who_made_it_and_without_whom_it_is_about(caller: Caller, learner: Learner) -> None:
    caller.post("/completions", report(learner))

    with reading():
        events = {event.action: event for event in db.session.scalars(db.select(AuditEvent))}
    assert events["api-call"].actor == f"client:{caller.client_id}"
    assert events["api-call"].subject == "endpoint:completions.report_completion"
    assert events["module.completed"].actor == f"client:{caller.client_id}"
    assert not any(learner.sub in str(event.facts) + event.subject for event in events.values())


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"issuer": "https://other.example"}, 404, "platform-unknown"),
        ({"client_id": "other"}, 404, "platform-unknown"),
        ({"user_id": "nobody"}, 404, "person-unknown"),
        ({"module": "rocket-science"}, 404, "module-unknown"),
        ({"completed_at": "2026-11-21T09:30:01Z"}, 422, "completed-in-future"),
    ],
)
def test_a_report_that_does_not_fit_is_refused_by_its_reason(
    changes: dict[str, Any], status: int, code: str, caller: Caller, learner: Learner
) -> None:
    answer = caller.post("/completions", report(learner, **changes))

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert completions() == []


def test_an_instructor_who_looked_around_completed_nothing(caller: Caller, app: Bilim) -> None:
    academy.open_academy(app)

    answer = caller.post("/completions", report(academy.enrol(is_trial=True)))

    assert (answer.status_code, answer.get_json()["code"]) == (409, "enrolment-is-trial")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer": ...}, "issuer"),
        ({"issuer": ""}, "issuer"),
        ({"issuer": 7}, "issuer"),
        ({"user_id": None}, "user_id"),
        ({"user_id": "x" * 256}, "user_id"),
        ({"user_id": "zero\x00byte"}, "user_id"),
        ({"user_id": "half \ud800 pair"}, "user_id"),
        ({"module": ["public-management"]}, "module"),
        ({"score_percent": 101}, "score_percent"),
        ({"score_percent": -1}, "score_percent"),
        ({"score_percent": 86.5}, "score_percent"),
        ({"score_percent": "86"}, "score_percent"),
        ({"score_percent": True}, "score_percent"),
        ({"completed_at": "2026-11-20T17:40:00"}, "completed_at"),
        ({"completed_at": "yesterday"}, "completed_at"),
        ({"completed_at": "0001-01-01T00:00:00+14:00"}, "completed_at"),
        ({"completed_at": 1700000000}, "completed_at"),
        ({"complted_at": "2026-11-20T17:40:00Z"}, "complted_at"),
    ],
)
def test_a_value_that_is_not_valid_is_named(
    changes: dict[str, Any], field: str, caller: Caller, learner: Learner
) -> None:
    answer = caller.post("/completions", report(learner, **changes))

    assert (answer.status_code, answer.get_json()["code"]) == (422, "values-not-valid")
    assert list(answer.get_json()["errors"]) == [field]
    assert completions() == []


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        ("{", "application/json", 400, "body-not-json"),
        (b"\xff\xfe", "application/json", 400, "body-not-json"),
        ("", "application/json", 400, "body-not-json"),
        ("[]", "application/json", 422, "values-not-valid"),
        ("null", "application/json", 422, "values-not-valid"),
        ('"text"', "application/json", 422, "values-not-valid"),
        ("[" * 100_000, "application/json", 400, "body-not-json"),
        ('{"score_percent": ' + "9" * 5000 + "}", "application/json", 400, "body-not-json"),
        ("issuer=x", "application/x-www-form-urlencoded", 422, "values-not-valid"),
        ("<a/>", "application/xml", 422, "values-not-valid"),
    ],
)
def test_a_body_that_is_no_report_is_refused(
    data: bytes | str, content_type: str, status: int, code: str, caller: Caller
) -> None:
    answer = caller.send("/completions", data, content_type)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_only_the_scope_for_reporting_reports(caller: Caller, learner: Learner) -> None:
    bureau = admitted(caller.client, scope=("certificates:read",))
    reader = Caller(caller.client, bureau.id, bureau.token())

    answer = reader.post("/completions", report(learner))

    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope-missing")
    assert completions() == []


def test_without_a_token_nothing_is_read_of_the_body(caller: Caller) -> None:
    answer = caller.client.post("/api/v1/completions", data="{", content_type="application/json")

    assert (answer.status_code, answer.get_json()["code"]) == (401, "token-missing")


def bound_to(caller: Caller, platforms: list[str], modules: list[str]) -> Caller:
    with transaction():
        client, secret = clients.admit(
            name="Bound", scope=["completions:write"], actor="test", platforms=platforms, modules=modules
        )
    return Caller(caller.client, client.id, Machine(caller.client, client.id, str(secret)).token())


def test_a_program_reports_only_for_the_platforms_and_modules_it_is_bound_to(caller: Caller, learner: Learner) -> None:
    with reading():
        here = db.session.scalars(db.select(Registration.id)).one()
    elsewhere = bound_to(caller, ["another-registration"], ["every"])
    other_module = bound_to(caller, [here], ["e-government"])
    bound = bound_to(caller, [here], ["public-management"])

    refused = elsewhere.post("/completions", report(learner))
    unknown = elsewhere.post("/completions", {**report(learner), "issuer": "https://nobody.example"})
    wrong = other_module.post("/completions", report(learner))

    assert [(each.status_code, each.get_json()["code"]) for each in (refused, unknown, wrong)] == [
        (403, "platform-not-bound"),
        (403, "platform-not-bound"),
        (403, "module-not-bound"),
    ]
    assert bound.post("/completions", report(learner)).status_code == 201


def test_a_short_way_that_a_module_has_not_is_refused(caller: Caller, learner: Learner) -> None:
    answer = caller.post("/completions", report(learner, track="reserve"))

    assert (answer.status_code, answer.get_json()["code"]) == (422, "track-not-offered")
    assert completions() == []
