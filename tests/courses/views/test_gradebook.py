"""Results, who is stuck where, the way of every score; results set by hand."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from courses.marking_models import ResultOverride
from courses.models import StepRead
from lms.core import clock, jobs
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from tests.courses.conftest import Launching, Visitor, counted_queries, enrolment_of
from tests.courses.views.test_instructor import complete, enrol
from tests.platform import Platform, Reply


def test_everybody_stands_there_with_the_place_where_they_are(
    launched: Launching, trainee: Visitor, teacher: Visitor
) -> None:
    trainee.post("/learn/roads/rd1/1")
    launched("p-2", name="Азамат Бакиров").get("/learn/roads")

    page = teacher.get("/teach/roads/gradebook").text

    assert "Repair: section 2" in page
    assert "Repair: section 1" in page
    assert "Completed: 0 · not complete yet: 2 · stuck: 0" in page


def test_whoever_has_no_attempt_left_or_has_not_moved_is_stuck(
    launched: Launching, trainee: Visitor, teacher: Visitor
) -> None:
    trainee.read_all()
    for number in (1, 2, 3):
        trainee.take_test({}, attempt=number)
    still = launched("p-2", name="Азамат Бакиров")
    still.post("/learn/roads/rd1/1")
    launched("p-3", name="Бермет Асанова").post("/learn/roads/rd1/1")
    with transaction():
        mine = StepRead.enrolment_id == enrolment_of("p-2").id
        db.session.execute(update(StepRead).where(mine).values(read_at=clock.now() - timedelta(days=15)))

    page = teacher.get("/teach/roads/gradebook?show=stuck").text

    assert "stuck: 2" in page
    assert "Азамат" in page
    assert "Бермет" not in page


def test_scores_that_have_not_arrived_are_sent_again_all_at_once(
    trainee: Visitor, teacher: Visitor, platform: Platform
) -> None:
    platform.replies["/items/5/lineitem/scores"] = [Reply(status=400, body=b"[]"), Reply()]
    complete(trainee, teacher)
    jobs.run_due()
    page = teacher.get("/teach/roads/gradebook?show=trouble").text
    assert "score has not arrived: 1" in page
    assert "is not a participant of the course" in page

    teacher.post("/teach/roads/gradebook")
    jobs.run_due()

    assert "score has not arrived: 0" in teacher.get("/teach/roads/gradebook?show=trouble").text
    with reading():
        assert "score.resend" in db.session.scalars(select(AuditEvent.action)).all()


def test_the_page_asks_as_often_for_many_as_for_one(trainee: Visitor, teacher: Visitor) -> None:
    teacher.get("/teach/roads/gradebook")
    with counted_queries() as few:
        teacher.get("/teach/roads/gradebook")
    enrol(120)

    with counted_queries() as many:
        page = teacher.get("/teach/roads/gradebook").text

    assert "Page 1 of 3" in page
    assert len(many) == len(few) <= 18, "\n".join(many)


def test_a_trainee_has_no_such_page(trainee: Visitor) -> None:
    assert trainee.get("/teach/roads/gradebook").status_code == 403
    assert trainee.get("/teach/roads/questions").status_code == 403
    assert trainee.get("/teach/roads/marks").status_code == 403


# Results set by hand


def changes() -> list[tuple[int, int | None, str]]:
    with reading():
        rows = db.session.scalars(select(ResultOverride).order_by(ResultOverride.number))
        return [(row.number, row.percent, row.reason) for row in rows]


def test_a_result_that_is_set_goes_to_the_gradebook_and_can_be_given_back(
    trainee: Visitor, teacher: Visitor, platform: Platform
) -> None:
    enrolment_id = complete(trainee, teacher)
    path = f"/teach/roads/trainee/{enrolment_id}"
    for _ in range(2):
        teacher.post(f"{path}/result", percent=88, reason="Устный ответ", seen=0)
    jobs.run_due()
    assert "Result: 88 %" in trainee.get("/learn/roads").text
    assert "88 %" in teacher.get("/teach/roads/gradebook").text
    assert "Устный ответ" in teacher.get(path).text

    teacher.post(f"{path}/result", action="give-back", reason="Ошибка", seen=1)

    assert "Result: 92 %" in trainee.get("/learn/roads").text
    assert changes() == [(1, 88, "Устный ответ"), (2, None, "Ошибка")]
    with reading():
        facts = db.session.scalars(
            select(AuditEvent.facts).filter_by(action="result.set").order_by(AuditEvent.id)
        ).all()
    assert [each["percent"] for each in facts] == [88, None]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"percent": "101", "reason": "x"}, 422),
        ({"percent": "80", "reason": "  "}, 422),
        ({"percent": "80", "reason": "x", "seen": "3"}, 409),
    ],
)
def test_a_result_needs_a_number_a_reason_and_a_fresh_page(
    trainee: Visitor, teacher: Visitor, fields: dict[str, Any], status: int
) -> None:
    enrolment_id = complete(trainee, teacher)

    answer = teacher.post(f"/teach/roads/trainee/{enrolment_id}/result", **fields)

    assert answer.status_code == status
    assert changes() == []


def test_nothing_is_set_before_the_module_is_completed(trainee: Visitor, teacher: Visitor) -> None:
    enrolment_id = enrolment_of("person-17").id

    answer = teacher.post(f"/teach/roads/trainee/{enrolment_id}/result", percent="80", reason="x", seen="0")

    assert answer.status_code == 409
