import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import delete, select, update

from certificates import chain, issuing, lookup, seal_keys
from certificates.models import Certificate, SealKey
from lms.core import clock, files, jobs
from lms.core.db import db, reading, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.certificates import academy, registered
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


# What becomes of a certificate


@pytest.fixture
def valid(app: Bilim) -> Certificate:
    return registered.issue(registered.open_register())


def test_a_certificate_is_suspended_reinstated_and_revoked_and_the_history_tells_it(
    app: Bilim, valid: Certificate
) -> None:
    assert run(app, "suspend", valid.number, "--reason", "under-review")[0] == 0
    assert run(app, "reinstate", valid.number)[0] == 0
    assert run(app, "revoke", valid.number, "--reason", "fraud-or-cheating", "--note", "x")[0] == 0

    code, output = run(app, "history", valid.number)

    assert code == 0
    assert [line.split()[1:] for line in output.splitlines()] == [
        ["reserved", "-", "staff:clerk"],
        ["issued", "-", "staff:clerk"],
        ["suspended", "under-review", "operator"],
        ["reinstated", "-", "operator"],
        ["revoked", "fraud-or-cheating", "operator"],
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("reinstate", "2026-KG-PM000001"),
        ("revoke", "2026-KG-PM000009", "--reason", "other"),
        ("renew", "2026-KG-PM000001", "--until", "2020-01-01"),
        ("supersede", "2026-KG-PM000001", "--hours", "0"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(app: Bilim, valid: Certificate, words: tuple[str, ...]) -> None:
    code, output = run(app, *words)

    assert code == 1
    assert output.startswith("Error: ")
    assert words[1] in output


@pytest.mark.parametrize("reason", [(), ("--reason", "because")])
def test_nothing_is_revoked_without_a_known_reason(app: Bilim, valid: Certificate, reason: tuple[str, ...]) -> None:
    assert run(app, "revoke", valid.number, *reason)[0] == 2
    assert "revoked" not in run(app, "history", valid.number)[1]


def test_a_corrected_certificate_takes_the_place_of_the_wrong_one(app: Bilim) -> None:
    academy.open_academy(app)
    issued = issuing.issue(academy.graduate().record_id)

    code, output = run(app, "supersede", issued.number, "--latin", "Aigul Isakova", "--hours", "36")

    assert code == 0
    assert output == f"{issued.number} is replaced by {issued.number[:-1]}2\n"
    with reading():
        new = lookup.by_number(f"{issued.number[:-1]}2")
        assert new is not None
        snapshot = lookup.snapshot_of(new)
    assert (snapshot.holder["Latn"], snapshot.holder["Cyrl"]) == ("Aigul Isakova", "Ысакова Айгүл Өмүрбековна")
    assert snapshot.hours == 36


def test_a_genuine_file_of_a_replaced_certificate_names_the_new_number(app: Bilim, tmp_path: Path) -> None:
    academy.open_academy(app)
    issued = issuing.issue(academy.graduate().record_id)
    file = tmp_path / "certificate.pdf"
    file.write_bytes(files.read(str(issued.file_name)))
    run(app, "supersede", issued.number)

    code, output = run(app, "verify", str(file))

    assert code == 1
    assert output.startswith("AUTHENTIC_EXACT: Replaced.")
    assert f"register: superseded\nreplaced by: {issued.number[:-1]}2" in output


def test_the_audit_of_a_sound_register_ends_well_and_of_another_does_not(app: Bilim, valid: Certificate) -> None:
    code, output = run(app, "audit")
    assert (code, output.splitlines()[-1]) == (0, "the register is sound")

    with transaction():
        db.session.execute(update(Certificate).values(status="revoked"))
    code, output = run(app, "audit", "--json")

    assert code == 1
    assert json.loads(output)["findings"] == [{"code": "state-altered", "subject": "2026-KG-PM000001"}]
    assert json.loads(output)["sound"] is False


def test_signed_heads_are_printed_with_the_keys_that_prove_them(app: Bilim, valid: Certificate) -> None:
    with clock.frozen(clock.now() + timedelta(days=1)):
        chain.sign_head_of_yesterday("register-head")

    told = json.loads(run(app, "heads")[1])

    (head,) = told["heads"]
    keys = KeySet.import_key_set({"keys": told["keys"]})
    assert jwt.decode(head["statement"], keys, ["ES256"]).claims["hash"] == head["hash"]
    assert all("d" not in key for key in told["keys"])
