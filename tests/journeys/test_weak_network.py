"""A unit on a phone at 64 kbit/s with 800 ms of delay: nothing takes longer than a person waits, nothing is heavy."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from script.answers import right_answers
from tests.journeys.installation import Installation
from tests.journeys.people import MODULE, PHONE, give_answer

pytestmark = pytest.mark.journey
LATENCY_MS, BYTES_PER_SECOND = 800, 64_000 // 8
FIRST_VIEW_BYTES, LESSON_BYTES = 60_000, 40_000
PATIENCE_SECONDS = 10


class Traveller:
    """Somebody on a bus, with the module in a window of its own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bytes = 0
        page.on("requestfinished", self._count)

    def goes_on(self) -> tuple[int, float]:
        """Press the one big button; how many bytes the next page took, and how many seconds."""
        self.bytes, before, started = 0, self.page.url, time.monotonic()
        self.page.locator(".button.next").first.click()
        self.page.wait_for_url(lambda url: url != before, wait_until="load", timeout=60_000)
        return self.bytes, time.monotonic() - started

    def _count(self, request: Request) -> None:
        sizes = request.sizes()
        self.bytes += sizes["responseBodySize"] + sizes["responseHeadersSize"]


@pytest.fixture
def traveller(browser: Browser, installation: Installation) -> Iterator[Traveller]:
    """Launched in a window; the network gets weak on the way."""
    context = browser.new_context(viewport=PHONE, locale="ky")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{installation.sandbox}/enter?person=member-00020&module={MODULE}&lang=ky")
    page.goto(f"{installation.sandbox}/launch/{MODULE}?target=window")
    page.wait_for_url(f"{installation.tool}/s/**")
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_PER_SECOND,
            "uploadThroughput": BYTES_PER_SECOND,
        },
    )
    yield Traveller(page)
    context.close()


def test_a_unit_is_read_and_its_test_is_passed(traveller: Traveller) -> None:
    pages = [traveller.goes_on()]
    while urlsplit(traveller.page.url).path.rsplit("/", 1)[-1].isdigit():
        pages.append(traveller.goes_on())
    pages.append(traveller.goes_on())
    for given in right_answers(MODULE, "pm1").values():
        for _name, value in given:
            give_answer(traveller.page, value)
        pages.append(traveller.goes_on())
    pages.append(traveller.goes_on())

    expect(traveller.page.locator("main")).to_contain_text("100")
    assert "/result/1" in traveller.page.url
    assert pages[0][0] <= FIRST_VIEW_BYTES, pages
    assert max(size for size, _seconds in pages[1:]) <= LESSON_BYTES, pages
    assert max(seconds for _size, seconds in pages) <= PATIENCE_SECONDS, pages
