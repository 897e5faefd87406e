"""The secret key of an installation is changed while it runs: what the one before wrote is written anew, row by row.

Every room that encrypts says which column it keeps (:func:`register`). The steps of an operator stand in docs/operations.md: all
processes read both keys first, then write with the new one, then :func:`change` runs, then the old key is taken out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, select, update
from sqlalchemy.orm import InstrumentedAttribute

from lms.core import audit, vault
from lms.core.db import db, reading, transaction

BATCH = 200
"""Rows in one transaction."""
Purpose = str | Callable[[Row[Any]], str]


@dataclass(frozen=True)
class _Kept:
    table: Table
    column: str
    purpose: Purpose

    def purpose_of(self, row: Row[Any]) -> str:
        return self.purpose if isinstance(self.purpose, str) else self.purpose(row)


_kept: dict[str, _Kept] = {}
_steps: dict[str, Callable[[], int]] = {}


def register(column: InstrumentedAttribute[Any], purpose: Purpose) -> None:
    """Say that a column holds what ``vault.encrypt`` made for this purpose, which may depend on the row."""
    table = column.property.columns[0].table
    _kept[f"{table.name}.{column.key}"] = _Kept(table, column.key, purpose)


def register_step(name: str, step: Callable[[], int]) -> None:
    """Let a room change by itself what is no single column; ``step`` says how many rows it wrote, and owns its transactions."""
    _steps[name] = step


def columns() -> list[str]:
    """``table.column`` of all that is written anew."""
    return sorted(_kept)


def change(*, actor: str, batch: int = BATCH) -> dict[str, int]:
    """Write anew what another secret key of the settings wrote; how many rows of each column.

    Runs outside any transaction while others read and write. Stopped in the middle, it goes on when it is run again.

    :raises Unavailable: ``secret-key-changed`` for a row that no key of the settings reads; what came before is done.
    """
    written = {name: _changed(kept, batch) for name, kept in sorted(_kept.items())}
    written |= {name: step() for name, step in sorted(_steps.items())}
    with transaction():
        audit.record("secret-key.changed", subject="installation:this", actor=actor, rows=sum(written.values()))
    return written


def _changed(kept: _Kept, batch: int) -> int:
    keys = list(kept.table.primary_key)
    with reading():
        found = db.session.execute(select(*keys).where(kept.table.c[kept.column].is_not(None)).order_by(*keys)).all()
    return sum(_write_anew(kept, found[begin : begin + batch]) for begin in range(0, len(found), batch))


def _write_anew(kept: _Kept, found: Sequence[Row[Any]]) -> int:
    written = 0
    with transaction():
        for values in found:
            is_it = [column == value for column, value in zip(kept.table.primary_key, values, strict=True)]
            row = db.session.execute(select(kept.table).where(*is_it).with_for_update()).one_or_none()
            data = getattr(row, kept.column) if row else None
            if row is None or data is None or vault.is_of_present_key(data, kept.purpose_of(row)):
                continue
            anew = vault.encrypt(vault.decrypt(data, kept.purpose_of(row)), kept.purpose_of(row))
            db.session.execute(update(kept.table).where(*is_it).values({kept.column: anew}))
            written += 1
    return written
