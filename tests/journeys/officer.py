"""An officer of the bureau with two windows, a phone in Kyrgyz and a desk in Russian, for whom days go by."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, Locator, Page, expect

from lms.core import clock, jobs
from lms.core.web import Bilim
from lms.signin.roles import BUREAU_OFFICER
from tests import staff
from tests.journeys.album import Album
from tests.journeys.people import DESKTOP, PHONE

WIDER_THAN_ITS_WINDOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Officer:
    """Somebody of the bureau. What is done is done in ``page``: on the phone, until the officer sits down."""

    def __init__(self, app: Bilim, organisation_id: str, browser: Browser, address: str, album: Album) -> None:
        self.app, self.organisation_id, self.address, self.album = app, organisation_id, address, album
        self.contexts = [
            browser.new_context(viewport=size, locale=language)  # type: ignore[arg-type]
            for size, language in ((PHONE, "ky"), (DESKTOP, "ru"))
        ]
        for context in self.contexts:
            context.set_default_timeout(10_000)
        self.phone, self.desk = (context.new_page() for context in self.contexts)
        self.page = self.phone

    def begins_a_day(self, year: int, month: int, day: int) -> None:
        """Sign in; a session lasts no longer than a day."""
        clock.advance((datetime(year, month, day, 6, tzinfo=UTC) - clock.now()).total_seconds())
        client = self.app.test_client()
        staff.sign_in(client, BUREAU_OFFICER, self.organisation_id)
        cookie = client.get_cookie("__Host-bilim-staff")
        assert cookie
        for context in self.contexts:
            context.add_cookies(
                [{"name": cookie.key, "value": cookie.value, "url": "https://localhost", "secure": True}]
            )

    def sits_down(self) -> None:
        """What comes is done at the desk."""
        self.page = self.desk

    def opens(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        expect(self.page.locator("h1")).to_be_visible()

    def sends(self, **fields: str) -> None:
        """Fill in the form that has these fields, and press its button."""
        form = self.page.locator(f"main form:has([name='{next(iter(fields))}'])").first
        for name, value in fields.items():
            place = form.locator(f"[name='{name}']").first
            kind = place.evaluate("field => field.tagName === 'SELECT' ? 'select' : field.type")
            if kind == "select":
                place.select_option(value)
            elif kind == "checkbox":
                form.locator(f"[name='{name}'][value='{value}']").check()
            else:
                place.fill(value)
        self.presses(form.locator("button").last)

    def presses(self, button: Locator) -> None:
        with self.page.expect_navigation():
            button.click()
        assert not self.page.locator(".error-summary").all_inner_texts()

    def takes(self, link: Locator) -> bytes:
        """The file behind a link or a button."""
        with self.page.expect_download() as taking:
            link.click()
        return Path(taking.value.path()).read_bytes()

    def keeps(self, name: str) -> None:
        """A picture of the page from each window, none of which is wider than its window."""
        for seat, window in (("ky-phone", self.phone), ("ru-desktop", self.desk)):
            if window is not self.page:
                window.goto(self.page.url)
            self.keeps_one(f"{name}-{seat}", window)

    def keeps_one(self, name: str, window: Page) -> None:
        """A picture of one window as it stands."""
        assert not window.evaluate(WIDER_THAN_ITS_WINDOW), f"{name} is wider than its window"
        self.album.keep(window, name)

    def waits_for_the_worker(self) -> None:
        """Work after the answer. In a thread of its own: in this one the browser's loop runs, and beside it nothing can be sealed."""

        def _work() -> None:
            with self.app.app_context():
                jobs.run_due()

        thread = Thread(target=_work)
        thread.start()
        thread.join()

    def goes_home(self) -> None:
        """Close both windows."""
        for context in self.contexts:
            with suppress(Exception):
                context.close()
