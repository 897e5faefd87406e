"""A platform that answers our question with an error instead of a token."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.core.audit import AuditEvent
from lms.core.db import db, reading
from lms.core.web import Bilim
from tests.lms.lti.test_launch import code_of
from tests.platform import Platform

ENGLISH = {"Accept-Language": "en"}


def fail(browser: FlaskClient, state: str, error: str, **more: str) -> TestResponse:
    return browser.post("/lti/launch", data={"state": state, "error": error, **more}, headers=ENGLISH)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("login_required", "You are signed out of the learning system. Sign in there first."),
        ("interaction_required", "You are signed out of the learning system. Sign in there first."),
        ("unauthorized_client", "The learning system did not allow this launch."),
        ("invalid_request", "The learning system did not understand our question."),
        ("temporarily_unavailable", "The learning system is busy. Wait a minute."),
        ("launch_no_longer_valid", "The learning system refused the launch."),
    ],
)
def test_each_error_is_said_in_words_that_a_person_can_act_on(
    client: FlaskClient, platform: Platform, error: str, sentence: str
) -> None:
    answer = fail(client, platform.log_in(client)["state"], error)

    assert (answer.status_code, code_of(answer)) == (403, "platform-said-error")
    assert sentence in answer.text


def test_in_the_browser_that_asked_the_platforms_own_words_are_shown_as_text(
    client: FlaskClient, platform: Platform
) -> None:
    state = platform.log_in(client)["state"]

    answer = fail(client, state, "invalid_request", error_description="Your  role\n<b>may</b> not " + "x" * 400)

    assert "<blockquote>Your role &lt;b&gt;may&lt;/b&gt; not xxx" in answer.text
    assert "x" * 300 not in answer.text


def test_to_anybody_else_they_are_not_shown(app: Bilim, client: FlaskClient, platform: Platform) -> None:
    state = platform.log_in(client)["state"]
    other = app.test_client()
    platform.log_in(other)

    answers = [
        fail(other, state, "x", error_description="Call 555"),
        fail(client, "", "x", error_description="Call 555"),
    ]

    assert [code_of(answer) for answer in answers] == ["platform-said-error"] * 2
    assert [answer for answer in answers if "Call 555" in answer.text] == []


def test_an_error_uses_up_the_question_that_it_answers(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)
    fail(client, question["state"], "login_required")

    assert code_of(platform.answer(client, question)) == "state-used"


def test_an_error_from_another_browser_uses_up_nothing(app: Bilim, client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)
    fail(app.test_client(), question["state"], "login_required")

    assert platform.answer(client, question).status_code == 303


@pytest.mark.parametrize(("error", "kept"), [("login_required", "login_required"), ("Айгүл is away", "other")])
def test_the_administrator_finds_the_error_and_no_words_of_strangers(
    client: FlaskClient, platform: Platform, error: str, kept: str
) -> None:
    fail(client, platform.log_in(client)["state"], error, error_description="Айгүл is away")

    with reading():
        line = db.session.scalars(select(AuditEvent).filter_by(action="lti.launch-refused")).one()
    assert line.facts == {"code": "platform-said-error", "spec": "OIDC core 3.1.2.6", "error": kept}


def test_an_error_by_get_is_shown_too(client: FlaskClient) -> None:
    answer = client.get("/lti/launch?error=login_required&state=x", headers=ENGLISH)

    assert (answer.status_code, code_of(answer)) == (403, "platform-said-error")


@pytest.mark.parametrize("name", ["state", "id_token", "error"])
def test_an_answer_that_says_something_twice_is_refused(client: FlaskClient, platform: Platform, name: str) -> None:
    question = platform.log_in(client)
    token = platform.token(platform.claims(question))
    said = {"state": [question["state"]], "id_token": [token], name: ["x", "y"]}

    answer = client.post("/lti/launch", data=said)

    assert (answer.status_code, code_of(answer)) == (400, "answer-doubled")
