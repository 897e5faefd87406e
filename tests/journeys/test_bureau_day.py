"""A day of a bureau officer in Chromium, on a phone in Kyrgyz and at a desk in Russian: from the plan to the cohort, and many verified."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from lms.core import clock, jobs
from lms.core.db import db, transaction
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from lms.signin.roles import BUREAU_OFFICER
from tests import staff
from tests.certificates import academy, registered
from tests.journeys.album import Album
from tests.journeys.arriving import served
from tests.journeys.people import DESKTOP, PHONE

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
NAMES = {
    "ky": "Көрсөтмө кызмат бюросу",
    "ru": "Демонстрационное бюро службы",
    "zh": "示范公务员局",
    "en": "Demonstration Service Bureau",
}
PLAN = {"title": "Кытай: 72 саат", "programme": "china-72", "year": "2026", "places": "2", "least_women": "1"}
CALL = {
    "title": "Жаз, 2026",
    "opens_on": "2026-03-01",
    "closes_on": "2026-03-31",
    "least_service_years": "2",
    "points_per_service_year": "2",
    "most_service_points": "20",
}
NOMINEE = {
    "gender": "f",
    "region": "KG-B",
    "level": "local",
    "post_group": "senior",
    "consent_language": "ky",
    "consented_on": "2026-03-02",
}
PEOPLE = (("Мисал Сынакова", "5", "1"), ("Үлгү Нускабаева", "9", "2"), ("Нуска Мисалов", "1", "3"))
"""Names, years of service, and the last digit of a personal number that nobody has."""
COHORT = {"title": "Биринчи топ", "starts_on": "2026-05-01", "ends_on": "2026-05-20", "places": "2"}


class Officer:
    """Somebody of the bureau, with a window; days go by."""

    def __init__(self, app: Bilim, organisation_id: str, page: Page, address: str) -> None:
        self.app, self.organisation_id, self.page, self.address = app, organisation_id, page, address

    def begins_a_day(self, month: int, day: int) -> None:
        """Sign in; a session lasts no longer than a day."""
        clock.advance((datetime(2026, month, day, 6, tzinfo=UTC) - clock.now()).total_seconds())
        client = self.app.test_client()
        staff.sign_in(client, BUREAU_OFFICER, self.organisation_id)
        cookie = client.get_cookie("__Host-bilim-staff")
        assert cookie
        self.page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": "https://localhost", "secure": True}]
        )

    def opens(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        expect(self.page.locator("h1")).to_be_visible()

    def sends(self, **fields: str) -> None:
        """Fill in the form that has these fields, and press its button."""
        form = self.page.locator(f"main form:has([name='{next(iter(fields))}'])").first
        for name, value in fields.items():
            place = form.locator(f"[name='{name}']").first
            is_list = place.evaluate("field => field.tagName") == "SELECT"
            place.select_option(value) if is_list else place.fill(value)
        self.presses(form.locator("button").last)

    def presses(self, button: object) -> None:
        with self.page.expect_navigation():
            button.click()  # type: ignore[attr-defined]
        assert not self.page.locator(".error-summary").all_inner_texts()


@pytest.fixture
def organisation_id(app: Bilim) -> str:
    """The bureau, in whose register an academy has issued a certificate."""
    app.config["WTF_CSRF_ENABLED"] = False
    academy.make_seal(app)
    with transaction():
        bureau = Organisation(code="bureau", country="KG", names=NAMES)
        db.session.add(bureau)
        db.session.flush()
        return bureau.id


@pytest.fixture(params=[("ky-phone", "ky", PHONE), ("ru-desktop", "ru", DESKTOP)], ids=lambda seat: seat[0])
def officer(
    request: pytest.FixtureRequest, app: Bilim, organisation_id: str, browser: Browser
) -> Iterator[tuple[Officer, str]]:
    """The officer, and how the seat is called."""
    name, language, size = request.param
    with served(app) as address, clock.frozen(datetime(2026, 2, 1, 6, tzinfo=UTC)):
        context = browser.new_context(viewport=size, locale=language)
        context.set_default_timeout(10_000)
        yield Officer(app, organisation_id, context.new_page(), address), name
        context.close()


def test_from_the_plan_to_the_cohort_and_many_verified(app: Bilim, officer: tuple[Officer, str], album: Album) -> None:
    bureau, seat = officer
    page = bureau.page
    bureau.begins_a_day(2, 2)
    bureau.opens("/bureau/plans/")
    bureau.sends(**PLAN)
    bureau.sends(share="region:KG-B", places="2")
    album.keep(page, f"plan-{seat}")
    bureau.presses(page.locator("a[href*='/bureau/calls/new/']"))
    bureau.sends(**CALL)
    call = page.url.removeprefix(bureau.address)

    bureau.begins_a_day(3, 3)
    for name, years, digit in PEOPLE:
        bureau.opens(f"{call}/nominate")
        agency = page.locator("[name=agency_id] option:not([value=''])").first.get_attribute("value") or ""
        bureau.sends(name=name, **NOMINEE, agency_id=agency, service_years=years, personal_number=digit.zfill(14))
        expect(page.locator("h1")).to_contain_text(name)
    album.keep(page, f"nominee-{seat}")

    bureau.begins_a_day(4, 1)
    bureau.opens(call)
    bureau.presses(page.locator("main .button.next"))
    album.keep(page, f"selection-{seat}")
    bureau.sends(number="17", on="2026-04-01")
    bureau.presses(page.locator("a[href*='/bureau/cohorts/new/']"))
    bureau.sends(**COHORT)
    expect(page.locator("main")).to_contain_text("2")
    album.keep(page, f"cohort-{seat}")

    for path in ("/bureau/why/", "/bureau/hours/"):
        bureau.opens(path)
    certificate = registered.issue(registered.open_register())
    bureau.opens("/bureau/verify-many/")
    bureau.sends(text=f"{certificate.code}\n{certificate.number}\n7Q4MX2DN9TVCZ")
    _run_jobs(app)
    page.reload()
    expect(page.locator("main")).to_contain_text("Ысакова Айгүл Өмүрбековна")
    album.keep(page, f"verified-{seat}")


def _run_jobs(app: Bilim) -> None:
    """In a thread of its own: in this one the browser's loop runs, and beside it no receipt can be sealed."""

    def _run() -> None:
        with app.app_context():
            jobs.run_due()

    thread = Thread(target=_run)
    thread.start()
    thread.join()
