"""A copy of a link opens what its original opened."""

from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core.db import db, reading, transaction
from lms.lti import copies
from lms.lti.models import Context, ResourceLink
from tests.platform import CLAIM, Platform

ODD = "block-v1:A+B,2026@lti"


def launch(
    platform: Platform, browser: FlaskClient, link: str, title: str = "", course: str = "c-1", **custom: Any
) -> None:
    platform.launch(
        browser,
        resource_link={"id": link, "title": title},
        context={"id": course},
        **{f"{CLAIM}custom": custom, "custom": None},
    )


def module_of(link: str) -> str | None:
    with reading():
        return db.session.scalars(select(ResourceLink.module_slug).filter_by(resource_link_id=link)).one()


def bind(link: str, module: str) -> None:
    with transaction():
        db.session.scalars(select(ResourceLink).filter_by(resource_link_id=link)).one().module_slug = module


@pytest.fixture
def original(client: FlaskClient, platform: Platform) -> Platform:
    """A course with two links, each bound to a module."""
    launch(platform, client, ODD, "Roads")
    launch(platform, client, "link-b", "Water")
    bind(ODD, "roads")
    bind("link-b", "water")
    return platform


def test_a_link_is_bound_by_the_history_of_its_own_id(client: FlaskClient, original: Platform) -> None:
    launch(original, client, "copy", course="c-2", link_history=f"unknown,{quote(ODD, safe='')},link-b")

    assert module_of("copy") == "roads"


def test_by_the_history_of_its_course_the_title_tells_which_link(client: FlaskClient, original: Platform) -> None:
    launch(original, client, "copy", "Water", course="c-2", context_history="c-0,c-1")

    assert module_of("copy") == "water"


def test_a_course_with_several_modules_and_another_title_tells_nothing(client: FlaskClient, original: Platform) -> None:
    launch(original, client, "copy", "Something", course="c-2", context_history="c-1")

    assert module_of("copy") is None


def test_a_course_with_one_module_needs_no_title(client: FlaskClient, original: Platform) -> None:
    bind("link-b", "roads")

    launch(original, client, "copy", "Something", course="c-2", context_history="c-1")

    assert module_of("copy") == "roads"


def test_the_notice_of_a_copy_tells_where_no_history_does(client: FlaskClient, original: Platform) -> None:
    launch(original, client, "first", "Nothing", course="c-2")
    with transaction():
        copy = db.session.scalars(select(Context).filter_by(context_id="c-2")).one()
        copies.note(copy.id, ["c-1"])

    launch(original, client, "copy", "Roads", course="c-2")

    assert (module_of("first"), module_of("copy")) == (None, "roads")


@pytest.mark.parametrize("history", ["", ",,", "$ResourceLink.id.history", "unknown"])
def test_a_history_that_tells_nothing_binds_nothing(client: FlaskClient, original: Platform, history: str) -> None:
    launch(original, client, "copy", course="c-2", link_history=history)

    assert module_of("copy") is None


def test_a_link_that_is_known_keeps_its_module(client: FlaskClient, original: Platform) -> None:
    launch(original, client, "link-b", "Water", link_history=quote(ODD))

    assert module_of("link-b") == "water"


def test_another_platform_s_links_are_no_ancestors(client: FlaskClient, original: Platform) -> None:
    original.issuer, original.client_id = "https://other.example", "other"
    original.register()

    launch(original, client, "copy", course="c-2", link_history=quote(ODD))

    assert module_of("copy") is None
