"""Content is asked for and comes back: the request word for word, the answer refused claim by claim."""

import time
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt

from tests.lms.sandbox.conftest import LINE_ITEMS_TYPE, Lms, new_key
from tests.lms.sandbox.test_content_items import item

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
SETTINGS = f"{DL}deep_linking_settings"


def ask(lms: Lms, path: str = "/launch/content/2") -> dict[str, Any]:
    """The message with which an instructor asks for content."""
    return lms.message(path, "instructor")


def answer(lms: Lms, request: dict[str, Any], items: Any = (), *, key: Any = None, **changes: Any) -> dict[str, Any]:
    """The claims of a good answer; a change to None leaves a claim out."""
    issued_at = int(time.time())
    settings = request[SETTINGS]
    good: dict[str, Any] = {
        "iss": "bilim-demo",
        "aud": "http://127.0.0.1:8001",
        "iat": issued_at,
        "exp": issued_at + 300,
        "nonce": str(uuid4()),
        f"{CLAIM}deployment_id": request[f"{CLAIM}deployment_id"],
        f"{CLAIM}message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}version": "1.3.0",
        f"{DL}content_items": list(items),
        **({f"{DL}data": settings["data"]} if "data" in settings else {}),
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def post(lms: Lms, request: dict[str, Any], claims: dict[str, Any], *, header: Any = None, key: Any = None) -> Any:
    """Bring an answer to where the request wanted it."""
    signing = key or lms.tool.key
    token = jwt.encode(header or {"alg": "RS256", "kid": signing.kid}, claims, signing)
    path = request[SETTINGS]["deep_link_return_url"].removeprefix("http://127.0.0.1:8001")
    return lms.browser.post(path, data={"JWT": token})


def last(lms: Lms) -> dict[str, Any]:
    found: dict[str, Any] = lms.machine.get("/deep-linking.json").get_json()[-1]
    return found


def links(lms: Lms) -> dict[str, dict[str, Any]]:
    return {link["slug"]: link for link in lms.machine.get("/links.json").get_json()}


def bring(lms: Lms, *items: dict[str, Any]) -> list[str]:
    """Add items to the course; the slugs of what was made."""
    request = ask(lms)
    assert post(lms, request, answer(lms, request, items)).status_code == 200
    made: list[str] = last(lms)["made"]
    return made


def brought(lms: Lms) -> dict[str, Any]:
    """Add one item; how it is kept."""
    slug = bring(lms, own_item(lms))[0]
    return links(lms)[slug]


def own_item(lms: Lms, **changes: Any) -> dict[str, Any]:
    host = {
        "icon": None,
        "thumbnail": None,
        "lineItem": {"scoreMaximum": 50, "label": "Баа", "resourceId": "eg", "tag": "t"},
    }
    return item(**{"url": f"{lms.tool.url}/learn/e-government/unit/2", **host, **changes})


def test_a_request_is_a_launch_without_a_resource_link(lms: Lms) -> None:
    claims = ask(lms)

    assert claims[f"{CLAIM}message_type"] == "LtiDeepLinkingRequest"
    assert claims[f"{CLAIM}target_link_uri"] == f"{lms.tool.url}/lti/deep-link"
    assert f"{CLAIM}resource_link" not in claims
    assert claims[f"{CLAIM}context"]["id"] == "2"
    settings = claims[SETTINGS]
    assert settings["accept_types"] == ["link", "file", "html", "ltiResourceLink", "image"]
    assert settings["accept_presentation_document_targets"] == ["iframe", "window", "embed"]
    assert (settings["accept_multiple"], settings["accept_lineitem"], settings["auto_create"]) == (True, True, False)
    assert settings["data"].startswith("data-")
    assert settings["deep_link_return_url"].startswith("http://127.0.0.1:8001/deep-linking/return/")


def test_moodle_accepts_links_only_and_sends_no_data(moodle: Lms) -> None:
    claims = ask(moodle)

    assert claims[SETTINGS]["accept_types"] == ["ltiResourceLink"]
    assert "data" not in claims[SETTINGS]
    assert claims[f"{CLAIM}launch_presentation"] == {"locale": "ky"}


def test_the_settings_can_be_others(lms: Lms) -> None:
    for option, value in [("accept-types", "html link"), ("accept-multiple", "no"), ("accept-line-item", "absent"),
                          ("data", "909708"), ("target-link-uri", "absent"), ("auto-create", "yes")]:  # fmt: skip
        lms.set(option, value)

    claims = ask(lms)

    settings = claims[SETTINGS]
    assert settings["accept_types"] == ["html", "link"]
    assert (settings["accept_multiple"], settings["auto_create"], settings["data"]) == (False, True, "909708")
    assert "accept_lineitem" not in settings
    assert f"{CLAIM}target_link_uri" not in claims


@pytest.mark.parametrize("person", ["trainee-1", "trainee-left"])
def test_only_those_who_teach_add_content(lms: Lms, person: str) -> None:
    lms.browser.get(f"/enter?person={person}")

    assert lms.browser.get("/launch/content/2").status_code == 403


def test_what_the_tool_brings_becomes_an_activity_with_a_column(lms: Lms) -> None:
    slug = bring(lms, own_item(lms))[0]

    made = links(lms)[slug]
    assert made["url"] == f"{lms.tool.url}/learn/e-government/unit/2"
    column = made["line_items"][0]
    assert (column["label"], column["scoreMaximum"], column["resourceId"], column["tag"]) == ("Баа", 50, "eg", "t")
    assert column["resourceLinkId"] == f"link-{slug}"
    listed = lms.ask("GET", "/services/contexts/2/lineitems?resource_id=eg", Accept=LINE_ITEMS_TYPE).get_json()
    assert listed == [column]


def test_a_launch_of_it_asks_for_the_items_address_and_carries_its_parameters(lms: Lms) -> None:
    custom = {
        "module": "e-government",
        "links": "$ResourceLink.id.history",
        "courses": "$Context.id.history",
        "until": "$ResourceLink.submission.endDateTime",
        "mine": "$ResourceLink.submission.user.endDateTime",
        "unknown": "$Nobody.knows",
    }
    slug = bring(lms, own_item(lms, custom=custom))[0]

    claims = lms.claims(module=slug)

    assert claims[f"{CLAIM}target_link_uri"] == f"{lms.tool.url}/learn/e-government/unit/2"
    assert claims[f"{CLAIM}custom"] == {
        "module": "e-government",
        "links": "",
        "courses": "",
        "until": "2027-01-31T23:59:00.5Z",
        "mine": "",
        "unknown": "$Nobody.knows",
    }
    assert "lineitem" in claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]


def test_an_item_without_an_address_opens_the_tools_own(lms: Lms) -> None:
    slug = bring(lms, own_item(lms, url=None, lineItem=None))[0]

    claims = lms.claims(module=slug)

    assert claims[f"{CLAIM}target_link_uri"] == lms.tool.url
    assert "lineitem" not in claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]


def test_several_items_at_once_make_several_activities(lms: Lms) -> None:
    made = bring(lms, own_item(lms), own_item(lms, title="Экинчи"), {"type": "html", "html": "<p>x</p>"})

    assert [links(lms)[slug]["titles"]["ky"] for slug in made] == ["Электрондук өкмөт", "Экинчи"]


def test_an_empty_answer_with_a_message_is_shown(lms: Lms) -> None:
    request = ask(lms)

    page = post(lms, request, answer(lms, request, **{f"{DL}msg": "<b>Кийин</b>", f"{DL}errormsg": "Ката"}))

    assert page.status_code == 200
    assert "&lt;b&gt;Кийин&lt;/b&gt;" in page.text
    assert 'target="_top"' in page.text
    assert (last(lms)["outcome"], last(lms)["messages"]) == ("accepted", {"msg": "<b>Кийин</b>", "errormsg": "Ката"})


def test_columns_are_made_only_where_that_was_offered(lms: Lms) -> None:
    lms.set("accept-line-item", "no")

    assert brought(lms)["line_items"] == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "another-tool"}, "iss must be the client_id of the tool that was asked"),
        ({"iss": None}, "iss must be a text"),
        ({"aud": "https://another.example"}, "aud must be http://127.0.0.1:8001 and nobody else"),
        ({"aud": ["http://127.0.0.1:8001", "https://another.example"]}, "aud must be http://127.0.0.1:8001 and nobody else"),
        ({"aud": "http://127.0.0.1:8001/"}, "aud must be http://127.0.0.1:8001 and nobody else"),
        ({"azp": "another-tool"}, "azp must be the client_id"),
        ({"exp": 22222, "iat": 11111}, "Expired token"),
        ({"exp": None}, "exp must be a number of seconds"),
        ({"iat": "now"}, "iat must be a number of seconds"),
        ({"exp": int(time.time()) + 100_000}, "It lives longer than 3600 seconds"),
        ({"nonce": None}, "nonce is missing"),
        ({f"{CLAIM}deployment_id": "2"}, "deployment_id must be 1"),
        ({f"{CLAIM}message_type": "LtiResourceLinkRequest"}, "message_type must be LtiDeepLinkingResponse"),
        ({f"{CLAIM}version": "1.3"}, "version must be 1.3.0"),
        ({f"{DL}data": "other"}, "data must come back exactly as it was sent"),
        ({f"{DL}data": None}, "data must come back exactly as it was sent"),
        ({f"{DL}msg": 7}, "msg must be a text"),
        ({f"{DL}content_items": {}}, "content_items must be a list"),
    ],
)  # fmt: skip
def test_an_answer_with_a_wrong_claim_is_refused_with_its_reason(
    lms: Lms, changes: dict[str, Any], reason: str
) -> None:
    request = ask(lms)

    page = post(lms, request, answer(lms, request, [own_item(lms)], **changes))

    assert page.status_code == 400
    assert (last(lms)["outcome"], last(lms)["reason"]) == ("refused", reason)
    assert len(links(lms)) == 3


def test_data_must_not_come_back_when_none_was_sent(moodle: Lms) -> None:
    request = ask(moodle)

    post(moodle, request, {**answer(moodle, request), f"{DL}data": None})

    assert last(moodle)["reason"] == "data was not sent and must not come back"


def test_an_answer_signed_by_another_key_is_refused(lms: Lms) -> None:
    request = ask(lms)

    page = post(lms, request, answer(lms, request), header={"alg": "RS256", "kid": lms.tool.key.kid}, key=new_key())

    assert (page.status_code, last(lms)["reason"]) == (400, "This is not a JWT signed by the tool with RS256")


def test_an_answer_that_names_no_key_is_refused(lms: Lms) -> None:
    request = ask(lms)

    assert post(lms, request, answer(lms, request), header={"alg": "RS256"}).status_code == 400
    assert last(lms)["reason"] == "The header names no key (kid)"


def test_an_answer_is_taken_once(lms: Lms) -> None:
    request = ask(lms)
    claims = answer(lms, request, [own_item(lms)])

    statuses = [post(lms, request, sent).status_code for sent in (claims, claims, {**claims, "nonce": "another"})]

    assert statuses == [200, 400, 400]
    assert (last(lms)["outcome"], len(last(lms)["made"])) == ("accepted", 1)


def test_the_field_is_called_jwt_and_is_posted(lms: Lms) -> None:
    path = ask(lms)[SETTINGS]["deep_link_return_url"].removeprefix("http://127.0.0.1:8001")

    statuses = [lms.browser.post(path, data={"id_token": "x"}).status_code, lms.browser.get(path).status_code]

    assert statuses == [400, 405]
    assert last(lms)["reason"] == "The form must have the one field JWT"


def test_an_answer_to_no_request_is_not_found(lms: Lms) -> None:
    assert lms.browser.post("/deep-linking/return/nothing", data={"JWT": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("quirk", "seen"),
    [("line-item-label-ignored", "Электрондук өкмөт"), ("windows-of-items-ignored", "Баа")],
)
def test_a_platform_may_name_the_column_after_the_activity(lms: Lms, quirk: str, seen: str) -> None:
    lms.quirk(quirk)

    assert brought(lms)["line_items"][0]["label"] == seen


def test_a_platform_may_ignore_windows_of_time_and_place(lms: Lms) -> None:
    lms.quirk("windows-of-items-ignored")

    kept = brought(lms)["item"]

    assert {"available", "submission", "window", "iframe"} & set(kept) == set()


def test_a_platform_may_make_no_column(lms: Lms) -> None:
    lms.quirk("line-item-of-items-ignored")

    assert brought(lms)["line_items"] == []


def test_a_platform_may_lose_the_parameters_of_an_item(lms: Lms) -> None:
    lms.quirk("custom-of-items-is-lost")

    assert lms.claims(module=bring(lms, own_item(lms))[0])[f"{CLAIM}custom"] == {}


def test_a_platform_may_replace_what_an_earlier_answer_brought(lms: Lms) -> None:
    lms.quirk("deep-link-replaces")
    first = bring(lms, own_item(lms))[0]

    second = bring(lms, own_item(lms))[0]

    assert (first in links(lms), second in links(lms), len(links(lms))) == (False, True, 4)


def test_the_page_that_frames_the_choice_offers_storage(lms: Lms) -> None:
    lms.browser.get("/enter?person=instructor")

    page = lms.browser.get("/courses/2/content").text

    assert 'src="/launch/content/2?target=iframe"' in page
    assert "storage.js" in page
