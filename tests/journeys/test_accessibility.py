"""axe-core finds nothing on any page: every address of the product that shows one is opened by somebody who may."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Error, Page

from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.conftest import application
from tests.journeys.arriving import served
from tests.journeys.doors import Doors, Visit
from tests.journeys.house import House, furnished
from tests.journeys.people import DESKTOP, PHONE

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AT_A_DESK = {"instructor", "officer", "administrator", "platform administrator", "host", "auditor"}
IN_THE_DARK = {"holder", "instructor", "administrator"}
REPEATED = ["tbody tr:nth-child(n+3)", "li:nth-child(n+4)", "section[id^=operation-]:nth-of-type(n+4)"]
"""Rows, entries and sections that are like those above them."""
FIND = """([repeated, tags]) => axe
  .run({exclude: repeated}, {resultTypes: ["violations"], runOnly: tags, preload: false, selectors: false})
  .then(found => found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)}`)))"""
"""Without loading style sheets a second time, which only a trial rule and players of media need, and without naming where each node is."""


@pytest.fixture
def app(settings: Settings) -> Iterator[Bilim]:
    """With a sign-in service that nobody asks."""
    with application(
        settings, staff_issuer="https://sign-in.example", staff_client_id="bilim", staff_client_secret="-"
    ) as made:
        yield made


@pytest.fixture
def house(app: Bilim, tmp_path: Path) -> Iterator[House]:
    """Furnished before a browser starts: beside that one, no certificate could be sealed in this process."""
    with furnished(app, tmp_path) as made:
        yield made


class Inspector:
    """A window for each person of the house, with axe in it."""

    def __init__(self, house: House, browser: Browser, address: str) -> None:
        self.house, self.browser, self.address = house, browser, address
        self.windows: dict[str, Page] = {}

    def faults(self, visits: list[Visit]) -> list[str]:
        """What axe finds on one page, opened by the first who may; that nobody may is a fault too."""
        refused = []
        for visit in visits:
            try:
                answer = self._window(visit.who).goto(f"{self.address}{visit.path}", wait_until="domcontentloaded")
            except Error as fault:
                return [f"{visit.path}: {fault.message.splitlines()[0]}"]
            if answer and answer.status == 200:
                is_page = answer.headers["content-type"].startswith("text/html")
                return self.looked_at(visit) if is_page else [f"{visit.path}: no page, and not known to be none"]
            refused.append(f"{visit.who} {answer and answer.status}")
        return [f"{visits[0].path}: nobody can open it, {refused}"]

    def looked_at(self, visit: Visit) -> list[str]:
        """What axe finds on the page that stands in the window of a person."""
        found: list[str] = self._window(visit.who).evaluate(FIND, [REPEATED, TAGS])
        return [f"{visit.path} ({visit.who}): {fault}" for fault in found]

    def refused(self, visit: Visit, status: int) -> list[str]:
        """The same of a page that says why somebody cannot come in."""
        answer = self._window(visit.who).goto(f"{self.address}{visit.path}", wait_until="domcontentloaded")
        assert answer
        assert answer.status == status
        return self.looked_at(visit)

    def taken_along(self, visit: Visit, folder: Path) -> list[str]:
        """The same of a page that is downloaded."""
        taken = folder / "taken.html"
        taken.write_bytes(self.house.client(visit.who).get(visit.path).data)
        self._window(visit.who).goto(taken.as_uri())
        return self.looked_at(visit)

    def _window(self, who: str) -> Page:
        if who not in self.windows:
            context = self.browser.new_context(
                viewport=DESKTOP if who in AT_A_DESK else PHONE,  # type: ignore[arg-type]
                locale="ru" if who in AT_A_DESK else "ky",
                color_scheme="dark" if who in IN_THE_DARK else "light",
            )
            for name, value in self.house.cookies(who).items():
                context.add_cookies([{"name": name, "value": value, "url": "https://localhost", "secure": True}])
            context.add_init_script(AXE_SCRIPT)
            self.windows[who] = context.new_page()
        return self.windows[who]


@pytest.mark.timeout(600)
def test_axe_finds_nothing_on_any_page(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    doors = Doors(house)
    visits = list(doors.visits())
    with served(house.app) as address:
        faults = _found(Inspector(house, request.getfixturevalue("browser"), address), visits, tmp_path)

    assert len(visits) > 100
    faults += doors.lacking
    assert not faults, "\n".join(faults)


def _found(inspector: Inspector, visits: list[list[Visit]], folder: Path) -> list[str]:
    house = inspector.house
    faults = [fault for visit in visits for fault in inspector.faults(visit)]
    trainee = house.launched["trainee"].prefix
    module = f"{trainee}/learn/{house.places['slug']}"
    faults += inspector.taken_along(Visit("trainee", f"{module}/booklet"), folder)
    faults += inspector.refused(Visit("public", module), 403)
    faults += inspector.refused(Visit("trainee", f"{trainee}/teach/"), 403)
    faults += inspector.refused(Visit("public", "/no-such-page"), 404)
    return faults
