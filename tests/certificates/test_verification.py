from dataclasses import asdict, replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import event, update

from certificates import authority, issuing, lookup, numbering, rendering, seal_keys, verification
from certificates.models import Certificate
from certificates.seal import Seal
from certificates.snapshot import Snapshot
from lms.core import files
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations import loading as organisations
from tests.certificates import academy

SUCCESSION = """
organisations:
  - code: new-academy
    country: KG
    names: {ky: Жаңы академия, ru: Новая академия, zh: 新学院, en: New Academy}
  - code: demonstration-academy
    country: KG
    names: {ky: Эски академия, ru: Старая академия, zh: 旧学院, en: Old Academy}
    successor: {code: new-academy, act: Decree 1 (invented), date: 2026-12-01}
"""


@pytest.fixture
def issued(app: Bilim) -> Certificate:
    academy.open_academy(app)
    return issuing.issue(academy.graduate().record_id)


@pytest.fixture
def pdf(issued: Certificate) -> bytes:
    return files.read(str(issued.file_name))


def asked(typed: str) -> verification.Verdict:
    with reading():
        return verification.verify_code(typed)


def test_a_code_of_the_register_is_valid_with_the_printed_facts(issued: Certificate) -> None:
    verdict = asked(issued.code)

    assert (verdict.code, verdict.reasons, verdict.register_status) == ("VALID", ("in-register",), "valid")
    assert verdict.is_accepted
    assert verdict.facts is not None
    assert verdict.facts.holder["Cyrl"] == "Ысакова Айгүл Өмүрбековна"
    assert (verdict.facts.hours, verdict.facts.completed_on) == (4, date(2026, 11, 21))
    assert (verdict.facts.number, verdict.facts.code) == (issued.number, issued.code)


def test_the_result_is_nowhere_in_a_public_verdict(issued: Certificate) -> None:
    assert "87" not in str(asdict(asked(issued.code))).replace(issued.code, "").replace(issued.number, "")


def test_a_code_is_understood_however_it_is_typed(issued: Certificate) -> None:
    for typed in (issued.code.lower(), numbering.shown(issued.code), f"  {issued.code[:4]} {issued.code[4:]} "):
        assert asked(typed).code == "VALID"


def test_a_well_formed_code_of_nobody_is_unknown(issued: Certificate) -> None:
    verdict = asked(numbering.new_code())

    assert (verdict.code, verdict.reasons, verdict.register_status) == ("UNKNOWN", ("not-in-register",), "unknown")
    assert verdict.facts is None
    assert not verdict.is_accepted


@pytest.mark.parametrize("status", ["reserved", "void"])
def test_a_number_without_a_certificate_answers_exactly_like_an_unknown_one(issued: Certificate, status: str) -> None:
    with transaction():
        db.session.execute(update(Certificate).values(status=status))

    assert asked(issued.code) == asked(numbering.new_code())


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("7Q4M-X2DN-9TVC-0", "check-symbol"),
        ("7Q4M", "length"),
        ("", "length"),
        ("2026-KG-PM000123", "register-number"),
        ("2026-кг-рм000123", "length"),
        ("<script>", "length"),
    ],
)
def test_a_code_that_cannot_be_is_told_kindly_what_is_wrong(app: Bilim, typed: str, reason: str) -> None:
    verdict = asked(typed)

    assert (verdict.code, verdict.reasons) == ("MISTYPED", (reason,))


def test_a_successor_answers_for_an_old_certificate(issued: Certificate) -> None:
    with transaction():
        organisations.load(SUCCESSION)

    facts = asked(issued.code).facts

    assert facts is not None
    assert facts.issuer.names["en"] == "Demonstration Academy of Public Administration"
    assert facts.successor is not None
    assert (facts.successor.names["en"], facts.successor.act) == ("New Academy", "Decree 1 (invented)")


def test_the_stored_file_is_authentic_to_the_byte(issued: Certificate, pdf: bytes) -> None:
    verdict = verification.verify_pdf(pdf)

    assert (verdict.code, verdict.reasons, verdict.register_status) == (
        "AUTHENTIC_EXACT",
        ("registered-file",),
        "valid",
    )
    assert verdict.is_accepted
    assert verdict.facts is not None
    assert verdict.facts.number == issued.number


def test_another_file_under_our_seal_is_authentic_and_finds_its_certificate(app: Bilim, issued: Certificate) -> None:
    seal = Seal.load(seal_keys.seal_path(), "tests-only")
    sealed_again = seal.seal(academy.printed_again(issued))

    verdict = verification.verify_pdf(sealed_again)

    assert (verdict.code, verdict.register_status) == ("AUTHENTIC_BY_SIGNATURE", "valid")
    assert verdict.is_accepted
    assert verdict.facts is not None
    assert verdict.facts.code == issued.code


def test_a_sealed_file_whose_certificate_was_never_made_valid_is_not_accepted(app: Bilim, issued: Certificate) -> None:
    seal = Seal.load(seal_keys.seal_path(), "tests-only")
    sealed_again = seal.seal(academy.printed_again(issued))
    with transaction():
        db.session.execute(update(Certificate).values(status="reserved", pdf_sha256=None))

    verdict = verification.verify_pdf(sealed_again)

    assert (verdict.code, verdict.register_status, verdict.facts) == ("AUTHENTIC_BY_SIGNATURE", "unknown", None)
    assert not verdict.is_accepted


def test_a_file_with_something_appended_is_not_accepted_and_tells_no_facts(pdf: bytes) -> None:
    verdict = verification.verify_pdf(pdf + b"\n% and one more line\n")

    assert (verdict.code, verdict.is_accepted, verdict.facts) == ("MODIFIED_CONTAINER", False, None)


def test_a_changed_file_is_tampered(pdf: bytes) -> None:
    at = len(pdf) // 3

    verdict = verification.verify_pdf(pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :])

    assert (verdict.code, verdict.is_accepted, verdict.facts) == ("TAMPERED", False, None)


def test_a_look_alike_of_another_seal_is_an_unknown_signer(issued: Certificate, tmp_path: Path) -> None:
    path = tmp_path / "theirs.p12"
    authority.make_authority(path, "x", organisation="Demonstration Academy of Public Administration", country="KG")
    forged = Seal.load(path, "x").seal(rendering.render(lookup.snapshot_of(issued)))

    verdict = verification.verify_pdf(forged)

    assert (verdict.code, verdict.is_accepted, verdict.facts) == ("UNKNOWN_SIGNER", False, None)


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "UNREADABLE"), (b"%PDF-1.7 and nothing", "UNREADABLE"), (b"PK\x03\x04", "UNREADABLE")],
)
def test_what_is_no_certificate_is_told_so(issued: Certificate, data: bytes, code: str) -> None:
    assert verification.verify_pdf(data).code == code


def test_an_unsealed_copy_is_neither_genuine_nor_altered(issued: Certificate) -> None:
    verdict = verification.verify_pdf(rendering.render(lookup.snapshot_of(issued)))

    assert (verdict.code, verdict.reasons) == ("UNSIGNED_COPY", ("no-signature",))


def redrawn(issued: Certificate, **changes: object) -> Snapshot:
    """What a forger would like the certificate to say."""
    return replace(lookup.snapshot_of(issued), **changes)  # type: ignore[arg-type]


def test_our_seal_on_another_name_contradicts_the_register(issued: Certificate) -> None:
    seal = Seal.load(seal_keys.seal_path(), "tests-only")
    forged = seal.seal(rendering.render(redrawn(issued, holder={"Cyrl": "Асанов Бакыт", "Latn": "Aigul Ysakova"})))

    verdict = verification.verify_pdf(forged)

    assert (verdict.code, verdict.reasons, verdict.is_accepted) == ("INCONSISTENT", ("register-says-otherwise",), False)
    first = verdict.differences[0]
    assert (first.field, first.registered) == ("holder", "Ысакова Айгүл Өмүрбековна")


def test_a_redrawn_result_is_told_without_the_true_one(issued: Certificate, pdf: bytes) -> None:
    """The forger writes a better page and puts it where the true one was."""
    forged = rendering.render(redrawn(issued, score_percent=99))
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    theirs = PdfFileReader(BytesIO(forged))
    writer.root["/Pages"] = writer.import_object(theirs.root["/Pages"])
    writer.update_root()
    saved = BytesIO()
    writer.write(saved)

    verdict = verification.verify_pdf(saved.getvalue())

    assert (verdict.code, verdict.is_accepted, verdict.facts) == ("TAMPERED", False, None)
    assert [(one.field, one.printed, one.registered) for one in verdict.differences] == [("result", "99 %", None)]


def test_a_copy_without_a_seal_tells_the_code_that_is_printed_on_it(issued: Certificate) -> None:
    verdict = verification.verify_pdf(rendering.render(lookup.snapshot_of(issued)))

    assert (verdict.mentioned_code, verdict.facts, verdict.differences) == (issued.code, None, ())


def test_a_verdict_costs_the_same_few_queries_however_full_the_register_is(issued: Certificate, pdf: bytes) -> None:
    counted = [_queries_of_code(issued.code)]
    for _more in range(2):
        issuing.issue(academy.graduate().record_id)
    counted.append(_queries_of_code(issued.code))

    assert counted == [2, 2]


def _queries_of_code(code: str) -> int:
    statements: list[str] = []

    def count(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    with reading():
        db.session.connection()
        event.listen(db.engine, "before_cursor_execute", count)
        try:
            verification.verify_code(code)
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)
