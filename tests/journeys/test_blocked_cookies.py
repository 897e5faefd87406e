"""Launches in Chromium, in a frame on another site, where the profile blocks every cookie of the tool's host there.

Partitioned cookies survive the switch that blocks those of third parties; they do not survive this one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, Route, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from lms.core.db import db, reading
from lms.core.web import Bilim
from lms.lti.models import LaunchSession
from tests.answering import answering
from tests.conftest import application, make_settings
from tests.journeys.installation import CHROMIUM
from tests.journeys.people import arrived
from tests.journeys.storage_platform import StoragePlatform, preferences
from tests.platform import running

pytestmark = pytest.mark.journey
READY, WINDOW = "The module is ready", "Open the module in a new window"


@pytest.fixture(scope="module")
def tool(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bilim, str]]:
    """The tool on ``localhost``, and its address."""
    folder = tmp_path_factory.mktemp("tool")
    copy(sqlite_template, folder / "bilim.sqlite3")
    server = make_server("127.0.0.1", 0, lambda _environ, _start: [], threaded=True)
    address = f"http://localhost:{server.server_port}"
    settings = make_settings(folder, f"sqlite:///{folder / 'bilim.sqlite3'}")
    with application(replace(settings, public_url=address)) as app:
        server.app = app
        with answering(server):
            yield app, address


@pytest.fixture
def platform(tool: tuple[Bilim, str], request: pytest.FixtureRequest) -> Iterator[StoragePlatform]:
    """A platform on ``127.0.0.1``, which is another site."""
    with running(StoragePlatform) as made:
        assert isinstance(made, StoragePlatform)
        made.client_id = request.node.name
        made.target = f"{tool[1]}/"
        made.register()
        yield made


@contextmanager
def chromium(playwright: Playwright, profile: Path, *, blocked: str = "", below: str = "") -> Iterator[BrowserContext]:
    """A browser with a profile of its own."""
    if blocked:
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(preferences(blocked=blocked, below=below))
    context = playwright.chromium.launch_persistent_context(profile, locale="en", **CHROMIUM)  # type: ignore[arg-type]
    try:
        yield context
    finally:
        context.close()


@pytest.fixture
def blocking(
    playwright: Playwright, tool: tuple[Bilim, str], platform: StoragePlatform, tmp_path: Path
) -> Iterator[BrowserContext]:
    """A browser that keeps no cookie of the tool in pages of the platform."""
    with chromium(playwright, tmp_path / "profile", blocked=tool[1], below="http://127.0.0.1:*") as context:
        yield context


def course(browser: BrowserContext, platform: StoragePlatform) -> Page:
    page = browser.new_page()
    page.goto(f"{platform.url}/course")
    return page


def heading(page: Page, text: str) -> None:
    expect(arrived(page.frame_locator("iframe[name=tool]").locator("h1:visible", has_text=text))).to_have_text(text)


def opened_window(browser: BrowserContext, page: Page) -> Page:
    """Press the button in the frame; the window that it opens."""
    with browser.expect_page() as window:
        page.frame_locator("iframe[name=tool]").locator("button.next:visible").click()
    expect(window.value.locator("h1")).to_have_text("The launch worked", timeout=15_000)
    return window.value


def launches() -> list[LaunchSession]:
    with reading():
        return list(db.session.scalars(select(LaunchSession).order_by(LaunchSession.started_at)))


@pytest.fixture
def silent(tool: tuple[Bilim, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers as before Fetch Metadata. The browser adds these headers behind all interception, so they are taken away here."""
    answer = tool[0].wsgi_app

    def without_metadata(environ: dict[str, Any], start: Any) -> Any:
        kept = {name: value for name, value in environ.items() if not name.startswith("HTTP_SEC_FETCH_")}
        return answer(kept, start)

    monkeypatch.setattr(tool[0], "wsgi_app", without_metadata)


def _show(body: str, route: Route) -> None:
    route.fulfill(body=body, content_type="text/html")


def test_where_cookies_are_kept_the_module_opens_in_the_frame(
    playwright: Playwright, platform: StoragePlatform, tmp_path: Path
) -> None:
    with chromium(playwright, tmp_path / "profile") as browser:
        heading(course(browser, platform), "The launch worked")


def test_where_they_are_blocked_and_nothing_is_kept_for_us_a_window_is_offered_before_the_platform_is_asked(
    blocking: BrowserContext, platform: StoragePlatform
) -> None:
    page = course(blocking, platform)

    heading(page, WINDOW)
    assert platform.last_answer == {}  # a hint that is good for one question is still good
    window = opened_window(blocking, page)
    assert "/s/" in window.url


@pytest.mark.usefixtures("silent")
def test_a_browser_that_does_not_say_that_it_shows_us_in_a_frame_is_offered_a_window_too(
    blocking: BrowserContext, platform: StoragePlatform
) -> None:
    page = course(blocking, platform)

    heading(page, WINDOW)
    assert platform.last_answer == {}
    window = opened_window(blocking, page)
    assert "/s/" in window.url


@pytest.mark.usefixtures("silent")
def test_such_a_browser_opens_the_module_in_the_frame_if_it_keeps_our_cookie(
    playwright: Playwright, platform: StoragePlatform, tmp_path: Path
) -> None:
    with chromium(playwright, tmp_path / "profile") as browser:
        heading(course(browser, platform), "The launch worked")


@pytest.mark.usefixtures("silent")
def test_such_a_browser_that_keeps_no_cookie_anywhere_is_told_so_and_not_sent_from_window_to_window(
    playwright: Playwright, platform: StoragePlatform, tool: tuple[Bilim, str], tmp_path: Path
) -> None:
    with chromium(playwright, tmp_path / "profile", blocked=tool[1], below="*") as browser:
        page = course(browser, platform)
        heading(page, WINDOW)
        with browser.expect_page() as window:
            page.frame_locator("iframe[name=tool]").locator("button.next:visible").click()

        expect(window.value.locator("dd.code").first).to_have_text("browser-differs", timeout=15_000)


@pytest.mark.parametrize(
    ("offer", "in_page", "in_frame"), [("_parent", True, None), ("lti_storage", False, "lti_storage")]
)
def test_a_platform_that_keeps_our_proof_launches_us_in_the_frame_and_the_work_goes_on_in_a_window(
    blocking: BrowserContext, platform: StoragePlatform, offer: str, in_page: bool, in_frame: str | None
) -> None:
    platform.offer, platform.keeps_in_page, platform.keeps_in_frame = offer, in_page, in_frame
    before = len(launches())

    page = course(blocking, platform)
    heading(page, READY)
    assert len(launches()) == before + 1
    window = opened_window(blocking, page)

    assert window.reload()
    expect(window.locator("h1")).to_have_text("The launch worked")
    again = opened_window(blocking, page)  # the button pressed twice
    assert again.url == window.url
    assert len(launches()) == before + 1


def test_a_platform_that_promises_storage_and_does_not_answer_gets_a_window_after_two_seconds(
    blocking: BrowserContext, platform: StoragePlatform
) -> None:
    platform.offer = "_parent"

    page = course(blocking, platform)
    heading(page, WINDOW)

    assert platform.last_answer == {}
    opened_window(blocking, page)


def test_the_proof_is_told_to_the_origin_of_the_authorization_address_alone(
    blocking: BrowserContext, platform: StoragePlatform
) -> None:
    with running(StoragePlatform) as other:
        assert isinstance(other, StoragePlatform)
        other.client_id, other.target = platform.client_id, platform.target
        other.offer, other.keeps_in_page = "_parent", True
        page = course(blocking, other)
        heading(page, WINDOW)

        heard = page.evaluate("window.heard.map((message) => message.subject)")

    assert heard == ["lti.capabilities"]


def test_an_answer_stolen_for_somebody_elses_browser_opens_nothing_there(
    blocking: BrowserContext, platform: StoragePlatform, tool: tuple[Bilim, str], playwright: Playwright, tmp_path: Path
) -> None:
    """Somebody began as themselves, stopped before the last step, and lets another's browser send state and token."""
    platform.offer, platform.keeps_in_page = "_parent", True
    before = len(launches())
    page = blocking.new_page()
    page.route("**/lti/launch", lambda route: route.abort())
    page.goto(f"{platform.url}/course")
    page.wait_for_function("() => (window.heard || []).some((message) => message.subject === 'lti.put_data')")
    page.wait_for_timeout(500)
    proof = next(message for message in page.evaluate("window.heard") if message["subject"] == "lti.put_data")["value"]
    stolen = platform.last_answer
    assert stolen["state"]

    with chromium(playwright, tmp_path / "victim", blocked=tool[1], below="http://127.0.0.1:*") as victim:
        lured = victim.new_page()
        for path, fields in [("/lti/launch", stolen), ("/lti/launch/proof", {**stolen, "proof": proof})]:
            inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
            form = f'<form method="post" action="{tool[1]}{path}">{inputs}</form><script>document.forms[0].submit()</script>'
            lured.route("**/lure", partial(_show, form))
            lured.goto(f"{platform.url.replace('127.0.0.1', '[::1]')}/lure")
            expect(lured.locator("dd.code").first).to_have_text(
                "browser-differs" if path == "/lti/launch" else "page-not-ours", timeout=15_000
            )
            lured.unroute("**/lure")

    assert len(launches()) == before
