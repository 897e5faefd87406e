"""A browser without cookies is known by what its platform kept for us, and by nothing that others can send."""

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from lms.core import clock
from lms.core.web import Bilim
from lms.lti import storage
from lms.lti.models import LaunchSession, LoginState
from tests.lms.lti.test_launch import code_of, count, only_launch
from tests.platform import TOOL, Platform

IN_FRAME = {"Sec-Fetch-Dest": "iframe"}
OUR_PAGE = {"Origin": TOOL}


@pytest.fixture
def blocked(app: Bilim) -> FlaskClient:
    """A frame that keeps no cookie."""
    return app.test_client(use_cookies=False)


def attributes(page: Any) -> dict[str, str]:
    """What the page tells our script."""
    return {name: html.unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', page.text)}


def fields(page: Any) -> dict[str, str]:
    """The hidden fields of the page's form."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


def begin(blocked: FlaskClient, platform: Platform, *, target: str = "_parent") -> dict[str, str]:
    """Log in as the probe page does whose cookie did not come back."""
    parameters = platform.login_parameters(lti_storage_target=target)
    page = blocked.post("/lti/login", data={**parameters, "probed": "yes"}, headers=IN_FRAME)
    assert page.status_code == 200
    return attributes(page)


def question_in(told: dict[str, str]) -> dict[str, str]:
    from_address = dict(re.findall(r"[?&](state|nonce)=([^&]+)", told["address"]))
    assert set(from_address) == {"state", "nonce"}
    return from_address


def test_the_platform_is_given_a_proof_to_keep_and_our_script_knows_for_whom(
    blocked: FlaskClient, platform: Platform
) -> None:
    told = begin(blocked, platform, target="post_message_forwarding")

    state = question_in(told)["state"]
    assert told["frame"] == "post_message_forwarding"
    assert told["origin"] == platform.url
    assert told["key"] == f"lti_state_{state}"
    assert re.fullmatch(r"[0-9a-f]{64}", told["value"])
    assert told["value"] not in told["address"]
    assert told["address"].startswith(f"{platform.url}/auth?")


def test_each_question_has_a_proof_of_its_own(blocked: FlaskClient, platform: Platform) -> None:
    assert begin(blocked, platform)["value"] != begin(blocked, platform)["value"]


@pytest.mark.parametrize("target", [None, "", "x" * 101, "täb", "a\nb"])
def test_a_platform_that_names_no_frame_offers_no_storage(
    blocked: FlaskClient, platform: Platform, target: str | None
) -> None:
    parameters = platform.login_parameters(lti_storage_target=target)

    page = blocked.post("/lti/login", data={**parameters, "probed": "yes"}, headers=IN_FRAME)

    assert 'target="_blank"' in page.text
    assert "data-value" not in page.text
    assert count(LoginState) == 0


def test_a_browser_that_keeps_our_cookie_needs_no_storage(client: FlaskClient, platform: Platform) -> None:
    platform.log_in(client)

    answer = client.get(
        "/lti/login", query_string=platform.login_parameters(lti_storage_target="_parent"), headers=IN_FRAME
    )

    assert answer.status_code == 302


def test_the_answer_alone_uses_up_nothing_and_asks_the_platform_for_the_proof(
    blocked: FlaskClient, platform: Platform
) -> None:
    told = begin(blocked, platform)

    page = platform.answer(blocked, question_in(told))

    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert {"key": told["key"], "origin": told["origin"], "frame": "_parent"}.items() <= attributes(page).items()
    assert told["value"] not in page.text
    assert fields(page)["proof"] == ""
    assert count(LaunchSession) == 0


def prove(blocked: FlaskClient, platform: Platform, told: dict[str, str], **changes: Any) -> Any:
    """Answer, and send what the platform gave back."""
    asking = platform.answer(blocked, question_in(told))
    sent = {**fields(asking), "proof": told["value"], **changes}
    return blocked.post("/lti/launch/proof", data=sent, headers=OUR_PAGE)


def test_with_the_proof_the_launch_is_made_and_a_window_takes_it_over(
    app: Bilim, blocked: FlaskClient, platform: Platform
) -> None:
    ready = prove(blocked, platform, begin(blocked, platform))
    window = app.test_client()

    answer = window.post("/lti/launch/window", data=fields(ready), headers=OUR_PAGE)

    assert ready.status_code == 200
    assert 'target="_blank"' in ready.text
    assert (answer.status_code, answer.location) == (303, f"/s/{only_launch().id}/")
    assert window.get(answer.location).status_code == 200
    assert app.test_client().get(answer.location).status_code == 403


@pytest.mark.parametrize("proof", ["", "0" * 64, "é", "of another"])
def test_another_proof_opens_nothing_and_uses_up_nothing(blocked: FlaskClient, platform: Platform, proof: str) -> None:
    told = begin(blocked, platform)
    other = begin(blocked, platform)["value"] if proof == "of another" else proof

    refused = prove(blocked, platform, told, proof=other)
    rightful = prove(blocked, platform, told)

    assert code_of(refused) == "browser-differs"
    assert rightful.status_code == 200
    assert count(LaunchSession) == 1


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", f"{TOOL}.evil.example", "http://localhost"])
@pytest.mark.parametrize("path", ["/lti/launch/proof", "/lti/launch/window"])
def test_the_right_proof_and_ticket_sent_by_a_page_that_is_not_ours_open_nothing(
    app: Bilim, blocked: FlaskClient, platform: Platform, origin: str | None, path: str
) -> None:
    told = begin(blocked, platform)
    asking = platform.answer(blocked, question_in(told))
    known = {**fields(asking), "proof": told["value"]}
    if path.endswith("window"):
        known = fields(blocked.post("/lti/launch/proof", data=known, headers=OUR_PAGE))
    before = count(LaunchSession)

    answer = app.test_client().post(path, data=known, headers={"Origin": origin} if origin else {})

    assert (answer.status_code, code_of(answer)) == (403, "page-not-ours")
    assert count(LaunchSession) == before


def test_a_state_that_was_asked_with_a_cookie_cannot_be_proved_by_storage(
    client: FlaskClient, platform: Platform
) -> None:
    question = platform.log_in(client)
    token = platform.token(platform.claims(question))
    proof = storage.proof_of(question["state"])

    answer = client.post(
        "/lti/launch/proof", data={"state": question["state"], "id_token": token, "proof": proof}, headers=OUR_PAGE
    )

    assert code_of(answer) == "browser-differs"


@pytest.mark.parametrize("state", [".", "a.b", "a.é", "a.====", "....", "a.X1BhcmVudA"])
def test_an_invented_state_with_a_note_is_unknown(blocked: FlaskClient, platform: Platform, state: str) -> None:
    answer = platform.send(blocked, {"state": state}, "a.b.c")

    assert code_of(answer) == "state-unknown"


def test_a_note_in_a_state_cannot_be_changed(blocked: FlaskClient, platform: Platform) -> None:
    question = question_in(begin(blocked, platform))
    state = storage.note_in(question["state"].partition(".")[0], "evil")

    answer = platform.send(blocked, {"state": state}, "a.b.c")

    assert code_of(answer) == "state-unknown"


def test_a_reload_of_the_frame_offers_the_same_launch_again(blocked: FlaskClient, platform: Platform) -> None:
    told = begin(blocked, platform)
    asking = platform.answer(blocked, question_in(told))
    sent = {**fields(asking), "proof": told["value"]}

    first = blocked.post("/lti/launch/proof", data=sent, headers=OUR_PAGE)
    again = blocked.post("/lti/launch/proof", data=sent, headers=OUR_PAGE)

    assert fields(first) == fields(again)
    assert count(LaunchSession) == 1


def test_all_checks_of_the_token_hold_for_a_browser_without_cookies_too(
    blocked: FlaskClient, platform: Platform
) -> None:
    told = begin(blocked, platform)
    question = question_in(told)
    forged = platform.token(platform.claims({**question, "nonce": "another"}))
    sent = {"state": question["state"], "id_token": forged, "proof": told["value"]}

    answer = blocked.post("/lti/launch/proof", data=sent, headers=OUR_PAGE)
    again = blocked.post("/lti/launch/proof", data=sent, headers=OUR_PAGE)

    assert (code_of(answer), code_of(again)) == ("nonce-wrong", "state-used")
    assert count(LaunchSession) == 0


def test_a_proof_that_came_later_than_ten_minutes_is_refused(blocked: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        told = begin(blocked, platform)
        asking = platform.answer(blocked, question_in(told), exp=9_000_000_000)
        clock.advance(601)
        sent = {**fields(asking), "proof": told["value"]}
        answer = blocked.post("/lti/launch/proof", data=sent, headers=OUR_PAGE)

    assert code_of(answer) == "state-expired"


def test_the_token_in_the_page_is_text_and_no_markup(blocked: FlaskClient, platform: Platform) -> None:
    question = question_in(begin(blocked, platform))

    page = platform.send(blocked, question, '"><script>alert(1)</script>')

    assert "<script>alert" not in page.text
    assert fields(page)["id_token"] == '"><script>alert(1)</script>'


def test_no_page_on_the_way_offers_a_link_that_would_lose_it(blocked: FlaskClient, platform: Platform) -> None:
    parameters = platform.login_parameters(lti_storage_target="_parent")
    probe = blocked.post("/lti/login", data=parameters, headers=IN_FRAME)
    keeping = blocked.post("/lti/login", data={**parameters, "probed": "yes"}, headers=IN_FRAME)
    asking = platform.answer(blocked, question_in(attributes(keeping)))
    ready = prove(blocked, platform, begin(blocked, platform))

    assert [page.status_code for page in (probe, keeping, asking, ready)] == [200] * 4
    assert [page for page in (probe, keeping, asking, ready) if "lang=" in page.text.replace('<html lang="', "")] == []
