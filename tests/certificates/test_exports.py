import csv
import io
import json
from datetime import timedelta
from hashlib import sha256
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from certificates import exports, issuing, register
from certificates.models import Certificate, Export
from certificates.standing import Kind
from lms.core import clock, files, jobs
from lms.core.db import db, new_id, reading, transaction
from lms.core.errors import Conflict, Gone, NotFound
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from tests.certificates import academy
from tests.certificates.test_bulk import cohort, enter_course

CLERK = "staff:clerk"


@pytest.fixture
def certificates(app: Bilim) -> list[Certificate]:
    academy.open_academy(app)
    learners = [academy.graduate(), academy.graduate()]
    enter_course(learners)
    return [issuing.issue(learner.record_id) for learner in learners]


def ask(export_id: str | None = None) -> Export:
    found = cohort()
    with transaction():
        organisation_id = db.session.scalars(select(Organisation.id)).one()
        return exports.ask(export_id or new_id(), found, organisation_id=organisation_id, actor=CLERK)


def again(export: Export) -> Export:
    with reading():
        return exports.get(export.id)


def archive(export: Export) -> tuple[bytes, ZipFile]:
    with reading():
        data = b"".join(exports.parts(exports.opened(exports.get(export.id))))
    return data, ZipFile(io.BytesIO(data))


def test_an_archive_holds_every_certificate_and_a_manifest_that_proves_each(certificates: list[Certificate]) -> None:
    with transaction():
        register.change(certificates[1].id, Kind.REVOKED, actor=CLERK, reason_code="other")
    export = ask()
    jobs.run_due()

    data, opened = archive(export)

    made = again(export)
    assert (made.certificates, made.sha256, made.size_bytes) == (2, sha256(data).hexdigest(), len(data))
    manifest = json.loads(opened.read("manifest.json"))["certificates"]
    assert [line["number"] for line in manifest] == [certificate.number for certificate in certificates]
    assert [line["status"] for line in manifest] == ["valid", "revoked"]
    for line in manifest:
        assert sha256(opened.read(line["file"])).hexdigest() == line["sha256"]
    rows = list(csv.DictReader(io.StringIO(opened.read("manifest.csv").decode("utf-8-sig"))))
    assert [row["sha256"] for row in rows] == [line["sha256"] for line in manifest]
    assert manifest[0]["file"] == f"{certificates[0].number} Ысакова Айгүл Өмүрбековна.pdf"
    assert opened.testzip() is None


def test_names_in_an_archive_are_marked_as_utf8(certificates: list[Certificate]) -> None:
    export = ask()
    jobs.run_due()

    _data, opened = archive(export)

    assert all(entry.flag_bits & 0x800 for entry in opened.infolist() if not entry.filename.isascii())


def test_a_second_click_asks_for_nothing_more(certificates: list[Certificate]) -> None:
    export_id = new_id()
    ask(export_id)
    ask(export_id)

    with reading():
        assert len(db.session.scalars(select(Export)).all()) == 1


def test_an_archive_is_made_once_however_often_its_job_runs(certificates: list[Certificate]) -> None:
    export = ask()
    exports.make(export.id)
    before = again(export).sha256
    exports.make(export.id)

    assert again(export).sha256 == before


def test_after_seven_days_an_archive_is_removed(certificates: list[Certificate]) -> None:
    with clock.frozen(clock.now()):
        export = ask()
        jobs.run_due()
        name = str(again(export).file_name)
        clock.advance(timedelta(days=7).total_seconds() + 1)
        jobs.run_due()

        assert not files.exists(name)
        with pytest.raises(Gone), reading():
            exports.opened(exports.get(export.id))


def test_an_archive_that_is_not_made_yet_says_so(certificates: list[Certificate]) -> None:
    export = ask()

    with pytest.raises(NotFound) as refusal, reading():
        exports.opened(exports.get(export.id))
    assert refusal.value.code == "export-not-ready"


def test_a_file_that_is_not_what_was_issued_stops_the_archive(certificates: list[Certificate]) -> None:
    export = ask()
    files.remove(str(certificates[0].file_name))
    files.store(str(certificates[0].file_name), b"other bytes")

    jobs.run_due()

    with reading():
        state = jobs.state_of("certificate-export", export.id)
        assert state is not None
        assert (state.status, state.last_error) == ("needs-person", "file-damaged")


def test_a_cohort_without_certificates_has_no_archive(app: Bilim) -> None:
    academy.open_academy(app)
    learner = academy.enrol()
    learner.complete()
    enter_course([learner])

    with pytest.raises(Conflict) as refusal:
        ask()
    assert refusal.value.code == "nothing-to-export"
