"""What journeys need: an installation that runs, or the application alone with a module, and Chromium in front of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from courses import loading
from lms.core import keys
from lms.core.db import transaction
from lms.core.web import Bilim
from tests.courses.conftest import CONTENT
from tests.journeys.album import Album
from tests.journeys.arriving import Arrivals, served
from tests.journeys.installation import CHROMIUM, Installation, running
from tests.platform import Platform
from tests.platform import running as platform_running


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Installation]:
    """One for each file: a journey that ended a module would change what the next file finds."""
    with running(tmp_path_factory.mktemp("installation"), sqlite_template) as made:
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


@pytest.fixture
def album() -> Album:
    """Keeps pictures for the documents if the environment names a folder: ``ALBUM=docs/pictures pytest tests/journeys/...``."""
    folder = os.environ.get("ALBUM")
    return Album(Path(folder) if folder else None)


@pytest.fixture
def content() -> Path:
    """The folder of the modules that are taught, where the application stands alone."""
    return CONTENT


@pytest.fixture
def platform(app: Bilim, content: Path) -> Iterator[Platform]:
    """A platform that the tool knows. The cookie of the launch is carried over by hand, and the token of forms is not in it."""
    app.config["WTF_CSRF_ENABLED"] = False
    with transaction():
        keys.ensure("lti")
        loading.load(loading.read_all(content))
    with platform_running() as made:
        made.register()
        yield made


@pytest.fixture
def arrive(app: Bilim, platform: Platform, browser: Browser) -> Iterator[Arrivals]:
    """Opens pages: ``arrive("/learn/roads")``, ``arrive("/teach/roads", role="Instructor")``."""
    with served(app) as address:
        arrivals = Arrivals(app, platform, browser, address)
        yield arrivals
        arrivals.leave()
