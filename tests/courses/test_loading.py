"""Modules enter the catalogue by versions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from courses import catalogue, loading
from courses.models import ModuleVersion
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.errors import NotFound
from lms.core.web import Bilim

NEEDED = {"BILIM_PUBLIC_URL": "http://localhost:8000", "BILIM_SECRET_KEY": "k" * 40}
LOADING = """
import sys
from pathlib import Path
from courses import loading
from lms.core.db import transaction
from wsgi import create_app
with create_app().app_context(), transaction():
    loading.load(loading.read_all(Path(sys.argv[1])))
"""


def db_address(app: Bilim) -> str:
    with app.app_context():
        return db.engine.url.render_as_string(hide_password=False)


def load(folder: Path) -> loading.Loaded:
    with transaction():
        return loading.load(loading.read_all(folder))[0]


def versions() -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(ModuleVersion)) or 0


def title() -> str:
    with reading():
        return catalogue.current("roads").outline.titles["en"]


def retitle(folder: Path, old: str, new: str) -> None:
    path = folder / "module.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(f"en: {old}", f"en: {new}"), encoding="utf-8")


def test_a_folder_that_did_not_change_makes_no_version(app: Bilim, folder: Path) -> None:
    first, second = load(folder), load(folder)

    assert (first.is_new_version, second.is_new_version) == (True, False)
    assert (first.published_units, first.units) == (1, 2)
    assert versions() == 1


def test_a_change_is_taught_at_once_and_going_back_needs_no_new_version(app: Bilim, folder: Path) -> None:
    load(folder)
    retitle(folder, "Roads", "Streets")
    load(folder)
    assert title() == "Streets"

    retitle(folder, "Streets", "Roads")
    back = load(folder)

    assert title() == "Roads"
    assert back.is_new_version
    assert versions() == 2


def test_what_another_process_loads_is_taught_here_without_a_restart(app: Bilim, folder: Path) -> None:
    load(folder)
    assert title() == "Roads"
    with reading():
        begun_on = catalogue.current("roads")
    retitle(folder, "Roads", "Streets")

    done = subprocess.run(
        [sys.executable, "-c", LOADING, str(folder.parent)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "BILIM_DATABASE_URL": db_address(app), "BILIM_INSTANCE": str(folder.parents[1]), **NEEDED},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert title() == "Streets"
    with reading():
        kept = catalogue.edition(begun_on.module_id, begun_on.version_id)
    assert kept.outline.titles["en"] == "Roads", "whoever began on it stays on it"


def test_every_change_of_what_is_taught_is_in_the_audit(app: Bilim, folder: Path) -> None:
    load(folder)
    load(folder)

    with reading():
        assert db.session.scalars(select(AuditEvent.action)).all() == ["module.version-taught"]


def test_an_unknown_module_has_a_code(app: Bilim) -> None:
    with reading(), pytest.raises(NotFound) as refused:
        catalogue.current("bridges")

    assert refused.value.code == "module-unknown"


def test_the_command_loads_and_says_what_it_did(app: Bilim, folder: Path) -> None:
    first = app.test_cli_runner().invoke(args=["courses", "load", str(folder.parent)])
    second = app.test_cli_runner().invoke(args=["courses", "load", str(folder)])

    assert first.output == "roads: new version, 1 of 2 units are written\n"
    assert second.output == "roads: unchanged, 1 of 2 units are written\n"


@pytest.mark.parametrize("command", ["load", "check"])
def test_the_command_names_mistakes_and_loads_nothing(app: Bilim, folder: Path, command: str) -> None:
    (folder / "assignment.yaml").write_text("id: [", encoding="utf-8")
    (folder.parent / "empty").mkdir()

    result = app.test_cli_runner().invoke(args=["courses", command, str(folder.parent)])

    assert result.exit_code == 1
    assert "empty/module.yaml:1: this file is missing\n" in result.output
    assert "roads/assignment.yaml:1: this is not YAML" in result.output
    assert "Traceback" not in result.output
    assert versions() == 0


def test_the_product_s_own_modules_are_loaded_by_default(app: Bilim) -> None:
    result = app.test_cli_runner().invoke(args=["courses", "load"])

    assert result.exit_code == 0, result.output
    with reading():
        slugs = [edition.slug for edition in catalogue.everything()]
    assert slugs == ["e-government", "public-management", "urban-governance"]
