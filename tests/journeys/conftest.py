"""What journeys need: an installation that runs, and Chromium in front of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.journeys.installation import CHROMIUM, Installation, running


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One for each file: a journey that ended a module would change what the next file finds."""
    with running(tmp_path_factory.mktemp("installation")) as made:
        yield made


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """For one file, not for the session as the plugin has it: while it lives, no other test of the process can use asyncio."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium."""
    started = playwright.chromium.launch(**CHROMIUM)  # type: ignore[arg-type]
    yield started
    started.close()
