"""The roster (Names and Role Provisioning Services 2.0)."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.lms.sandbox.conftest import SCORE_SCOPE, Lms

ROSTER = "/services/contexts/2/memberships"
TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def get(lms: Lms, url: str = ROSTER, accept: str = TYPE) -> Any:
    return lms.ask("GET", url, Accept=accept)


def members(lms: Lms, url: str = ROSTER) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(lms, url).get_json()["members"]
    return found


def link(answer: Any, relation: str) -> str | None:
    found = re.search(rf'<([^>]+)>; rel="{relation}"', answer.headers.get("Link", ""))
    return found[1] if found else None


def test_a_launch_names_the_roster(lms: Lms) -> None:
    assert lms.claims()[NRPS] == {
        "context_memberships_url": "http://127.0.0.1:8001/services/contexts/2/memberships",
        "service_versions": ["2.0"],
    }


def test_the_roster_holds_everybody_with_roles_and_names(lms: Lms) -> None:
    answer = get(lms)

    assert answer.content_type == TYPE
    roster = answer.get_json()
    assert roster["id"] == "http://127.0.0.1:8001/services/contexts/2/memberships"
    assert (roster["context"]["id"], roster["context"]["label"]) == ("2", "DEMO-1")
    assert len(roster["members"]) == 9
    assert roster["members"][0] == {
        "status": "Active",
        "user_id": "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a011",
        "roles": [f"{MEMBERSHIP}Learner", "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"],
        "name": "Жаңылгүл Өрнөкова",
        "given_name": "Жаңылгүл",
        "family_name": "Өрнөкова",
        "email": "trainee-1@academy.example",
        "lis_person_sourcedid": "academy-11",
    }


def test_who_left_is_inactive_and_not_gone(lms: Lms) -> None:
    assert [each["name"] for each in members(lms) if each["status"] == "Inactive"] == ["Кеткен Мурунов"]


def test_the_roster_wants_its_scope(lms: Lms) -> None:
    answer = lms.machine.get(ROSTER, headers={**lms.bearer(SCORE_SCOPE), "Accept": TYPE})

    assert answer.status_code == 403


@pytest.mark.parametrize("accept", ["application/json", "*/*", f"{TYPE}, */*"])
def test_the_roster_has_one_media_type(lms: Lms, accept: str) -> None:
    assert get(lms, accept=accept).status_code == 406


def test_moodle_gives_the_roster_to_any_wildcard_but_not_as_json(moodle: Lms) -> None:
    assert [get(moodle, accept=accept).status_code for accept in ("*/*", "application/json")] == [200, 400]


@pytest.mark.parametrize("role", ["Learner", f"{MEMBERSHIP}Learner"])
def test_the_roster_is_filtered_by_role(lms: Lms, role: str) -> None:
    names = [each["name"] for each in members(lms, f"{ROSTER}?role={quote(role, safe='')}")]

    assert names == [
        "Жаңылгүл Өрнөкова",
        "Намуна Ўрнакова",
        "范例生",
        "Кеткен Мурунов",
        "Ө'Мисал Белгиев & <Ко>",
        "Сыноо Үлгүев",
    ]


def test_pages_follow_one_another_and_keep_what_was_asked(lms: Lms) -> None:
    found, url = [], f"{ROSTER}?limit=4&role=Learner"
    while url:
        answer = get(lms, url)
        found.append(len(answer.get_json()["members"]))
        url = link(answer, "next") or ""

    assert found == [4, 2]


def test_moodle_forgets_the_role_on_the_next_page(moodle: Lms) -> None:
    following = link(get(moodle, f"{ROSTER}?limit=4&role=Learner"), "next")

    assert following == "http://127.0.0.1:8001/services/contexts/2/memberships?limit=4&from=4"


def test_open_edx_counts_pages(lms: Lms) -> None:
    lms.switch(profile="openedx")

    answer = get(lms, f"{ROSTER}?limit=4")

    following = link(answer, "next") or ""
    assert following.endswith("?limit=4&page=2")
    assert get(lms, following).get_json()["members"][0]["name"] == "Өмүр Жардамчиев"


def test_a_platform_may_cut_pages_by_itself(lms: Lms) -> None:
    lms.set("roster-page", "2")

    assert [len(members(lms, url)) for url in (ROSTER, f"{ROSTER}?limit=500", f"{ROSTER}?limit=1")] == [2, 2, 1]


def test_a_big_course_has_ten_thousand_members(lms: Lms) -> None:
    lms.set("course-size", "big")

    roster = members(lms)

    assert len(roster) == 10_000
    assert len({each["user_id"] for each in roster}) == 10_000
    assert roster[9]["name"] == "Үлгү-1 Мүчөева"


def test_a_member_of_the_big_course_can_be_graded(lms: Lms) -> None:
    lms.set("course-size", "big")
    user_id = members(lms, f"{ROSTER}?limit=1&from=9000")[0]["user_id"]

    assert lms.send_score(userId=user_id).status_code == 204
    assert lms.machine.get("/grades.json").get_json()[0]["person"] == "member-08992"


def test_the_differences_name_only_those_who_changed(lms: Lms) -> None:
    differences = link(get(lms), "differences") or ""
    lms.switch(person="trainee-2", takes_part="no")
    lms.switch(person="trainee-left", takes_part="yes")

    changed = [(each["name"], each["status"]) for each in members(lms, differences)]

    assert changed == [("Намуна Ўрнакова", "Inactive"), ("Кеткен Мурунов", "Active")]
    assert members(lms, link(get(lms, differences), "differences") or "") == []


def test_the_roster_of_a_link_says_what_its_launches_would(lms: Lms) -> None:
    member = members(lms, f"{ROSTER}?rlid=link-e-government")[0]

    assert member["message"] == [
        {f"{CLAIM}message_type": "LtiResourceLinkRequest", f"{CLAIM}custom": {"module": "e-government"}}
    ]


@pytest.mark.parametrize("rlid", ["link-astronomy", "link-e-government-3"])
def test_the_roster_of_a_link_that_is_not_there_is_refused(lms: Lms, rlid: str) -> None:
    assert get(lms, f"{ROSTER}?rlid={rlid}").status_code == 403


def test_a_platform_may_fail_at_links(lms: Lms) -> None:
    lms.quirk("rlid-is-500")

    assert get(lms, f"{ROSTER}?rlid=link-e-government").status_code == 500


@pytest.mark.parametrize(
    ("privacy", "present"),
    [
        ("all", {"name", "given_name", "family_name", "email"}),
        ("no-email", {"name", "given_name", "family_name"}),
        ("no-names", {"email"}),
        ("nothing", set()),
    ],
)
def test_names_and_addresses_can_be_withheld(lms: Lms, privacy: str, present: set[str]) -> None:
    lms.set("privacy", privacy)
    personal = {"name", "given_name", "family_name", "email"}

    assert (set(members(lms)[0]) & personal, set(lms.claims()) & personal) == (present, present)


def test_moodle_escapes_names_in_the_roster_and_not_in_a_launch(moodle: Lms) -> None:
    escaped = [each["name"] for each in members(moodle) if "Белгиев" in each["name"]]

    assert escaped == ["Ө&#x27;Мисал Белгиев &amp; &lt;Ко&gt;"]
    assert moodle.claims("trainee-signs")["name"] == "Ө'Мисал Белгиев & <Ко>"


def test_moodle_names_roles_shortly_and_a_teaching_assistant_a_learner(moodle: Lms) -> None:
    roles = {each["name"]: each["roles"] for each in members(moodle)}

    assert roles["Үмүт Көрсөтмөев"] == ["Instructor"]
    assert roles["Өмүр Жардамчиев"] == ["Learner"]


def test_moodle_leaves_out_who_left_and_gives_no_differences(moodle: Lms) -> None:
    assert "Кеткен Мурунов" not in [each["name"] for each in members(moodle)]
    assert link(get(moodle), "differences") is None


def test_blackboard_has_addresses_of_its_own(lms: Lms) -> None:
    lms.switch(profile="blackboard")
    url = lms.claims()[NRPS]["context_memberships_url"]

    assert url == "http://127.0.0.1:8001/learn/api/v1/lti/external/namesandroles/_2_1"
    assert len(members(lms, url)) == 9
    assert get(lms, f"{url}?rlid=_6_1").status_code == 200


def test_a_course_that_is_not_there_has_no_roster(lms: Lms) -> None:
    assert get(lms, "/services/contexts/99/memberships").status_code == 404
