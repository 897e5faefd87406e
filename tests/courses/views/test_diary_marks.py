"""The diary of a visit: handed in as a whole, marked in the queue, given back, appealed, counted by a rule."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from courses import diary_marks, evidence, visits_loading, visits_reading
from courses.cli import CONTENT
from courses.event_models import DiaryHandedIn
from courses.models import Grade, Submission
from courses.visits_reading import Programme
from lms.core import clock
from lms.core.db import db, reading, transaction
from lms.lti.models import LaunchSession
from lms.people import holdings
from tests.courses.conftest import Launching, Visitor, counted_queries, enrolment_of

ENDS = datetime(2027, 5, 18, 12, 0, tzinfo=UTC)
PROMPTS = ("observation-1", "observation-2", "observation-3", "counter-observation", "not-copy", "action", "owner")
LEVELS = {f"points-{name}": 3 for name in ("observations", "doubt", "transfer", "people", "clarity")}


@cache
def programmes() -> list[Programme]:
    """Those of the product, read once."""
    return list(visits_reading.read_all(CONTENT).values())


@pytest.fixture
def launched(launched: Launching) -> Launching:
    """Launches that last until the visit."""

    def _launch(*arguments: Any, **named: Any) -> Visitor:
        visitor = launched(*arguments, **named)
        with transaction():
            db.session.execute(update(LaunchSession).values(expires_at=ENDS + timedelta(days=60)))
        return visitor

    return _launch


@pytest.fixture
def visit(teacher: Visitor, trainee: Visitor) -> str:
    """Path, behind /learn or /teach, of a visit of seven days."""
    with transaction():
        visits_loading.load(programmes())
    made = teacher.post(
        "/teach/roads/visits/new",
        form_id=str(uuid4()),
        kind="visit",
        programme="hangzhou-seven-days",
        day="2027-05-12",
    )
    assert made.status_code == 303, made.text
    return f"/roads/visits/{str(made.location).rpartition('/')[2]}"


def write(trainee: Visitor, visit: str, *days: int, words: str = "Увиденное", action: str = "submit") -> Any:
    """Submit these days of the diary."""
    for day in days:
        answers = {f"diary-{name}": f"{words} {day} {name}" for name in PROMPTS}
        answer = trainee.post(f"/learn{visit}/diary/{day}", action=action, **answers)
    return answer


def give(teacher: Visitor, number: int = -1, **fields: Any) -> Any:
    with reading():
        submission_id = db.session.scalars(select(Submission.id).filter_by(number=number)).one()
    return teacher.post(f"/teach/roads/work/{submission_id}", **fields)


def test_a_whole_diary_waits_in_the_queue_and_its_mark_comes_with_levels(
    trainee: Visitor, teacher: Visitor, visit: str
) -> None:
    write(trainee, visit, 1, 2, 3, 4, 5, 6)
    assert "Nothing waits for you" in teacher.get("/teach/").text
    write(trainee, visit, 7)

    queue = teacher.get("/teach/").text
    assert "For you: 1" in queue
    assert "· Diary" in queue
    with reading():
        submission_id = db.session.scalars(select(Submission.id)).one()
        assert evidence.of("diary-waiting", enrolment_of(trainee.sub).id) == 1
    page = teacher.get(f"/teach/roads/work/{submission_id}").text
    assert "Увиденное 7 owner" in page
    assert "A source is named, but no figure has a year" not in page, "the rubric of the written task"
    assert "A question to the hosts" not in page
    assert "on each day what was seen is kept apart" in page.lower()
    assert write(trainee, visit, 1, words="Иное").status_code == 409
    give(teacher, seen=0, **LEVELS, quick="5", comment="Хорошо.")

    diary = trainee.get(f"/learn{visit}/diary").text
    assert "Mark: 75 %" in diary
    assert "Your counter-observation is exact and useful.\nХорошо." in diary
    assert "What you reached, by criterion" in diary
    assert "Mark: 75 %" in trainee.get(f"/learn{visit}").text
    assert "75 %" in teacher.get(f"/teach{visit}/diaries").text
    with reading():
        assert evidence.of("diary", enrolment_of(trainee.sub).id) == 75
        assert evidence.of("diary-waiting", enrolment_of(trainee.sub).id) == 0
    assert "Nothing is written yet" in trainee.get("/learn/roads").text, "the written task is another one"


def test_a_diary_with_a_low_mark_is_improved_and_handed_in_again(
    trainee: Visitor, teacher: Visitor, visit: str
) -> None:
    write(trainee, visit, *range(1, 8))
    give(teacher, percent=40, seen=0)
    assert "Hand in again" in trainee.get(f"/learn{visit}/diary").text

    assert write(trainee, visit, 2, words="Лучше").status_code == 303
    trainee.post(f"/learn{visit}/diary")
    trainee.post(f"/learn{visit}/diary")

    assert "Увиденное 2" not in teacher.get(f"/teach{visit}/diaries/{enrolment_of(trainee.sub).id}").text
    give(teacher, number=-2, percent=70, seen=0)
    assert "Mark: 70 %" in trainee.get(f"/learn{visit}/diary").text
    with reading():
        first = db.session.scalars(
            select(DiaryHandedIn).join(Submission, Submission.id == DiaryHandedIn.submission_id).filter_by(number=-1)
        ).one()
        assert first.days["2"]["owner"] == "Увиденное 2 owner", "what was marked stays as it was"
        assert evidence.of("diary", first_enrolment()) == 70


def first_enrolment() -> str:
    return str(db.session.scalars(select(Submission.enrolment_id)).first())


def test_two_markers_settle_a_mark_near_the_pass_and_an_appeal_is_decided_by_a_third(
    launched: Launching, trainee: Visitor, teacher: Visitor, visit: str
) -> None:
    write(trainee, visit, *range(1, 8))
    give(teacher, percent=58, seen=0, comment="Geheim-17")
    assert "It waits for its mark" in trainee.get(f"/learn{visit}/diary").text
    second = launched("teacher-2", role="Instructor")
    give(second, percent=62, seen=1)
    assert "Mark: 60 %" in trainee.get(f"/learn{visit}/diary").text

    assert trainee.post(f"/learn{visit}/diary/appeal", reason=" ").status_code == 422
    trainee.post(f"/learn{visit}/diary/appeal", reason="Первый шаг назван.")
    with reading():
        submission_id = db.session.scalars(select(Submission.id)).one()
    third = launched("teacher-3", role="Instructor")
    assert "A decision about an appeal" in third.get("/teach/").text
    third.post(f"/teach/roads/work/{submission_id}/appeal", percent="66", comment="Верно, шаг есть.")

    page = trainee.get(f"/learn{visit}/diary").text
    assert "Mark: 66 %" in page
    assert "Верно, шаг есть." in page


def test_what_is_submitted_is_handed_in_by_itself_or_by_the_instructor_after_the_visit(
    launched: Launching, trainee: Visitor, teacher: Visitor, visit: str
) -> None:
    other = launched("person-18")
    other.get("/learn/roads")
    write(trainee, visit, 1, 2)
    write(other, visit, 1)
    enrolment_id = enrolment_of(other.sub).id
    assert teacher.post(f"/teach{visit}/diaries/{enrolment_id}/take").status_code == 409

    with clock.frozen(ENDS + timedelta(days=1)):
        assert "Mark as it is" in teacher.get(f"/teach{visit}/diaries").text
        diary_marks.hand_in_due("diaries")
        assert teacher.post(f"/teach{visit}/diaries/{enrolment_id}/take").status_code == 303
        assert "For you: 1" in teacher.get("/teach/").text
    with clock.frozen(ENDS + timedelta(days=15)):
        diary_marks.hand_in_due("diaries")
        diary_marks.hand_in_due("diaries")
        assert "For you: 2" in teacher.get("/teach/").text

    with reading():
        found = db.session.scalars(select(DiaryHandedIn)).all()
        assert sorted(sorted(each.days) for each in found) == [["1"], ["1", "2"]]
    teacher.post(f"/teach{visit}/cancel")
    assert "Nothing waits for you" in teacher.get("/teach/").text, "of a visit that is cancelled"


def test_a_diary_does_not_become_a_text_of_the_written_task(trainee: Visitor, teacher: Visitor, visit: str) -> None:
    write(trainee, visit, *range(1, 8))
    trainee.submit_work()

    with reading():
        assert sorted(db.session.scalars(select(Submission.number))) == [-1, 1]
    give(teacher, percent=90, seen=0)
    assert "It waits for its mark" in trainee.get("/learn/roads/assignment").text
    person_id = enrolment_of(trainee.sub).person_id
    with transaction():
        assert "Увиденное 7 owner" in str(holdings.export(person_id)["visits"]["diaries_handed_in"])
        holdings.erase(person_id)
        assert "Увиденное" not in str(holdings.export(person_id))


def test_the_pages_of_diaries_ask_as_often_for_many_as_for_one(
    launched: Launching, trainee: Visitor, teacher: Visitor, visit: str
) -> None:
    write(trainee, visit, *range(1, 8))
    teacher.get(f"/teach{visit}/diaries")
    with counted_queries() as few:
        teacher.get(f"/teach{visit}/diaries")
    for number in range(3):
        one = launched(f"p-{number}")
        one.get("/learn/roads")
        write(one, visit, *range(1, 8))

    with counted_queries() as many:
        page = teacher.get(f"/teach{visit}/diaries").text

    assert page.count("Waits for its mark") == 4
    assert len(many) == len(few) <= 16, "\n".join(many)
    with reading():
        assert list(db.session.scalars(select(Grade))) == []
