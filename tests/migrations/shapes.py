"""What tables look like at one revision, and what the code of the revision before would trip over at the next.

While an installation is upgraded, the tables are changed first and the processes are started anew one after the other: for some
minutes the previous code reads and writes the newer tables (docs/adr/0060).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, String, Text, inspect, text
from sqlalchemy.types import TypeEngine


@dataclass(frozen=True)
class Column:
    """As far as it matters to a writer."""

    kind: str
    length: int | None
    """None without a limit."""
    is_required: bool
    """A row without it is refused."""
    is_nullable: bool


@dataclass(frozen=True)
class Shape:
    """One table."""

    columns: Mapping[str, Column]
    once: frozenset[tuple[str, ...]]
    """Columns whose values together stand there once: what ``ON CONFLICT`` names."""
    rules: frozenset[str]
    """Checks, references and triggers, by name or by what they say."""


def shapes(connection: Connection) -> dict[str, Shape]:
    """All tables but Alembic's own."""
    looking = inspect(connection)
    triggers = _triggers(connection)
    uniques, indexes = looking.get_multi_unique_constraints(), looking.get_multi_indexes()
    checks, references = looking.get_multi_check_constraints(), looking.get_multi_foreign_keys()
    return {
        key[1]: Shape(
            {column["name"]: _column(column) for column in columns},
            frozenset(
                [tuple(unique["column_names"]) for unique in uniques[key]]
                + [_indexed(index) for index in indexes[key] if index["unique"]]
            ),
            frozenset(
                [f"check {check['name']}" for check in checks[key]]
                + [
                    f"reference of {', '.join(reference['constrained_columns'])} to {reference['referred_table']}"
                    for reference in references[key]
                ]
                + [f"trigger {trigger}" for table, trigger in triggers if table == key[1]]
            ),
        )
        for key, columns in looking.get_multi_columns().items()
        if key[1] != "alembic_version"
    }


def trips(before: Mapping[str, Shape], after: Mapping[str, Shape]) -> list[str]:
    """What code that knows the tables as they were before cannot do any more."""
    gone = [f"{name} is gone" for name in before if name not in after]
    return gone + [fault for name in before if name in after for fault in _trips_of(name, before[name], after[name])]


def _trips_of(table: str, before: Shape, after: Shape) -> list[str]:
    faults = []
    for name, column in before.columns.items():
        now = after.columns.get(name)
        if now is None:
            faults.append(f"{table}.{name} is gone")
        elif now.kind != column.kind or _is_shorter(now, column):
            faults.append(f"{table}.{name} holds less")
        elif (now.is_required and not column.is_required) or (column.is_nullable and not now.is_nullable):
            faults.append(f"{table}.{name} is asked for")
    new = {name: column for name, column in after.columns.items() if name not in before.columns}
    faults += [f"{table}.{name} is asked for" for name, column in new.items() if column.is_required]
    faults += [f"{table}: {', '.join(names)} only once" for names in _named(after.once - before.once, new)]
    faults += [f"{table}: {', '.join(names)} more than once" for names in sorted(before.once - after.once)]
    return faults + [f"{table}: {rule}" for rule in sorted(after.rules - before.rules) if not _is_of_new(rule, new)]


def _named(once: frozenset[tuple[str, ...]], new: Mapping[str, Column]) -> list[tuple[str, ...]]:
    """Without those that rows of the previous code never meet, because a new column that they leave empty is among them."""
    return sorted(names for names in once if not any(name in new and new[name].is_nullable for name in names))


def _is_of_new(rule: str, new: Mapping[str, Column]) -> bool:
    """A reference that the previous code leaves empty."""
    columns = rule.removeprefix("reference of ").split(" to ")[0].split(", ")
    return rule.startswith("reference of ") and any(name in new and new[name].is_nullable for name in columns)


def _is_shorter(now: Column, before: Column) -> bool:
    return now.length is not None and (before.length is None or now.length < before.length)


def _column(found: Mapping[str, object]) -> Column:
    kind = found["type"]
    is_generated = bool(found.get("autoincrement") is True or found.get("identity"))
    is_nullable = bool(found["nullable"])
    return Column(
        kind=_kind(kind),
        length=getattr(kind, "length", None),
        is_required=not is_nullable and found.get("default") is None and not is_generated,
        is_nullable=is_nullable,
    )


def _kind(kind: object) -> str:
    if isinstance(kind, String | Text):
        return "text"
    return str(kind) if isinstance(kind, TypeEngine) else repr(kind)


def _indexed(index: Mapping[str, object]) -> tuple[str, ...]:
    """Its columns, and where it holds if not everywhere."""
    options = index.get("dialect_options")
    where = (
        [_plain(value) for name, value in options.items() if name.endswith("_where")]
        if isinstance(options, dict)
        else []
    )
    columns = index.get("expressions") or index["column_names"]
    return (*map(str, columns if isinstance(columns, list) else []), *(f"where {each}" for each in where))


def _plain(condition: object) -> str:
    """Without what PostgreSQL adds to it."""
    return re.sub(r"::\w+|[()]", "", str(condition))


def _triggers(connection: Connection) -> list[tuple[str, str]]:
    asked = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[connection.dialect.name]
    return [(table, name) for table, name in connection.execute(text(asked))]
