"""The migrations build exactly what the models say, in one line. Each step, up and down: tests/migrations."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lms.core.db import db

ROOT = Path(__file__).parents[2]
SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))


def test_there_is_one_head() -> None:
    assert len(SCRIPTS.get_heads()) == 1


def test_migrations_are_numbered_in_order() -> None:
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    chained = [script.revision for script in SCRIPTS.walk_revisions()][::-1]

    assert [re.match(r"\d{4}_\w+\.py", name) is not None for name in names] == [True] * len(names)
    assert [name[:4] for name in names] == chained == sorted(chained)


@pytest.mark.usefixtures("app")
def test_migrations_build_what_the_models_say() -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, db.metadata) == []
