"""The authentication request, refused one parameter at a time."""

import pytest

from tests.lms.sandbox.conftest import Lms
from tests.lms.sandbox.live import form_in


def test_a_good_request_is_answered_by_a_form_to_the_tool(lms: Lms) -> None:
    asked = lms.request_of(lms.open_module())

    answer = lms.authorize(asked)

    form = form_in(answer.text)
    assert form.method == "POST"
    assert form.url == f"{lms.tool.url}/lti/launch"
    assert form.fields["state"] == "state-of-the-tool"
    assert sorted(form.fields) == ["id_token", "lti_storage_target", "state"]


def test_the_request_may_come_as_a_form_too(lms: Lms) -> None:
    asked = lms.request_of(lms.open_module())

    answer = lms.browser.post("/oidc/authorize", data=asked)

    assert "id_token" in form_in(answer.text).fields


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"prompt": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"login_hint": "account-12"}, "access_denied"),
    ],
)
def test_a_request_of_the_wrong_form_is_answered_by_an_error_posted_to_the_tool(
    lms: Lms, changes: dict[str, str | None], error: str
) -> None:
    asked = lms.request_of(lms.open_module(), **changes)

    form = form_in(lms.authorize(asked).text)

    assert form.url == f"{lms.tool.url}/lti/launch"
    assert form.fields["error"] == error
    assert form.fields["error_description"]
    assert form.fields["state"] == "state-of-the-tool"
    assert "id_token" not in form.fields


def test_a_request_without_state_is_refused_and_answered_without_one(lms: Lms) -> None:
    asked = lms.request_of(lms.open_module(), state=None)

    form = form_in(lms.authorize(asked).text)

    assert (form.fields["error"], form.fields["error_description"]) == ("invalid_request", "state is missing")
    assert "state" not in form.fields


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another-tool"},
        {"redirect_uri": "http://evil.example/lti/launch"},
        {"redirect_uri": None},
        {"lti_message_hint": "unknown"},
        {"lti_message_hint": None},
    ],
)
def test_a_request_that_cannot_be_trusted_is_answered_by_a_page_and_sent_nowhere(
    lms: Lms, changes: dict[str, str | None]
) -> None:
    asked = lms.request_of(lms.open_module(), **changes)

    answer = lms.authorize(asked)

    assert answer.status_code == 400
    assert "/lti/launch" not in answer.text
    assert "id_token" not in answer.text


def test_the_redirect_address_must_be_the_registered_one_to_the_letter(lms: Lms) -> None:
    login = lms.open_module()

    answers = [
        lms.authorize(lms.request_of(login, redirect_uri=f"{lms.tool.url}/lti/launch{tail}")) for tail in ("/", "?a=1")
    ]

    assert [answer.status_code for answer in answers] == [400, 400]


def test_moodle_answers_an_unregistered_redirect_address_with_a_page_that_is_not_found(moodle: Lms) -> None:
    asked = moodle.request_of(moodle.open_module(), redirect_uri="http://evil.example/")

    assert moodle.authorize(asked).status_code == 404


def test_somebody_who_signed_out_meanwhile_is_not_launched(lms: Lms) -> None:
    asked = lms.request_of(lms.open_module())
    lms.browser.post("/sign-out")

    form = form_in(lms.authorize(asked).text)

    assert form.fields["error"] == "login_required"


def test_a_launch_that_another_person_began_is_refused(lms: Lms) -> None:
    begun = lms.open_module("trainee-1")
    lms.browser.get("/enter?person=trainee-2")
    asked = lms.request_of({**begun, "login_hint": "account-12"})

    form = form_in(lms.authorize(asked).text)

    assert form.fields["error"] == "access_denied"


def test_the_hint_may_be_used_again_in_the_strict_profile(lms: Lms) -> None:
    asked = lms.request_of(lms.open_module())
    lms.authorize(asked)

    assert "id_token" in form_in(lms.authorize(asked).text).fields


def test_moodles_hint_works_once(moodle: Lms) -> None:
    asked = moodle.request_of(moodle.open_module())
    first = moodle.authorize(asked)

    second = moodle.authorize(asked)

    assert "id_token" in form_in(first.text).fields
    assert second.status_code == 404


def test_moodles_hint_is_used_up_by_a_refused_request_too(moodle: Lms) -> None:
    login = moodle.open_module()
    refused = moodle.authorize(moodle.request_of(login, nonce=None))

    second = moodle.authorize(moodle.request_of(login))

    assert form_in(refused.text).fields["error"] == "invalid_request"
    assert second.status_code == 404


def test_moodle_lets_prompt_be_absent(moodle: Lms) -> None:
    asked = moodle.request_of(moodle.open_module(), prompt=None)

    assert "id_token" in form_in(moodle.authorize(asked).text).fields


@pytest.mark.parametrize("hint", ["[]", "{", '{"launchid": 5}', "null", '"x"'])
def test_a_hint_that_is_no_longer_the_json_that_moodle_sent_leads_nowhere(moodle: Lms, hint: str) -> None:
    asked = moodle.request_of(moodle.open_module(), lti_message_hint=hint)

    assert moodle.authorize(asked).status_code == 404
