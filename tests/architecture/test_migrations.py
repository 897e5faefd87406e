"""The migrations build exactly what the models say, in one line, up and down."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, inspect

from lms.core.db import db
from lms.core.ops import copying
from lms.core.web import Bilim
from tests.filling import fill

ROOT = Path(__file__).parents[2]
SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))


def test_there_is_one_head() -> None:
    assert len(SCRIPTS.get_heads()) == 1


def test_migrations_are_numbered_in_order() -> None:
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))

    assert [re.match(r"\d{4}_\w+\.py", name) is not None for name in names] == [True] * len(names)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


@pytest.mark.usefixtures("app")
def test_migrations_build_what_the_models_say() -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, db.metadata) == []


def test_every_step_is_done_and_undone_with_rows_in_every_table(app: Bilim) -> None:
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}

    revisions = [script.revision for script in SCRIPTS.walk_revisions()][::-1]
    filled: list[str] = []
    for revision in revisions:
        upgrade(revision=revision)
        filled += fill_new(filled)
    assert set(filled) >= set(db.metadata.tables)
    assert set(inspect(db.engine).get_table_names()) - {"alembic_version"} == set(db.metadata.tables)

    for revision in revisions[-2::-1]:
        downgrade(revision=revision)


def fill_new(known: list[str]) -> list[str]:
    """A row in each table that the last step made."""
    names = set(inspect(db.engine).get_table_names()) - {"alembic_version", *known}
    with copying.writing(db.engine) as connection:
        if not names:
            return []
        found = MetaData()
        found.reflect(connection, only=lambda name, _: name != "alembic_version")
        fill(connection, [table for table in found.sorted_tables if table.name in names])
    return sorted(names)
