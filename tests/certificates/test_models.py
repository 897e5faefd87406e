import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from certificates import issuing, lookup, numbering
from certificates.models import Certificate
from lms.core.db import db, new_id, transaction
from lms.core.web import Bilim
from tests.certificates import academy


@pytest.fixture
def issued(app: Bilim) -> Certificate:
    academy.open_academy(app)
    return issuing.issue(academy.graduate().record_id)


def another(issued: Certificate, **changes: object) -> Certificate:
    values = {
        "id": new_id(),
        "record_id": new_id(),
        "person_id": issued.person_id,
        "organisation_id": issued.organisation_id,
        "number": "2026-KG-PM000099",
        "code": numbering.new_code(),
        "snapshot": issued.snapshot,
        "snapshot_sha256": issued.snapshot_sha256,
        "template_version": 1,
    }
    return Certificate(**(values | changes))


@pytest.mark.parametrize("what", ["record_id", "number", "code", "pdf_sha256"])
def test_the_database_refuses_a_second_certificate_with_the_same(issued: Certificate, what: str) -> None:
    with pytest.raises(IntegrityError), transaction():
        db.session.add(another(issued, **{what: getattr(issued, what)}))


def test_a_number_that_was_given_up_does_not_stand_in_the_way_of_the_next(issued: Certificate) -> None:
    with transaction():
        db.session.add(another(issued, record_id="r", status="void"))
        db.session.add(another(issued, record_id="r", number="2026-KG-PM000100"))


@pytest.mark.parametrize("statement", ["UPDATE certificate_event SET kind = 'issued'", "DELETE FROM certificate_event"])
def test_the_database_refuses_to_change_what_happened(issued: Certificate, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(statement))


def test_a_certificate_outlives_the_course_and_the_person(issued: Certificate) -> None:
    with transaction():
        for table in ("course_completion", "course_enrolment", "lti_platform_user", "person_name", "person"):
            db.session.execute(text(f"DELETE FROM {table}"))

    with transaction():
        kept = db.session.scalars(select(Certificate)).one()
        assert lookup.snapshot_of(kept).holder["Latn"] == "Aigul Ysakova"
