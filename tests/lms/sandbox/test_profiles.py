"""Each habit of a platform: which profile has it, that something asks for it, and what it does on the wire."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lms import sandbox
from lms.sandbox import registrations, store
from lms.sandbox.profiles import PROFILES
from lms.sandbox.quirks import Quirk
from tests.lms.sandbox.conftest import ALL_SCOPES, LINE_ITEM_TYPE, LINE_ITEMS_TYPE, Lms, results_of, scores_of

ROOM = Path(sandbox.__file__).parent
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SUBMISSION = "https://canvas.instructure.com/lti/submission"
NOTHING: dict[str, Any] = {}
ITEMS = "/services/contexts/2/lineitems"


def listed() -> dict[str, frozenset[str]]:
    """The quirks of the README and the profiles that it names."""
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| .* \| ([^|]*) \|$", (ROOM / "README.md").read_text(), re.MULTILINE)
    return {name: frozenset(profiles.split(", ")) - {"(by switch)"} for name, profiles in rows if name in set(Quirk)}


def test_the_readme_lists_each_quirk_with_the_profiles_that_have_it() -> None:
    built = {quirk.value: frozenset(code for code, profile in PROFILES.items() if quirk in profile) for quirk in Quirk}

    assert listed() == built


def test_each_quirk_is_asked_for_somewhere() -> None:
    code = "\n".join(path.read_text() for path in ROOM.rglob("*.py") if path.name not in ("quirks.py", "profiles.py"))

    assert [quirk.name for quirk in Quirk if f"Quirk.{quirk.name}" not in code] == []


def test_the_strict_profile_has_no_habits() -> None:
    assert sorted(PROFILES) == ["blackboard", "canvas", "d2l", "moodle", "openedx", "strict"]
    assert PROFILES["strict"].quirks == frozenset()


def test_a_habit_can_be_taken_from_a_profile_and_given_back(moodle: Lms) -> None:
    moodle.quirk("numbered-ids", "no")
    without = moodle.claims()["sub"]
    moodle.quirk("numbered-ids", "default")

    assert (without, moodle.claims()["sub"]) == ("5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a011", "11")


def profiled(lms: Lms, code: str) -> Lms:
    lms.switch(profile=code)
    return lms


# launch
def test_canvas_begins_a_login_with_names_of_its_own(lms: Lms) -> None:
    login = profiled(lms, "canvas").open_module()

    assert (login["deployment_id"], login["canvas_region"], login["canvas_environment"]) == (
        "1",
        "unknown",
        "production",
    )
    assert "lti_deployment_id" not in login
    assert login["lti_storage_target"] == "post_message_forwarding"


def test_open_edx_names_its_launch_address_at_login_and_the_items_in_the_message(lms: Lms) -> None:
    profiled(lms, "openedx")

    assert lms.open_module()["target_link_uri"] == f"{lms.tool.url}/lti/launch"
    assert lms.claims()[f"{CLAIM}target_link_uri"] == f"{lms.tool.url}/learn/e-government"


def test_open_edx_names_things_by_block_keys_and_itself_hardly(lms: Lms) -> None:
    claims = profiled(lms, "openedx").claims()

    link_id = claims[f"{CLAIM}resource_link"]["id"]
    assert link_id == "block-v1:Bilim+DEMO+2026+type@lti_consumer+block@e-government"
    assert claims[f"{CLAIM}context"]["id"] == "course-v1:Bilim+DEMO+2026"
    assert "product_family_code" not in claims[f"{CLAIM}tool_platform"]
    assert claims[f"{CLAIM}roles"][-1] == "http://purl.imsglobal.org/vocab/lis/v2/system/person#None"
    assert (claims["aud"], claims["azp"], claims["exp"] - claims["iat"]) == ("bilim-demo", "bilim-demo", 3600)


def test_all_tenants_can_share_one_issuer(lms: Lms) -> None:
    lms.quirk("shared-issuer")

    assert lms.open_module()["iss"] == lms.claims()["iss"] == "https://canvas.instructure.com"


@pytest.mark.parametrize("code", ["moodle", "openedx", "blackboard", "d2l"])
def test_some_platforms_offer_no_storage(lms: Lms, code: str) -> None:
    assert "lti_storage_target" not in profiled(lms, code).open_module()
    assert "lti_storage_target" not in lms.launch().fields


@pytest.mark.parametrize(("option", "target"), [("parent", "_parent"), ("frame", "lti_storage"), ("off", None)])
def test_storage_can_be_switched(lms: Lms, option: str, target: str | None) -> None:
    lms.set("storage", option)

    assert lms.open_module().get("lti_storage_target") == target
    assert lms.launch().fields.get("lti_storage_target") == target


def test_blackboard_does_not_know_the_history_of_links(lms: Lms) -> None:
    configured = {"x": "$ResourceLink.id.history", "y": "$Context.id.history"}
    profiled(lms, "blackboard")
    lms.machine.post("/tools", data={"client_id": "x"})

    with lms.app.app_context(), store.transaction():
        tool = registrations.find("x")
        assert tool is not None
        tool.custom = configured

    assert lms.message("/launch/e-government?client=x", "trainee-1")[f"{CLAIM}custom"] == {
        "x": "$ResourceLink.id.history",
        "y": "",
        "module": "e-government",
    }
    assert lms.claims()[f"{CLAIM}resource_link"]["id"] == "_6_1"


# tokens and addresses
def test_open_edx_grants_nothing_without_a_word(lms: Lms) -> None:
    answer = profiled(lms, "openedx").ask_token(scope="https://unknown.example/scope")

    assert (answer.status_code, answer.get_json()["scope"]) == (200, "")


def test_brightspace_names_no_algorithm_with_its_keys(lms: Lms) -> None:
    keys = profiled(lms, "d2l").machine.get("/oidc/jwks.json").get_json()["keys"]

    assert [("alg" in key, "kid" in key) for key in keys] == [(False, True)]


def test_a_firewall_may_refuse_callers_without_a_name(lms: Lms) -> None:
    lms.quirk("nameless-callers-are-403")

    assert lms.ask("GET", ITEMS, Accept=LINE_ITEMS_TYPE, User_Agent="python-requests/2").status_code == 403
    assert lms.ask("GET", ITEMS, Accept=LINE_ITEMS_TYPE, User_Agent="Bilim/0.1").status_code == 200


def test_blackboard_addresses_work_with_their_own_paths(lms: Lms) -> None:
    claims = profiled(lms, "blackboard").claims("trainee-1", "public-management")
    url = claims[AGS]["lineitem"]

    assert url == "http://127.0.0.1:8001/learn/api/v1/lti/courses/_2_1/lineItems/_1_1"
    assert lms.send_score(module="public-management").status_code == 204
    assert lms.ask("GET", results_of(url), Accept="*/*").get_json()[0]["resultScore"] == 86


# grades
@pytest.mark.parametrize("code", ["canvas", "openedx"])
def test_an_equal_timestamp_is_taken_and_an_older_one_is_a_bad_request(lms: Lms, code: str) -> None:
    profiled(lms, code)
    times = ["2026-11-20T10:00:00.500Z", "2026-11-20T10:00:00.500Z", "2026-11-20T10:00:00.499Z"]

    statuses = [lms.send_score(timestamp=moment).status_code for moment in times]

    taken = {"canvas": 200, "openedx": 201}[code]
    assert statuses == [taken, taken, 400]


@pytest.mark.parametrize(
    ("code", "person", "status", "words"),
    [
        ("canvas", "instructor", 422, "not a student"),
        ("canvas", "nobody", 422, "not a student"),
        ("openedx", "nobody", 500, "Internal Server Error"),
        ("blackboard", "instructor", 400, "User could not be found:"),
        ("d2l", "trainee-left", 403, "User in requested score is not enrolled in the org unit"),
        ("d2l", "nobody", 404, "User in requested score does not exist"),
        ("moodle", "nobody", 400, "[]"),
    ],
)
def test_a_score_for_nobody_who_studies_is_refused_in_each_platforms_words(
    lms: Lms, code: str, person: str, status: int, words: str
) -> None:
    profiled(lms, code)
    if code == "d2l":
        assertion = lms.tool.assertion(aud="https://api.brightspace.com/auth/token")
        granted = lms.ask_token(assertion).get_json()["access_token"]
        lms.full_bearer = {"Authorization": f"Bearer {granted}"}
    users = {
        "instructor": "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a021",
        "trainee-left": "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a014",
    }

    answer = lms.send_score(userId=users.get(person, "nobody"))

    assert answer.status_code == status
    assert words in answer.text


def test_open_edx_answers_a_score_with_json_and_canvas_with_the_result(lms: Lms) -> None:
    assert json.loads(profiled(lms, "openedx").send_score().data)
    answer = profiled(lms, "canvas").send_score("trainee-2")

    assert answer.get_json()["resultUrl"].startswith("http://127.0.0.1:8001/services/contexts/2/lineitems/3/")


@pytest.mark.parametrize(("progress", "score"), [("PendingManual", 86.0), ("Pending", None), ("NotReady", None)])
def test_canvas_takes_a_grade_that_waits_for_a_person(lms: Lms, progress: str, score: float | None) -> None:
    profiled(lms, "canvas").send_score(gradingProgress=progress)

    row = lms.grade()
    assert row is not None
    assert row["score"] == score


def test_canvas_counts_each_score_as_an_attempt_unless_told_otherwise(lms: Lms) -> None:
    profiled(lms, "canvas")
    lms.set("attempt-limit", "1")
    again: dict[str, Any] = {SUBMISSION: {"new_submission": False}}

    statuses = [lms.send_score(**changes).status_code for changes in (NOTHING, NOTHING, again)]

    assert statuses == [200, 422, 200]
    row = lms.grade()
    assert row is not None
    assert row["attempts"] == 1


def test_canvas_refuses_a_submission_from_the_future_and_a_score_without_maximum(lms: Lms) -> None:
    profiled(lms, "canvas")

    future: dict[str, Any] = {SUBMISSION: {"submitted_at": "2099-01-01T00:00:00.000Z"}}

    ahead = lms.send_score(**future)

    assert ahead.status_code == 400
    assert lms.send_score(scoreMaximum=None).status_code == 422


def test_when_the_work_was_submitted_is_kept(lms: Lms) -> None:
    lms.send_score(submission={"startedAt": "2026-11-20T08:00:00.000Z", "submittedAt": "2026-11-20T09:30:00.000Z"})

    row = lms.grade()
    assert row is not None
    assert row["submitted_at"] == "2026-11-20T09:30:00+00:00"


@pytest.mark.parametrize("submission", ["now", {"submittedAt": "now"}, {"startedAt": 7}])
def test_a_submission_of_the_wrong_form_is_refused(lms: Lms, submission: Any) -> None:
    assert lms.send_score(submission=submission).status_code == 400


def test_brightspace_refuses_more_than_the_maximum(lms: Lms) -> None:
    lms.quirk("scores-above-maximum-are-refused")

    assert [lms.send_score(scoreGiven=given).status_code for given in (10.5, 10)] == [400, 204]


def test_open_edx_wants_whole_numbers_as_maximum(lms: Lms) -> None:
    profiled(lms, "openedx")

    statuses = [
        lms.ask("POST", ITEMS, body={"label": "x", "scoreMaximum": maximum}, Content_Type=LINE_ITEM_TYPE).status_code
        for maximum in (10.5, 10.0, 10)
    ]

    assert statuses == [400, 201, 201]


def test_open_edx_declares_grades_without_the_scope_to_make_columns(lms: Lms) -> None:
    claim = profiled(lms, "openedx").claims()[AGS]

    assert "lineitem" in claim
    assert ALL_SCOPES.split()[0] not in claim["scope"]
    made = lms.ask("POST", ITEMS, body={"label": "x", "scoreMaximum": 1}, Content_Type=LINE_ITEM_TYPE)
    assert made.status_code == 201


def test_open_edx_can_leave_columns_to_the_tool(lms: Lms) -> None:
    lms.quirk("programmatic-grades")

    claim = lms.claims()[AGS]

    assert "lineitem" not in claim
    assert [scope.rsplit("/", 1)[1] for scope in claim["scope"]] == ["lineitem", "result.readonly", "score"]


def test_open_edx_breaks_at_a_plus_that_was_not_encoded(lms: Lms) -> None:
    profiled(lms, "openedx")
    bare = "block-v1:Bilim+DEMO+2026+type@lti_consumer+block@e-government"

    statuses = [
        lms.ask("GET", f"{ITEMS}?resource_link_id={each}", Accept=LINE_ITEMS_TYPE).status_code
        for each in (bare, bare.replace("+", "%2B"))
    ]

    assert statuses == [500, 200]


def test_blackboard_loses_comments_of_one_persons_results(lms: Lms) -> None:
    lms.quirk("results-of-one-lack-comments")
    lms.send_score()
    url = lms.line_item_url()
    user_id = lms.claims()["sub"]

    everybody = lms.ask("GET", results_of(url), Accept="*/*").get_json()
    one = lms.ask("GET", results_of(url, f"user_id={user_id}"), Accept="*/*").get_json()

    assert ("comment" in everybody[0], "comment" in one[0]) == (True, False)
    assert scores_of(url).endswith("/lineitem/scores")


@pytest.mark.parametrize(
    ("field", "value"),
    [("quirk", "unknown"), ("option", "unknown")],
)
def test_a_habit_or_option_that_does_not_exist_is_not_found(lms: Lms, field: str, value: str) -> None:
    assert lms.machine.post("/switches", data={field: value}).status_code == 404


@pytest.mark.parametrize(
    ("option", "value"), [("storage", "everywhere"), ("roster-page", "-1"), ("anonymous", "maybe")]
)
def test_an_option_has_its_own_values(lms: Lms, option: str, value: str) -> None:
    assert lms.machine.post("/switches", data={"option": option, "value": value}).status_code == 400


def test_clearing_brings_back_options_and_habits(lms: Lms) -> None:
    lms.set("storage", "off")
    lms.quirk("numbered-ids")

    lms.switch(clear="1")

    stand = lms.machine.get("/switches", headers={"Accept": "application/json"}).get_json()
    assert (stand["options"], stand["quirks"], stand["changed"]) == ({}, [], {})
