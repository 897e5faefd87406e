from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import delete, event, select

from certificates import inspection, issuing, lookup, numbering, register, seal_keys
from certificates.issuing import NotEligible
from certificates.models import Certificate, CertificateEvent, SealKey
from certificates.register import SealedFile
from courses import loading
from courses.models import Completion
from lms.core import clock, files, jobs
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.organisations.models import Series
from tests.certificates import academy
from tests.certificates.academy import Learner

MORNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def graduate(app: Bilim) -> Learner:
    academy.open_academy(app)
    return academy.graduate()


def state(record_id: str) -> tuple[str, str | None]:
    with reading():
        job = jobs.state_of("record-changed", record_id)
        assert job is not None
        return job.status, job.last_error


def stored() -> list[Certificate]:
    with reading():
        return list(db.session.scalars(select(Certificate).order_by(Certificate.number)))


def test_a_certificate_says_what_was_true_when_it_was_issued(graduate: Learner) -> None:
    with clock.frozen(MORNING):
        issued = issuing.issue(graduate.record_id)

    snapshot = lookup.snapshot_of(issued)
    assert issued.status == "valid"
    assert issued.number == "2026-KG-PM000001"
    assert snapshot.holder == {"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Ysakova"}
    assert snapshot.titles["zh"] == "公共管理"
    assert (snapshot.hours, snapshot.score_percent) == (4, 87)
    assert (snapshot.completed_on, snapshot.issued_on) == (date(2026, 11, 21), date(2026, 11, 23))
    assert snapshot.issuer.names["en"] == "Demonstration Academy of Public Administration"
    assert snapshot.signer.post["ru"] == "Ректор академии"
    assert snapshot.verify_url == f"http://localhost:8000/v/{issued.code}"
    assert numbering.check(issued.code)


def test_the_stored_file_is_sealed_and_its_hashes_are_in_the_register(graduate: Learner) -> None:
    issued = issuing.issue(graduate.record_id)

    assert issued.file_name is not None
    stored = files.read(issued.file_name)
    unsigned = academy.printed_again(issued)
    assert lookup.digest(stored) == issued.pdf_sha256
    assert lookup.digest(unsigned) == issued.unsigned_sha256
    assert stored.startswith(unsigned)
    with reading():
        verdict = inspection.inspect(stored, seals=seal_keys.trusted(), is_registered=lambda _sha256: False)
    assert verdict.code == "AUTHENTIC_BY_SIGNATURE"
    assert verdict.signer_fingerprint == issued.seal_fingerprint


def test_asking_again_gives_the_same_certificate(graduate: Learner) -> None:
    first = issuing.issue(graduate.record_id)
    again = issuing.issue(graduate.record_id)

    assert (again.id, again.pdf_sha256) == (first.id, first.pdf_sha256)
    assert len(stored()) == 1


def test_completing_with_a_confirmed_name_brings_the_certificate_by_itself(app: Bilim) -> None:
    academy.open_academy(app)
    learner = academy.enrol()
    learner.confirm_name()
    learner.complete()

    jobs.run_due()

    assert [certificate.status for certificate in stored()] == ["valid"]
    assert state(learner.record_id) == ("done", None)


def test_what_happened_stands_in_the_register_and_in_the_audit(graduate: Learner) -> None:
    issued = issuing.issue(graduate.record_id)

    with reading():
        events = db.session.execute(
            select(CertificateEvent.kind, CertificateEvent.actor).order_by(CertificateEvent.id)
        ).all()
        audited = db.session.scalars(
            select(AuditEvent.action).filter_by(subject=f"certificate:{issued.id}").order_by(AuditEvent.id)
        ).all()
    assert events == [("reserved", "system:issuing"), ("issued", "system:issuing")]
    assert audited == ["certificate.reserved", "certificate.issued"]


def test_threads_at_once_make_one_certificate_of_one_record(app: Bilim, graduate: Learner) -> None:
    made, faults = _at_once(app, [graduate.record_id] * 8)

    assert faults == []
    assert {certificate.number for certificate in made} == {"2026-KG-PM000001"}
    assert len({certificate.pdf_sha256 for certificate in made}) == 1
    assert [certificate.status for certificate in stored()] == ["valid"]


def test_threads_at_once_leave_no_gap_between_numbers(app: Bilim, graduate: Learner) -> None:
    learners = [graduate, *(academy.graduate() for _ in range(3))]

    _made, faults = _at_once(app, [learner.record_id for learner in learners] * 2)

    assert faults == []
    assert [certificate.number[-6:] for certificate in stored()] == ["000001", "000002", "000003", "000004"]


def test_a_number_that_could_not_be_kept_is_given_to_the_next(graduate: Learner) -> None:
    with pytest.raises(RuntimeError, match="power"), transaction():
        register.next_number("KG", 2026, "PM")
        raise RuntimeError("power failed")

    with clock.frozen(MORNING):
        assert issuing.issue(graduate.record_id).number == "2026-KG-PM000001"


def test_numbers_begin_anew_with_each_year_country_and_series(app: Bilim) -> None:
    with transaction():
        numbers = [
            register.next_number(country, year, series)
            for country, year, series in (
                ("KG", 2026, "PM"),
                ("KG", 2026, "PM"),
                ("KG", 2027, "PM"),
                ("KG", 2026, "UG"),
                ("KZ", 2026, "PM"),
            )
        ]

    assert numbers == [
        "2026-KG-PM000001",
        "2026-KG-PM000002",
        "2027-KG-PM000001",
        "2026-KG-UG000001",
        "2026-KZ-PM000001",
    ]


def test_the_year_of_a_number_is_the_academys_not_greenwichs(graduate: Learner) -> None:
    with clock.frozen(datetime(2026, 12, 31, 20, 0, tzinfo=UTC)):  # two o'clock on New Year's morning in Bishkek
        assert issuing.issue(graduate.record_id).number == "2027-KG-PM000001"


@pytest.mark.parametrize("step", ["certificate", "certificate_event"])
def test_a_crash_before_the_second_commit_keeps_the_number_for_the_next_try(
    app: Bilim, graduate: Learner, step: str
) -> None:
    verb = "UPDATE certificate SET" if step == "certificate" else "INSERT INTO certificate_event"
    with pytest.raises(RuntimeError, match="power"), _power_fails_at(verb, after=0 if step == "certificate" else 1):
        issuing.issue(graduate.record_id)
    reserved = stored()
    issued = issuing.issue(graduate.record_id)

    assert [(row.number, row.status, row.file_name) for row in reserved] == [(issued.number, "reserved", None)]
    assert (issued.id, issued.code, issued.status) == (reserved[0].id, reserved[0].code, "valid")
    assert issued.file_name is not None
    assert lookup.digest(files.read(issued.file_name)) == issued.pdf_sha256


def test_what_was_reserved_is_printed_even_if_the_name_changes_before_it_is_made(graduate: Learner) -> None:
    with pytest.raises(RuntimeError, match="power"), _power_fails_at("UPDATE certificate SET"):
        issuing.issue(graduate.record_id)
    graduate.confirm_name(Cyrl="Башка Аты", Latn="Another Name")

    issued = issuing.issue(graduate.record_id)

    assert lookup.snapshot_of(issued).holder["Latn"] == "Aigul Ysakova"


def test_a_slower_worker_does_not_replace_the_file_of_a_faster_one(graduate: Learner) -> None:
    issued = issuing.issue(graduate.record_id)

    with transaction():
        made = register.make_valid(
            issued.id,
            SealedFile("other.pdf", "0" * 64, "0" * 64, str(issued.seal_fingerprint)),
            actor="system:slow",
        )

    assert made is None
    assert [certificate.pdf_sha256 for certificate in stored()] == [issued.pdf_sha256]


@pytest.mark.parametrize("lacking", ["completion", "name"])
def test_what_the_learner_still_has_to_do_reserves_nothing_and_asks_nobody(app: Bilim, lacking: str) -> None:
    academy.open_academy(app)
    learner = academy.enrol()
    if lacking == "name":
        learner.complete()
    else:
        learner.confirm_name()
        with transaction():
            jobs.queue("record-changed", learner.record_id)

    jobs.run_due()

    assert stored() == []
    assert state(learner.record_id) == ("done", None)


def test_somebody_who_looks_around_gets_no_certificate(app: Bilim) -> None:
    academy.open_academy(app)
    learner = academy.enrol(is_trial=True)
    learner.confirm_name()
    with transaction():
        version_id = db.session.scalar(select(academy.Module.current_version_id))
        db.session.add(
            Completion(
                enrolment_id=learner.record_id, version_id=version_id, completed_at=academy.COMPLETED_AT, source="x"
            )
        )

    with pytest.raises(NotEligible) as refusal:
        issuing.issue(learner.record_id)
    assert [reason.code for reason in refusal.value.reasons] == ["test-user"]


def test_a_character_that_no_font_has_asks_a_person_before_a_number_is_given(app: Bilim) -> None:
    academy.open_academy(app)
    learner = academy.enrol()
    learner.complete()
    learner.confirm_name(Cyrl="Ли Мин", Latn="Li Ming", Hani="李𱍊")

    jobs.run_due()

    assert state(learner.record_id) == ("needs-person", "glyph-missing")
    assert stored() == []
    with transaction():
        assert register.next_number("KG", 2026, "PM") == "2026-KG-PM000001"


def test_a_corrected_name_lets_the_certificate_be_made(app: Bilim) -> None:
    academy.open_academy(app)
    learner = academy.enrol()
    learner.complete()
    learner.confirm_name(Cyrl="Ли Мин", Latn="Li Ming", Hani="李𱍊")
    jobs.run_due()
    learner.confirm_name(Cyrl="Ли Мин", Latn="Li Ming", Hani="李明")
    with transaction():
        jobs.queue("record-changed", learner.record_id)

    jobs.run_due()

    assert [certificate.status for certificate in stored()] == ["valid"]


def test_a_module_that_nobody_numbers_asks_a_person(graduate: Learner) -> None:
    with transaction():
        db.session.execute(delete(Series))

    jobs.run_due()

    assert state(graduate.record_id) == ("needs-person", "no-series")
    assert stored() == []


def test_without_a_seal_the_number_waits_and_the_job_tries_again(app: Bilim, graduate: Learner) -> None:
    seal_keys.seal_path().unlink()

    jobs.run_due()

    assert state(graduate.record_id) == ("waiting", "seal-missing")
    assert [certificate.status for certificate in stored()] == ["reserved"]


def test_a_seal_that_the_register_does_not_know_makes_nothing_valid(app: Bilim, graduate: Learner) -> None:
    with transaction():
        db.session.execute(delete(SealKey))

    jobs.run_due()

    assert state(graduate.record_id) == ("needs-person", "self-check-unknown-signer")
    assert [certificate.status for certificate in stored()] == ["reserved"]


def test_a_full_disk_leaves_the_number_reserved_and_tries_again(app: Bilim, graduate: Learner) -> None:
    system, _root = app.extensions["bilim.files"]
    app.extensions["bilim.files"] = (system, "/dev/null/full")

    jobs.run_due()

    assert state(graduate.record_id) == ("waiting", "storage-unavailable")
    assert [certificate.status for certificate in stored()] == ["reserved"]


def test_a_certificate_is_not_touched_by_a_new_version_of_its_module(graduate: Learner) -> None:
    issued = issuing.issue(graduate.record_id)
    with transaction():
        loading.load([academy.module(series="XX")])
        jobs.queue("record-changed", graduate.record_id)

    jobs.run_due()

    assert [(row.number, row.snapshot_sha256) for row in stored()] == [(issued.number, issued.snapshot_sha256)]


def test_issuing_asks_the_database_as_often_for_the_tenth_as_for_the_first(graduate: Learner) -> None:
    others = [academy.graduate() for _ in range(3)]
    issuing.issue(graduate.record_id)
    first, *later = [_queries_of(learner.record_id) for learner in others]

    assert later == [first, first]
    assert first <= 39


def _queries_of(record_id: str) -> int:
    asked: list[str] = []

    def count(*arguments: object) -> None:
        statement = str(arguments[2])
        if not statement.startswith(("PRAGMA", "BEGIN")):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        issuing.issue(record_id)
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(asked)


def _at_once(app: Bilim, record_ids: list[str]) -> tuple[list[Certificate], list[BaseException]]:
    made: list[Certificate] = []
    faults: list[BaseException] = []
    start = Barrier(len(record_ids))

    def work(record_id: str) -> None:
        with app.app_context():
            start.wait()
            try:
                made.append(issuing.issue(record_id))
            except BaseException as error:
                faults.append(error)

    threads = [Thread(target=work, args=(record_id,)) for record_id in record_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return made, faults


@contextmanager
def _power_fails_at(verb: str, *, after: int = 0) -> Iterator[None]:
    """The process dies when it sends such a statement, once ``after`` of them have passed."""
    passed = 0

    def fail(*arguments: object) -> None:
        nonlocal passed
        if str(arguments[2]).startswith(verb):
            if passed == after:
                raise RuntimeError("power failed")
            passed += 1

    event.listen(db.engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", fail)
