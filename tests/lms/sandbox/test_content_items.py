"""Content items, refused member by member (deep linking 2.0, section 3)."""

from typing import Any

import pytest

from lms.sandbox.content_items import Accepted, read
from lms.sandbox.refusals import MessageRefused

ALL = frozenset({"link", "ltiResourceLink", "file", "html", "image"})
TOOL = Accepted(types=ALL, several=True, tool_host="tool.example")


def item(**changes: Any) -> dict[str, Any]:
    """A resource link with everything that one can have; a change to None leaves a member out."""
    good: dict[str, Any] = {
        "type": "ltiResourceLink",
        "title": "Электрондук өкмөт",
        "text": "",
        "url": "https://tool.example/learn/e-government",
        "icon": {"url": "https://tool.example/icon.svg", "width": 48, "height": 48},
        "thumbnail": {"url": "https://tool.example/picture.png"},
        "window": {"targetName": "bilim", "width": 800, "height": 600, "windowFeatures": "menubar=no"},
        "iframe": {"width": 890, "height": 600},
        "custom": {"module": "e-government", "empty": "", "history": "$ResourceLink.id.history"},
        "lineItem": {
            "scoreMaximum": 100,
            "label": "Электрондук өкмөт",
            "resourceId": "e-government",
            "tag": "completion",
            "gradesReleased": True,
            "submissionReview": {"reviewableStatus": ["Completed"], "url": "https://tool.example/review"},
        },
        "available": {"startDateTime": "2026-12-01T09:00:00Z", "endDateTime": "2027-02-01T09:00:00+06:00"},
        "submission": {"endDateTime": "2027-01-31T23:59:00.5Z"},
        "https://tool.example/extension": {"anything": None},
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def refusal(items: Any, accepted: Accepted = TOOL) -> str:
    with pytest.raises(MessageRefused) as raised:
        read(items, accepted)
    return raised.value.reason


def test_an_item_with_everything_is_taken_as_it_is() -> None:
    assert read([item()], TOOL) == [item()]


@pytest.mark.parametrize("nothing", [None, []])
def test_no_items_are_an_answer_too(nothing: Any) -> None:
    assert read(nothing, TOOL) == []


def test_several_items_are_taken_only_where_they_are_allowed() -> None:
    one = Accepted(types=ALL, several=False, tool_host="tool.example")

    assert len(read([item(), item()], TOOL)) == 2
    assert refusal([item(), item()], one) == "content_items holds several items, though accept_multiple is false"


def test_only_the_types_that_were_asked_for_are_taken() -> None:
    links = Accepted(types=frozenset({"ltiResourceLink"}), several=True, tool_host="tool.example")

    reason = refusal([{"type": "html", "html": "<p>x</p>"}], links)

    assert reason == "content_items[0].type is html, which accept_types does not name"


@pytest.mark.parametrize(
    "good",
    [
        {"type": "link", "url": "https://elsewhere.example/x", "iframe": {"src": "https://elsewhere.example/y"}},
        {"type": "link", "url": "https://elsewhere.example/x", "embed": {"html": "<b>x</b>"}},
        {"type": "file", "url": "https://tool.example/x.pdf", "expiresAt": "2026-12-01T09:00:00Z"},
        {"type": "html", "html": "<p>x</p>"},
        {"type": "image", "url": "https://tool.example/x.png", "width": 10, "height": 10},
    ],
)
def test_other_types_are_taken_with_their_own_members(good: dict[str, Any]) -> None:
    assert read([good], TOOL) == [good]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": None}, "type is missing"),
        ({"url": "/learn/e-government"}, "url must be a full https address"),
        ({"url": "http://tool.example/learn"}, "url must be a full https address"),
        ({"url": "https://other.example/learn"}, "url is not on the tool's host tool.example"),
        ({"url": "https://tool.example:8443/learn"}, "url is not on the tool's host tool.example"),
        ({"title": 7}, "title must be a text"),
        ({"icon": "https://tool.example/icon.svg"}, "icon must be an object"),
        ({"icon": {"width": 48}}, "icon.url is missing"),
        ({"icon": {"url": "https://tool.example/i", "width": "48"}}, "icon.width must be a whole number of pixels above zero"),
        ({"iframe": {"width": 0}}, "iframe.width must be a whole number of pixels above zero"),
        ({"window": {"target": "x"}}, "window.target is not known; an extension is named by an address"),
        ({"custom": {"module": None}}, "custom.module must be a text"),
        ({"custom": {"number": 7}}, "custom.number must be a text"),
        ({"custom": ["module"]}, "custom must be an object"),
        ({"lineItem": {"label": "x"}}, "lineItem.scoreMaximum is missing"),
        ({"lineItem": {"scoreMaximum": 0}}, "lineItem.scoreMaximum must be a number above zero"),
        ({"lineItem": {"scoreMaximum": "100"}}, "lineItem.scoreMaximum must be a number above zero"),
        ({"lineItem": {"scoreMaximum": True}}, "lineItem.scoreMaximum must be a number above zero"),
        ({"lineItem": {"scoreMaximum": 1, "label": " "}}, "lineItem.label must be a text that is not blank"),
        ({"lineItem": {"scoreMaximum": 1, "resourceId": 7}}, "lineItem.resourceId must be a text"),
        ({"lineItem": {"scoreMaximum": 1, "gradesReleased": "yes"}}, "lineItem.gradesReleased must be true or false"),
        ({"lineItem": {"scoreMaximum": 1, "resource_id": "x"}}, "lineItem.resource_id is not known; an extension is named by an address"),
        ({"available": {"startDateTime": "2026-12-01"}}, "available.startDateTime must be ISO 8601 with a time zone"),
        ({"available": {"startDateTime": "2026-12-01T09:00:00"}}, "available.startDateTime must be ISO 8601 with a time zone"),
        ({"available": {"startDateTime": "2026-13-01T09:00:00Z"}}, "available.startDateTime is no moment"),
        (
            {"submission": {"startDateTime": "2027-01-02T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z"}},
            "submission ends before it starts",
        ),
        ({"lineitem": {"scoreMaximum": 1}}, "lineitem is not known; an extension is named by an address"),
    ],
)  # fmt: skip
def test_a_member_that_is_wrong_is_named_by_its_path(changes: dict[str, Any], reason: str) -> None:
    assert refusal([item(**changes)]) == f"content_items[0].{reason}"


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ({}, "content_items must be a list"),
        (["x"], "content_items[0] must be an object"),
        ([{"type": "link"}], "content_items[0].url is missing"),
        ([{"type": "html"}], "content_items[0].html is missing"),
        ([item()] * 101, "content_items holds more than 100 items"),
    ],
)
def test_what_is_no_list_of_items_is_refused(items: Any, reason: str) -> None:
    assert refusal(items) == reason
