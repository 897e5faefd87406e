"""Alembic's environment: the application's own engine, one write transaction for all steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from lms.core.db import UtcDateTime, begin_as


def _render_item(kind: str, item: object, autogenerate: Any) -> str | bool:
    """Write our UTC type as the plain type it is in the database, so that migrations never import the application."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:  # whoever gives one has begun a transaction, and ends it
        _migrate(given)
        return
    begin_as("write")
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET lock_timeout = '4s'")
            connection.exec_driver_sql("SET statement_timeout = '60s'")
            connection.commit()
        with _without_cascades(connection):
            _migrate(connection)


@contextmanager
def _without_cascades(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making another one and dropping the old one; with foreign keys on, dropping it deletes its
    rows first, and with them, or against them, the rows that point to it (sqlite.org/lang_altertable.html, section 7).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection  # a transaction, once begun, would not hear it
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        connection.commit()  # where there was nothing to do, the question for the revision is still open
        if broken := driver.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"rows point to nothing after the migration: {broken[:5]}")
    finally:
        connection.rollback()  # a transaction would not hear the next line either
        driver.execute("PRAGMA foreign_keys=ON")


def _migrate(connection: Connection) -> None:
    extension = current_app.extensions["migrate"]
    context.configure(
        connection=connection,
        target_metadata=extension.db.metadata,
        render_as_batch=True,
        render_item=_render_item,
        compare_type=True,
        **{
            name: value
            for name, value in extension.configure_args.items()
            if name not in ("render_as_batch", "compare_type")
        },
    )
    with context.begin_transaction():
        context.run_migrations()


run()
