"""A whole database read as of one moment, and a whole database written in one transaction: all of it, or nothing.

The tables are made by the migrations in the same transaction that fills them, so that a copy that was interrupted leaves an empty
database behind. Constraints between tables are set aside while the rows come, and checked for all of them at the end.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection, Engine, create_engine, delete, func, inspect, select, text

from lms.core import db as database
from lms.core.errors import Conflict
from lms.core.i18n import _l
from lms.core.ops import rows

FOREIGN_KEYS = text(
    "SELECT conrelid::regclass::text AS child, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS rule "
    "FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One state of the database, whatever others write meanwhile; nothing can be written through it."""
    with database.beginning_as("read"), engine.connect() as connection, connection.begin():
        _wait_as_long_as_it_takes(connection)
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction; it is undone if anything in it fails."""
    with database.beginning_as("write"), engine.connect() as connection, connection.begin():
        _wait_as_long_as_it_takes(connection)
        yield connection


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Another database than that of the settings, with connections prepared as ours are."""
    engine = create_engine(url, hide_parameters=True)
    database.prepare(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def revision() -> str:
    """The version of the tables that this code knows."""
    return str(ScriptDirectory(str(current_app.config["MIGRATIONS_FOLDER"])).get_current_head())


def revision_of(connection: Connection) -> str | None:
    """The version of the tables of a database."""
    return MigrationContext.configure(connection).get_current_revision()


def fill(connection: Connection, lines: Mapping[str, Iterable[str]]) -> None:
    """Make all tables and put these lines into them, by the name of the table.

    :raises Conflict: ``database-not-empty``.
    """
    refuse_used(connection)
    _make_tables(connection)
    with _without_order(connection):
        for table in rows.tables():
            if connection.scalar(select(func.count()).select_from(table)):
                connection.execute(delete(table))  # what a migration put in
            rows.load(connection, table, lines[table.name])
    _go_on_counting(connection)


def refuse_used(connection: Connection) -> None:
    """:raises Conflict: ``database-not-empty`` if there is any table."""
    if inspect(connection).get_table_names():
        raise Conflict(
            "database-not-empty",
            _l("This database holds something already. Name an empty one; nothing was changed."),
        )


def _make_tables(connection: Connection) -> None:
    config = current_app.extensions["migrate"].migrate.get_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _without_order(connection: Connection) -> Iterator[None]:
    """Rows may come before those that they point to."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield
        return
    kept = connection.execute(FOREIGN_KEYS).all()
    for child, name, _rule in kept:
        connection.exec_driver_sql(f"ALTER TABLE {child} DROP CONSTRAINT {name}")
    yield
    for child, name, rule in kept:
        connection.exec_driver_sql(f"ALTER TABLE {child} ADD CONSTRAINT {name} {rule}")


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL counts numbers of rows apart from the rows; SQLite looks at the rows."""
    if connection.dialect.name == "sqlite":
        return
    for table in rows.tables():
        for column in table.primary_key:
            counted = func.pg_get_serial_sequence(table.name, column.name)
            if (sequence := connection.scalar(select(counted))) and (
                last := connection.scalar(select(func.max(column)))
            ):
                connection.execute(select(func.setval(sequence, last)))


def _wait_as_long_as_it_takes(connection: Connection) -> None:
    """A table of millions is read and written for longer than any page may take."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
