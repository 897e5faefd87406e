"""The trainee opens the module on each kind of platform, in a browser that keeps no cookie of ours in its frame."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.journeys.installation import CHROMIUM, Installation
from tests.journeys.people import MODULE, PHONE, arrived
from tests.journeys.storage_platform import preferences

pytestmark = pytest.mark.journey
READY, WINDOW = "The module is ready", "Open the module in a new window"


@pytest.fixture
def blocking(playwright: Playwright, installation: Installation, tmp_path: Path) -> Iterator[BrowserContext]:
    """A phone whose browser keeps no cookie of the tool in pages of the platform."""
    (tmp_path / "Default").mkdir()
    profile = preferences(blocked=installation.tool, below=installation.sandbox)
    (tmp_path / "Default" / "Preferences").write_text(profile)
    context = playwright.chromium.launch_persistent_context(tmp_path, viewport=PHONE, locale="en", **CHROMIUM)  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture(autouse=True)
def restored(installation: Installation) -> Iterator[None]:
    """The sandbox's switches belong to all journeys."""
    yield
    switch(installation, clear="yes")


def switch(installation: Installation, **form: str) -> None:
    answer = requests.post(f"{installation.sandbox}/switches", data=form, timeout=10, allow_redirects=False)
    assert answer.status_code in (200, 303)


def course(browser: BrowserContext, installation: Installation, person: str) -> Page:
    page = browser.new_page()
    page.goto(f"{installation.sandbox}/enter?person={person}&module={MODULE}&lang=en")
    return page


def offered(page: Page, heading: str) -> Page:
    """Press the button under this heading; the window that opens."""
    module = page.frame_locator("iframe:not([aria-hidden])")
    expect(arrived(module.locator("h1:visible", has_text=heading))).to_have_text(heading)
    with page.context.expect_page() as window:
        module.locator("button.next:visible").click()
    return window.value


@pytest.mark.parametrize(
    ("profile", "storage", "heading"),
    [
        ("moodle", "", WINDOW),
        ("moodle", "parent", READY),
        ("moodle", "frame", READY),
        ("canvas", "", READY),
    ],
)
def test_the_module_opens_in_a_window_and_what_is_done_there_is_kept(
    blocking: BrowserContext, installation: Installation, profile: str, storage: str, heading: str
) -> None:
    switch(installation, profile=profile)
    switch(installation, option="storage", value=storage)

    window = offered(course(blocking, installation, "trainee-3"), heading)

    expect(window.locator("h1")).to_be_visible(timeout=20_000)
    assert f"/learn/{MODULE}" in window.url
    before = window.url
    window.locator(".button.next").first.click()
    window.wait_for_url(lambda url: url != before)
    expect(window.locator("h1")).to_be_visible()


@pytest.mark.parametrize("fault", ["storage-silent", "storage-error"])
def test_a_storage_that_fails_at_the_login_leads_to_a_window(
    blocking: BrowserContext, installation: Installation, fault: str
) -> None:
    switch(installation, option="storage", value="parent")
    switch(installation, fault=fault)

    window = offered(course(blocking, installation, "trainee-3"), WINDOW)

    expect(window.locator("h1")).to_be_visible(timeout=20_000)
    assert f"/learn/{MODULE}" in window.url


@pytest.mark.parametrize("fault", ["storage-forgets", "storage-lies"])
def test_a_storage_that_gives_back_something_else_opens_nothing(
    blocking: BrowserContext, installation: Installation, fault: str
) -> None:
    switch(installation, option="storage", value="parent")
    switch(installation, fault=fault)

    assert refusal(blocking, installation) == "browser-differs"


def refusal(browser: BrowserContext, installation: Installation) -> str:
    """The code with which the module refuses to open.

    Where a busy machine lets a storage answer too late, the module offers a window instead, and one comes again.
    """
    for _visit in range(3):
        module = course(browser, installation, "trainee-3").frame_locator("iframe:not([aria-hidden])")
        code, window = module.locator("dd.code").first, module.locator("h1:visible", has_text=WINDOW)
        arrived(code.or_(window))
        if code.is_visible():
            return code.inner_text()
    raise AssertionError("a window was offered three times")
