"""Takes the pictures of the guides for administrators and integrators: opens pages of a furnished house in Chromium.

Run it with ``.venv/bin/python -m tests.journeys.guide_pictures docs/pictures``.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from flask_migrate import upgrade
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from lms.core.db import db, transaction
from lms.people import person_requests
from lms.people.person_requests import Kind
from lms.signin.models import StaffGrant, StaffMember
from lms.signin.roles import Role
from tests.conftest import application, make_settings
from tests.journeys.album import Album
from tests.journeys.arriving import served
from tests.journeys.house import House, furnished
from tests.journeys.installation import CHROMIUM
from tests.journeys.people import DESKTOP, PHONE

PLATFORM, ACADEMY, NOBODY = "platform administrator", "administrator", "nobody"
AT_THE_DESK = {
    "staff": (PLATFORM, "/admin/staff/"),
    "invite": (PLATFORM, "/admin/staff/invite"),
    "platforms": (PLATFORM, "/admin/platforms/"),
    "platform": (PLATFORM, "/admin/platforms/{registration_id}"),
    "organisations": (PLATFORM, "/admin/organisations/"),
    "rights": (PLATFORM, "/admin/rights/"),
    "new-client": (PLATFORM, "/admin/clients/new"),
    "client": (PLATFORM, "/admin/clients/{client_id}"),
    "signers": (ACADEMY, "/admin/templates/signers/"),
    "templates": (ACADEMY, "/admin/templates/"),
    "certificates": (ACADEMY, "/admin/certificates/"),
    "certificate-page": (ACADEMY, "/admin/certificates/{certificate_id}"),
    "cohort-certificates": (ACADEMY, "/admin/certificates/cohorts/"),
    "why": (ACADEMY, "/bureau/why/{enrolment_id}"),
    "api-docs": (NOBODY, "/api/v1/docs"),
}
SIGNED_IN = "__Host-bilim-staff"
NAMES = {
    Role.BUREAU_OFFICER: "Үлгү Кадрова",
    Role.ACADEMY_ADMINISTRATOR: "Мисал Деканова",
    Role.PLATFORM_ADMINISTRATOR: "Нуска Системов",
    Role.HOST_COORDINATOR: "范例师",
    Role.AUDITOR: "Көрсөт Ревизоров",
}
REQUESTS = {
    Kind.DATA: "Какие данные обо мне видит бюро?",
    Kind.CORRECTION: "В имени пропущена буква.",
    Kind.COMPLAINT: "На вопрос никто не ответил.",
}
ON_THE_PHONE = ("why",)
PURPOSE = {"purpose": "request", "words": "Обращение № 7"}


def take(house: House, browser: Browser, address: str, album: Album) -> None:
    """Each page at a desk in Russian, some on a phone in Kyrgyz."""
    for name, (who, path) in AT_THE_DESK.items():
        album.keep(_opened(house, browser, who, f"{address}{path.format(**house.places)}", "ru"), f"{name}-ru-desktop")
    for name in ON_THE_PHONE:
        who, path = AT_THE_DESK[name]
        album.keep(_opened(house, browser, who, f"{address}{path.format(**house.places)}", "ky"), f"{name}-ky-phone")


def _people_of_the_guides(house: House) -> None:
    """Staff with names of their own, and requests of the holder that wait."""
    with transaction():
        for role, name in NAMES.items():
            found = select(StaffMember).join(StaffMember.grants).where(StaffGrant.role == role)
            for member in db.session.scalars(found):
                member.name = name
        person = house.places["person_id"]
        for kind, text in REQUESTS.items():
            person_requests.ask(person, kind, asked_by=f"person:{person}", language="ru", text=text)


def _opened(house: House, browser: Browser, who: str, url: str, language: str) -> Page:
    page = browser.new_context(viewport=DESKTOP if language == "ru" else PHONE, locale=language).new_page()  # type: ignore[arg-type]
    signed_in = house.cookies(who).get(SIGNED_IN)
    if signed_in:
        cookie = {"name": SIGNED_IN, "value": signed_in, "url": "https://localhost", "secure": True}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(url)
    if page.locator("main select[name=purpose]").count():
        _say_for_what(page)
        page.goto(url)
    expect(page.locator("h1")).to_be_visible()
    return page


def _say_for_what(page: Page) -> None:
    """Pages about people ask first."""
    page.locator("main select[name=purpose]").select_option(PURPOSE["purpose"])
    page.locator("main [name=words]").fill(PURPOSE["words"])
    with page.expect_navigation():
        page.locator("main .button.next").click()


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        made = make_settings(Path(scratch), f"sqlite:///{scratch}/bilim.sqlite3")
        signing_in = {"staff_issuer": "https://sign-in.example", "staff_client_id": "b", "staff_client_secret": "-"}
        with application(made, **signing_in) as started:
            upgrade()
            with furnished(started, Path(scratch)) as home, served(started) as at, sync_playwright() as playwright:
                _people_of_the_guides(home)
                take(home, playwright.chromium.launch(**CHROMIUM), at, Album(Path(sys.argv[1])))  # type: ignore[arg-type]
