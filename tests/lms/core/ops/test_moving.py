"""SQLite today, PostgreSQL tomorrow: the same rows, proved, and the register is sound afterwards."""

from dataclasses import replace
from pathlib import Path

import pytest

from certificates import issuing, lookup
from certificates.models import Certificate
from lms.core.db import db, new_id, reading, transaction
from lms.core.errors import Conflict
from lms.core.jobs import queue
from lms.core.ops import copying, moving, rows
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.certificates import academy
from tests.conftest import application
from tests.filling import empty_database

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def issued(learner: academy.Learner) -> Certificate:
    issuing.issue(learner.record_id)
    with reading():
        found = lookup.of_record(learner.record_id)
    assert found is not None
    return found


def test_a_database_moves_with_everything_and_the_register_is_sound_afterwards(
    app: Bilim, settings: Settings, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    academy.open_academy(app)
    learner = academy.enrol()
    learner.complete()
    learner.confirm_name()
    code = issued(learner).code
    with copying.snapshot(db.engine) as connection:
        before = rows.fingerprint(connection)

    with empty_database("postgresql", request, tmp_path) as url:
        said = app.test_cli_runner().invoke(args=["ops", "move", "--to", url])
        assert said.exit_code == 0, said.output
        assert "rows are equal" in said.output
        again = app.test_cli_runner().invoke(args=["ops", "move", "--to", url])
        with application(replace(settings, database_url=url)) as moved, copying.snapshot(db.engine) as connection:
            assert rows.fingerprint(connection) == before
            audited = moved.test_cli_runner().invoke(args=["certificates", "audit"])
            shown = moved.test_client().get(f"/v/{code}?lang=en")
            other = academy.enrol()
            other.complete()
            other.confirm_name()
            assert issued(other).number == "2026-KG-PM000002"

    assert "database-not-empty" in again.output
    assert (audited.exit_code, shown.status_code) == (0, 200), audited.output


def test_a_move_beside_somebody_who_writes_is_undone(
    app: Bilim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = copying.fill

    def _beside(*given: object) -> None:
        fill(*given)  # type: ignore[arg-type]
        with transaction():
            queue("greet", new_id())

    monkeypatch.setattr(copying, "fill", _beside)
    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"

    with pytest.raises(Conflict) as refused:
        moving.move(url)

    assert refused.value.code == "database-in-use"
    with copying.opened(url) as engine, copying.writing(engine) as connection:
        copying.refuse_used(connection)
