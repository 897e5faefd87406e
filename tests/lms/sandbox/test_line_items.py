"""Columns of the gradebook: list, create, read, replace, delete."""

import json
from typing import Any

import pytest

from tests.lms.sandbox.conftest import LINE_ITEM_TYPE, LINE_ITEMS_TYPE, SCORE_SCOPE, Lms

LINE_ITEMS = "/services/contexts/2/lineitems"
FIRST = "http://127.0.0.1:8001/services/contexts/2/lineitems/1/lineitem"


def create(lms: Lms, url: str = LINE_ITEMS, **members: Any) -> Any:
    body = {"label": "Essay", "scoreMaximum": 20, **members}
    return lms.ask("POST", url, body=body, Content_Type=LINE_ITEM_TYPE)


def test_each_activity_begins_with_a_column(lms: Lms) -> None:
    answer = lms.ask("GET", LINE_ITEMS, Accept=LINE_ITEMS_TYPE)

    items = json.loads(answer.data)
    assert answer.content_type == LINE_ITEMS_TYPE
    assert [item["resourceLinkId"] for item in items] == [
        "link-public-management",
        "link-urban-governance",
        "link-e-government",
    ]
    assert items[0]["id"] == FIRST
    assert items[0]["scoreMaximum"] == 100


def test_the_columns_are_filtered_by_link_resource_and_tag(lms: Lms) -> None:
    create(lms, resourceId="essay", tag="written")
    create(lms, resourceId="talk", tag="spoken")

    found = [
        [item["label"] for item in json.loads(lms.ask("GET", f"{LINE_ITEMS}?{query}", Accept=LINE_ITEMS_TYPE).data)]
        for query in (
            "resource_link_id=link-e-government",
            "resource_id=essay",
            "tag=spoken",
            "tag=spoken&resource_id=essay",
        )
    ]

    assert found == [["Электрондук өкмөт"], ["Essay"], ["Essay"], []]


def test_a_new_column_gets_an_address_and_keeps_what_was_sent(lms: Lms) -> None:
    answer = create(lms, resourceId="essay", tag="written", endDateTime="2027-01-01T00:00:00Z", gradesReleased=False)

    assert answer.status_code == 201
    assert json.loads(answer.data) == {
        "id": "http://127.0.0.1:8001/services/contexts/2/lineitems/4/lineitem",
        "label": "Essay",
        "scoreMaximum": 20,
        "resourceId": "essay",
        "tag": "written",
        "endDateTime": "2027-01-01T00:00:00Z",
        "gradesReleased": False,
    }


def test_the_same_column_asked_for_twice_is_made_twice(lms: Lms) -> None:
    first, second = create(lms, tag="written"), create(lms, tag="written")

    assert json.loads(first.data)["id"] != json.loads(second.data)["id"]


@pytest.mark.parametrize(
    "members",
    [
        {"label": " "},
        {"label": None},
        {"scoreMaximum": 0},
        {"scoreMaximum": -1},
        {"scoreMaximum": "20"},
        {"scoreMaximum": True},
        {"scoreMaximum": None},
        {"resourceLinkId": "link-of-another-tool"},
        {"tag": 5},
    ],
)
def test_a_column_that_cannot_be_is_refused(lms: Lms, members: dict[str, Any]) -> None:
    assert create(lms, **members).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"label": "x", "scoreMaximum": NaN}', b"\xff"])
def test_what_is_no_json_object_is_refused(lms: Lms, body: bytes) -> None:
    answer = lms.ask("POST", LINE_ITEMS, body=body, Content_Type=LINE_ITEM_TYPE)

    assert answer.status_code == 400


def test_the_content_type_must_be_that_of_a_line_item(lms: Lms) -> None:
    body = {"label": "Essay", "scoreMaximum": 20}

    answers = [
        lms.ask("POST", LINE_ITEMS, body=body, Content_Type=media_type).status_code
        for media_type in ("application/json", f"{LINE_ITEM_TYPE}; charset=utf-8")
    ]

    assert answers == [415, 201]


def test_moodle_finds_no_handler_for_json(moodle: Lms) -> None:
    body = {"label": "Essay", "scoreMaximum": 20}

    answer = moodle.ask("POST", f"{LINE_ITEMS}?type_id=3", body=body, Content_Type="application/json")

    assert answer.status_code == 400
    assert json.loads(answer.data)["reason"].startswith("No handler found")


@pytest.mark.parametrize(
    ("accepted", "strict", "moodle_status"),
    [
        (LINE_ITEMS_TYPE, 200, 200),
        ("*/*", 200, 400),
        ("application/json", 406, 400),
        (f"{LINE_ITEMS_TYPE}, */*", 200, 400),
        ("", 200, 400),
    ],
)
def test_the_accept_header_must_fit(lms: Lms, accepted: str, strict: int, moodle_status: int) -> None:
    first = lms.ask("GET", LINE_ITEMS, Accept=accepted).status_code
    lms.switch(profile="moodle")
    second = lms.ask("GET", f"{LINE_ITEMS}?type_id=3", Accept=accepted).status_code

    assert (first, second) == (strict, moodle_status)


def test_one_column_is_read_by_its_address(lms: Lms) -> None:
    answer = lms.ask("GET", FIRST, Accept=LINE_ITEM_TYPE)

    assert answer.content_type == LINE_ITEM_TYPE
    assert json.loads(answer.data)["label"] == "Мамлекеттик башкаруу"


def test_a_column_is_replaced_as_a_whole(lms: Lms) -> None:
    url = json.loads(create(lms, tag="written", resourceId="essay").data)["id"]

    answer = lms.ask("PUT", url, body={"label": "Long essay", "scoreMaximum": 30}, Content_Type=LINE_ITEM_TYPE)

    assert answer.status_code == 200
    assert json.loads(answer.data) == {"id": url, "label": "Long essay", "scoreMaximum": 30}


@pytest.mark.parametrize("change", [{"id": "http://127.0.0.1:8001/other"}, {"resourceLinkId": "link-e-government"}])
def test_a_columns_identity_and_link_stay(lms: Lms, change: dict[str, str]) -> None:
    body = {"label": "Essay", "scoreMaximum": 20, **change}

    assert lms.ask("PUT", FIRST, body=body, Content_Type=LINE_ITEM_TYPE).status_code == 400


def test_a_deleted_column_is_gone_with_its_results(lms: Lms) -> None:
    lms.send_score(module="public-management")

    answer = lms.ask("DELETE", FIRST)

    assert (answer.status_code, answer.data) == (204, b"")
    assert lms.ask("GET", FIRST, Accept=LINE_ITEM_TYPE).status_code == 404
    assert lms.grade(module="public-management") is None


def test_an_unknown_column_is_not_found(lms: Lms) -> None:
    assert lms.ask("GET", FIRST.replace("/1/", "/99/"), Accept=LINE_ITEM_TYPE).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_columns_are_not_changed_with_a_token_for_scores(lms: Lms, method: str) -> None:
    url = LINE_ITEMS if method == "POST" else FIRST.removeprefix("http://127.0.0.1:8001")
    body = json.dumps({"label": "Essay", "scoreMaximum": 20})
    headers = {**lms.bearer(SCORE_SCOPE), "Content-Type": LINE_ITEM_TYPE}

    assert lms.machine.open(url, method=method, data=body, headers=headers).status_code == 403


def test_a_long_list_goes_on_at_the_address_that_its_link_header_names(lms: Lms) -> None:
    first = lms.ask("GET", f"{LINE_ITEMS}?limit=2", Accept=LINE_ITEMS_TYPE)

    link = first.headers["Link"]
    second = lms.ask("GET", link.split("<")[1].split(">")[0], Accept=LINE_ITEMS_TYPE)

    assert link == '<http://127.0.0.1:8001/services/contexts/2/lineitems?limit=2&from=2>; rel="next"'
    assert [len(json.loads(answer.data)) for answer in (first, second)] == [2, 1]
    assert "Link" not in second.headers


def test_moodles_link_header_has_typographic_quotes_and_an_entity(moodle: Lms) -> None:
    answer = moodle.ask("GET", f"{LINE_ITEMS}?type_id=3&limit=2", Accept=LINE_ITEMS_TYPE)

    assert answer.headers["Link"].encode("latin-1").decode() == (
        "<http://127.0.0.1:8001/services/contexts/2/lineitems?type_id=3&amp;limit=2&amp;from=2>; rel=“next”"
    )


def test_moodle_wants_its_query_back(moodle: Lms) -> None:
    answers = [
        moodle.ask("GET", f"{LINE_ITEMS}{query}", Accept=LINE_ITEMS_TYPE).status_code
        for query in ("", "?type_id=4", "?type_id=3")
    ]

    assert answers == [400, 400, 200]
