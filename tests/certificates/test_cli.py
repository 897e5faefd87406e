import stat
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from certificates import issuing, seal_keys
from certificates.models import Certificate, SealKey
from lms.core import files, jobs
from lms.core.db import db, reading, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.certificates import academy
from tests.conftest import application


def run(app: Bilim, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["certificates", *words])
    return result.exit_code, result.output


def test_the_seal_is_made_once_encrypted_and_for_the_owner_only(app: Bilim) -> None:
    first = run(app, "make-authority")
    made = seal_keys.seal_path().read_bytes()
    second = run(app, "make-authority")

    assert first[0] == second[0] == 0
    assert "entered in the register" in first[1]
    assert "known already" in second[1]
    assert seal_keys.seal_path().read_bytes() == made
    assert stat.S_IMODE(seal_keys.seal_path().stat().st_mode) == 0o600
    with reading():
        assert len(db.session.scalars(select(SealKey)).all()) == 1


def test_a_seal_from_elsewhere_is_entered_in_the_register_too(app: Bilim) -> None:
    run(app, "make-authority")
    with transaction():
        db.session.execute(delete(SealKey))

    assert "entered in the register" in run(app, "make-authority")[1]


def test_without_a_passphrase_no_seal_is_made(settings: Settings) -> None:
    with application(settings, seal_passphrase="") as app:
        code, output = run(app, "make-authority")

        assert code == 1
        assert "BILIM_SEAL_PASSPHRASE is missing" in output
        assert not seal_keys.seal_path().exists()


def test_issuing_what_is_due_says_what_became_of_each_record(app: Bilim) -> None:
    academy.open_academy(app)
    done, nameless = academy.graduate(), academy.enrol()
    nameless.complete()

    code, output = run(app, "issue-due")

    assert code == 0
    assert f"{done.record_id} 2" in output
    assert "-KG-PM000001" in output
    assert f"{nameless.record_id} name-not-confirmed" in output
    assert "2 records had no certificate" in output
    assert f"{nameless.record_id} name-not-confirmed\n1 records" in run(app, "issue-due")[1]


def test_a_genuine_file_is_told_with_its_number(app: Bilim, tmp_path: Path) -> None:
    academy.open_academy(app)
    issued = issuing.issue(academy.graduate().record_id)
    file = tmp_path / "certificate.pdf"
    file.write_bytes(files.read(str(issued.file_name)))

    code, output = run(app, "verify", str(file))

    assert code == 0
    assert output.startswith("AUTHENTIC_EXACT: Genuine.")
    assert f"{issued.number} Public Management, 4 academic hours" in output


def test_an_altered_file_is_told_with_the_reason_and_a_failing_exit(app: Bilim, tmp_path: Path) -> None:
    academy.open_academy(app)
    issued = issuing.issue(academy.graduate().record_id)
    file = tmp_path / "certificate.pdf"
    file.write_bytes(files.read(str(issued.file_name)) + b"more")

    code, output = run(app, "verify", str(file))

    assert code == 1
    assert "MODIFIED_CONTAINER: Altered." in output
    assert "- Data was added behind the seal." in output


def test_a_reserved_number_is_given_up_with_a_reason_and_the_record_asks_again(app: Bilim) -> None:
    academy.open_academy(app)
    learner = academy.graduate()
    app.extensions["bilim.files"] = (app.extensions["bilim.files"][0], "/dev/null/full")
    jobs.run_due()
    with reading():
        number = db.session.scalars(select(Certificate.number)).one()

    assert run(app, "void", number, "--reason", "disk-lost") == (0, f"{number} is void: disk-lost\n")
    with reading():
        job = jobs.state_of("record-changed", learner.record_id)
        assert job is not None
        assert (job.status, job.attempts) == ("waiting", 0)


@pytest.mark.parametrize("number", ["2026-KG-PM000001", "2026-KG-PM000002"])
def test_neither_an_issued_nor_an_unknown_number_is_given_up(app: Bilim, number: str) -> None:
    academy.open_academy(app)
    issuing.issue(academy.graduate().record_id)

    code, output = run(app, "void", number, "--reason", "x")

    assert code == 1
    assert number in output
