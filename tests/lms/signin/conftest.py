"""The application with a sign-in provider beside it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.conftest import application, make_settings
from tests.openid import CLIENT_ID, SECRET, OpenIdProvider, running_provider


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    """A provider of this test's own."""
    with running_provider() as made:
        yield made


@pytest.fixture
def app(settings: Settings, provider: OpenIdProvider) -> Iterator[Bilim]:
    """The whole application, set up for the provider."""
    with application(
        settings, staff_issuer=provider.url, staff_client_id=CLIENT_ID, staff_client_secret=SECRET
    ) as made:
        yield made


@pytest.fixture
def settings_on_sqlite(sqlite_template: Path, tmp_path: Path) -> Settings:
    """For what does not depend on the database: one engine is enough."""
    path = tmp_path / "bilim.sqlite3"
    shutil.copy(sqlite_template, path)
    return make_settings(tmp_path, f"sqlite:///{path}")
