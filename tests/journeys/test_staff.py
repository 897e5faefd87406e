"""Staff in a real browser: an invitation, the sign-in service, the pages of administration, and the way out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.installation import Installation
from tests.journeys.people import DESKTOP

pytestmark = pytest.mark.journey
COOKIE = "__Host-bilim-staff"


@contextmanager
def window(browser: Browser) -> Iterator[Page]:
    """A browser of somebody's own, in English."""
    context = browser.new_context(viewport=DESKTOP, locale="en")
    yield context.new_page()
    context.close()


def enter(page: Page, installation: Installation, person: str) -> None:
    """Sign in by the direct door of the sandbox's sign-in service."""
    page.goto(f"{installation.sandbox}/staff/enter?person={person}&lang=en")


def test_from_the_invitation_to_the_way_out(browser: Browser, installation: Installation) -> None:
    with window(browser) as administrator:
        enter(administrator, installation, "platform-administrator")
        expect(administrator).to_have_url(f"{installation.tool}/admin/")
        administrator.goto(f"{installation.tool}/admin/staff/invite?lang=en")
        administrator.get_by_label("Who is invited").fill("Guest from the host")
        administrator.get_by_label("Role", exact=True).select_option("guest-lecturer")
        administrator.get_by_label("Organisation").select_option(label="Demonstration Academy of Public Administration")
        administrator.get_by_label("Last day of the role").fill("2099-12-31")
        administrator.get_by_role("button", name="Make the link").click()
        link = administrator.locator("a.code").inner_text()

    with window(browser) as guest:
        enter(guest, installation, "guest-lecturer")
        expect(guest.locator("dd.code").first).to_have_text("staff-unknown")

        guest.goto(f"{link}?lang=en")
        guest.get_by_role("link", name="Sign in and accept").click()
        guest.get_by_role("button", name=re.compile("^范例讲")).click()
        expect(guest.get_by_role("heading", level=1)).to_have_text("Administration")
        cookie = next(each for each in guest.context.cookies() if each["name"] == COOKIE)
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")

        guest.get_by_role("button", name="Sign out").click()
        expect(guest.get_by_role("heading", level=1)).to_have_text("You are signed out")
        assert COOKIE not in {each["name"] for each in guest.context.cookies()}
        guest.go_back()
        expect(guest.get_by_role("heading", level=1)).to_have_text("Sign in for staff")

        guest.goto(f"{link}?lang=en")
        expect(guest.locator("dd.code").first).to_have_text("invitation-not-good")


def test_a_page_that_was_wanted_is_reached_by_signing_in(browser: Browser, installation: Installation) -> None:
    with window(browser) as page:
        page.goto(f"{installation.tool}/admin/staff/?lang=en")
        expect(page).to_have_url(re.compile(r"/staff/sign-in\?next=/admin/staff/"))

        page.get_by_role("link", name="Sign in", exact=True).click()
        page.get_by_role("button", name=re.compile("Academy administrator")).click()

        expect(page).to_have_url(re.compile(r"/admin/staff/\?lang=en$"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Staff")


def test_another_site_cannot_show_pages_of_staff_in_a_frame(browser: Browser, installation: Installation) -> None:
    with window(browser) as page:
        enter(page, installation, "auditor")
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Administration|Управление|Башкаруу"))

        page.goto(installation.sandbox)
        page.evaluate(
            "url => { const f = document.createElement('iframe'); f.src = url; document.body.append(f); }",
            f"{installation.tool}/admin/",
        )
        page.wait_for_timeout(500)

        framed = next(frame for frame in page.frames if frame.parent_frame is not None)
        assert "Administration" not in framed.content()
