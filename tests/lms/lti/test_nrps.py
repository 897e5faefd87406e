"""What a platform says of its members, read as they come."""

import pytest

from lms.core import keys as signing_keys
from lms.core.db import db, transaction
from lms.core.errors import RemoteFailure
from lms.lti import nrps
from lms.lti.models import Registration
from lms.lti.nrps import Member, RosterRefused
from tests.lms.lti.course import MEMBERS_TYPE, access, answer, member, page
from tests.platform import Platform


@pytest.fixture(autouse=True)
def _key(platform: Platform) -> None:
    with transaction():
        signing_keys.ensure("lti")


def is_a(family: str) -> None:
    with transaction():
        db.session.query(Registration).one().product_family_code = family


def read(platform: Platform, path: str = "/members") -> list[Member]:
    found = nrps.members(access(platform), platform.url + path)
    return [member for each in found for member in each.members]


def test_a_member_is_read_with_no_more_than_is_needed(platform: Platform) -> None:
    platform.replies["/members"] = [
        page([member("17", name="Айгүл Токтогулова", email="a@example.kg", picture="https://x", status="Active")])
    ]

    (found,) = read(platform)

    assert found == Member("17", ("learner",), True, "Айгүл Токтогулова", ())
    asked = platform.asked_for("/members")[0]
    assert asked.headers["Accept"] == MEMBERS_TYPE
    assert asked.headers["Authorization"].startswith("Bearer token-")


def test_without_names_there_is_nobody_less(platform: Platform) -> None:
    platform.replies["/members"] = [page([{"user_id": "17", "roles": ["Learner"]}, {"user_id": 18, "roles": []}])]

    assert [(each.user_id, each.name, each.is_active) for each in read(platform)] == [
        ("17", None, True),
        ("18", None, True),
    ]


def test_a_name_is_put_together_from_its_parts(platform: Platform) -> None:
    platform.replies["/members"] = [page([member("17", given_name="Jane", family_name="Doe", middle_name="Marie")])]

    assert read(platform)[0].name == "Jane Marie Doe"


@pytest.mark.parametrize(("family", "name"), [("moodle", "Ed Bold & Co"), ("canvas", "Ed Bold &amp; Co")])
def test_names_are_unescaped_where_the_platform_escapes_them(platform: Platform, family: str, name: str) -> None:
    is_a(family)
    platform.replies["/members"] = [page([member("17", name="Ed Bold &amp; Co")])]

    assert read(platform)[0].name == name


@pytest.mark.parametrize(
    ("status", "is_active"),
    [(None, True), ("", True), ("Active", True), ("active", True), ("Inactive", False), ("Deleted", False)],
)
def test_whoever_has_no_status_is_there(platform: Platform, status: str | None, is_active: bool) -> None:
    platform.replies["/members"] = [page([member("17", status=status)])]

    assert read(platform)[0].is_active is is_active


@pytest.mark.parametrize(
    ("roles", "is_learner"),
    [
        (["Learner"], True),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"], True),
        (["Instructor"], False),
        (["Learner", "Instructor"], False),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"], False),
        (["Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"], False),
    ],
)
def test_who_teaches_or_is_made_up_is_no_learner(platform: Platform, roles: list[str], is_learner: bool) -> None:
    platform.replies["/members"] = [page([{"user_id": "17", "roles": roles}])]

    assert read(platform)[0].is_learner is is_learner


def test_entries_that_name_nobody_are_passed_over(platform: Platform) -> None:
    wrong = [None, 7, {}, {"user_id": ""}, {"user_id": None}, {"user_id": "x" * 256}, {"user_id": "a\0b"}]
    platform.replies["/members"] = [page([*wrong, member("17")])]  # type: ignore[list-item]

    assert [each.user_id for each in read(platform)] == ["17"]


def test_groups_of_a_member_are_read(platform: Platform) -> None:
    enrollments = [{"group_id": "a"}, {"group_id": 7}, {"group_id": "a"}, {}, None]
    platform.replies["/members"] = [page([member("17", group_enrollments=enrollments)])]

    assert read(platform)[0].group_ids == ("a", "7")


def test_every_page_is_read_and_filters_are_not_added_to_the_next(platform: Platform) -> None:
    platform.replies["/members"] = [
        page([member("1")], next=f"{platform.url}/members?p=2"),
        page([member("2")], differences=f"{platform.url}/changes?since=1"),
    ]
    url = nrps.address(f"{platform.url}/members?c=9", role="Learner", limit=100, rlid="link+1", with_groups=True)

    pages = list(nrps.members(access(platform), url))

    assert [[each.user_id for each in found.members] for found in pages] == [["1"], ["2"]]
    assert [asked.path for asked in platform.asked_for("/members")] == [
        "/members?c=9&role=Learner&limit=100&rlid=link%2B1&groups=true",
        "/members?p=2",
    ]
    assert [found.differences_url for found in pages] == [None, f"{platform.url}/changes?since=1"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "roster-not-allowed"), (403, "roster-not-allowed"), (404, "roster-missing"), (400, "roster-refused")],
)
def test_a_final_refusal_says_why(platform: Platform, status: int, code: str) -> None:
    platform.replies["/members"] = [answer({}, status)]

    with pytest.raises(RosterRefused) as refused:
        read(platform, "/members?secret=1")

    assert (refused.value.code, refused.value.retryable) == (code, False)
    assert "secret" not in refused.value.asked


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_may_be_tried_again(platform: Platform, status: int) -> None:
    platform.replies["/members"] = [answer({}, status, **{"Retry-After": "30"})]

    with pytest.raises(RemoteFailure) as failure:
        read(platform)

    assert (failure.value.code, failure.value.retryable) == ("roster-unavailable", True)
    assert failure.value.retry_after_seconds == 30


@pytest.mark.parametrize("body", [[], {}, {"members": None}, {"members": {}}])
def test_a_success_without_a_list_may_be_tried_again(platform: Platform, body: object) -> None:
    platform.replies["/members"] = [answer(body)]

    with pytest.raises(RemoteFailure) as failure:
        read(platform)

    assert (failure.value.code, failure.value.retryable) == ("roster-unavailable", True)


def test_only_one_page_is_held_at_a_time(platform: Platform) -> None:
    platform.replies["/members"] = [page([member("1")], next=f"{platform.url}/members?p=2"), page([member("2")])]

    next(nrps.members(access(platform), f"{platform.url}/members"))

    assert len(platform.asked_for("/members")) == 1
