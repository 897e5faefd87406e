"""Pages of a launch: whose they are, and how long."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Blueprint, request, url_for
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import clock
from lms.core.db import db, reading
from lms.core.settings import Settings
from lms.core.web import Bilim, register
from lms.lti import session
from lms.lti.models import LaunchSession
from tests.conftest import application
from tests.platform import MEMBERSHIP, TOOL, Platform

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def app(settings: Settings) -> Iterator[Bilim]:
    """The application with two small rooms behind the guards."""
    with application(replace(settings)) as made:
        register(made, _room("trainee"), guard=session.launched, url_prefix=f"{session.URL_PREFIX}/t")
        register(made, _room("teacher"), guard=session.teaching, url_prefix=f"{session.URL_PREFIX}/i")
        yield made


def _room(name: str) -> Blueprint:
    room = Blueprint(name, __name__)

    @room.get("/where")
    def where() -> str:
        return url_for(f"{name}.where") + " " + session.current().resource_link.title

    @room.post("/save")
    def save() -> str:
        return "saved " + request.form["text"]

    return room


def launched(browser: FlaskClient, platform: Platform, **claims: Any) -> str:
    """Launch, and return where its pages begin."""
    location = platform.launch(browser, target_link_uri=f"{TOOL}/", **claims).location
    return str(location).rstrip("/")


def expired_code(answer: Any) -> bool:
    return '<dd class="code">launch-expired</dd>' in answer.text


def test_addresses_inside_a_launch_carry_its_id_by_themselves(client: FlaskClient, platform: Platform) -> None:
    place = launched(client, platform)

    assert client.get(f"{place}/t/where").text == f"{place}/t/where Public management"


def test_two_tabs_in_two_courses_do_not_mix(client: FlaskClient, platform: Platform) -> None:
    first = launched(client, platform, resource_link={"id": "a", "title": "First"})
    second = launched(client, platform, resource_link={"id": "b", "title": "Second"})

    assert client.get(f"{first}/t/where").text.endswith(" First")
    assert client.get(f"{second}/t/where").text.endswith(" Second")
    assert client.get(f"{first}/t/where").text.endswith(" First")


def test_a_page_of_a_launch_is_closed_to_another_browser(app: Bilim, client: FlaskClient, platform: Platform) -> None:
    place = launched(client, platform)
    other = app.test_client()
    launched(other, platform, sub="somebody-else")

    for stranger in (other, app.test_client()):
        answer = stranger.get(f"{place}/t/where")
        assert answer.status_code == 403
        assert "browser-differs" in answer.text


def test_an_invented_launch_is_unknown(client: FlaskClient) -> None:
    answer = client.get("/s/4bfa2d4b-0000-4000-8000-000000000000/t/where")

    assert answer.status_code == 404
    assert "launch-unknown" in answer.text


def test_pages_for_instructors_are_closed_to_learners(client: FlaskClient, platform: Platform) -> None:
    learner = launched(client, platform)
    teacher = launched(client, platform, sub="teacher", roles=[f"{MEMBERSHIP}Instructor"])

    assert client.get(f"{learner}/i/where").status_code == 403
    assert "instructors-only" in client.get(f"{learner}/i/where").text
    assert client.get(f"{teacher}/i/where").status_code == 200


def test_a_launch_in_use_lasts_and_one_that_is_not_ends_after_twelve_hours(
    client: FlaskClient, platform: Platform
) -> None:
    with clock.frozen(clock.now()):
        place = launched(client, platform)
        for _hour in range(3):
            clock.advance(11 * 3600)
            assert client.get(f"{place}/t/where").status_code == 200
        clock.advance(12 * 3600 + 1)
        answer = client.get(f"{place}/t/where")

    assert answer.status_code == 401
    assert expired_code(answer)
    assert "https://lms.academy.example/mod/lti/return.php?sesskey=secret" in answer.text


def test_a_launch_in_use_is_written_at_most_once_an_hour(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(NOON):
        place = launched(client, platform, exp=2_000_000_000, iat=1)
        clock.advance(3599)
        client.get(f"{place}/t/where")
        early = _expires_at()
        clock.advance(1)
        client.get(f"{place}/t/where")

    assert early == datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
    assert _expires_at() == datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def _expires_at() -> datetime:
    with reading():
        return db.session.scalars(select(LaunchSession.expires_at)).one()


def test_what_was_being_sent_when_a_launch_had_ended_is_shown_and_not_lost(
    app: Bilim, client: FlaskClient, platform: Platform
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with clock.frozen(clock.now()):
        place = launched(client, platform)
        clock.advance(13 * 3600)
        answer = client.post(f"{place}/t/save", data={"text": "Менин жообум <b>"})

    assert answer.status_code == 401
    assert "Менин жообум &lt;b&gt;" in answer.text


def test_a_program_that_saves_learns_that_the_launch_has_ended(
    app: Bilim, client: FlaskClient, platform: Platform
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with clock.frozen(clock.now()):
        place = launched(client, platform)
        clock.advance(13 * 3600)
        answer = client.post(f"{place}/t/save", data={"text": "x"}, headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "launch-expired"


def test_a_new_launch_brings_open_pages_of_the_same_link_back_to_life(
    app: Bilim, client: FlaskClient, platform: Platform
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with clock.frozen(clock.now()):
        place = launched(client, platform, exp=9_000_000_000)
        clock.advance(13 * 3600)
        launched(client, platform, exp=9_000_000_000)
        answer = client.post(f"{place}/t/save", data={"text": "kept"})

    assert answer.text == "saved kept"


def test_a_new_launch_of_another_person_or_link_does_not(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        place = launched(client, platform, exp=9_000_000_000)
        clock.advance(13 * 3600)
        launched(client, platform, exp=9_000_000_000, sub="somebody-else")
        launched(client, platform, exp=9_000_000_000, resource_link={"id": "another"})
        answer = client.get(f"{place}/t/where")

    assert expired_code(answer)


def test_pages_speak_the_language_of_the_platform_until_the_reader_chooses(
    client: FlaskClient, platform: Platform
) -> None:
    place = launched(client, platform, launch_presentation={"locale": "zh_CN"})

    assert '<html lang="zh">' in client.get(f"{place}/").text
    assert '<html lang="en">' in client.get(f"{place}/?lang=en").text
    assert '<html lang="en">' in client.get(f"{place}/").text


def test_a_page_in_a_window_of_its_own_has_a_header_and_one_in_a_frame_has_none(
    client: FlaskClient, platform: Platform
) -> None:
    place = launched(client, platform)

    assert "masthead" not in client.get(f"{place}/", headers={"Sec-Fetch-Dest": "iframe"}).text
    assert "masthead" in client.get(f"{place}/", headers={"Sec-Fetch-Dest": "document"}).text
