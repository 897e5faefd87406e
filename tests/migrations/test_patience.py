"""On PostgreSQL no step stands in everybody's way: what has to wait for long is given up, whole, and may be run again."""

import time

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from lms.core.db import beginning_as, db
from lms.core.web import Bilim

LOCK_SECONDS = 4


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_step_that_waits_for_others_is_given_up_with_all_steps_before_it(app: Bilim) -> None:
    downgrade(revision="0022")
    with beginning_as("write"), db.engine.connect() as other, other.begin():
        other.execute(text("LOCK TABLE organisation IN ACCESS SHARE MODE"))
        begun = time.monotonic()
        with pytest.raises(OperationalError, match="lock timeout"):
            upgrade()
        waited = time.monotonic() - begun
        assert LOCK_SECONDS <= waited < 3 * LOCK_SECONDS
        assert revision() == "0022"
    upgrade()

    assert "kind" in {column["name"] for column in inspect(db.engine).get_columns("organisation")}
    assert revision() == app.config["REVISION"]


def revision() -> str:
    with db.engine.connect() as connection:
        found: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return found
