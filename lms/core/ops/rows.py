"""Every row as one line of text, the same bytes on SQLite and on PostgreSQL, so that equal hashes mean equal tables.

A line is a JSON list in the order of the model's columns, and lines come in the order of the primary key, by code points
(``COLLATE "C"``, which is also SQLite's own order). A column that holds JSON is taken as the text that was stored: what is read and
written again by a program could come back with ``null`` in the place of nothing.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Dialect,
    LargeBinary,
    String,
    Table,
    Text,
    bindparam,
    cast,
    insert,
    select,
)
from sqlalchemy import type_coerce as as_type
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement

from lms.core.db import UtcDateTime, db

Way = Callable[[Any], Any]
AT_ONCE = 1000
"""Rows that are held in memory."""


@dataclass(frozen=True)
class Digest:
    """What a table holds: how many rows, and one hash over all of them."""

    rows: int
    sha256: str


def tables() -> list[Table]:
    """All tables, each behind those that it points to."""
    return db.metadata.sorted_tables


def fingerprint(connection: Connection) -> dict[str, Digest]:
    """The digest of each table, as this transaction sees it."""
    return {table.name: digest(lines(connection, table)) for table in tables()}


def digest(given: Iterable[str]) -> Digest:
    """The digest of these lines."""
    count, total = 0, sha256()
    for line in given:
        count += 1
        total.update(line.encode())
        total.update(b"\n")
    return Digest(count, total.hexdigest())


def lines(connection: Connection, table: Table) -> Iterator[str]:
    """Each row of a table, without holding more than some of them."""
    wanted = select(*(_stored(column, connection) for column in table.c)).order_by(*_order(table, connection))
    answer = connection.execution_options(yield_per=AT_ONCE).execute(wanted)
    for row in answer:
        yield json.dumps([_written(value) for value in row], ensure_ascii=False, separators=(",", ":"))


def load(connection: Connection, table: Table, given: Iterable[str]) -> None:
    """Put the rows of these lines into an empty table.

    The statement is compiled once and each column's way to the driver is found once: a million rows pay for it (script/bench
    bulk: a third of the time on SQLite).
    """
    statement = insert(table).values({column.name: _sent(column, connection) for column in table.c}).inline()
    compiled = statement.compile(dialect=connection.dialect)
    ways = [(place, way) for place, column in enumerate(table.c) if (way := _way(column, connection.dialect))]
    remaining = iter(given)
    while part := list(islice(remaining, AT_ONCE)):
        values = [_taken(json.loads(line), ways) for line in part]
        connection.exec_driver_sql(str(compiled), _ordered(compiled, table, values))


def _stored(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    if not isinstance(column.type, JSON):
        return column
    is_postgresql = connection.dialect.name == "postgresql"
    return (cast(column, Text) if is_postgresql else as_type(column, Text)).label(column.name)


def _sent(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    """Under a name of its own: SQLAlchemy keeps the names of columns for itself."""
    if not isinstance(column.type, JSON):
        return bindparam(_named(column), type_=column.type)
    given = bindparam(_named(column), type_=Text())
    return cast(given, JSON) if connection.dialect.name == "postgresql" else given


def _order(table: Table, connection: Connection) -> list[ColumnElement[Any]]:
    """By code points: a database sorts text as its language does."""
    is_postgresql = connection.dialect.name == "postgresql"
    return [
        column.collate("C") if is_postgresql and isinstance(column.type, String) else column
        for column in table.primary_key
    ]


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _taken(values: list[Any], ways: list[tuple[int, Way]]) -> list[Any]:
    """What the driver takes, in the place of what stands in a line."""
    for place, way in ways:
        if values[place] is not None:
            values[place] = way(values[place])
    return values


def _ordered(compiled: SQLCompiler, table: Table, rows: list[list[Any]]) -> Any:
    """By name, or in the order of the marks."""
    names = [_named(column) for column in table.c]
    if compiled.positiontup is None:
        return [dict(zip(names, row, strict=True)) for row in rows]
    if names != compiled.positiontup:
        raise LookupError(f"the columns of {table.name} are not in their order")
    return [tuple(row) for row in rows]


def _way(column: Column[Any], dialect: Dialect) -> Way | None:
    """From what stands in a line to what the driver takes; None where that is the same."""
    if isinstance(column.type, JSON):
        return None
    read = _reader(column)
    processor = column.type.dialect_impl(dialect).bind_processor(dialect)
    return (lambda value: processor(read(value) if read else value)) if processor else read


def _reader(column: Column[Any]) -> Way | None:
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat
    if isinstance(column.type, LargeBinary):
        return base64.b64decode
    return date.fromisoformat if column.type.python_type is date else None


def _named(column: Column[Any]) -> str:
    return f"given_{column.name}"
