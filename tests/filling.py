"""A row in every table, whatever its columns are, so that what works on tables is tried on tables that hold something."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    func,
    insert,
    select,
)

from lms.core.db import new_id
from tests.databases import address_on, on_server

MOMENT = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)

SENSIBLE = {"certificate.snapshot": '{"holder": {"Latn": "Invented Person"}}'}
"""Where a migration reads what stands in a column."""


def fill(connection: Connection, tables: Iterable[Table]) -> list[str]:
    """Give each table that has no row one, parents first; the names of those that got one."""
    filled = []
    for table in tables:
        if not connection.scalar(select(func.count()).select_from(table)):
            connection.execute(insert(table).values(_row(connection, table)))
            filled.append(table.name)
    return filled


def _row(connection: Connection, table: Table) -> dict[str, Any]:
    return {column.name: _value(connection, table, column) for column in table.c if not _counts_itself(column)}


def _counts_itself(column: Column[Any]) -> bool:
    return column is column.table.autoincrement_column and not column.foreign_keys


def _value(connection: Connection, table: Table, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        if key.column.table is table:
            return None
        return connection.scalar(select(key.column).limit(1))
    return SENSIBLE.get(f"{table.name}.{column.name}") or _invented(column)


def _invented(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, JSON):
        return {"ө": ["ү", 1.5, None, True], "a": {}}
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, Numeric):
        return 0
    if isinstance(kind, LargeBinary):
        return bytes(range(256))
    if isinstance(kind, DateTime) or getattr(kind, "impl", None).__class__ is DateTime:
        return MOMENT
    if isinstance(kind, Date):
        return date(2026, 3, 2)
    return f"ң\n{column.name} '\\"[: getattr(kind, "length", None) or 40]


@contextmanager
def empty_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Address of a database without any table."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / new_id()}.sqlite3"
        return
    server: str = request.getfixturevalue("postgresql_server")
    name = f"bilim_empty_{new_id()[:8]}"
    on_server(server, f"CREATE DATABASE {name}")
    yield address_on(server, name)
    on_server(server, f"DROP DATABASE {name} WITH (FORCE)")
