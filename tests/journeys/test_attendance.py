"""A session attended in Chromium on a phone, in Kyrgyz: by the code of the moment, and with the network cut."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from courses.event_models import Attendance
from lms.core import clock
from lms.core.db import db, reading
from tests.journeys.album import Album
from tests.journeys.arriving import Arrivals
from tests.journeys.people import DESKTOP

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
SEMINAR: dict[str, Any] = {
    "kind": "seminar",
    "title-ky": "Айылдагы кеңешүү",
    "title-ru": "Совет в деревне",
    "from": "09:00",
    "to": "10:30",
    "zone": "Asia/Bishkek",
    "hours": "2",
}


@pytest.fixture
def seminar(arrive: Arrivals) -> str:
    """The path of a session of today, behind /learn or /teach; an instructor has planned it."""
    client, prefix = arrive.launched("roads", role="Instructor")
    fields = {**SEMINAR, "form_id": str(uuid4()), "day": f"{clock.now() + timedelta(hours=6):%Y-%m-%d}"}
    made = client.post(f"{prefix}/teach/roads/visits/new", data=fields)
    page = client.get(made.location).text
    found = re.search(r"/teach(/roads/visits/[^/]+/sessions/[^/\"]+)\"", page)
    assert found, page
    return found[1]


def show_code(leader: Page) -> None:
    """The leader begins to show codes."""
    leader.locator("button[value=open]").click()
    expect(leader.locator("[data-code]")).to_have_text(re.compile(r"\d{3} \d{3}"))


def recorded() -> list[tuple[str, datetime, datetime]]:
    """How, when it happened and when it was entered, in order."""
    with reading():
        rows = db.session.scalars(select(Attendance).order_by(Attendance.number))
        return [(row.how, row.happened_at, row.entered_at) for row in rows]


def test_a_trainee_types_the_code_that_the_leader_shows(arrive: Arrivals, seminar: str) -> None:
    leader = arrive(f"/teach{seminar}", role="Instructor", size=DESKTOP, language="ru")
    phone = arrive(f"/learn{seminar}")
    with clock.frozen(clock.now()):
        show_code(leader)
        phone.locator("[name=code]").fill(leader.locator("[data-code]").inner_text())
        phone.locator(".here-form button").click()
        expect(phone.locator(".outcome.right")).to_be_visible()

    assert [how for how, _happened, _entered in recorded()] == ["code"]
    leader.reload()
    expect(leader.locator("[data-present]")).to_have_text("1")


def test_a_code_typed_without_a_network_is_sent_by_itself_and_confirmed_by_the_leader(
    arrive: Arrivals, seminar: str, album: Album
) -> None:
    leader = arrive(f"/teach{seminar}", role="Instructor", size=DESKTOP, language="ru")
    phone = arrive(f"/learn{seminar}")
    with clock.frozen(clock.now()):
        show_code(leader)
        shown = clock.now()
        leader.context.set_offline(True)
        phone.context.set_offline(True)
        phone.locator("[name=code]").fill(leader.locator("[data-code]").inner_text())
        phone.locator(".here-form button").click()
        expect(phone.locator("[data-here-state][data-state=waiting]")).to_be_visible()
        album.keep(leader, "code-ru-desktop")
        album.keep(phone, "code-waits-ky-phone")
        assert recorded() == []
        clock.advance(3 * 3600)
        phone.context.set_offline(False)
        expect(phone.locator(".note.attention")).to_be_visible()
        ((how, happened, entered),) = recorded()
        assert how == "late-code"
        assert timedelta(0) <= shown - happened < timedelta(seconds=30), "when the code was shown, by our own clock"
        assert entered == clock.now()
        leader.context.set_offline(False)
        leader.goto(f"{leader.url}/people")
        leader.locator(".tick input").check()
        leader.locator("button[form=tick]").click()
        expect(leader.locator(".tag.good")).to_be_visible()
        phone.reload()
        expect(phone.locator(".outcome.right")).to_be_visible()
        album.keep(leader, "confirmed-ru-desktop")
        album.keep(phone, "attended-ky-phone")

    assert [how for how, _happened, _entered in recorded()] == ["late-code", "confirmed"]


def test_the_leaders_page_goes_on_without_a_network(arrive: Arrivals, seminar: str) -> None:
    leader = arrive(f"/teach{seminar}", role="Instructor")
    show_code(leader)
    leader.context.set_offline(True)
    first = leader.locator("[data-code]").inner_text()
    leader.evaluate("() => { const before = Date.now(); Date.now = () => before + 31000; }")

    expect(leader.locator("[data-code]")).not_to_have_text(first, timeout=4_000)
    expect(leader.locator("[data-code]")).to_have_text(re.compile(r"\d{3} \d{3}"))
