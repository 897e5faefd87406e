"""The drill: an installation with a row in every table, files and keys is lost, and comes back the same, on either engine."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from certificates import issuing, lookup
from certificates.models import Certificate
from lms.core import changes, files, keys
from lms.core.db import db, reading, transaction
from lms.core.errors import Problem
from lms.core.ops import backup, copying, rows
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.certificates import academy
from tests.conftest import application
from tests.filling import empty_database, fill

ROOT = Path(__file__).parents[4]


def issued(learner: academy.Learner) -> Certificate:
    issuing.issue(learner.record_id)
    with reading():
        found = lookup.of_record(learner.record_id)
    assert found is not None
    return found


def furnish(app: Bilim) -> str:
    """An academy with an issued certificate, a row in every table; the code of the certificate."""
    academy.open_academy(app)
    learner = academy.enrol()
    learner.complete()
    learner.confirm_name()
    code = issued(learner).code
    files.store("work/one.bin", bytes(range(256)) * 9000)
    with transaction():
        keys.ensure("lti")
    with copying.writing(db.engine) as connection:
        fill(connection, rows.tables())
    return code


def fingerprint() -> dict[str, rows.Digest]:
    with copying.snapshot(db.engine) as connection:
        return rows.fingerprint(connection)


def stored() -> dict[str, bytes]:
    return {name: files.read(name) for name in files.all_names()}


def test_what_was_lost_comes_back_the_same_on_the_other_engine(
    settings: Settings, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    copy, anew = tmp_path / "copy", tmp_path / "anew"
    lost = replace(settings, instance=tmp_path / "lost", files_url=(tmp_path / "lost-files").as_uri())
    with application(lost) as app:
        furnish(app)
        said = app.test_cli_runner().invoke(args=["ops", "backup", str(copy)])
        assert said.exit_code == 0, said.output
        held, kept = fingerprint(), stored()
    assert min(digest.rows for digest in held.values()) == 1
    assert [path for path in copy.rglob("*") if path.is_file() and path.stat().st_mode & 0o077] == []
    assert copy.stat().st_mode & 0o777 == 0o700
    manifest = (copy / "manifest.json").read_text()
    assert [secret for secret in (settings.secret_key, settings.seal_passphrase) if secret in manifest] == []

    other = "sqlite" if settings.database_url.startswith("postgresql") else "postgresql"
    with empty_database(other, request, tmp_path) as url:
        place = replace(settings, instance=anew, files_url=(anew / "files").as_uri(), database_url=url)
        with application(place) as app:
            run = app.test_cli_runner()
            said = run.invoke(args=["ops", "restore", str(copy)])
            assert said.exit_code == 0, said.output

            assert (fingerprint(), stored()) == (held, kept)
            assert keys.active("lti").kid == keys.signing_now("lti")
            assert (anew / "keys" / "seal.p12").stat().st_mode & 0o777 == 0o600
            assert "database-not-empty" in run.invoke(args=["ops", "restore", str(copy)]).output
            with transaction():  # rows are numbered on from where they ended
                changes.note("completion.recorded", record_id="r", subject="s", organisation_id=None)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_or_foreign_copy_changes_nothing(app: Bilim, settings: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    files.store("work/one.bin", bytes(range(256)) * 9000)
    backup.make(copy)
    empty = replace(settings, instance=tmp_path / "b", database_url=f"sqlite:///{tmp_path / 'b.sqlite3'}")
    with application(empty, secret_key="another-secret-key-of-more-than-32-characters"):
        refused = [refusal_of(copy)]

    with application(empty) as other:
        (copy / "files" / "work" / "one.bin").write_bytes(bytes(range(256)) * 8999 + b"?")
        (copy / "database" / "job.jsonl.gz").write_bytes(b"no gzip")
        said = other.test_cli_runner().invoke(args=["ops", "check-backup", str(copy)])
        refused.append(refusal_of(copy))
        whole = (copy / "manifest.json").read_text()
        (copy / "manifest.json").write_text(whole.replace(copying.revision(), "0000"))
        refused.append(refusal_of(copy))
        (copy / "manifest.json").unlink()
        refused.append(refusal_of(copy))

        assert refused == ["secret-key-differs", "backup-damaged", "backup-of-other-version", "backup-missing"]
        assert (said.exit_code, "backup-damaged: table job, files/work/one.bin" in said.output) == (1, True)
        with copying.writing(db.engine) as connection:
            copying.refuse_used(connection)


def refusal_of(copy: Path) -> str:
    with pytest.raises(Problem) as refused:
        backup.restore(copy)
    return refused.value.code


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_may_be_one_file(app: Bilim, tmp_path: Path) -> None:
    files.store("one", b"1")
    file = tmp_path / "copies" / "today.tar"
    file.parent.mkdir()
    run = app.test_cli_runner()

    assert run.invoke(args=["ops", "backup", str(file)]).exit_code == 0
    assert "backup-exists" in run.invoke(args=["ops", "backup", str(file.parent)]).output
    assert run.invoke(args=["ops", "check-backup", str(file)]).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["today.tar"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_a_restore_the_register_is_sound_its_files_are_there_and_it_goes_on(
    settings: Settings, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with application(settings) as app:
        academy.open_academy(app)
        first = issued(academy.graduate())
        pdf = files.read(str(first.file_name))
        assert app.test_cli_runner().invoke(args=["ops", "backup", str(tmp_path / "copy.tar")]).exit_code == 0

    anew = tmp_path / "anew"
    with empty_database("postgresql", request, tmp_path) as url:
        place = replace(settings, instance=anew, files_url=(anew / "files").as_uri(), database_url=url)
        with application(place) as app:
            run = app.test_cli_runner()
            said = run.invoke(args=["ops", "restore", str(tmp_path / "copy.tar")])
            assert said.exit_code == 0, said.output
            audited = run.invoke(args=["certificates", "audit"])
            verdict = app.test_client().get(f"/v/{first.code}?lang=en")
            second = issued(academy.graduate())
            again = run.invoke(args=["certificates", "audit"])
            kept = files.read(str(first.file_name))
            files.remove(str(first.file_name))
            damaged = run.invoke(args=["certificates", "audit"])

    assert (audited.exit_code, again.exit_code) == (0, 0), audited.output + again.output
    assert (verdict.status_code, kept == pdf) == (200, True)
    assert (first.number, second.number) == ("2026-KG-PM000001", "2026-KG-PM000002")
    assert (damaged.exit_code, "file-missing" in damaged.output) == (1, True)


def test_whatever_the_product_keeps_in_its_folder_is_copied_or_is_known_to_be_worth_nothing() -> None:
    copied, worthless = {"bilim.sqlite3", "files", "keys"}, {"queue", "queue-control", "schedule"}
    named = {
        node.right.value
        for package in ("lms", "courses", "certificates")
        for path in (ROOT / package).rglob("*.py")
        if "sandbox" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant)
        if ast.unparse(node.left).rpartition(".")[2] == "instance"
    }

    assert named == copied | worthless
    assert "Queue folders and `schedule*` need no backup" in (ROOT / "docs" / "operations.md").read_text("utf-8")
