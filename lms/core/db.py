"""The database: typed base, aware times, and the only place where things become true - the commit.

Rules (docs/adr/0002): one commit, at the edge of a request or in :func:`transaction`; actions never commit. A GET or HEAD
reads under a transaction that cannot write, so that readers on SQLite never queue behind writers; everything else takes
the write lock at once (BEGIN IMMEDIATE), because SQLite answers a late upgrade with "database is locked" however long
its timeout, and pysqlite's own transaction handling silently loses updates. PostgreSQL refuses a write while reading, too.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, cast
from uuid import uuid4

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from psycopg import IsolationLevel
from psycopg import OperationalError as ServerError
from sqlalchemy import (
    JSON,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    String,
    TypeDecorator,
    event,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, registry

from lms.core.settings import Settings

Mode = Literal["read", "write"]
LONGEST_IDLE_SECONDS = 120
"""An open transaction in which nothing happens keeps locks; PostgreSQL ends it after so long."""
_STOPPING_STARTING_OR_FULL = ("57P01", "57P02", "57P03", "53300")
_CONNECTION = "bilim.connection"
_mode: ContextVar[Mode] = ContextVar("database_mode", default="read")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite gives moments back without their zone; this puts it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """:raises ValueError: for a moment without a zone, which is always a mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC, on every database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What every table is made from."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime(), dict[str, Any]: JSON(), list[Any]: JSON(), str: String(255)},
    )


# Objects stay readable after their transaction, so that a worker can render or send what it read.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate()

Row = TypeVar("Row", bound=Base)


def init_app(app: Flask) -> None:
    """Connect the application to its database and prepare each connection."""
    options = {"hide_parameters": True, "connect_args": _patience(app.extensions["bilim.settings"])}
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)  # logs hold no personal data
    db.init_app(app)
    migrate.init_app(app, db, directory=str(app.config["MIGRATIONS_FOLDER"]), render_as_batch=True)
    with app.app_context():
        prepare(db.engine)


def prepare(engine: Engine) -> None:
    """Make every connection of an engine begin its transactions as this module says."""
    prepared = _prepare_sqlite if engine.dialect.name == "sqlite" else _prepare_postgresql
    prepared(engine)


def _patience(configured: Settings) -> dict[str, str]:
    """How long PostgreSQL lets a statement run or wait, so that one of them cannot hold up everybody."""
    if not configured.database_url.startswith("postgresql"):
        return {}
    limits = {
        "lock_timeout": configured.database_lock_seconds,
        "statement_timeout": configured.database_statement_seconds,
        "idle_in_transaction_session_timeout": LONGEST_IDLE_SECONDS,
    }
    return {"options": " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())}


def new_id() -> str:
    """A fresh random identifier (UUID 4)."""
    return str(uuid4())


def begin_as(mode: Mode) -> None:
    """Say how transactions of this request or thread begin from now on."""
    _mode.set(mode)


@contextmanager
def transaction() -> Iterator[None]:
    """Everything inside becomes true together, or not at all. For workers and the command line.

    What was loaded stays readable afterwards, detached.
    """
    with _session_as("write"):
        try:
            yield
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


def can_keep(text: str) -> bool:
    """Whether a database may be asked for this text of a stranger: PostgreSQL has no zero byte, and neither has half a letter."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def is_away(error: Exception) -> bool:
    """Whether a server of databases could not be reached or left in mid-work: the same work can be done when it is back.

    https://www.postgresql.org/docs/current/errcodes-appendix.html: class 08 and some more; without a code nobody answered.
    """
    if not isinstance(error, OperationalError) or not isinstance(error.orig, ServerError):
        return False
    code = error.orig.sqlstate
    return code is None or code.startswith("08") or code in _STOPPING_STARTING_OR_FULL


@contextmanager
def reading() -> Iterator[None]:
    """One consistent view of the database, which cannot be written to."""
    with _session_as("read"):
        yield


@contextmanager
def beginning_as(mode: Mode) -> Iterator[None]:
    """Transactions inside begin so, on whatever engine."""
    before = _mode.get()
    begin_as(mode)
    try:
        yield
    finally:
        begin_as(before)


@contextmanager
def _session_as(mode: Mode) -> Iterator[None]:
    if db.session.new or db.session.dirty or db.session.deleted:
        raise RuntimeError("a transaction with unsaved work is open already")
    db.session.remove()
    with beginning_as(mode):
        try:
            yield
        finally:
            db.session.remove()


def execute(statement: Executable, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Straight to the connection of this transaction, for statements of every launch, which load no objects."""
    session = db.session()
    known, connection = session.info.get(_CONNECTION, (None, None))
    if known is None or session.get_transaction() is not known:
        connection = session.connection()
        session.info[_CONNECTION] = (session.get_transaction(), connection)
    return cast(Connection, connection).execute(statement, values)


def insert_once(
    model: type[Row], unique: Mapping[str, Any], values: Mapping[str, Any] | None = None
) -> tuple[Row, bool]:
    """The one row with these unique values, made now if it was not there, and whether it was made now.

    Two callers at once get the same row: the constraint decides, never a look before the insert.

    :param unique: columns of a unique constraint of the table.
    :param values: further columns, used only when the row is made.
    """
    dialect = db.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(model).values(**unique, **(values or {}))
    statement = statement.on_conflict_do_nothing(index_elements=list(unique))
    # What was returned tells, not the count of rows: psycopg answers -1 for an insert of the ORM.
    made = db.session.execute(statement.returning(*inspect(model).primary_key)).first() is not None
    return db.session.scalars(select(model).filter_by(**unique)).one(), made


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # ours is the BEGIN, below
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writing = _mode.get() == "write"
        driver: Any = connection.connection.driver_connection  # straight to the driver: this runs in every transaction
        try:
            driver.execute(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
            driver.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
        except sqlite3.OperationalError as error:  # locked for longer than we wait; callers know SQLAlchemy's errors
            raise OperationalError("BEGIN", None, error) from error


def _prepare_postgresql(engine: Engine) -> None:
    """Say in the BEGIN itself, at no extra cost, what SQLite is told by its pragma: a reader sees one state, unchanged."""

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        reading_only = _mode.get() == "read"
        driver.read_only = reading_only
        driver.isolation_level = IsolationLevel.REPEATABLE_READ if reading_only else None
