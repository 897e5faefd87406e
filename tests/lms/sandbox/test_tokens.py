"""The token endpoint: the form of the request, scopes, and how long a token is good."""

import json
from datetime import UTC, datetime

import pytest

from lms.core import clock
from tests.lms.sandbox.conftest import ALL_SCOPES, SCORE_SCOPE, Lms


def test_a_good_assertion_gets_a_token_for_an_hour(lms: Lms) -> None:
    answer = lms.ask_token()

    granted = answer.get_json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert granted["token_type"] == "Bearer"
    assert granted["expires_in"] == 3600
    assert granted["scope"] == ALL_SCOPES
    assert len(granted["access_token"]) == 43


def test_moodle_says_that_its_json_is_html(moodle: Lms) -> None:
    answer = moodle.ask_token()

    assert answer.content_type == "text/html; charset=utf-8"
    assert json.loads(answer.data)["token_type"] == "Bearer"
    assert b"https:\\/\\/purl.imsglobal.org" in answer.data


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"client_assertion_type": "urn:other"}, "invalid_request"),
        ({"client_assertion": None}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "https://purl.imsglobal.org/spec/lti-ags/scope/everything"}, "invalid_scope"),
    ],
)
def test_a_token_request_of_the_wrong_form_is_refused(lms: Lms, changes: dict[str, str | None], error: str) -> None:
    answer = lms.ask_token(**changes)

    assert (answer.status_code, answer.get_json()["error"]) == (400, error)


def test_json_is_no_token_request(lms: Lms) -> None:
    body = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": lms.tool.assertion(),
        "scope": SCORE_SCOPE,
    }

    answer = lms.machine.post("/oidc/token", json=body)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_unknown_scopes_are_dropped_without_a_word(lms: Lms) -> None:
    answer = lms.ask_token(scope=f"{SCORE_SCOPE} https://example.org/everything")

    assert answer.get_json()["scope"] == SCORE_SCOPE


def test_a_token_is_good_for_an_hour_and_no_longer(lms: Lms) -> None:
    url = "/services/contexts/2/lineitems"
    with clock.frozen(datetime.now(UTC)):
        bearer = lms.bearer()
        clock.advance(3599)
        before = lms.machine.get(url, headers=bearer).status_code
        clock.advance(1)
        after = lms.machine.get(url, headers=bearer).status_code

    assert (before, after) == (200, 401)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer unknown"}, {"Authorization": "Basic unknown"}])
def test_a_service_wants_a_token_that_it_gave(lms: Lms, header: dict[str, str]) -> None:
    answer = lms.machine.get("/services/contexts/2/lineitems", headers=header)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_a_token_without_the_scope_is_forbidden_to_act(lms: Lms) -> None:
    answer = lms.machine.get("/services/contexts/2/lineitems", headers=lms.bearer(SCORE_SCOPE))

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (403, 'Bearer error="insufficient_scope"')


def test_moodle_answers_a_missing_scope_like_a_missing_token(moodle: Lms) -> None:
    answer = moodle.machine.get("/services/contexts/2/lineitems?type_id=3", headers=moodle.bearer(SCORE_SCOPE))

    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers
    assert sorted(json.loads(answer.data)) == ["reason", "request", "status"]
