"""What other packages may know about a person's courses."""

from pathlib import Path

from courses import loading, records
from lms.core.db import reading, transaction
from tests.courses.conftest import Launching, Visitor, counted_queries, enrolment_of
from tests.courses.views.test_instructor import complete


def record_of(sub: str) -> records.CourseRecord:
    enrolment_id = enrolment_of(sub).id
    with reading():
        found = records.record_of(enrolment_id)
    assert found is not None
    return found


def test_a_record_says_what_was_completed_and_by_what_evidence(trainee: Visitor, teacher: Visitor) -> None:
    complete(trainee, teacher, 80)

    record = record_of("person-17")

    assert (record.module_slug, record.module_code, record.series) == ("roads", "RD", "RD")
    assert record.titles["ky"] == "Жолдор"
    assert (record.hours, record.score_percent) == (3, 92)
    assert record.completed_at is not None
    assert not record.is_test_user
    assert [(rule.code, rule.met) for rule in record.rules] == [
        ("units-read", True),
        ("tests-passed", True),
        ("assignment-passed", True),
    ]


def test_a_record_before_completion_has_no_date_and_says_what_is_missing(trainee: Visitor) -> None:
    trainee.read_all()

    record = record_of("person-17")

    assert (record.completed_at, record.score_percent) == (None, None)
    assert [rule.met for rule in record.rules] == [True, False, False]


def test_hours_are_those_of_the_version_that_was_completed(trainee: Visitor, teacher: Visitor, folder: Path) -> None:
    complete(trainee, teacher)
    path = folder / "module.yaml"
    path.write_text(path.read_text("utf-8").replace("hours: 3", "hours: 1").replace("hours: 5", "hours: 3"), "utf-8")
    with transaction():
        loading.load(loading.read_all(folder))

    assert record_of("person-17").hours == 3


def test_whoever_looks_around_is_marked(launched: Launching, teacher: Visitor) -> None:
    teacher.get("/learn/roads/overview")

    assert record_of("teacher-1").is_test_user


def test_all_records_of_a_person_cost_a_fixed_number_of_queries(trainee: Visitor) -> None:
    person_id = enrolment_of("person-17").person_id

    with reading(), counted_queries() as statements:
        found = records.of_person(person_id)

    assert [record.module_slug for record in found] == ["roads"]
    assert len(statements) <= 5


def test_nobody_s_record_is_none(trainee: Visitor) -> None:
    with reading():
        assert records.record_of("00000000-0000-0000-0000-000000000000") is None
