"""How often one address may ask, and that nobody else pays for it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Blueprint

from lms.core import clock, limits
from lms.core.limits import MemoryCount
from lms.core.settings import Settings
from lms.core.web import Bilim, limiter, public, register
from tests.conftest import application

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def limited(settings: Settings) -> Iterator[Bilim]:
    """The application with a room that has a limit, and one that has none."""
    with application(settings, rate_limits=True) as app:
        room = Blueprint("room", __name__)
        room.add_url_rule("/limited", view_func=limiter.limit("2/minute")(lambda: "limited"), endpoint="limited")
        room.add_url_rule("/free", view_func=lambda: "free", endpoint="free")
        register(app, room, guard=public)
        yield app


def test_the_third_request_in_a_minute_is_stopped_and_told_when_to_come_back(limited: Bilim) -> None:
    browser = limited.test_client()
    answers = [browser.get("/limited") for _number in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60


def test_a_minute_later_it_is_answered_again(limited: Bilim) -> None:
    browser = limited.test_client()
    with clock.frozen(NOON):
        for _number in range(3):
            browser.get("/limited")
        clock.advance(60)
        assert browser.get("/limited").status_code == 200


def test_each_address_is_counted_by_itself(limited: Bilim) -> None:
    first, second = limited.test_client(), limited.test_client()
    for _number in range(3):
        first.get("/limited")

    assert second.get("/limited", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def test_a_route_without_a_limit_is_not_looked_at(limited: Bilim) -> None:
    browser = limited.test_client()
    answers = [browser.get("/free") for _number in range(50)]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers.get("Retry-After") for answer in answers} == {None}


def test_windows_that_are_over_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FORGET_ABOVE", 3)
    count = MemoryCount()
    with clock.frozen(NOON):
        for number in range(4):
            count.incr(f"address-{number}", 60)
        clock.advance(61)
        count.incr("late", 60)

        assert [count.get(f"address-{number}") for number in range(4)] == [0, 0, 0, 0]
        assert count.reset() == 1


def test_a_count_begins_with_the_first_and_ends_with_its_window() -> None:
    count = MemoryCount()
    with clock.frozen(NOON):
        counted = [count.incr("address", 60), count.incr("address", 60, 3)]
        end = count.get_expiry("address")
        clock.advance(60)
        after = [count.get("address"), count.incr("address", 60)]

    assert counted == [1, 4]
    assert end == NOON.timestamp() + 60
    assert after == [0, 1]
