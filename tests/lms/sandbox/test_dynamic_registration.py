"""A tool registers itself (LTI dynamic registration 1.0), and what each platform says when it may not."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lms.core import clock
from tests.lms.sandbox.conftest import SCORE_SCOPE, Lms

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
READ_ITEMS = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"


def registration(lms: Lms, *, configuration: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """What a good tool sends; a change to None leaves a member out."""
    tool = lms.tool.url
    configured: dict[str, Any] = {
        "domain": urlsplit(tool).netloc,
        "target_link_uri": f"{tool}/lti/launch",
        "custom_parameters": {"courses": "$Context.id.history"},
        "claims": ["iss", "sub", "name", "given_name", "family_name", "email"],
        "messages": [
            {"type": "LtiResourceLinkRequest"},
            {"type": "LtiDeepLinkingRequest", "target_link_uri": f"{tool}/lti/deep-link"},
        ],
        **(configuration or {}),
    }
    good: dict[str, Any] = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{tool}/lti/login",
        "redirect_uris": [f"{tool}/lti/launch"],
        "client_name": "Another tool",
        "jwks_uri": f"{tool}/lti/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": f"{SCORE_SCOPE} {READ_ITEMS} https://unknown.example/scope",
        CONFIGURATION: {name: value for name, value in configured.items() if value is not None},
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token(lms: Lms) -> dict[str, str]:
    """The invitation, as the header that proves it."""
    invitation = lms.machine.post("/registration-tokens").get_json()
    return {"Authorization": f"Bearer {invitation['registration_token']}"}


def register(lms: Lms, headers: dict[str, str] | None = None, **changes: Any) -> Any:
    sent = headers if headers is not None else token(lms)
    return lms.machine.post("/lti/registration", json=registration(lms, **changes), headers=sent)


def test_the_platform_describes_itself(lms: Lms) -> None:
    described = lms.machine.get("/lti/openid-configuration").get_json()

    assert described["issuer"] == "http://127.0.0.1:8001"
    assert described["authorization_endpoint"] == "http://127.0.0.1:8001/oidc/authorize"
    assert described["token_endpoint"] == "http://127.0.0.1:8001/oidc/token"
    assert described["jwks_uri"] == "http://127.0.0.1:8001/oidc/jwks.json"
    assert described["registration_endpoint"] == "http://127.0.0.1:8001/lti/registration"
    assert "authorization_server" not in described
    assert described[PLATFORM]["product_family_code"] == "bilim-sandbox"
    assert {"type": "LtiDeepLinkingRequest"} in described[PLATFORM]["messages_supported"]
    assert "Context.id.history" in described[PLATFORM]["variables"]


def test_a_tool_that_registers_is_given_a_client_and_a_deployment(lms: Lms) -> None:
    answer = register(lms)

    made = answer.get_json()
    assert answer.status_code == 201
    assert made["client_id"].startswith("client-")
    assert made[CONFIGURATION]["deployment_id"] == "1"
    assert made["scope"] == f"{READ_ITEMS} {SCORE_SCOPE}"
    assert made["registration_client_uri"] == f"http://127.0.0.1:8001/lti/registration/{made['client_id']}"


def test_the_new_client_launches_deep_links_and_asks_for_tokens(lms: Lms) -> None:
    client = register(lms).get_json()["client_id"]

    login = lms.open(f"/launch/e-government?client={client}", "trainee-1")
    claims = lms.message(f"/launch/e-government?client={client}", "trainee-1")
    answer = lms.ask_token(lms.tool.assertion(iss=client, sub=client))

    assert login["client_id"] == client
    assert claims["aud"] == [client]
    assert claims["https://purl.imsglobal.org/spec/lti/claim/custom"] == {"courses": "", "module": "e-government"}
    assert answer.get_json()["scope"] == f"{READ_ITEMS} {SCORE_SCOPE}"
    assert claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]["scope"] == [READ_ITEMS, SCORE_SCOPE]
    assert "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice" not in claims


def test_the_activities_can_be_given_to_the_new_client(lms: Lms) -> None:
    client = register(lms).get_json()["client_id"]

    lms.set("client", client)

    assert lms.open_module()["client_id"] == client


def test_an_invitation_works_once(lms: Lms) -> None:
    headers = token(lms)

    assert [register(lms, headers).status_code for _ in range(2)] == [201, 401]


def test_an_invitation_works_for_an_hour(lms: Lms) -> None:
    with clock.frozen(clock.now()):
        headers = token(lms)
        clock.advance(3600)

        assert register(lms, headers).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}])
def test_nobody_registers_without_an_invitation(lms: Lms, headers: dict[str, str]) -> None:
    assert register(lms, headers).status_code == 401
    assert len(lms.machine.get("/tools.json").get_json()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"response_types": None}, "missing required attribute response_types"),
        ({"initiate_login_uri": None}, "missing required attribute initiate_login_uri"),
        ({"redirect_uris": []}, "missing required attribute redirect_uris"),
        ({"client_name": ""}, "missing required attribute client_name"),
        ({"jwks_uri": None}, "missing required attribute jwks_uri"),
        ({"jwks_uri": "keys"}, "jwks_uri must be an address"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "invalid_token_endpoint_auth_method"),
        ({"response_types": ["code"]}, "invalid_response_types"),
        ({"application_type": "native"}, "invalid_application_type"),
        ({"grant_types": ["implicit"]}, "grant_types lacks client_credentials"),
        ({CONFIGURATION: None}, f"missing required attribute {CONFIGURATION}"),
        ({CONFIGURATION: ["x"]}, f"{CONFIGURATION} must be an object"),
        ({"configuration": {"domain": None}}, "missing required attribute domain"),
        ({"configuration": {"target_link_uri": None}}, "missing required attribute target_link_uri"),
        ({"configuration": {"domain": "other.example"}}, "domain_targetlinkuri_mismatch"),
        ({"configuration": {"custom_parameters": {"x": 7}}}, "custom_parameters must be texts"),
    ],
)
def test_a_registration_that_lacks_something_is_refused_with_its_reason(
    lms: Lms, changes: dict[str, Any], words: str
) -> None:
    headers = token(lms)

    answer = register(lms, headers, **changes)

    assert (answer.status_code, answer.get_json()) == (
        400,
        {"error": "invalid_client_metadata", "error_description": words},
    )
    assert register(lms, headers).status_code == 201


def test_moodle_refuses_in_plain_words(moodle: Lms) -> None:
    headers = token(moodle)

    answer = register(moodle, headers, configuration={"domain": "localhost"})
    register(moodle, headers)
    again = register(moodle, headers)

    assert (answer.status_code, answer.content_type) == (400, "text/html; charset=utf-8")
    assert (answer.text, again.status_code, again.text) == ("domain_targetlinkuri_mismatch", 401, "token_already_used")


def test_moodle_names_its_messages_as_texts_and_grants_more_than_it_gives(moodle: Lms) -> None:
    described = json.loads(moodle.machine.get("/lti/openid-configuration").data)
    made = json.loads(register(moodle).data)

    assert described[PLATFORM]["messages_supported"] == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]
    assert "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem" in made["scope"].split()


def test_moodle_sends_names_only_to_a_tool_that_asked_for_them(moodle: Lms) -> None:
    made = json.loads(register(moodle, configuration={"claims": ["iss", "sub"]}).data)

    claims = moodle.message(f"/launch/e-government?client={made['client_id']}", "trainee-1")

    assert {"name", "given_name", "email"} & set(claims) == set()


def test_canvas_lists_errors_and_describes_itself_to_the_invited_only(lms: Lms) -> None:
    lms.switch(profile="canvas")
    headers = token(lms)

    described = [lms.machine.get("/lti/openid-configuration", headers=each).status_code for each in ({}, headers)]
    answer = register(lms, headers, client_name=None)

    assert described == [401, 200]
    assert (answer.status_code, list(answer.get_json())) == (422, ["errors"])


def test_canvas_names_no_deployment(lms: Lms) -> None:
    lms.switch(profile="canvas")

    assert "deployment_id" not in register(lms).get_json()[CONFIGURATION]


def test_a_platform_may_need_no_token(lms: Lms) -> None:
    lms.quirk("no-registration-token")

    assert list(lms.machine.post("/registration-tokens").get_json()) == ["openid_configuration"]
    assert register(lms, {}).status_code == 201


def test_brightspace_names_the_audience_of_assertions(lms: Lms) -> None:
    lms.switch(profile="d2l")

    described = lms.machine.get("/lti/openid-configuration").get_json()

    assert described["authorization_server"] == "https://api.brightspace.com/auth/token"
    assert lms.ask_token().status_code == 401
    assert lms.ask_token(lms.tool.assertion(aud="https://api.brightspace.com/auth/token")).status_code == 200


def test_a_tool_reads_and_changes_its_registration_with_its_own_token(lms: Lms) -> None:
    made = register(lms).get_json()
    path = f"/lti/registration/{made['client_id']}"
    own = {"Authorization": f"Bearer {made['registration_access_token']}"}

    changed = lms.machine.put(path, json=registration(lms, client_name="Renamed", scope=SCORE_SCOPE), headers=own)

    assert changed.status_code == 200
    read = lms.machine.get(path, headers=own).get_json()
    assert (read["client_name"], read["scope"], read["client_id"]) == ("Renamed", SCORE_SCOPE, made["client_id"])
    assert "registration_access_token" not in read


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_nobody_else_does(lms: Lms, method: str) -> None:
    path = f"/lti/registration/{register(lms).get_json()['client_id']}"
    headers = {"Authorization": "Bearer another"}

    assert lms.machine.open(path, method=method, json=registration(lms), headers=headers).status_code == 401
    assert lms.machine.open("/lti/registration/bilim-demo", method=method, json={}, headers={}).status_code == 401


def test_the_client_may_not_be_changed(lms: Lms) -> None:
    made = register(lms).get_json()
    own = {"Authorization": f"Bearer {made['registration_access_token']}"}

    answer = lms.machine.put(
        f"/lti/registration/{made['client_id']}", json=registration(lms, client_id="mine"), headers=own
    )

    assert answer.get_json()["error_description"] == "client_id may not be changed"


def test_the_page_frames_the_tools_address_with_an_invitation(lms: Lms) -> None:
    lms.browser.get("/enter?person=administrator")

    answer = lms.browser.get("/tools/register?url=https://tool.example/register/one%3Fx=1")

    source = answer.text.split('<iframe class="tool"')[1].split('src="')[1].split('"')[0].replace("&amp;", "&")
    query = parse_qs(urlsplit(source).query)
    assert source.startswith("https://tool.example/register/one?x=1&")
    assert query["openid_configuration"] == ["http://127.0.0.1:8001/lti/openid-configuration"]
    assert len(query["registration_token"][0]) == 43
    assert "frame-src 'self' " in answer.headers["Content-Security-Policy"]
    assert "https://tool.example;" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("url", ["", "tool.example", "javascript:alert(1)"])
def test_only_web_addresses_are_opened(lms: Lms, url: str) -> None:
    lms.browser.get("/enter?person=administrator")

    assert lms.browser.get(f"/tools/register?url={url}").status_code == 400


def test_a_trainee_registers_nothing(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-1")

    assert [lms.browser.get(path).status_code for path in ("/tools", "/tools/register?url=https://x.example")] == [
        403
    ] * 2


def test_one_tool_can_have_several_deployments(lms: Lms) -> None:
    lms.machine.post("/tools/bilim-demo/deployments", data={"deployment": "second"})

    login = lms.open("/launch/e-government?deployment=second", "trainee-1")
    claims = lms.message("/launch/e-government?deployment=second", "trainee-1")

    assert login["lti_deployment_id"] == "second"
    assert claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"] == "second"
    assert lms.browser.get("/launch/e-government?deployment=third").status_code == 404


def test_one_tool_can_be_registered_twice(lms: Lms) -> None:
    lms.machine.post("/tools", data={"client_id": "bilim-second"})

    claims = lms.message("/launch/e-government?client=bilim-second", "trainee-1")

    assert claims["aud"] == ["bilim-second"]
    assert lms.machine.post("/tools", data={"client_id": "bilim-second"}).status_code == 409
