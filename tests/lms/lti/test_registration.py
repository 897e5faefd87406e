"""A platform registers by itself: what a person sees, what the platform is told, and what waits for an administrator."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.core import clock
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti import invitations, registrations
from lms.lti.models import Deployment, Invitation, Registration
from tests.platform import Reply
from tests.registrar import AGS, LTI, MEMBERSHIP_SCOPE, TOOL_PART, Registrar, canvas, moodle


@pytest.fixture
def address(app: Bilim) -> str:
    """The path of a fresh invitation."""
    return invited()


def invited() -> str:
    with transaction():
        _row, address = invitations.invite(note="Academy", actor="operator:test")
    return address.removeprefix("http://localhost:8000")


def look(browser: FlaskClient, address: str, platform: Registrar) -> TestResponse:
    return browser.get(address, query_string=platform.sent(), headers={"Accept-Language": "en"})


def agree(browser: FlaskClient, address: str, platform: Registrar, **more: str) -> TestResponse:
    """What the person's button sends: all that the page holds."""
    page = look(browser, address, platform).text
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    hidden.pop("knows_issuer", None)
    return browser.post(address, data={**hidden, **more}, headers={"Accept-Language": "en"})


def the_only() -> Registration:
    with reading():
        return db.session.scalars(select(Registration)).one()


def count(model: type[Any]) -> int:
    with reading():
        return len(db.session.scalars(select(model)).all())


# The whole way


def test_moodle_registers_and_waits_for_an_administrator(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        answer = agree(client, address, platform)

        registration = the_only()
        assert answer.status_code == 200
        assert "registered.js" in answer.text
        assert (registration.issuer, registration.client_id) == (platform.url, "bilim-at-academy")
        assert registration.state == "pending"
        assert registration.auth_url == f"{platform.url}/auth"
        assert registration.token_url == f"{platform.url}/token"
        assert registration.jwks_url == f"{platform.url}/jwks"
        assert registration.token_audience is None
        assert registration.product_family_code == "moodle"
        assert registration.deployment_policy == "approve"
        assert registration.messages == ["LtiDeepLinkingRequest", "LtiResourceLinkRequest"]
        with reading():
            assert db.session.scalars(select(Deployment.deployment_id)).all() == ["4"]


def test_canvas_registers_without_a_deployment_and_keeps_its_own_audience(client: FlaskClient, address: str) -> None:
    with canvas() as platform:
        agree(client, address, platform)

    registration = the_only()
    assert registration.client_id == "10000000000001"
    assert registration.token_audience is None
    assert registration.scopes == [AGS + "lineitem", AGS + "score"]
    assert count(Deployment) == 0


def test_a_pending_platform_cannot_launch_and_a_confirmed_one_can(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        agree(client, address, platform)
        platform.deployment_id, platform.target = "4", "http://localhost:8000/"

        waiting = client.get("/lti/login", query_string=platform.login_parameters())
        with transaction():
            registrations.confirm(db.session.scalars(select(Registration)).one(), actor="staff:test")
        launched = platform.launch(client)

    assert waiting.status_code == 403
    assert "platform-waiting" in waiting.text
    assert launched.status_code == 303


# What the platform is told


def test_the_tool_describes_itself_as_moodle_wants_it(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        agree(client, address, platform)
        asked = platform.asked_to_register()

    tool = asked[TOOL_PART]
    assert asked["application_type"] == "web"
    assert asked["response_types"] == ["id_token"]
    assert asked["grant_types"] == ["implicit", "client_credentials"]
    assert asked["token_endpoint_auth_method"] == "private_key_jwt"
    assert asked["initiate_login_uri"] == "http://localhost:8000/lti/login"
    assert asked["redirect_uris"] == ["http://localhost:8000/lti/launch"]
    assert asked["jwks_uri"] == "http://localhost:8000/lti/jwks.json"
    assert asked["client_name"] == "Bilim"
    assert set(asked["scope"].split()) == {
        *(AGS + name for name in ("score", "result.readonly", "lineitem.readonly", "lineitem")),
        MEMBERSHIP_SCOPE,
    }
    assert tool["domain"] == "localhost:8000"
    assert tool["target_link_uri"] == "http://localhost:8000/lti/launch"
    assert tool["custom_parameters"] == {
        "link_history": "$ResourceLink.id.history",
        "context_history": "$Context.id.history",
    }
    assert tool["claims"] == ["iss", "sub", "name", "given_name", "family_name"]
    assert [(message["type"], message["target_link_uri"]) for message in tool["messages"]] == [
        ("LtiDeepLinkingRequest", "http://localhost:8000/lti/deep-link"),
        ("LtiResourceLinkRequest", "http://localhost:8000/lti/launch"),
    ]
    assert {"label", "label#ky", "label#ru", "label#zh"} <= set(tool["messages"][0])


def test_canvas_is_told_its_own_places_and_nothing_that_it_does_not_know(client: FlaskClient, address: str) -> None:
    with canvas() as platform:
        agree(client, address, platform)
        asked = platform.asked_to_register()

    messages = asked[TOOL_PART]["messages"]
    assert asked["scope"].split() == [AGS + "lineitem", AGS + "score"]
    assert messages == [
        {
            "type": "LtiDeepLinkingRequest",
            "target_link_uri": "http://localhost:8000/lti/deep-link",
            "label": "Choose a module",
            "placements": ["assignment_selection", "link_selection"],
        },
        {
            "type": "LtiResourceLinkRequest",
            "target_link_uri": "http://localhost:8000/lti/launch",
            "label": "Open a module",
        },
    ]


def test_further_messages_are_offered_where_the_platform_knows_them(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        platform.described[LTI]["messages_supported"] = [
            {"type": "LtiSubmissionReviewRequest"},
            {"type": "DataPrivacyLaunchRequest"},
            {"type": "LtiResourceLinkRequest"},
        ]
        agree(client, address, platform)
        asked = platform.asked_to_register()

    assert [message["type"] for message in asked[TOOL_PART]["messages"]] == [
        "LtiResourceLinkRequest",
        "LtiSubmissionReviewRequest",
        "DataPrivacyLaunchRequest",
    ]


def test_a_platform_that_names_no_scopes_and_claims_of_lti_is_asked_for_all(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        platform.described |= {"scopes_supported": ["openid"], "claims_supported": ["iss", "aud"]}
        agree(client, address, platform)
        asked = platform.asked_to_register()

    assert AGS + "score" in asked["scope"].split()
    assert "name" in asked[TOOL_PART]["claims"]


def test_the_token_of_the_platform_goes_along_and_may_be_absent(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        agree(client, address, platform)
        with_token = [asked.headers.get("Authorization") for asked in platform.asked]
    with moodle() as platform:
        platform.registration_token, platform.client_id = None, "another"
        agree(client, invited(), platform)
        without = [asked.headers.get("Authorization") for asked in platform.asked]

    assert set(with_token) == {"Bearer token-of-the-platform"}
    assert set(without) == {None}


# What the platform may answer


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        (
            Reply(400, b"domain_targetlinkuri_mismatch", {"Content-Type": "text/html"}),
            ["domain_targetlinkuri_mismatch"],
        ),
        (
            Reply(
                400, json.dumps({"error": "invalid_client_metadata", "error_description": "no <b>jwks</b>"}).encode()
            ),
            ["error: invalid_client_metadata", "error_description: no &lt;b&gt;jwks&lt;/b&gt;"],
        ),
        (
            Reply(422, json.dumps({"errors": {"scopes": [{"message": "Invalid scopes: x"}]}}).encode()),
            ["HTTP 422", "errors.scopes.message: Invalid scopes: x"],
        ),
        (Reply(422, json.dumps({"errors": [{"message": "no", "error_code": "e1"}]}).encode()), ["errors.message: no"]),
        (Reply(401, b"token_already_used", {"Content-Type": "text/html"}), ["HTTP 401", "token_already_used"]),
        (Reply(500, b"<html><body>secret stack</body></html>"), ["HTTP 500"]),
    ],
)
def test_a_refusal_is_shown_as_the_platform_said_it_and_costs_no_invitation(
    client: FlaskClient, address: str, reply: Reply, shown: list[str]
) -> None:
    with moodle() as platform:
        platform.replies["/register"] = [reply]
        refused = agree(client, address, platform)
        del platform.replies["/register"]
        again = agree(client, address, platform)

    assert refused.status_code == 502
    assert "registration-refused" in refused.text
    assert [text for text in shown if text not in refused.text] == []
    assert "secret stack" not in refused.text
    assert again.status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"client_id": ""}', b'{"client_id": true}', b'{"client_id": {}}']
)
def test_an_answer_without_a_client_id_registers_nothing(client: FlaskClient, address: str, body: bytes) -> None:
    with moodle() as platform:
        platform.replies["/register"] = [Reply(200, body)]
        answer = agree(client, address, platform)

    assert answer.status_code == 502
    assert "registration-unreadable" in answer.text
    assert count(Registration) == 0


def test_a_number_as_client_id_is_an_id(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        platform.answered = {"client_id": 10000000000005, TOOL_PART: {"deployment_id": 7}}
        agree(client, address, platform)

    with reading():
        assert db.session.scalars(select(Deployment.deployment_id)).all() == ["7"]
    assert the_only().client_id == "10000000000005"


# What the platform says of itself


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"issuer": None}, "configuration-incomplete"),
        ({"jwks_uri": "javascript:alert(1)"}, "configuration-incomplete"),
        ({"token_endpoint": "http://[broken"}, "configuration-incomplete"),
        ({"registration_endpoint": 5}, "configuration-incomplete"),
    ],
)
def test_a_description_that_lacks_what_is_needed_is_refused(
    client: FlaskClient, address: str, change: dict[str, Any], code: str
) -> None:
    with moodle() as platform:
        platform.described |= change
        answer = look(client, address, platform)

    assert answer.status_code == 502
    assert code in answer.text
    assert next(iter(change)) in answer.text


@pytest.mark.parametrize("reply", [Reply(404, b"gone"), Reply(200, b"<html>"), Reply(200, b"[]"), Reply(302, b"")])
def test_a_description_that_cannot_be_read_is_refused(client: FlaskClient, address: str, reply: Reply) -> None:
    with moodle() as platform:
        platform.replies["/openid-configuration"] = [reply]
        answer = look(client, address, platform)

    assert answer.status_code == 502
    assert "configuration-unreadable" in answer.text


@pytest.mark.parametrize(
    "configuration", ["", "ftp://x.example/", "http://10.0.0.1/openid", "https://169.254.169.254/latest", "x" * 3000]
)
def test_an_address_that_may_not_be_called_is_not_called(client: FlaskClient, address: str, configuration: str) -> None:
    answer = client.get(address, query_string={"openid_configuration": configuration})

    assert answer.status_code in (400, 502)
    assert count(Registration) == 0


def test_an_issuer_on_another_host_must_be_vouched_for(client: FlaskClient, address: str) -> None:
    with canvas() as platform:
        platform.described["issuer"] = platform.issuer = "https://canvas.instructure.com"

        page = look(client, address, platform).text
        without = agree(client, address, platform)
        with_word = agree(client, address, platform, knows_issuer="yes")

    assert "I know this issuer" in page
    assert without.status_code == 400
    assert "issuer-not-confirmed" in without.text
    assert with_word.status_code == 200
    assert the_only().issuer == "https://canvas.instructure.com"


def test_what_changes_between_the_page_and_the_button_is_not_registered(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        page = look(client, address, platform).text
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
        platform.described["token_endpoint"] = f"{platform.url}/another"
        answer = client.post(address, data=hidden)

        assert answer.status_code == 409
        assert "configuration-changed" in answer.text
        assert platform.asked_for("/register") == []


def test_the_page_shows_what_the_platform_says_without_running_it(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        platform.described[LTI]["product_family_code"] = "<script>alert(1)</script>"
        page = look(client, address, platform)

    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_the_platform_and_nobody_else_may_frame_the_page(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        policy = look(client, address, platform).headers["Content-Security-Policy"]

        assert f"frame-ancestors 'self' {platform.url};" in policy


# Invitations


def test_an_invitation_is_good_once(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        agree(client, address, platform)
        second = look(client, address, platform)

    assert second.status_code == 403
    assert "invitation-used" in second.text


def test_an_invitation_ends(client: FlaskClient, address: str) -> None:
    with clock.frozen(clock.now() + timedelta(days=7, seconds=1)), moodle() as platform:
        late = look(client, address, platform)

    assert late.status_code == 403
    assert "invitation-expired" in late.text
    assert platform.asked == []


def test_without_an_invitation_no_platform_is_asked(client: FlaskClient) -> None:
    with moodle() as platform:
        answer = look(client, "/lti/register/bilim-invite-invented", platform)

    assert answer.status_code == 404
    assert "invitation-unknown" in answer.text
    assert platform.asked == []


def test_the_secret_of_an_invitation_is_not_in_the_database(address: str) -> None:
    with reading():
        row = db.session.scalars(select(Invitation)).one()

    assert address.rpartition("/")[2] not in repr(vars(row))


# A platform that is known already


def test_a_known_platform_changes_nothing_before_an_administrator_agrees(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        platform.register(token_audience="https://tokens.example")
        platform.described["token_endpoint"] = f"{platform.url}/new-token"

        answer = agree(client, address, platform)

        before = the_only()
        with transaction():
            registrations.confirm(db.session.scalars(select(Registration)).one(), actor="staff:test")
        after = the_only()
        assert answer.status_code == 200
        assert (before.state, before.token_url) == ("active", f"{platform.url}/token")
        assert before.token_audience == "https://tokens.example"
        assert before.proposed is not None
        assert before.proposed["token_url"] == f"{platform.url}/new-token"
        assert (after.state, after.token_url, after.proposed) == ("active", f"{platform.url}/new-token", None)


def test_a_disabled_platform_does_not_open_itself_by_registering_again(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        platform.register(state="disabled")
        agree(client, address, platform)

    assert the_only().state == "disabled"


def test_a_deleted_platform_that_registers_again_waits_as_a_new_one(client: FlaskClient, address: str) -> None:
    with moodle() as platform:
        registration_id = platform.register(state="deleted", deployments=())
        agree(client, address, platform)

    assert (the_only().id, the_only().state) == (registration_id, "pending")
