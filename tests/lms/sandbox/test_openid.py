"""The sandbox as the sign-in service of an office: what it answers, and what it refuses."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from lms.core import clock
from lms.sandbox.openid import challenge_of
from lms.sandbox.wiring import create_sandbox
from tests.conftest import make_settings
from tests.lms.sandbox.conftest import claims_in, close
from tests.lms.sandbox.live import form_in

SANDBOX = "http://127.0.0.1:8001"
CALLBACK = "http://localhost:8000/staff/callback"
VERIFIER = "v" * 43
GOOD = {
    "client_id": "bilim-staff",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "response_mode": "form_post",
    "scope": "openid profile",
    "state": "state-1",
    "nonce": "nonce-1",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[FlaskClient]:
    """A browser in front of a sandbox that the product knows as its sign-in service."""
    settings = replace(
        make_settings(tmp_path, "sqlite://"),
        sandbox_url=SANDBOX,
        staff_issuer=f"{SANDBOX}/staff",
        staff_client_id="bilim-staff",
        staff_client_secret="secret: %",
    )
    app = create_sandbox(settings)
    yield app.test_client()
    close(app)


def code(browser: FlaskClient, person: str = "auditor") -> str:
    answer = browser.post("/staff/connect/authorize", data={**GOOD, "person": person})
    return form_in(answer.text).fields["code"]


def redeem(browser: FlaskClient, given: str, *, secret: str = "secret%3A+%25", **changes: str) -> tuple[int, Any]:
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    headers = {"Authorization": f"Basic {b64encode(f'bilim-staff:{secret}'.encode()).decode()}"}
    answer = browser.post("/staff/connect/token", data={**form, **changes}, headers=headers)
    return answer.status_code, answer.get_json()


def test_a_choice_is_answered_by_a_form_to_the_product(browser: FlaskClient) -> None:
    page = browser.get("/staff/connect/authorize", query_string=GOOD).text
    assert 'value="bureau-officer"' in page

    form = form_in(browser.post("/staff/connect/authorize", data={**GOOD, "person": "bureau-officer"}).text)

    assert (form.method, form.url) == ("POST", CALLBACK)
    assert (form.fields["state"], form.fields["iss"]) == ("state-1", f"{SANDBOX}/staff")


def test_the_direct_door_answers_at_once_and_only_once(browser: FlaskClient) -> None:
    answer = browser.get("/staff/enter?person=auditor")
    assert answer.location == "http://localhost:8000/staff/sign-in/begin"

    assert "code" in form_in(browser.get("/staff/connect/authorize", query_string=GOOD).text).fields
    assert "code" not in form_in(browser.get("/staff/connect/authorize", query_string=GOOD).text).fields


def test_the_token_says_who_and_the_userinfo_endpoint_says_more(browser: FlaskClient) -> None:
    status, said = redeem(browser, code(browser))

    claims = claims_in(said["id_token"])
    assert (status, claims["sub"], claims["aud"], claims["nonce"]) == (200, "auditor", "bilim-staff", "nonce-1")
    assert "name" not in claims
    more = browser.get(
        "/staff/connect/userinfo", headers={"Authorization": f"Bearer {said['access_token']}"}
    ).get_json()
    assert (more["sub"], more["email"], more["pin"]) == ("auditor", "auditor@office.example", "00000000000000")


@pytest.mark.parametrize("changes", [{"client_id": "other"}, {"redirect_uri": f"{CALLBACK}/"}])
def test_a_request_that_cannot_be_trusted_is_sent_nowhere(browser: FlaskClient, changes: dict[str, str]) -> None:
    answer = browser.get("/staff/connect/authorize", query_string={**GOOD, **changes})

    assert answer.status_code == 400
    assert "<form" not in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
    ],
)
def test_a_request_of_the_wrong_form_is_answered_by_an_error(
    browser: FlaskClient, changes: dict[str, str], error: str
) -> None:
    answer = browser.get("/staff/connect/authorize", query_string={**GOOD, **changes})

    assert form_in(answer.text).fields["error"] == error


def test_a_code_works_once(browser: FlaskClient) -> None:
    given = code(browser)

    assert redeem(browser, given)[0] == 200
    assert redeem(browser, given) == (400, {"error": "invalid_grant", "error_description": "The code is unknown, too old or used"})  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": "\u04af"}, "invalid_grant"),
        ({"redirect_uri": "http://evil.example/"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"secret": "wrong"}, "invalid_client"),
    ],
)
def test_a_wrong_redemption_is_refused(browser: FlaskClient, changes: dict[str, str], error: str) -> None:
    _status, said = redeem(browser, code(browser), **changes)

    assert said["error"] == error


def test_a_code_ends_after_a_minute(browser: FlaskClient) -> None:
    with clock.frozen(clock.now()):
        given = code(browser)
        clock.advance(60)

        assert redeem(browser, given)[1]["error"] == "invalid_grant"


def test_an_unknown_access_token_is_refused(browser: FlaskClient) -> None:
    assert browser.get("/staff/connect/userinfo", headers={"Authorization": "Bearer x"}).status_code == 401


def test_the_first_page_offers_staff_only_where_the_product_knows_the_service(
    browser: FlaskClient, tmp_path: Path
) -> None:
    assert "/staff/enter?person=bureau-officer" in browser.get("/").text

    (tmp_path / "other").mkdir()
    elsewhere = create_sandbox(replace(make_settings(tmp_path / "other", "sqlite://"), sandbox_url=SANDBOX))
    assert "/staff/enter" not in elsewhere.test_client().get("/").text
    close(elsewhere)
