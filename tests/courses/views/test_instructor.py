"""Pages of the instructor."""

import re

import pytest
from sqlalchemy import select

from courses.models import Enrolment, Grade, Submission
from lms.core import jobs
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.lti.models import LaunchSession
from lms.people import names
from lms.people.models import Person
from tests.courses.conftest import Launching, Visitor, counted_queries, enrolment_of
from tests.platform import Platform, Reply


def work_of(sub: str) -> str:
    enrolment_id = enrolment_of(sub).id
    with reading():
        return (
            db.session.scalars(
                select(Submission.id).filter_by(enrolment_id=enrolment_id).order_by(Submission.number.desc())
            ).first()
            or ""
        )


def marks() -> list[tuple[int, str]]:
    with reading():
        rows = db.session.execute(select(Grade.percent, Grade.comment).order_by(Grade.made_at, Grade.number)).all()
    return [(row.percent, row.comment) for row in rows]


def code_of(text: str) -> str:
    found = re.search(r'<dd class="code">([a-z-]+)</dd>', text)
    assert found is not None, text
    return found[1]


@pytest.fixture
def written(trainee: Visitor) -> str:
    """A text that waits for its mark."""
    trainee.submit_work()
    return work_of("person-17")


def test_an_instructor_lands_on_the_teaching_page(teacher: Visitor) -> None:
    answer = teacher.get("/learn/roads")

    assert answer.location == f"{teacher.prefix}/teach/roads"
    assert f'href="{teacher.prefix}/learn/roads/overview"' in teacher.get("/teach/roads").text


def test_a_trainee_may_not_teach(trainee: Visitor) -> None:
    page = trainee.get("/teach/roads")

    assert page.status_code == 403
    assert code_of(page.text) == "instructors-only"


def test_whoever_waits_longest_stands_first(launched: Launching, teacher: Visitor) -> None:
    for sub, name in (("p-1", "Бермет Асанова"), ("p-2", "Азамат Бакиров")):
        visitor = launched(sub, name=name)
        visitor.submit_work()

    page = teacher.get("/teach/roads").text

    assert "Waiting for a mark: 2" in page
    queue = page[: page.index('id="trainees"')]
    assert queue.index("Бермет") < queue.index("Азамат")
    assert f'/teach/roads/work/{work_of("p-1")}"' in queue


def test_trainees_stand_in_the_order_of_their_names(launched: Launching, teacher: Visitor) -> None:
    for sub, name in (("p-1", "Бермет Асанова"), ("p-2", "Азамат Бакиров")):
        launched(sub, name=name).get("/learn/roads")

    page = teacher.get("/teach/roads").text

    assert "Trainees: 2" in page
    assert page.index("Азамат") < page.index("Бермет")


def test_a_name_that_no_certificate_can_carry_is_shown_as_the_platform_says_it(
    launched: Launching, teacher: Visitor
) -> None:
    """Mixed scripts and signs that no name has: no suggestion for a certificate, but somebody has to be marked."""
    launched("p-1", name="Асан Usenov & Co, 12").submit_work()

    page = teacher.get("/teach/roads").text
    text = teacher.get(f"/teach/roads/work/{work_of('p-1')}").text

    assert page.count("Асан Usenov &amp; Co, 12") == 2  # in the queue and in the list
    assert "Асан Usenov &amp; Co, 12" in text


def test_a_mark_is_set_and_the_next_text_opens(launched: Launching, teacher: Visitor) -> None:
    for sub in ("p-1", "p-2"):
        launched(sub).submit_work()

    answer = teacher.post(f"/teach/roads/work/{work_of('p-1')}", percent="85", comment=" Хорошо. ", seen=0)

    assert answer.location == f"{teacher.prefix}/teach/roads/work/{work_of('p-2')}"
    assert marks() == [(85, "Хорошо.")]


def test_the_mark_can_follow_from_the_rubric(teacher: Visitor, written: str) -> None:
    fields = {"points-facts": "2", "points-language": "1", "seen": "0"}

    answer = teacher.post(f"/teach/roads/work/{written}", **fields)

    assert answer.location == f"{teacher.prefix}/teach/"
    assert marks() == [(63, "")]  # 75 x 2/4 + 25 x 1/1 = 62.5


def test_ready_comments_come_in_the_language_of_the_work(launched: Launching, teacher: Visitor) -> None:
    visitor = launched("p-1", launch_presentation={"locale": "ky"})
    visitor.submit_work()

    teacher.post(f"/teach/roads/work/{work_of('p-1')}", percent="70", quick="0", comment="Рахмат.", seen=0)

    assert marks() == [(70, "Булагын жазыңыз.\nРахмат.")]


@pytest.mark.parametrize("percent", ["", "101", "-1", "abc", "7.5", "٧", "9" * 5000])
def test_a_mark_that_is_none_is_asked_for_again(teacher: Visitor, written: str, percent: str) -> None:
    page = teacher.post(f"/teach/roads/work/{written}", percent=percent, comment="Останется", seen=0)

    assert page.status_code == 422
    assert "Останется</textarea>" in page.text
    assert 'href="#percent"' in page.text
    assert marks() == []


def test_a_mark_sent_twice_is_set_once(teacher: Visitor, written: str) -> None:
    for _ in range(2):
        teacher.post(f"/teach/roads/work/{written}", percent="85", comment="x", seen=0)

    assert marks() == [(85, "x")]


def test_a_changed_mark_keeps_its_history(teacher: Visitor, written: str) -> None:
    teacher.post(f"/teach/roads/work/{written}", percent="50", comment="", seen=0)
    teacher.post(f"/teach/roads/work/{written}", percent="75", comment="Лучше", seen=1)

    assert marks() == [(50, ""), (75, "Лучше")]
    with reading():
        changes = db.session.scalars(select(AuditEvent.facts).filter_by(action="work.marked")).all()
    assert [(facts["percent_before"], facts["percent"]) for facts in changes] == [(None, 50), (50, 75)]


def test_a_mark_set_meanwhile_by_somebody_else_is_not_overwritten(
    launched: Launching, teacher: Visitor, written: str
) -> None:
    second = launched("teacher-2", role="Instructor")
    teacher.post(f"/teach/roads/work/{written}", percent="50", comment="", seen=0)

    page = second.post(f"/teach/roads/work/{written}", percent="90", comment="Мой", seen=0)

    assert page.status_code == 409
    assert "Somebody else has marked this text meanwhile" in page.text
    assert marks() == [(50, "")]


def test_the_trainee_sees_mark_and_comment_and_may_write_again(
    trainee: Visitor, teacher: Visitor, written: str
) -> None:
    teacher.post(f"/teach/roads/work/{written}", percent="40", comment="Назовите источник.", seen=0)
    page = trainee.get("/learn/roads/assignment").text
    assert "Mark: 40 %" in page
    assert "Назовите источник." in page
    assert "На моей улице пять ям.</textarea>" in page

    trainee.submit_work("Теперь я называю источник здесь.")

    assert work_of("person-17") != written
    assert "Waiting for a mark: 1" in teacher.get("/teach/roads").text


def test_a_text_that_passed_is_not_written_again(trainee: Visitor, teacher: Visitor, written: str) -> None:
    teacher.post(f"/teach/roads/work/{written}", percent="60", comment="", seen=0)

    assert 'name="text"' not in trainee.get("/learn/roads/assignment").text
    assert trainee.submit_work("Теперь я называю источник здесь.").status_code == 409


# Whom an instructor may see


@pytest.mark.parametrize("claims", [{"context": {"id": "course-2"}}, {"context": None, "resource_link": {"id": "x"}}])
def test_people_of_another_course_are_not_there(launched: Launching, written: str, claims: dict[str, object]) -> None:
    stranger = launched("teacher-9", role="Instructor", **claims)
    enrolment_id = enrolment_of("person-17").id

    pages = [
        stranger.get(f"/teach/roads/work/{written}"),
        stranger.post(f"/teach/roads/work/{written}", percent="1", seen=0),
        stranger.get(f"/teach/roads/trainee/{enrolment_id}"),
        stranger.post(f"/teach/roads/trainee/{enrolment_id}/resend"),
        stranger.post(f"/teach/roads/trainee/{enrolment_id}/attempt"),
    ]

    assert [page.status_code for page in pages] == [404] * 5
    assert {code_of(page.text) for page in pages} == {"work-unknown", "trainee-unknown"}
    assert marks() == []
    assert "Trainees: 0" in stranger.get("/teach/roads").text


def test_a_draft_is_not_the_instructor_s_to_read(trainee: Visitor, teacher: Visitor) -> None:
    trainee.post("/learn/roads/assignment", text="Личное", action="save")

    page = teacher.get(f"/teach/roads/work/{work_of('person-17')}")

    assert page.status_code == 404


# Attempts and scores


def test_one_more_attempt_is_allowed_once_for_each_press(trainee: Visitor, teacher: Visitor) -> None:
    for number in (1, 2, 3):
        trainee.take_test({}, attempt=number)
    enrolment_id = enrolment_of("person-17").id
    assert "No attempt left" in teacher.get("/teach/roads").text

    for _ in range(2):
        teacher.post(f"/teach/roads/trainee/{enrolment_id}/attempt", allowed=0)

    assert enrolment_of("person-17").extra_attempts == 1
    assert "Result: 100 %" in trainee.take_test(attempt=4).text
    assert "No attempt left" not in teacher.get("/teach/roads").text


def complete(trainee: Visitor, teacher: Visitor, percent: int = 80) -> str:
    trainee.read_all()
    trainee.take_test()
    trainee.submit_work()
    teacher.post(f"/teach/roads/work/{work_of('person-17')}", percent=percent, comment="Хорошо.", seen=0)
    return enrolment_of("person-17").id


def test_whoever_has_completed_sees_the_result_and_the_way_to_the_certificate(
    trainee: Visitor, teacher: Visitor
) -> None:
    complete(trainee, teacher)

    page = trainee.get("/learn/roads").text

    assert "You have completed this module" in page
    assert "Result: 92 %" in page
    assert f'class="button next" href="{trainee.prefix}/certificates/roads"' in page


def test_whoever_has_completed_goes_back_to_the_course_with_a_message(launched: Launching, teacher: Visitor) -> None:
    back = "https://lms.academy.example/back?course=5"
    trainee = launched(launch_presentation={"locale": "en", "return_url": back})
    before = trainee.get("/learn/roads").text
    complete(trainee, teacher)

    page = trainee.get("/learn/roads").text

    assert "Back to the course" not in before
    assert f'href="{back}&amp;lti_msg=The%20module%20is%20completed.">Back to the course' in page


def test_the_way_of_a_score_is_shown(trainee: Visitor, teacher: Visitor) -> None:
    complete(trainee, teacher)
    assert "Waiting to be sent" in teacher.get("/teach/roads").text

    jobs.run_due()

    page = teacher.get("/teach/roads").text
    assert "In the gradebook" in page
    assert "92 %" in page


def test_a_score_that_needs_a_person_says_why_and_is_sent_again(
    trainee: Visitor, teacher: Visitor, platform: Platform
) -> None:
    platform.replies["/items/5/lineitem/scores"] = [Reply(status=400, body=b"[]"), Reply()]
    enrolment_id = complete(trainee, teacher)
    jobs.run_due()
    page = teacher.get("/teach/roads").text
    assert "Needs a person" in page
    assert "is not a participant of the course" in page

    teacher.post(f"/teach/roads/trainee/{enrolment_id}/resend")
    jobs.run_due()

    assert "In the gradebook" in teacher.get("/teach/roads").text
    with reading():
        assert "score.resend" in db.session.scalars(select(AuditEvent.action)).all()


def test_a_trainee_s_page_shows_rules_attempts_and_texts(trainee: Visitor, teacher: Visitor) -> None:
    enrolment_id = complete(trainee, teacher)

    page = teacher.get(f"/teach/roads/trainee/{enrolment_id}").text

    assert "2 of 2 sections are read" in page
    assert "Attempt 1: 100 %" in page
    assert "Mark: 80 %" in page
    assert "Result: 92 %" in page


# Light


def enrol(count: int) -> None:
    """Many trainees of the teacher's course, each with everything done."""
    with transaction():
        launch = db.session.scalars(select(LaunchSession)).first()
        first = db.session.scalars(select(Enrolment)).first()
        assert launch is not None
        assert first is not None
        for number in range(count):
            person = Person()
            db.session.add(person)
            db.session.flush()
            names.from_platform(person.id, f"Участник Номер{'абвгдежзик'[number % 10]}")
            enrolment = Enrolment(
                person_id=person.id,
                module_id=first.module_id,
                registration_id=launch.registration_id,
                context_row_id=launch.context_row_id,
                resource_link_row_id=launch.resource_link_row_id,
            )
            db.session.add(enrolment)
            db.session.flush()
            jobs.queue("score", enrolment.id)


def test_the_page_asks_as_often_for_many_trainees_as_for_one(trainee: Visitor, teacher: Visitor) -> None:
    teacher.get("/teach/roads")
    with counted_queries() as few:
        teacher.get("/teach/roads")
    enrol(120)

    with counted_queries() as many:
        page = teacher.get("/teach/roads").text

    assert "Trainees: 121" in page
    assert page.count("/teach/roads/trainee/") == 50
    assert "Page 1 of 3" in page
    assert len(many) == len(few) <= 16, "\n".join(many)


def test_the_grading_page_asks_a_fixed_number_of_times(teacher: Visitor, written: str) -> None:
    teacher.get(f"/teach/roads/work/{written}")

    with counted_queries() as statements:
        teacher.get(f"/teach/roads/work/{written}")

    assert len(statements) <= 12, "\n".join(statements)
