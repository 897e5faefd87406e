"""Everybody in the course, brought up by a button, narrowed by groups."""

import re
from typing import Any

import pytest

from lms.core import clock, jobs
from lms.core.db import db, reading, transaction
from lms.lti.memberships import CourseGroup
from lms.lti.models import Context
from tests.courses.conftest import Launching, Visitor, counted_queries
from tests.courses.views.test_instructor import work_of
from tests.lms.lti.course import answer, member, page, services
from tests.platform import Platform

TEACHER = "Нурлан Асанов"


@pytest.fixture
def instructor(launched: Launching, platform: Platform) -> Visitor:
    """An instructor from a course that offers its list and its groups."""
    platform.replies["/groups"] = [
        answer({"groups": [{"id": "a", "name": "Бишкек", "set_id": "s"}, {"id": "b", "name": "Ош"}]})
    ]
    platform.replies["/groupsets"] = [answer({"sets": [{"id": "s", "name": "Шаарлар"}]})]
    return launched("teacher-1", role="Instructor", name=TEACHER, **services(platform, groups=True))


def offer(platform: Platform, *members: dict[str, Any]) -> None:
    platform.replies["/members"] = [page([member("teacher-1", "Instructor", name=TEACHER), *members])]


def update(instructor: Visitor) -> None:
    assert instructor.post("/teach/roads/roster").status_code == 303
    jobs.run_due()


def rows(instructor: Visitor, path: str = "/teach/roads/roster") -> list[str]:
    """The lines of the list as words."""
    text = instructor.get(path).text
    body = re.search(r"<tbody>(.*?)</tbody>", text, re.S)
    if body is None:
        return []
    lines = re.findall(r"<tr>(.*?)</tr>", body[1], re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in lines]


def test_who_has_not_opened_the_module_is_listed_after_an_update(
    instructor: Visitor, trainee: Visitor, platform: Platform
) -> None:
    offer(platform, member("person-17", name="Айгүл Токтогулова"), member("18", name="Бакыт Осмонов"), member("19"))
    trainee.read_all()
    assert rows(instructor) == ["Айгүл Токтогулова Not in the list 2/2 0/1 –"]

    update(instructor)

    assert rows(instructor) == [
        "Айгүл Токтогулова Yes 2/2 0/1 –",
        "Бакыт Осмонов Yes Has not opened the module yet",
        "No name Yes Has not opened the module yet",
    ]
    assert TEACHER not in rows(instructor)[0]
    assert "Last update:" in instructor.get("/teach/roads/roster").text


def test_who_left_is_shown_last_and_only_if_they_opened_the_module(
    instructor: Visitor, trainee: Visitor, platform: Platform
) -> None:
    with clock.frozen(clock.now()):
        offer(platform, member("person-17", name="Айгүл"), member("18", name="Бакыт"), member("19", name="Чынара"))
        update(instructor)
        clock.advance(60)
        offer(platform, member("19", name="Чынара"))

        update(instructor)

        assert [line.split(" Read")[0] for line in rows(instructor)] == [
            "Чынара Yes Has not opened the module yet",
            "Айгүл Токтогулова Left the course 0/2 0/1 –",
        ]


def test_names_stand_in_the_order_of_the_alphabet(instructor: Visitor, platform: Platform) -> None:
    names = ("Яковлев Пётр", "Өмүров Нур", "Петров Иван", "Үсөнов Бек", "Ылдам Ай", "Фёдоров Лев")
    offer(platform, *(member(f"user-{name}", name=name) for name in names))
    update(instructor)

    assert [line.split()[0] for line in rows(instructor)] == [
        "Өмүров",
        "Петров",
        "Үсөнов",
        "Фёдоров",
        "Ылдам",
        "Яковлев",
    ]


def test_an_assistant_whom_the_platform_lists_as_a_learner_is_no_participant(
    launched: Launching, instructor: Visitor, platform: Platform
) -> None:
    launched("ta-1", role="Instructor").get("/learn/roads")
    offer(platform, member("ta-1", name="Ассистент"), member("18", name="Бакыт"))

    update(instructor)

    assert [line.split()[0] for line in rows(instructor)] == ["Бакыт"]


def test_the_page_says_that_the_list_is_being_read(instructor: Visitor, platform: Platform) -> None:
    offer(platform)
    instructor.post("/teach/roads/roster")

    text = instructor.get("/teach/roads/roster").text

    assert "The list is being updated. You can leave this page. Read so far: 0" in text
    assert '<meta http-equiv="refresh" content="4">' in text
    assert "Update from the learning system" not in text
    instructor.post("/teach/roads/roster")
    assert jobs.run_due() == 1


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, "Ask its administrator to allow the service Names and Role Provisioning for Bilim."),
        (404, "does not know this list any more"),
        (503, "The learning system did not give its list now. We will ask again by ourselves."),
    ],
)
def test_the_page_says_what_to_do_when_the_list_is_refused(
    instructor: Visitor, platform: Platform, status: int, sentence: str
) -> None:
    platform.replies["/members"] = [answer({}, status)]

    update(instructor)

    text = instructor.get("/teach/roads/roster").text
    assert sentence in text
    assert "Update from the learning system" in text


def test_without_the_service_the_page_says_so(teacher: Visitor, trainee: Visitor) -> None:
    text = teacher.get("/teach/roads/roster").text

    assert "does not offer its list of participants here" in text
    assert "Update from the learning system" not in text
    assert "Айгүл Токтогулова" in text
    teacher.post("/teach/roads/roster")
    assert jobs.run_due() == 0


def test_a_trainee_does_not_see_the_list(trainee: Visitor) -> None:
    assert trainee.get("/teach/roads/roster").status_code == 403
    assert trainee.post("/teach/roads/roster").status_code == 403


def test_the_list_of_another_course_is_not_there(launched: Launching, instructor: Visitor, platform: Platform) -> None:
    offer(platform, member("18", name="Бакыт"))
    update(instructor)

    stranger = launched("teacher-9", role="Instructor", context={"id": "course-2"})

    assert rows(stranger) == []
    assert "Бишкек" not in stranger.get("/teach/roads/roster").text


# Groups


def group_id(name: str) -> str:
    with reading():
        return db.session.query(CourseGroup.id).filter_by(name=name).one()[0]


@pytest.fixture
def grouped(instructor: Visitor, platform: Platform) -> Visitor:
    offer(
        platform,
        member("person-17", name="Айгүл", group_enrollments=[{"group_id": "a"}]),
        member("18", name="Бакыт", group_enrollments=[{"group_id": "b"}]),
    )
    update(instructor)
    return instructor


def test_the_list_is_narrowed_to_a_group(grouped: Visitor, trainee: Visitor) -> None:
    text = grouped.get("/teach/roads/roster").text
    assert "Шаарлар: Бишкек" in text

    assert [line.split()[0] for line in rows(grouped, f"/teach/roads/roster?group={group_id('Ош')}")] == ["Бакыт"]
    assert [line.split()[0] for line in rows(grouped, f"/teach/roads/roster?group={group_id('Бишкек')}")] == ["Айгүл"]


def test_the_queue_of_marks_and_the_trainees_are_narrowed_to_a_group(
    grouped: Visitor, launched: Launching, trainee: Visitor
) -> None:
    other = launched("18", name="Бакыт Осмонов")
    for visitor in (trainee, other):
        visitor.get("/learn/roads")
        visitor.submit_work()
    bishkek, osh = (f"/teach/roads?group={group_id(name)}" for name in ("Бишкек", "Ош"))

    page = grouped.get(bishkek).text

    assert "Waiting for a mark: 2" in grouped.get("/teach/roads").text
    assert "Waiting for a mark: 1" in page
    assert "Trainees: 1" in page
    assert "Айгүл Токтогулова" in page
    assert "Бакыт Осмонов" not in page
    assert "Бакыт Осмонов" in grouped.get(osh).text


def test_after_a_mark_the_next_text_is_of_the_same_group(
    grouped: Visitor, launched: Launching, trainee: Visitor
) -> None:
    other = launched("18", name="Бакыт Осмонов")
    for visitor in (trainee, other):
        visitor.get("/learn/roads")
        visitor.submit_work()
    group = group_id("Бишкек")

    answered = grouped.post(f"/teach/roads/work/{work_of('person-17')}?group={group}", percent="80", comment="", seen=0)

    assert answered.status_code == 303
    assert answered.location.endswith(f"/teach/?group={group}")


def test_a_group_of_another_course_shows_everybody(grouped: Visitor, trainee: Visitor) -> None:
    with transaction():
        other = Context(
            deployment_id=db.session.query(Context.deployment_id).first()[0],  # type: ignore[index]
            context_id="course-7",
            label="",
            title="",
        )
        db.session.add(other)
        db.session.flush()
        db.session.add(
            CourseGroup(context_row_id=other.id, group_id="z", name="Чужая", set_name="", seen_at=clock.now())
        )

    assert len(rows(grouped, f"/teach/roads/roster?group={group_id('Чужая')}")) == 2
    assert len(rows(grouped, "/teach/roads/roster?group=nonsense")) == 2


# Light


def test_the_page_asks_as_often_for_many_as_for_few(instructor: Visitor, platform: Platform) -> None:
    offer(platform, member("18"))
    update(instructor)
    instructor.get("/teach/roads/roster")
    with counted_queries() as few:
        instructor.get("/teach/roads/roster")
    offer(platform, *(member(f"user-{number}", name=f"Участник {number:03}") for number in range(120)))
    update(instructor)

    with counted_queries() as many:
        text = instructor.get("/teach/roads/roster").text

    assert "Participants: 120" in text
    assert "Page 1 of 3" in text
    assert "Участник 000" in text
    assert "Участник 050" not in text
    assert "Участник 050" in instructor.get("/teach/roads/roster?page=2").text
    assert len(many) <= len(few) + 4 <= 24, "\n".join(many)
