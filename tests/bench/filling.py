"""Rows by the thousand and by the million straight through the driver, as fast as it can: the floor that bulk work is measured by."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

import psycopg
from sqlalchemy import make_url

Connection = sqlite3.Connection | psycopg.Connection[Any]
AT_ONCE = 20_000
"""Rows of one transaction: others who write wait no longer than for so many."""
ALL = 10_000_000


@contextmanager
def connected(url: str, *, alone: bool = False) -> Iterator[Connection]:
    """The driver's own connection to the database of an address of ours.

    :param alone: nobody else uses the database meanwhile.
    """
    if url.startswith("sqlite"):
        connection: Connection = sqlite3.connect(make_url(url).database or "", timeout=60, isolation_level=None)
        journal = "OFF" if alone else "WAL"
        for pragma in (f"journal_mode={journal}", "synchronous=OFF", "cache_size=-1000000", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")
    else:
        connection = psycopg.connect(url, autocommit=True)
        connection.execute("SET session_replication_role = replica")
    try:
        yield connection
    finally:
        connection.close()


def fill(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, at_once: int = AT_ONCE
) -> None:
    """Add many rows: SQLite by ``executemany``, PostgreSQL by ``COPY``.

    :param at_once: rows of one transaction.
    """
    remaining = iter(rows)
    while first := next(remaining, None):
        part = chain([first], islice(remaining, at_once - 1))
        if isinstance(connection, sqlite3.Connection):
            connection.execute("BEGIN IMMEDIATE")
            execute_many(connection, table, columns, part)
            connection.execute("COMMIT")
        else:
            with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in part:
                    copy.write_row(row)


def execute_many(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """What one would write with the driver alone, in the transaction that is open."""
    mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"
    connection.cursor().executemany(statement, rows)


@contextmanager
def without_indexes(connection: Connection, table: str) -> Iterator[None]:
    """What makes looking fast is made once for all rows together; only keys that the engine does not let go stay."""
    dropped, made = _indexes(connection, table)
    for statement in dropped:
        connection.execute(statement)
    yield
    for statement in made:
        connection.execute(statement)


def _indexes(connection: Connection, table: str) -> tuple[list[str], list[str]]:
    """How they are dropped and how they are made."""
    if isinstance(connection, sqlite3.Connection):
        known = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?"
        found = connection.execute(known, (table,)).fetchall()
        return [f"DROP INDEX {name}" for name, _sql in found], [sql for _name, sql in found]
    connection.execute("SET maintenance_work_mem = '256MB'")
    constraints = connection.execute(_UNIQUE, (table,)).fetchall()
    indexes = connection.execute(_PLAIN, (table,)).fetchall()
    return (
        [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for name, _rule in constraints]
        + [f"DROP INDEX {name}" for name, _made in indexes],
        [f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}" for name, rule in constraints]
        + [made for _n, made in indexes],
    )


_UNIQUE = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'u' AND conrelid = %s::regclass"
_PLAIN = """
    SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)
"""


def settled(connection: Connection) -> None:
    """As a database is that has been there for long: its planner knows how much there is, and nothing waits to be moved."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
