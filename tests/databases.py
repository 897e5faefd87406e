"""PostgreSQL databases for tests: a new one costs a fifth of a second, an emptied one a tenth of that."""

import os
from itertools import count

import psycopg

_STRUCTURE = """
    SELECT md5(coalesce(string_agg(line, '\n' ORDER BY line), '')) FROM (
        SELECT format('%s %s %s %s %s', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull) AS line
        FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT format('%s %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    ) AS lines
"""
_USED_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"


class Databases:
    """Copies of a migrated, empty template. What a test leaves is undone for the next one, if its structure is untouched."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._numbers = count(1)
        self._free: list[str] = []
        with psycopg.connect(address_on(server, template)) as connection:
            self._structure = _one(connection, _STRUCTURE)
            names = [
                row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ]
            rows = {name: _copied(connection, name) for name in names}
        self._tables = names
        self._rows = {name: copied for name, copied in rows.items() if copied}

    def take(self) -> str:
        """Name of an empty database, which belongs to the test until it gives it back."""
        if self._free:
            return self._free.pop()
        name = f"bilim_test_{os.getpid()}_{next(self._numbers)}"
        on_server(self._server, f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return name

    def give_back(self, name: str) -> None:
        """Empty it for the next test, or drop it."""
        if self._emptied(name):
            self._free.append(name)
        else:
            on_server(self._server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _emptied(self, name: str) -> bool:
        try:
            with psycopg.connect(address_on(self._server, name)) as connection:
                if _one(connection, _OTHERS) or _one(connection, _STRUCTURE) != self._structure:
                    return False
                self._empty_tables(connection)
        except psycopg.Error:
            return False
        return True

    def _empty_tables(self, connection: psycopg.Connection) -> None:
        """Without the triggers that keep rows from being deleted, and in any order."""
        asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in self._tables)
        filled = {row[0] for row in connection.execute(asked)}
        connection.execute("SET session_replication_role = replica")
        for name in filled:
            connection.execute(f"DELETE FROM {name}")
        for name, copied in self._rows.items():
            with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                copy.write(copied)
        for (sequence,) in connection.execute(_USED_SEQUENCES).fetchall():
            connection.execute(f"ALTER SEQUENCE {sequence} RESTART")


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
"""A connection that a test left open could still write: such a database is not used again."""


def on_server(server: str, statement: str) -> None:
    """One statement, outside of a transaction."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def address_on(server: str, name: str) -> str:
    """The address of a database of this name on the server."""
    head, _, query = server.partition("?")
    address = head.rsplit("/", 1)[0] + f"/{name}"
    return f"{address}?{query}" if query else address


def _one(connection: psycopg.Connection, statement: str) -> object:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


def _copied(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(bytes(block) for block in copy)
