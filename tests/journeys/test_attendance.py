"""A session attended in Chromium on a phone, in Kyrgyz: by the code of the moment, and with the network cut."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from courses import loading
from courses.event_models import Attendance
from lms.core import clock, keys
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from tests.courses.conftest import CONTENT
from tests.journeys.people import DESKTOP, PHONE
from tests.platform import MEMBERSHIP, TOOL, Platform, running

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
Enter = Callable[..., Page]
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
def platform(app: Bilim) -> Iterator[Platform]:
    """A platform that the tool knows. The cookie of the launch is carried over by hand, and the token of forms is not in it."""
    app.config["WTF_CSRF_ENABLED"] = False
    with transaction():
        keys.ensure("lti")
        loading.load(loading.read_all(CONTENT))
    with running() as made:
        made.register()
        yield made


@pytest.fixture
def address(app: Bilim) -> Iterator[str]:
    """The application in front of a real browser."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.port}"
    server.shutdown()


def launched(app: Bilim, platform: Platform, role: str, language: str) -> tuple[FlaskClient, str]:
    """A client that came from the platform, and the path of its launch."""
    client = app.test_client()
    answer = platform.launch(
        client,
        sub=role.lower(),
        name="Нурлан Асанов" if role == "Instructor" else "Айгүл Өмүрбекова",
        roles=[f"{MEMBERSHIP}{role}"],
        target_link_uri=f"{TOOL}/learn/roads",
        launch_presentation={"locale": language},
    )
    prefix = re.search(r"/s/[^/]+", answer.location)
    assert prefix, answer.text
    return client, prefix[0]


@pytest.fixture
def seminar(app: Bilim, platform: Platform) -> str:
    """The path of a session of today, behind /learn or /teach; an instructor has planned it."""
    client, prefix = launched(app, platform, "Instructor", "ky")
    fields = {**SEMINAR, "form_id": str(uuid4()), "day": f"{clock.now() + timedelta(hours=6):%Y-%m-%d}"}
    made = client.post(f"{prefix}/teach/roads/visits/new", data=fields)
    page = client.get(made.location).text
    found = re.search(r"/teach(/roads/visits/[^/]+/sessions/[^/\"]+)\"", page)
    assert found, page
    return found[1]


@pytest.fixture
def enter(app: Bilim, platform: Platform, address: str, browser: Browser) -> Iterator[Enter]:
    """A page, after a launch: ``enter("Learner", "/learn...")``."""
    contexts: list[BrowserContext] = []

    def _enter(role: str, path: str, *, size: dict[str, int] = PHONE, language: str = "ky") -> Page:
        client, prefix = launched(app, platform, role, language)
        cookie = client.get_cookie("__Host-bilim")
        assert cookie
        context = browser.new_context(viewport=size, locale=language)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": "https://localhost", "secure": True}])
        page = context.new_page()
        page.goto(f"{address}{prefix}{path}")
        return page

    yield _enter
    for context in contexts:
        context.close()


def show_code(leader: Page) -> None:
    """The leader begins to show codes."""
    leader.locator("button[value=open]").click()
    expect(leader.locator("[data-code]")).to_have_text(re.compile(r"\d{3} \d{3}"))


def recorded() -> list[tuple[str, datetime, datetime]]:
    """How, when it happened and when it was entered, in order."""
    with reading():
        rows = db.session.scalars(select(Attendance).order_by(Attendance.number))
        return [(row.how, row.happened_at, row.entered_at) for row in rows]


def test_a_trainee_types_the_code_that_the_leader_shows(enter: Enter, seminar: str) -> None:
    leader = enter("Instructor", f"/teach{seminar}", size=DESKTOP, language="ru")
    phone = enter("Learner", f"/learn{seminar}")
    with clock.frozen(clock.now()):
        show_code(leader)
        phone.locator("[name=code]").fill(leader.locator("[data-code]").inner_text())
        phone.locator(".here-form button").click()
        expect(phone.locator(".outcome.right")).to_be_visible()

    assert [how for how, _happened, _entered in recorded()] == ["code"]
    leader.reload()
    expect(leader.locator("[data-present]")).to_have_text("1")


def test_a_code_typed_without_a_network_is_sent_by_itself_and_confirmed_by_the_leader(
    enter: Enter, seminar: str
) -> None:
    leader = enter("Instructor", f"/teach{seminar}", size=DESKTOP, language="ru")
    phone = enter("Learner", f"/learn{seminar}")
    with clock.frozen(clock.now()):
        show_code(leader)
        shown = clock.now()
        leader.context.set_offline(True)
        phone.context.set_offline(True)
        phone.locator("[name=code]").fill(leader.locator("[data-code]").inner_text())
        phone.locator(".here-form button").click()
        expect(phone.locator("[data-here-state][data-state=waiting]")).to_be_visible()
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

    assert [how for how, _happened, _entered in recorded()] == ["late-code", "confirmed"]


def test_the_leaders_page_goes_on_without_a_network(enter: Enter, seminar: str) -> None:
    leader = enter("Instructor", f"/teach{seminar}")
    show_code(leader)
    leader.context.set_offline(True)
    first = leader.locator("[data-code]").inner_text()
    leader.evaluate("() => { const before = Date.now(); Date.now = () => before + 31000; }")

    expect(leader.locator("[data-code]")).not_to_have_text(first, timeout=4_000)
    expect(leader.locator("[data-code]")).to_have_text(re.compile(r"\d{3} \d{3}"))
