from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from certificates import auditing, chain, register
from certificates.models import Certificate
from certificates.standing import Kind
from lms.core import clock, files
from lms.core.db import db, transaction
from lms.core.web import Bilim
from tests.certificates import registered

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def certificates(app: Bilim) -> list[Certificate]:
    """Two that are valid, one that was revoked with a note; the head of the day is signed."""
    organisation_id = registered.open_register()
    with clock.frozen(NOON):
        made = [registered.issue(organisation_id) for _ in range(3)]
        with transaction():
            register.change(made[2].id, Kind.REVOKED, actor=registered.CLERK, reason_code="other", note="Nobody knows")
    with clock.frozen(NOON + timedelta(days=1)):
        chain.sign_head_of_yesterday("register-head")
    return made


def behind_the_back(*statements: str) -> None:
    """As somebody who owns the database: its triggers are no obstacle."""
    sqlite = db.engine.dialect.name == "sqlite"
    off = (
        ["DROP TRIGGER certificate_event_no_UPDATE", "DROP TRIGGER certificate_event_no_DELETE"]
        if sqlite
        else ["ALTER TABLE certificate_event DISABLE TRIGGER ALL"]
    )
    with transaction():
        for statement in [*off, *statements]:
            db.session.execute(text(statement))


def found(**options: bool) -> list[tuple[str, str]]:
    return [tuple(finding) for finding in auditing.prove(**options).findings]


def test_an_untouched_register_is_sound(certificates: list[Certificate]) -> None:
    report = auditing.prove()

    assert report.is_sound
    assert (report.events, report.signed_heads, report.certificates) == (7, 1, 3)
    assert (report.numbers, report.files) == (3, 3)
    assert (report.gaps, report.orphans) == ({}, [])


def test_a_register_without_anything_is_sound(app: Bilim) -> None:
    assert auditing.prove().is_sound


def test_a_changed_event_is_found(certificates: list[Certificate]) -> None:
    behind_the_back("UPDATE certificate_event SET actor = 'staff:somebody-else' WHERE id = 7")

    assert found() == [("event-altered", "event:7")]


def test_a_removed_event_is_found(certificates: list[Certificate]) -> None:
    behind_the_back("DELETE FROM certificate_event_note", "DELETE FROM certificate_event WHERE id = 3")

    assert ("chain-broken", "event:4") in found()


def test_a_chain_whose_end_was_cut_off_is_found_and_contradicts_the_signed_head(
    certificates: list[Certificate],
) -> None:
    behind_the_back(
        "DELETE FROM certificate_event_note",
        "DELETE FROM certificate_event WHERE id = 7",
        "UPDATE certificate SET status = 'valid'",
    )

    assert found() == [("chain-cut", "event:7"), ("head-contradicts", "day:2026-11-23")]


def test_whoever_computes_all_hashes_anew_contradicts_the_signed_head(certificates: list[Certificate]) -> None:
    with transaction():
        last = list(chain.links())[-1]
        forged = chain.Link(**(vars(last) | {"actor": "staff:somebody-else"}))
    behind_the_back(
        f"UPDATE certificate_event SET actor = 'staff:somebody-else', hash = '{forged.digest()}' WHERE id = 7",
        f"UPDATE register_head SET hash = '{forged.digest()}'",
    )

    assert found() == [("head-contradicts", "day:2026-11-23")]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE certificate SET status = 'valid' WHERE number = '2026-KG-PM000003'", "state-altered"),
        (
            "UPDATE certificate SET snapshot = replace(snapshot, 'Ysakova', 'Asanova') "
            "WHERE number = '2026-KG-PM000003'",
            "snapshot-altered",
        ),
        ("UPDATE certificate SET pdf_sha256 = 'x' WHERE number = '2026-KG-PM000003'", "file-hash-altered"),
    ],
)
def test_a_certificate_that_was_changed_behind_the_events_is_found(
    certificates: list[Certificate], statement: str, code: str
) -> None:
    with transaction():
        db.session.execute(text(statement))

    assert found(with_files=False) == [(code, "2026-KG-PM000003")]


def test_a_snapshot_that_was_changed_together_with_its_hash_is_found(certificates: list[Certificate]) -> None:
    with transaction():
        db.session.execute(
            text("UPDATE certificate SET snapshot = '{}', snapshot_sha256 = 'x' WHERE status = 'revoked'")
        )

    assert found() == [("snapshot-altered", "2026-KG-PM000003")]


def test_a_note_may_be_erased_and_not_changed(certificates: list[Certificate]) -> None:
    with transaction():
        db.session.execute(text("UPDATE certificate_event_note SET text = 'Everybody knows'"))
    assert found() == [("note-altered", "event:7")]

    with transaction():
        db.session.execute(text("DELETE FROM certificate_event_note"))
    assert found() == []


def test_a_stored_file_that_was_changed_or_lost_is_found(app: Bilim, certificates: list[Certificate]) -> None:
    changed, lost = (str(certificate.file_name) for certificate in certificates[:2])
    files.remove(changed)
    files.store(changed, b"other bytes")
    files.remove(lost)

    assert found() == [("file-altered", changed), ("file-missing", lost)]
    assert found(with_files=False) == []


def test_what_a_worker_left_behind_when_it_died_is_listed_and_is_no_fault(certificates: list[Certificate]) -> None:
    files.store("certificates/someone/else.pdf", b"%PDF")

    report = auditing.prove()

    assert report.orphans == ["certificates/someone/else.pdf"]
    assert report.is_sound


def test_a_number_that_was_given_up_is_explained(certificates: list[Certificate]) -> None:
    reserved = registered.reserve(certificates[0].organisation_id)
    with transaction():
        again = db.session.get_one(Certificate, reserved.id)
        register.give_up(again, reason_code="certificate-too-long", actor=registered.CLERK)

    report = auditing.prove()

    assert report.gaps == {"2026-KG-PM000004": "certificate-too-long"}
    assert report.is_sound


def test_a_number_that_nobody_has_is_found(certificates: list[Certificate]) -> None:
    with transaction():
        register.next_number("KG", 2026, "PM")

    assert found() == [("number-missing", "2026-KG-PM000004")]


def test_a_certificate_that_was_taken_out_is_found(certificates: list[Certificate]) -> None:
    number, certificate_id = certificates[0].number, certificates[0].id
    off = "PRAGMA defer_foreign_keys = ON" if db.engine.dialect.name == "sqlite" else "SELECT 1"
    behind_the_back(
        off,
        f"UPDATE certificate_event SET certificate_id = '{certificates[1].id}' WHERE certificate_id = '{certificate_id}'",
        f"DELETE FROM certificate WHERE id = '{certificate_id}'",
    )

    codes = {code for code, _subject in found()}
    assert codes >= {"event-altered"}
    assert ("number-missing", number) in found()
