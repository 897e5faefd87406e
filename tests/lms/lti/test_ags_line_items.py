"""Columns of a gradebook, as the specification writes each call."""

import json
from typing import Any

import pytest

from lms.core import keys as signing_keys
from lms.core.db import transaction
from lms.core.errors import RemoteFailure
from lms.lti import ags_line_items, ags_results
from lms.lti.access import Access
from lms.lti.ags_line_items import LineItemRefused
from tests.lms.lti.course import access as access_to
from tests.lms.lti.course import answer
from tests.platform import Platform, Reply

ITEM = "application/vnd.ims.lis.v2.lineitem+json"
ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
READ = ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"]
COLUMN: dict[str, Any] = {"id": "https://lms.example/items/1?type_id=3", "label": "Тест", "scoreMaximum": 60.0}


@pytest.fixture
def access(platform: Platform) -> Access:
    with transaction():
        signing_keys.ensure("lti")
    return access_to(platform)


def test_columns_are_listed_with_filters_and_all_pages(access: Access, platform: Platform) -> None:
    platform.replies["/items"] = [
        answer([{**COLUMN, "tag": "completion"}], Link=f'<{platform.url}/items?p=2>; rel="next"'),
        answer([{**COLUMN, "id": "https://lms.example/items/2", "tag": "completion", "resourceId": ""}]),
    ]

    found = list(
        ags_line_items.listed(
            access, f"{platform.url}/items?type_id=3", scopes=READ, tag="completion", resource_id=None
        )
    )

    assert [item.url for item in found] == ["https://lms.example/items/1?type_id=3", "https://lms.example/items/2"]
    assert (found[0].label, found[0].score_maximum, found[1].resource_id) == ("Тест", 60.0, None)
    asked = platform.asked_for("/items")
    assert [each.path for each in asked] == ["/items?type_id=3&tag=completion", "/items?p=2"]
    assert {each.headers["Accept"] for each in asked} == {ITEMS}


def test_columns_that_do_not_fit_are_left_out_where_a_filter_is_overlooked(access: Access, platform: Platform) -> None:
    platform.replies["/items"] = [answer([{**COLUMN, "resourceLinkId": "9"}, {**COLUMN, "resourceLinkId": "7"}, {}, 5])]

    found = ags_line_items.listed(access, f"{platform.url}/items", scopes=READ, resource_link_id="7")

    assert [item.resource_link_id for item in found] == ["7"]


def test_a_column_is_read_made_and_removed(access: Access, platform: Platform) -> None:
    platform.replies["/items"] = [answer(COLUMN, 201)]
    platform.replies["/items/1"] = [answer(COLUMN), Reply(status=204)]

    made = ags_line_items.create(
        access,
        f"{platform.url}/items",
        label=" Роль ",
        score_maximum=100,
        resource_id="roads",
        tag="completion",
        resource_link_id="link-1",
    )
    read = ags_line_items.read(access, f"{platform.url}/items/1", scopes=READ)
    ags_line_items.remove(access, f"{platform.url}/items/1")

    assert made == read
    posted, got, deleted = (each for each in platform.asked if each.path.startswith("/items"))
    assert json.loads(posted.body) == {
        "label": "Роль",
        "scoreMaximum": 100,
        "resourceId": "roads",
        "tag": "completion",
        "resourceLinkId": "link-1",
        "submissionReview": {
            "reviewableStatus": ["InProgress", "Submitted", "Completed"],
            "label": "Ишти карап чыгуу",
            "url": "http://localhost:8000/lti/launch",
        },
    }
    assert (posted.method, posted.headers["Content-Type"], posted.headers["Accept"]) == ("POST", ITEM, ITEM)
    assert (got.method, got.headers["Accept"]) == ("GET", ITEM)
    assert deleted.method == "DELETE"


def test_a_change_sends_the_whole_column_as_the_platform_has_it(access: Access, platform: Platform) -> None:
    described = {**COLUMN, "resourceLinkId": "7", "gradesReleased": True, "https://lms.example/x": {"y": 1}}
    platform.replies["/items/1"] = [answer(described), answer({**described, "label": "Новое"})]

    changed = ags_line_items.replace(access, f"{platform.url}/items/1", label="Новое")

    assert changed.label == "Новое"
    _got, put = platform.asked_for("/items/1")
    assert (put.method, put.headers["Content-Type"]) == ("PUT", ITEM)
    assert json.loads(put.body) == {**described, "label": "Новое"}


@pytest.mark.parametrize("name", ["id", "resourceLinkId"])
def test_id_and_link_of_a_column_are_never_changed(access: Access, platform: Platform, name: str) -> None:
    with pytest.raises(ValueError, match="keeps its id"):
        ags_line_items.replace(access, f"{platform.url}/items/1", **{name: "other"})

    assert platform.asked_for("/items/1") == []


def test_a_column_that_is_gone_is_removed_already(access: Access, platform: Platform) -> None:
    platform.replies["/items/1"] = [answer({}, 404)]

    ags_line_items.remove(access, f"{platform.url}/items/1")

    assert len(platform.asked_for("/items/1")) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "line-items-not-allowed"),
        (403, "line-items-not-allowed"),
        (404, "line-items-missing"),
        (400, "line-item-refused"),
    ],
)
def test_a_final_refusal_says_why(access: Access, platform: Platform, status: int, code: str) -> None:
    platform.replies["/items"] = [answer({}, status)]

    with pytest.raises(LineItemRefused) as refused:
        list(ags_line_items.listed(access, f"{platform.url}/items", scopes=READ))

    assert (refused.value.code, refused.value.retryable) == (code, False)


@pytest.mark.parametrize("reply", [Reply(status=503, headers={"Retry-After": "9"}), Reply(status=429)])
def test_a_passing_failure_may_be_tried_again(access: Access, platform: Platform, reply: Reply) -> None:
    platform.replies["/items"] = [reply]

    with pytest.raises(RemoteFailure) as failure:
        list(ags_line_items.listed(access, f"{platform.url}/items", scopes=READ))

    assert (failure.value.code, failure.value.retryable) == ("line-items-unavailable", True)
    assert failure.value.retry_after_seconds == (9 if reply.status == 503 else None)


def test_a_made_column_without_an_address_is_no_column(access: Access, platform: Platform) -> None:
    platform.replies["/items"] = [Reply(status=201)]

    with pytest.raises(RemoteFailure) as failure:
        ags_line_items.create(
            access, f"{platform.url}/items", label="x", score_maximum=1, resource_id="roads", tag="completion"
        )

    assert failure.value.code == "line-items-unavailable"


# Results


def test_results_are_read_of_everybody(access: Access, platform: Platform) -> None:
    platform.replies["/items/1/results"] = [
        answer(
            [
                {"userId": "17", "resultScore": 0.83, "comment": "", "scoringUserId": "9"},
                {"userId": "18", "resultScore": None, "resultMaximum": 60},
                {"resultScore": 1},
            ],
            Link=f'<{platform.url}/items/1/results?p=2>; rel="next"',
        ),
        answer([{"userId": 19, "resultScore": 50, "resultMaximum": 100, "comment": "Жакшы"}]),
    ]

    found = list(ags_results.of(access, f"{platform.url}/items/1?type_id=3"))

    assert [(each.user_id, each.score, each.maximum, each.comment) for each in found] == [
        ("17", 0.83, 1, None),
        ("18", None, 60, None),
        ("19", 50, 100, "Жакшы"),
    ]
    asked = platform.asked_for("/items/1/results")
    assert asked[0].path == "/items/1/results?type_id=3"
    assert asked[0].headers["Accept"] == "application/vnd.ims.lis.v2.resultcontainer+json"


def test_the_result_of_one_person_is_asked_for_by_their_number(access: Access, platform: Platform) -> None:
    listed = [{"userId": "17", "resultScore": 1}, {"userId": "18", "resultScore": 2}]
    platform.replies["/items/1/results"] = [answer(listed)]

    found = list(ags_results.of(access, f"{platform.url}/items/1", user_id="17"))

    assert [each.user_id for each in found] == ["17"]
    assert platform.asked_for("/items/1/results")[0].path == "/items/1/results?user_id=17"


@pytest.mark.parametrize(("status", "retryable"), [(403, False), (404, False), (503, True)])
def test_results_that_are_not_given_say_whether_to_ask_again(
    access: Access, platform: Platform, status: int, retryable: bool
) -> None:
    platform.replies["/items/1/results"] = [answer({}, status)]

    with pytest.raises(RemoteFailure) as failure:
        list(ags_results.of(access, f"{platform.url}/items/1"))

    assert (failure.value.code, failure.value.retryable) == ("results-unavailable", retryable)
