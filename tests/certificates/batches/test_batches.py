"""Many verdicts in one go: the same as one by one, once for each row, whatever happens to the workers."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pikepdf
import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import select, update

from certificates import capped, chain, issuing, life, verification, wording
from certificates.batches import answering, asking, cli, receipt, workbook
from certificates.batches.asking import Asker
from certificates.batches.models import VerificationBatch, VerificationBatchRow
from certificates.standing import ReasonCode, Replacing
from certificates.verification import Verdict
from lms.core import audit, clock, files, jobs
from lms.core.db import db, new_id, reading, transaction
from lms.core.errors import Gone, Invalid, NotFound
from lms.core.i18n import use_language
from lms.core.web import Bilim
from tests.certificates import academy, registered
from tests.certificates.batches import uploads
from tests.certificates.batches.conftest import (
    BUREAU,
    Register,
    answers,
    as_it_is,
    ask,
    finished,
    upload,
    verdicts,
)

NOBODY = "7Q4MX2DN9TVCZ"


@pytest.fixture(autouse=True, scope="module")
def _cage_stopped_at_the_end() -> Iterator[None]:
    yield
    capped.stop()


def payload(batch: VerificationBatch) -> dict[str, Any]:
    """What the receipt says, checked with the published keys and a library, as others would."""
    with reading():
        (key,) = receipt.key_set()["keys"]
    said: dict[str, Any] = json.loads(
        jws.deserialize_compact(str(batch.statement), ECKey.import_key(key), algorithms=["ES256"]).payload
    )
    return said


def alone(row: VerificationBatchRow) -> Verdict:
    """The verdict on the same, asked by itself."""
    with reading():
        if row.kind == "number":
            return verification.verify_number(row.asked)
        return verification.verify_typed(row.asked)


def test_three_hundred_rows_are_answered_as_each_alone_with_one_signed_receipt(held: Register) -> None:
    certificates = [held.issue() for _ in range(6)]
    with transaction():
        life.revoke(certificates[0].id, reason=ReasonCode.WRONG_DATA, note="", actor="operator")
    later = registered.replace(certificates[1], Replacing.CORRECTION)
    asked = [
        text
        for certificate in certificates
        for text in (certificate.code, certificate.number, str(certificate.pdf_sha256))
    ]
    asked = [*asked, NOBODY, "7Q4M-X2DN-9TVC-0", "=1+1", "", "ab" * 32, later.code, "2026-KG-PM999999"] * 12

    batch = finished(ask(asked))

    assert (batch.rows, batch.finished_at is not None) == (300, True)
    found = answers(batch)
    with use_language("ky"):
        for one in found:
            if one.verdict:
                same = alone(one.row)
                assert one.verdict == same
                assert wording.of_verdict(one.verdict) == wording.of_verdict(same)
    assert verdicts(batch)[:25] == [
        *("REVOKED", "REVOKED", "AUTHENTIC_EXACT"),
        *("SUPERSEDED", "SUPERSEDED", "AUTHENTIC_EXACT"),
        *("VALID", "VALID", "AUTHENTIC_EXACT") * 4,
        *("UNKNOWN", "MISTYPED", "formula", "empty", "UNKNOWN", "VALID", "UNKNOWN"),
    ]
    said = payload(batch)
    assert said["accepted"] == 12 * (4 * 3 + 1)
    assert len(said["rows"]) == 300
    paper = files.read(str(batch.receipt_stored_as))
    with pikepdf.open(io.BytesIO(paper)) as pdf:
        assert len(pdf.pages) > 5
        assert pdf.attachments["receipt.jws"].get_file().read_bytes() == str(batch.statement).encode()


def test_a_row_of_a_receipt_says_what_was_asked_what_was_answered_and_where_the_register_stood(held: Register) -> None:
    certificate = held.issue()

    batch = finished(ask([certificate.code, "=1", str(certificate.pdf_sha256)]))

    said = payload(batch)
    (event,) = said["register"]
    assert said["register"][event] == certificate_head()
    assert said["asked_by"] == BUREAU.organisation
    assert "staff:officer" not in json.dumps(said)
    assert said["input"] == {"form": "text", "sha256": batch.input_sha256, "rows": 3}
    first, second, third = said["rows"]
    moment = first.pop("at")
    assert moment.endswith("Z")
    assert first == {
        "row": 1,
        "asked": certificate.code,
        "kind": "code",
        "verdict": "VALID",
        "status": "valid",
        "accepted": True,
        "reasons": ["in-register"],
        "number": certificate.number,
        "event": int(event),
    }
    assert second == {"row": 2, "asked": "=1", "kind": "code", "fault": "formula"}
    assert (third["verdict"], third["reasons"]) == ("AUTHENTIC_EXACT", ["registered-hash"])


def certificate_head() -> str:
    with reading():
        return chain.head()[1]


def test_a_changed_receipt_is_not_ours(held: Register) -> None:
    batch = finished(ask([held.issue().code, NOBODY]))
    head, body, signature = str(batch.statement).split(".")

    with reading():
        assert receipt.read(str(batch.statement)) == payload(batch)
        assert receipt.looks_like_one(str(batch.statement).encode())
        assert not receipt.looks_like_one(b"eyJ.e30.c2ln")
        assert receipt.read(f"{head}.{body[:-8]}AAAAAAAA.{signature}") is None
        assert receipt.read("no receipt") is None


def test_the_receipt_on_paper_is_tagged_and_archivable_in_its_language(held: Register) -> None:
    batch = finished(ask([held.issue().code, NOBODY], asker=Asker("staff:x", {"zh": "署"}, "zh")))

    with pikepdf.open(io.BytesIO(files.read(str(batch.receipt_stored_as)))) as pdf:
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
            assert metadata["pdfuaid:part"] == "1"
        assert pdf.Root.Lang == "zh-Hans"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert len(pdf.Root.AF) == 1
        assert pdf.Root.AcroForm.Fields[0].T == "IssuerSeal"


def test_the_command_reads_a_receipt_of_ours_and_no_other(app: Bilim, held: Register, tmp_path: Path) -> None:
    batch = finished(ask([NOBODY]))
    ours, other = tmp_path / "receipt.jws", tmp_path / "other.jws"
    ours.write_text(f"{batch.statement}\n")
    other.write_text(str(batch.statement)[:-4] + "AAAA")

    read, refused = (app.test_cli_runner().invoke(cli.verify_receipt, [str(file)]) for file in (ours, other))

    assert (read.exit_code, refused.exit_code) == (0, 1)
    assert json.loads(read.output)["rows"][0]["verdict"] == "UNKNOWN"
    assert refused.output == "this receipt does not bear our signature\n"


def test_a_spreadsheet_goes_through_the_cage_and_is_forgotten_at_once(held: Register) -> None:
    certificate = held.issue()
    data = uploads.sheet(["Name", "Code"], ["A", certificate.code], ["B", NOBODY])

    batch = upload(data)
    stored = str(batch.upload_stored_as)
    assert files.exists(stored)
    batch = finished(batch)

    assert (batch.form, batch.rows, batch.upload_stored_as) == ("xlsx", 2, None)
    assert [(one.row.number, one.is_accepted) for one in answers(batch)] == [(2, True), (3, False)]
    assert not files.exists(stored)


def test_an_archive_of_files_gets_the_verdict_of_each_file_in_the_cage(app: Bilim) -> None:
    academy.open_academy(app)
    issued = issuing.issue(academy.graduate().record_id)
    pdf = files.read(str(issued.file_name))
    data = uploads.archive(
        {
            "Ысакова.pdf": pdf,
            "changed.pdf": pdf + b"\n% added",
            "text.pdf": b"no pdf",
            "crash.pdf": b"%PDF-1.7\n" + b"[" * 300_000,
            "inner.pdf": uploads.archive({"a.pdf": pdf}),
        }
    )

    batch = finished(upload(data))

    assert verdicts(batch) == ["AUTHENTIC_EXACT", "MODIFIED_CONTAINER", "UNREADABLE", "UNREADABLE", "entry-archive"]
    first = answers(batch)[0]
    assert first.verdict is not None
    assert first.verdict.facts is not None
    assert first.verdict.facts.number == issued.number
    assert first.row.file_sha256 == issued.pdf_sha256
    assert (as_it_is(batch).upload_stored_as, batch.form) == (None, "zip")


def test_slow_files_are_answered_in_more_steps(held: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "STEP", timedelta(0))
    batch = upload(uploads.archive({f"{number}.pdf": b"no pdf" for number in range(3)}))
    for _step in range(2):
        answering.work(batch.id)

    assert verdicts(batch) == ["UNREADABLE", None, None]
    finished(batch)
    assert verdicts(batch) == ["UNREADABLE"] * 3


def test_an_upload_that_is_refused_leaves_nothing_half_written(held: Register) -> None:
    bomb = uploads.workbook(" " * 9_000_000)

    batch = finished(upload(bomb))

    assert (batch.refusal, batch.rows, batch.statement, batch.upload_stored_as) == ("entry-bomb", 0, None, None)
    assert answers(batch) == []
    assert list(files.names("verifications")) == []


@pytest.mark.parametrize(("data", "code"), [(b"", "upload-empty"), (b"code;name", "upload-unknown")])
def test_what_a_glance_can_refuse_is_refused_at_once(app: Bilim, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        upload(data)

    assert refused.value.code == code
    with reading():
        assert db.session.scalars(select(VerificationBatch)).all() == []


def test_a_second_click_finds_the_same_batch(held: Register) -> None:
    batch_id = new_id()

    first, second = (ask([NOBODY], batch_id=batch_id) for _ in range(2))

    assert first.id == second.id
    assert len(answers(first)) == 1


def test_a_worker_that_is_killed_between_two_steps_loses_nothing_and_repeats_nothing(
    held: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "ROWS_AT_ONCE", 2)
    certificate = held.issue()
    batch = ask([certificate.code] * 5)
    answering.work(batch.id)
    with transaction():  # what happens to the certificate meanwhile concerns the rows that are still waiting
        life.revoke(certificate.id, reason=ReasonCode.WRONG_DATA, note="", actor="operator")
        db.session.execute(update(jobs.Job).values(lease_until=None))

    batch = finished(batch)

    assert verdicts(batch) == ["VALID", "VALID", "REVOKED", "REVOKED", "REVOKED"]
    assert len(payload(batch)["register"]) == 2
    statement = batch.statement
    answering.work(batch.id)
    answering.print_receipt(batch.id)
    assert as_it_is(batch).statement == statement


def test_the_time_of_every_row_lies_between_asking_and_the_receipt(held: Register) -> None:
    batch = finished(ask([held.issue().code] * 3))

    moments = [one.row.answered_at for one in answers(batch)]
    assert batch.finished_at is not None
    assert all(moment and batch.created_at <= moment <= batch.finished_at for moment in moments)


def test_a_list_belongs_to_whoever_asked_and_ends_after_thirty_days(held: Register) -> None:
    batch = finished(ask([NOBODY]))

    with reading():
        assert asking.own(batch.id, BUREAU.actor).id == batch.id
        with pytest.raises(NotFound, match="batch-unknown"):
            asking.own(batch.id, "staff:another")
        with pytest.raises(NotFound, match="batch-unknown"):
            asking.own(new_id(), BUREAU.actor)
    stored = str(batch.receipt_stored_as)
    answering.remove(batch.id)
    with reading(), pytest.raises(Gone, match="batch-over"):
        asking.own(batch.id, BUREAU.actor)
    gone = as_it_is(batch)
    assert (gone.statement, gone.receipt_stored_as, files.exists(stored)) == (None, None, False)
    assert answers(batch) == []
    assert gone.expires_at - gone.created_at == timedelta(days=30)


def test_the_removal_is_queued_for_its_day_and_the_question_stands_in_the_audit(held: Register) -> None:
    batch = ask([NOBODY])

    with reading():
        due = jobs.state_of(asking.REMOVAL, batch.id)
        noted = db.session.scalars(select(audit.AuditEvent).filter_by(action="certificates.verified-many")).one()
    assert due is not None
    assert due.due_at > clock.now() + timedelta(days=29)
    assert (noted.subject, noted.actor) == (f"verification:{batch.id}", "staff:officer")


def test_the_receipt_waits_for_a_seal_and_the_answers_do_not(app: Bilim) -> None:
    registered.open_register()

    batch = finished(ask([NOBODY]))

    assert batch.statement is not None
    assert batch.receipt_stored_as is None
    with reading():
        waiting = jobs.state_of(asking.PAPER, batch.id)
    assert waiting is not None
    assert waiting.last_error == "seal-missing"


def test_a_spreadsheet_of_answers_holds_no_formula(held: Register) -> None:
    certificate = held.issue()
    batch = finished(ask([certificate.code, "=HYPERLINK(1)", "-1+cmd|' /C calc'!A0", certificate.number]))

    with use_language("en"):
        made = workbook.make(answers(batch))

    with ZipFile(io.BytesIO(made)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "'=HYPERLINK(1)<" in sheet
    assert "'-1+cmd|" in sheet
    assert "Ысакова Айгүл Өмүрбековна" in sheet
    assert "Ы. А. Ө." in sheet


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A", "\t=1", "\r=1"])
def test_what_a_program_could_calculate_is_kept_as_a_text(text: str) -> None:
    assert workbook.harmless(text).startswith("'")


def test_signs_that_no_font_of_ours_draws_stand_on_the_receipt_as_their_numbers(held: Register) -> None:
    batch = finished(ask(["😀 Ысакова"], asker=Asker("staff:x", {"ky": "Агенттик"}, "ky")))

    assert batch.receipt_stored_as is not None
    assert verdicts(batch) == ["MISTYPED"]
