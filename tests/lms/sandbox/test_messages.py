"""What a launch says, word for word."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.lms.sandbox.conftest import ALL_SCOPES, Lms, claims_in, header_in
from tests.lms.sandbox.live import form_in

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"


def test_a_launch_is_signed_by_a_published_key_that_its_header_names(lms: Lms) -> None:
    id_token = lms.launch().fields["id_token"]

    published = lms.machine.get("/oidc/jwks.json").get_json()

    assert header_in(id_token) == {"typ": "JWT", "alg": "RS256", "kid": published["keys"][0]["kid"]}
    assert jwt.decode(id_token, KeySet.import_key_set(published), algorithms=["RS256"]).claims["nonce"] == (
        "nonce-of-the-tool"
    )


def test_a_strict_launch_lives_for_five_minutes_and_lists_its_audience(lms: Lms) -> None:
    claims = lms.claims()

    assert claims["iss"] == "http://127.0.0.1:8001"
    assert claims["aud"] == ["bilim-demo"]
    assert claims["azp"] == "bilim-demo"
    assert claims["exp"] - claims["iat"] == 300


def test_a_moodle_launch_lives_for_a_minute_and_has_no_authorized_party(moodle: Lms) -> None:
    claims = moodle.claims()

    assert claims["aud"] == "bilim-demo"
    assert "azp" not in claims
    assert claims["exp"] - claims["iat"] == 60


def test_a_launch_says_who_where_and_what(lms: Lms) -> None:
    claims = lms.claims("trainee-1", "e-government")

    assert claims[f"{CLAIM}message_type"] == "LtiResourceLinkRequest"
    assert claims[f"{CLAIM}version"] == "1.3.0"
    assert claims[f"{CLAIM}deployment_id"] == "1"
    assert claims[f"{CLAIM}target_link_uri"] == f"{lms.tool.url}/learn/e-government"
    assert claims[f"{CLAIM}custom"] == {"module": "e-government"}
    assert claims[f"{CLAIM}resource_link"]["id"] == "link-e-government"
    assert claims[f"{CLAIM}resource_link"]["title"] == "Электрондук өкмөт"
    assert claims[f"{CLAIM}context"]["id"] == "2"
    assert claims[f"{CLAIM}tool_platform"]["product_family_code"] == "bilim-sandbox"
    assert claims["sub"] == "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a011"
    assert claims["name"] == "Жаңылгүл Өрнөкова"
    assert claims["email"] == "trainee-1@academy.example"


@pytest.mark.parametrize(("person", "language"), [("trainee-1", "ky"), ("trainee-2", "ru")])
def test_the_presentation_is_in_the_persons_language_inside_a_frame(lms: Lms, person: str, language: str) -> None:
    presentation = lms.claims(person)[f"{CLAIM}launch_presentation"]

    assert presentation == {
        "locale": language,
        "document_target": "iframe",
        "return_url": "http://127.0.0.1:8001/return?module=e-government",
    }


def test_a_person_who_reads_the_platform_in_another_language_is_launched_in_it(lms: Lms) -> None:
    asked = lms.request_of(lms.open_module("trainee-1"))
    lms.browser.get("/course?lang=zh")

    claims = claims_in(form_in(lms.authorize(asked).text).fields["id_token"])

    assert (claims["locale"], claims[f"{CLAIM}launch_presentation"]["locale"]) == ("zh", "zh")


def test_a_module_opened_in_a_window_says_so(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-1")
    location = lms.browser.get("/launch/e-government?target=window").headers["Location"]
    hint = location.split("lti_message_hint=")[1].split("&")[0]
    login = {"client_id": "bilim-demo", "login_hint": "account-11", "lti_message_hint": hint}

    page = lms.authorize(lms.request_of(login))

    claims = claims_in(form_in(page.text).fields["id_token"])
    assert claims[f"{CLAIM}launch_presentation"]["document_target"] == "window"


@pytest.mark.parametrize(
    ("person", "role"),
    [
        ("trainee-1", f"{MEMBERSHIP}#Learner"),
        ("instructor", f"{MEMBERSHIP}#Instructor"),
        ("assistant", f"{MEMBERSHIP}/Instructor#TeachingAssistant"),
    ],
)
def test_roles_are_full_addresses_of_the_vocabulary(lms: Lms, person: str, role: str) -> None:
    assert role in lms.claims(person)[f"{CLAIM}roles"]


def test_moodle_calls_a_teaching_assistant_an_instructor(moodle: Lms) -> None:
    assert moodle.claims("assistant")[f"{CLAIM}roles"] == [f"{MEMBERSHIP}#Instructor"]


def test_a_launch_names_the_grade_services_and_the_one_line_item_of_its_link(lms: Lms) -> None:
    endpoint = lms.claims(module="public-management")[AGS]

    assert endpoint == {
        "scope": ALL_SCOPES.split(),
        "lineitems": "http://127.0.0.1:8001/services/contexts/2/lineitems",
        "lineitem": "http://127.0.0.1:8001/services/contexts/2/lineitems/1/lineitem",
    }


def test_a_link_with_two_line_items_names_none(lms: Lms) -> None:
    made = lms.ask(
        "POST",
        "/services/contexts/2/lineitems",
        body={"label": "Second", "scoreMaximum": 10, "resourceLinkId": "link-e-government"},
        Content_Type="application/vnd.ims.lis.v2.lineitem+json",
    )

    assert made.status_code == 201
    assert "lineitem" not in lms.claims(module="e-government")[AGS]


def test_moodle_sends_numbers_for_identifiers_and_a_query_in_each_service_address(moodle: Lms) -> None:
    claims = moodle.claims("trainee-1", "public-management")

    assert claims["sub"] == "11"
    assert claims[f"{CLAIM}resource_link"]["id"] == "4"
    assert claims[f"{CLAIM}context"]["type"] == ["CourseSection"]
    assert claims[f"{CLAIM}tool_platform"]["product_family_code"] == "moodle"
    assert claims[AGS]["lineitem"] == "http://127.0.0.1:8001/services/contexts/2/lineitems/1/lineitem?type_id=3"


def test_moodle_sends_a_variable_that_it_cannot_resolve_as_it_was_written(moodle: Lms) -> None:
    custom = moodle.claims(module="e-government")[f"{CLAIM}custom"]

    assert custom["module"] == "e-government"
    assert custom["submission_end"] == "$ResourceLink.submission.endDateTime"


def test_names_arrive_in_three_writings(lms: Lms) -> None:
    names = [lms.claims(person)["name"] for person in ("trainee-1", "trainee-2", "trainee-3")]

    assert names == ["Жаңылгүл Өрнөкова", "Намуна Ўрнакова", "范例生"]
