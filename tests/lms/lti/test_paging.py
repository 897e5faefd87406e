"""Pages of a platform's lists: the header is read tolerantly, where it leads is guarded."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from lms.core import keys as signing_keys
from lms.core.db import db, reading, transaction
from lms.core.errors import RemoteFailure
from lms.lti import paging, platforms
from lms.lti.access import Access
from lms.lti.models import Registration
from tests.platform import Platform, Reply

ASKED = "https://lms.example/courses/7/items?type_id=3"
SPECIFIED = platforms.of("https://other.example", None)


@pytest.fixture
def access(platform: Platform) -> Access:
    with transaction():
        signing_keys.ensure("lti")
    with reading():
        return Access(db.session.scalars(select(Registration)).one(), platform.deployment_id)


def page(*names: str, link: str = "") -> Reply:
    return Reply(body=json.dumps(list(names)).encode(), headers={"Link": link} if link else {})


def read(access: Access, url: str) -> Iterator[list[str]]:
    return (each.body for each in paging.pages(access, url, scopes=["read"], accept="application/json"))


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('<https://lms.example/p?n=2>; rel="next"', "https://lms.example/p?n=2"),
        ("<https://lms.example/p?n=2>; rel=next", "https://lms.example/p?n=2"),
        ("<https://lms.example/p?n=2>; rel='next'", "https://lms.example/p?n=2"),
        ("<https://lms.example/p?n=2>; rel=“next”", "https://lms.example/p?n=2"),
        ("<https://lms.example/p?n=2>; rel=â\x80\x9cnextâ\x80\x9d", "https://lms.example/p?n=2"),
        ('<https://lms.example/P?N=2>; title="x"; REL="Next"', "https://lms.example/P?N=2"),
        ('<https://lms.example/p?n=2>; rel="last next"', "https://lms.example/p?n=2"),
        ('<https://lms.example/1>; rel="prev", <https://lms.example/3>; rel="next"', "https://lms.example/3"),
        ('<https://lms.example/a,b;c>; rel="next"', "https://lms.example/a,b;c"),
        ('</courses/7/items?n=2>; rel="next"', "https://lms.example/courses/7/items?n=2"),
        ('<?n=2>; rel="next"', "https://lms.example/courses/7/items?n=2"),
        ('<https://lms.example/p?a=1&amp;n=2>; rel="next"', "https://lms.example/p?a=1&amp;n=2"),
    ],
)
def test_the_next_page_is_found_however_the_header_is_written(header: str, address: str) -> None:
    assert paging.links_of(header, asked=ASKED, habits=SPECIFIED)["next"] == address


@pytest.mark.parametrize("header", ["", "next", "<https://lms.example/p>", '<https://lms.example/p>; rel="prev"'])
def test_without_a_next_page_there_is_none(header: str) -> None:
    assert "next" not in paging.links_of(header, asked=ASKED, habits=SPECIFIED)


def test_moodle_s_address_is_unescaped() -> None:
    header = "<https://lms.example/p?type_id=3&amp;limit=1&amp;from=1>; rel=“next”"

    links = paging.links_of(header, asked=ASKED, habits=platforms.of("https://m.example", "moodle"))

    assert links["next"] == "https://lms.example/p?type_id=3&limit=1&from=1"


def test_filters_go_behind_the_query_that_is_there_and_are_encoded() -> None:
    url = paging.with_query(ASKED, resource_link_id="block-v1:A+B@c", tag=None)

    assert url == "https://lms.example/courses/7/items?type_id=3&resource_link_id=block-v1%3AA%2BB%40c"
    assert paging.with_query(ASKED) == ASKED
    assert paging.with_query("https://lms.example/x?limit=5&a=b", limit="9") == "https://lms.example/x?a=b&limit=9"


def test_every_page_is_read_and_the_address_of_the_next_is_used_as_it_is(access: Access, platform: Platform) -> None:
    platform.replies["/items"] = [
        page("a", link=f"<{platform.url}/items?from=2&odd=%2B+>; rel=â\x80\x9cnextâ\x80\x9d"),
        page("b", link=f'<{platform.url}/rest>; rel="next"'),
    ]
    platform.replies["/rest"] = [page("c")]

    found = list(read(access, f"{platform.url}/items?tag=x"))

    assert found == [["a"], ["b"], ["c"]]
    paths = [asked.path for asked in platform.asked if asked.path != "/token"]
    assert paths == ["/items?tag=x", "/items?from=2&odd=%2B+", "/rest"]


def test_a_list_that_goes_in_a_circle_is_left(access: Access, platform: Platform) -> None:
    platform.replies["/items"] = [page("a", link='</items>; rel="next"')]

    with pytest.raises(RemoteFailure) as failure:
        list(read(access, f"{platform.url}/items"))

    assert failure.value.code == "pages-without-end"
    assert not failure.value.retryable
    assert len(platform.asked_for("/items")) == 1


def test_a_list_without_end_is_left(access: Access, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_PAGES", 3)
    platform.replies["/items"] = [page("a", link=f'</items?from={number}>; rel="next"') for number in range(9)]

    with pytest.raises(RemoteFailure) as failure:
        list(read(access, f"{platform.url}/items"))

    assert failure.value.code == "pages-without-end"
    assert len(platform.asked_for("/items")) == 3


def test_our_token_is_not_carried_to_another_host(access: Access, platform: Platform) -> None:
    platform.replies["/items"] = [page("a", link='<https://evil.example/items>; rel="next"')]

    with pytest.raises(RemoteFailure) as failure:
        list(read(access, f"{platform.url}/items"))

    assert failure.value.code == "page-elsewhere"


def test_what_is_no_json_may_be_asked_again(access: Access, platform: Platform) -> None:
    platform.replies["/items"] = [Reply(body=b"<html>")]

    with pytest.raises(RemoteFailure) as failure:
        list(read(access, f"{platform.url}/items?secret=1"))

    assert (failure.value.code, failure.value.retryable) == ("answer-unreadable", True)
    assert "secret" not in failure.value.asked
