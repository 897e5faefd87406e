"""Reviews of submissions, launches about personal data, anonymous launches, groups, notices, and copies of courses."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug import Request, Response

from tests.lms.sandbox.conftest import LINE_ITEM_TYPE, LINE_ITEMS_TYPE, Lms
from tests.lms.sandbox.live import form_in

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
NOTICES = f"{CLAIM}platformnotificationservice"
GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
HANDLERS = "/services/notice-handlers/bilim-demo/1"


def test_a_review_names_whose_work_and_which_column(lms: Lms) -> None:
    lms.send_score("trainee-2", module="urban-governance")

    claims = lms.message("/launch/review/2/trainee-2", "instructor")

    assert claims[f"{CLAIM}message_type"] == "LtiSubmissionReviewRequest"
    assert claims[f"{CLAIM}for_user"]["user_id"] == "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a012"
    assert claims[f"{CLAIM}for_user"]["name"] == "Намуна Ўрнакова"
    assert claims[AGS]["lineitem"] == "http://127.0.0.1:8001/services/contexts/2/lineitems/2/lineitem"
    assert claims[f"{CLAIM}resource_link"]["id"] == "link-urban-governance"
    assert claims["sub"] == "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a021"
    assert claims[f"{CLAIM}target_link_uri"] == f"{lms.tool.url}/learn/urban-governance"


def test_a_review_goes_where_the_column_says(lms: Lms) -> None:
    review = {"url": f"{lms.tool.url}/review", "custom": {"work": "$ResourceLink.id", "kind": "essay"}}
    body = {"label": "Essay", "scoreMaximum": 10, "resourceLinkId": "link-e-government", "submissionReview": review}
    lms.ask("POST", "/services/contexts/2/lineitems", body=body, Content_Type=LINE_ITEM_TYPE)

    claims = lms.message("/launch/review/4/trainee-1", "instructor")

    assert claims[f"{CLAIM}target_link_uri"] == f"{lms.tool.url}/review"
    assert claims[f"{CLAIM}custom"]["kind"] == "essay"
    assert claims[AGS]["lineitem"].endswith("/lineitems/4/lineitem")


def test_the_gradebook_leads_to_the_work(lms: Lms) -> None:
    lms.send_score("trainee-2", module="urban-governance")
    lms.browser.get("/enter?person=instructor")

    assert '<a href="/review/2/trainee-2">' in lms.browser.get("/grades").text
    assert 'src="/launch/review/2/trainee-2?target=iframe"' in lms.browser.get("/review/2/trainee-2").text


def test_a_trainee_reviews_her_own_work_only(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-1")

    answers = [lms.browser.get(f"/launch/review/2/{person}").status_code for person in ("trainee-1", "trainee-2")]

    assert answers == [302, 403]


@pytest.mark.parametrize(
    ("profile", "kind"), [("strict", "LtiDataPrivacyLaunchRequest"), ("canvas", "DataPrivacyLaunchRequest")]
)
def test_a_launch_about_personal_data_has_neither_course_nor_activity(lms: Lms, profile: str, kind: str) -> None:
    lms.switch(profile=profile)

    claims = lms.message("/launch/privacy/trainee-1", "trainee-1")

    assert claims[f"{CLAIM}message_type"] == kind
    assert claims[f"{CLAIM}for_user"]["user_id"] == claims["sub"]
    assert {f"{CLAIM}context", f"{CLAIM}resource_link", AGS} & set(claims) == set()
    assert claims[f"{CLAIM}roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"]


def test_an_administrator_asks_about_somebody_else(lms: Lms) -> None:
    claims = lms.message("/launch/privacy/trainee-1", "administrator")

    assert claims[f"{CLAIM}for_user"]["name"] == "Жаңылгүл Өрнөкова"
    assert claims["sub"] == "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a031"
    lms.browser.get("/enter?person=trainee-2")
    assert lms.browser.get("/launch/privacy/trainee-1").status_code == 403


def test_an_anonymous_launch_says_nothing_about_anybody(lms: Lms) -> None:
    lms.set("anonymous", "yes")

    claims = lms.claims()

    assert {"sub", "name", "given_name", "family_name", "email", "locale"} & set(claims) == set()
    assert claims[f"{CLAIM}roles"][0].endswith("membership#Learner")
    assert claims[f"{CLAIM}resource_link"]["id"] == "link-e-government"


@pytest.mark.parametrize("error", ["login_required", "interaction_required", "access_denied"])
def test_a_launch_can_be_answered_with_an_error(lms: Lms, error: str) -> None:
    lms.switch(fault=f"error-{error.replace('_', '-')}")

    assert lms.launch().fields["error"] == error
    assert "id_token" in lms.launch().fields


def test_a_test_student_says_so(lms: Lms) -> None:
    roles = lms.claims("test-student")[f"{CLAIM}roles"]

    assert roles[-1] == "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"


# groups
def test_groups_and_their_sets_are_listed(lms: Lms) -> None:
    claim = lms.claims()[GROUPS]

    groups = lms.ask("GET", claim["context_groups_url"], Accept=GROUPS_TYPE).get_json()
    sets = lms.ask("GET", claim["context_group_sets_url"], Accept=GROUPS_TYPE).get_json()

    assert [(group["id"], group.get("set_id")) for group in groups["groups"]] == [
        ("group-1", "set-1"),
        ("group-2", "set-1"),
        ("group-3", None),
    ]
    assert sets["sets"] == [{"id": "set-1", "name": "Күндүзгү жана кечки топтор"}]


def test_the_groups_of_one_person(lms: Lms) -> None:
    url = lms.claims()[GROUPS]["context_groups_url"]

    found = lms.ask("GET", f"{url}?user_id=5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a012", Accept=GROUPS_TYPE).get_json()

    assert [group["id"] for group in found["groups"]] == ["group-2"]


def test_groups_come_in_pages(lms: Lms) -> None:
    url = lms.claims()[GROUPS]["context_groups_url"]

    answer = lms.ask("GET", f"{url}?limit=2", Accept=GROUPS_TYPE)

    assert len(answer.get_json()["groups"]) == 2
    assert answer.headers["Link"].endswith('?limit=2&from=2>; rel="next"')


def test_moodle_has_no_groups_service(moodle: Lms) -> None:
    assert GROUPS not in moodle.claims()
    assert moodle.ask("GET", "/services/contexts/2/groups", Accept=GROUPS_TYPE).status_code == 404


# copies
def copy(lms: Lms) -> dict[str, Any]:
    made: dict[str, Any] = lms.machine.post("/courses/2/copy", headers={"Accept": "application/json"}).get_json()
    return made


def test_a_copied_course_has_new_numbers_and_a_history(lms: Lms) -> None:
    made = copy(lms)

    claims = lms.claims(module="e-government-3")

    assert made["context"] == 3
    assert {"from": "e-government", "slug": "e-government-3"} in made["links"]
    assert claims[f"{CLAIM}context"]["id"] == "3"
    assert claims[f"{CLAIM}resource_link"]["id"] == "link-e-government-3"
    assert claims[f"{CLAIM}custom"]["module"] == "e-government"
    assert claims[AGS]["lineitem"] == "http://127.0.0.1:8001/services/contexts/3/lineitems/6/lineitem"


def test_a_copied_course_brings_its_columns_and_no_results(lms: Lms) -> None:
    lms.send_score()
    copy(lms)

    items = lms.ask("GET", "/services/contexts/3/lineitems", Accept=LINE_ITEMS_TYPE).get_json()

    assert [item["resourceLinkId"] for item in items] == [
        "link-public-management-3",
        "link-urban-governance-3",
        "link-e-government-3",
    ]
    assert len(lms.machine.get("/grades.json").get_json()) == 1


def test_a_copy_of_a_copy_names_both_the_newest_first(lms: Lms) -> None:
    copy(lms)
    lms.machine.post("/courses/3/copy", headers={"Accept": "application/json"})

    links = {link["slug"]: link["history"] for link in lms.machine.get("/links.json").get_json()}

    assert links["e-government-3-4"] == [9, 6]


def test_a_course_is_copied_on_its_page_by_those_who_teach(lms: Lms) -> None:
    lms.browser.get("/enter?person=instructor")

    answer = lms.browser.post("/courses/2/copy")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/courses/3")
    assert "DEMO-1-3" in lms.browser.get("/courses/3").text
    lms.browser.get("/enter?person=trainee-1")
    assert lms.browser.post("/courses/2/copy").status_code == 403


# notices
def test_a_tool_says_what_it_wants_to_hear_of(lms: Lms) -> None:
    assert lms.claims()[NOTICES]["platform_notification_service_url"] == f"http://127.0.0.1:8001{HANDLERS}"
    handler = {"notice_type": "LtiContextCopyNotice", "handler": f"{lms.tool.url}/lti/notices"}

    answer = lms.ask("PUT", HANDLERS, body=handler, Content_Type="application/json")

    assert (answer.status_code, answer.get_json()) == (200, handler)
    assert lms.ask("GET", HANDLERS).get_json() == {
        "client_id": "bilim-demo",
        "deployment_id": "1",
        "notice_handlers": [{"notice_type": "LtiHelloWorldNotice", "handler": ""}, handler],
    }


@pytest.mark.parametrize(
    "body",
    [
        {"notice_type": "LtiOtherNotice", "handler": "x"},
        {"notice_type": "LtiContextCopyNotice"},
        {"notice_type": "LtiContextCopyNotice", "handler": "https://elsewhere.example/notices"},
    ],
)
def test_a_handler_that_cannot_be_taken_is_refused(lms: Lms, body: dict[str, str]) -> None:
    assert lms.ask("PUT", HANDLERS, body=body, Content_Type="application/json").status_code == 400


def test_another_tools_handlers_are_not_found(lms: Lms) -> None:
    assert lms.ask("GET", "/services/notice-handlers/another/1").status_code == 404


def test_a_copy_is_told_by_a_signed_notice(lms: Lms, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []

    def listen(environment: Any, start_response: Any) -> Any:
        request = Request(environment)
        if request.path == "/lti/notices":
            heard.append(request.get_json())
            # the tool looks at the platform's keys before it answers: nothing may be held meanwhile
            heard.append(lms.app.test_client().get("/oidc/jwks.json").get_json())
            return Response("", status=204)(environment, start_response)
        return tool_answer(environment, start_response)

    tool_answer = lms.tool.server.app
    monkeypatch.setattr(lms.tool.server, "app", listen)
    handler = {"notice_type": "LtiContextCopyNotice", "handler": f"{lms.tool.url}/lti/notices"}
    lms.ask("PUT", HANDLERS, body=handler, Content_Type="application/json")

    copy(lms)

    claims = jwt.decode(heard[0]["notices"][0]["jwt"], KeySet.import_key_set(heard[1]), algorithms=["RS256"]).claims
    assert claims["iss"] == "http://127.0.0.1:8001"
    assert claims[f"{CLAIM}notice"]["type"] == "LtiContextCopyNotice"
    assert claims[f"{CLAIM}origin_contexts"] == ["2"]
    assert claims[f"{CLAIM}context"]["id"] == "3"
    assert "sub" not in claims
    sent = lms.machine.get("/notices.json").get_json()
    assert [(notice["type"], notice["status"], notice["context"]) for notice in sent] == [
        ("LtiContextCopyNotice", 204, 3)
    ]


def test_a_handler_that_is_gone_is_noted(lms: Lms) -> None:
    handler = {"notice_type": "LtiHelloWorldNotice", "handler": f"{lms.tool.url}/lti/notices"}
    lms.ask("PUT", HANDLERS, body=handler, Content_Type="application/json")
    lms.tool.status = 503

    sent = lms.machine.post("/notices", data={"type": "LtiHelloWorldNotice"}).get_json()

    assert [notice["status"] for notice in sent] == [503]


def test_a_persons_page_leads_to_the_persons_data(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-1")

    page = lms.browser.get("/people/trainee-1").text

    assert 'href="/privacy/trainee-1"' in page
    assert "Күндүзгү топ" in page
    assert lms.browser.get("/people/trainee-2").status_code == 403


def test_a_platform_with_html_names_still_shows_a_page(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-signs")

    page = lms.browser.get("/course").text

    assert "Ө&#39;Мисал Белгиев &amp; &lt;Ко&gt;" in page
    assert form_in(page).method == "POST"
