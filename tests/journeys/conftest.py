"""What journeys need: an installation that runs, and Chromium in front of it."""

from collections.abc import Iterator

import pytest

from tests.journeys.installation import CHROMIUM, Installation, running


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One for all journeys; each takes people of its own."""
    with running(tmp_path_factory.mktemp("installation")) as made:
        yield made


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Debian's Chromium."""
    return CHROMIUM
