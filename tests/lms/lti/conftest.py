"""A platform, registered with the tool."""

from collections.abc import Iterator

import pytest

from lms.core.web import Bilim
from tests.platform import TOOL, Platform, running


@pytest.fixture
def platform(app: Bilim) -> Iterator[Platform]:
    """A platform that the tool knows, with one deployment."""
    with running() as made:
        made.register()
        made.target = f"{TOOL}/"  # a page that needs no course
        yield made
