"""Marking: two markers, files, deadlines, appeals, the queue of the course."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courses import loading
from courses.marking_models import Appeal, WorkFile
from courses.models import Completion, Submission
from lms.core import clock, files
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.jobs import Job
from lms.people import holdings
from tests.courses.conftest import Launching, Visitor, counted_queries, enrolment_of
from tests.courses.views.test_instructor import marks, work_of

PDF = b"%PDF-1.7\nOne page."
Ruled = Callable[[str], None]


@pytest.fixture
def ruled(module: str, folder: Path) -> Ruled:
    """Teach the module with further rules of its task: ``ruled("files: {types: [pdf]}")``."""

    def _load(rules: str) -> None:
        path = folder / "assignment.yaml"
        path.write_text(f"{path.read_text()}\n{rules}\n")
        with transaction():
            loading.load(loading.read_all(folder.parent))

    return _load


@pytest.fixture
def second(launched: Launching) -> Visitor:
    """Another instructor of the course."""
    return launched("teacher-2", role="Instructor")


@pytest.fixture
def third(launched: Launching) -> Visitor:
    """A third one."""
    return launched("teacher-3", role="Instructor")


TWO = "second_marker: {from: 55, to: 64, within: 5}"


def give(marker: Visitor, percent: int, *, seen: int = 0, comment: str = "", sub: str = "person-17") -> Any:
    return marker.post(f"/teach/roads/work/{work_of(sub)}", percent=percent, comment=comment, seen=seen)


def handed_in() -> list[WorkFile]:
    with reading():
        return list(db.session.scalars(select(WorkFile).order_by(WorkFile.added_at)))


def wanted(kind: str) -> int:
    with reading():
        return sum(db.session.scalars(select(Job.wanted).filter_by(kind=kind)))


# Two markers


def test_a_first_mark_is_held_back_from_trainee_gradebook_and_completion(
    ruled: Ruled, trainee: Visitor, teacher: Visitor
) -> None:
    ruled(TWO)
    trainee.read_all()
    trainee.take_test()
    trainee.submit_work()

    give(teacher, 60, comment="Geheim-17")

    page = trainee.get("/learn/roads/assignment").text
    assert "It waits for its mark" in page
    assert "Geheim-17" not in page
    assert "60 %" not in page.split("How it is marked")[0].replace("60 % are needed", "")
    assert wanted("score") == 0
    with reading():
        assert db.session.scalars(select(Completion)).all() == []
    assert "waits for its mark" in trainee.save("/learn/roads/assignment", text="Другой текст для проверки здесь").text


def test_the_second_marker_sees_neither_mark_nor_comment_nor_name(
    ruled: Ruled, trainee: Visitor, teacher: Visitor, second: Visitor
) -> None:
    ruled(TWO)
    trainee.submit_work()
    give(teacher, 61, comment="Geheim-17")

    page = second.get(f"/teach/roads/work/{work_of('person-17')}").text

    assert "A second mark is wanted." in page
    assert "Geheim-17" not in page
    assert "61" not in page.split('class="rubric"')[1].replace("0061", "").split("csrf_token")[0]
    assert "Marks so far" not in page
    assert "Нурлан" not in page


def test_two_near_marks_become_their_mean_and_complete_the_module(
    ruled: Ruled, trainee: Visitor, teacher: Visitor, second: Visitor
) -> None:
    ruled(TWO)
    trainee.read_all()
    trainee.take_test()
    trainee.submit_work()
    give(teacher, 59, comment="Мало источников.")

    give(second, 63, seen=1, comment="Хороший язык.")

    assert marks() == [(59, "Мало источников."), (63, "Хороший язык."), (61, "Мало источников.\n\nХороший язык.")]
    assert "Mark: 61 %" in trainee.get("/learn/roads/assignment").text
    assert wanted("score") == 1
    with reading():
        steps = db.session.scalars(select(AuditEvent.facts).filter_by(action="work.marked").order_by(AuditEvent.id))
        assert [facts["role"] for facts in steps] == ["first", "second", "mean"]


def test_a_second_mark_sent_twice_is_set_once(
    ruled: Ruled, trainee: Visitor, teacher: Visitor, second: Visitor
) -> None:
    ruled(TWO)
    trainee.submit_work()
    give(teacher, 59)

    for _ in range(2):
        assert give(second, 63, seen=1).status_code == 303

    assert [percent for percent, _comment in marks()] == [59, 63, 61]


def test_two_marks_that_differ_are_decided_by_a_third_person(
    ruled: Ruled, trainee: Visitor, teacher: Visitor, second: Visitor, third: Visitor
) -> None:
    ruled(TWO)
    trainee.submit_work()
    give(teacher, 60, comment="Один")
    give(second, 80, seen=1, comment="Два")
    assert "It waits for its mark" in trainee.get("/learn/roads/assignment").text
    assert give(teacher, 70, seen=2).status_code == 409

    page = third.get(f"/teach/roads/work/{work_of('person-17')}").text
    assert "Two marks differ, and you decide." in page
    assert "Один" in page
    assert "Два" in page
    give(third, 72, seen=2)

    assert "Mark: 72 %" in trainee.get("/learn/roads/assignment").text


def test_an_instructor_alone_is_told_that_somebody_else_has_to_act(
    ruled: Ruled, trainee: Visitor, teacher: Visitor
) -> None:
    ruled(TWO)
    trainee.submit_work()
    give(teacher, 60)

    page = teacher.get("/teach/").text

    assert "For others: 1" in page
    assert "We know of no other instructor in this course" in page
    assert "Waiting for another instructor: 1" in teacher.get("/teach/roads").text


def test_an_administrator_of_the_course_can_be_the_second_marker(
    ruled: Ruled, trainee: Visitor, teacher: Visitor, launched: Launching
) -> None:
    ruled(TWO[:-1] + ", administrator_decides: true}")
    trainee.submit_work()
    give(teacher, 60)
    administrator = launched("boss", role="Administrator")
    assert administrator.get("/learn/roads").location.endswith("/teach/")
    assert "For you: 1" in administrator.get("/teach/").text

    give(administrator, 80, seen=1)

    assert "Mark: 80 %" in trainee.get("/learn/roads/assignment").text
    assert administrator.get("/teach/roads").status_code == 403


# The queue


def test_the_queue_stands_in_the_order_of_waiting_and_says_what_is_wanted(
    ruled: Ruled, launched: Launching, teacher: Visitor, second: Visitor
) -> None:
    ruled(TWO)
    for sub, name in (("p-1", "Бермет Асанова"), ("p-2", "Азамат Бакиров")):
        launched(sub, name=name).submit_work()
    give(teacher, 60, sub="p-1")

    page = second.get("/teach/").text

    assert "For you: 2" in page
    assert page.index("Бермет") < page.index("Азамат")
    assert "A second mark" in page
    assert "For you: 1" in teacher.get("/teach/").text


def test_a_stranger_to_the_course_sees_an_empty_queue(launched: Launching, trainee: Visitor) -> None:
    trainee.submit_work()
    stranger = launched("teacher-9", role="Instructor", context={"id": "course-2"})

    assert "Nothing waits for you" in stranger.get("/teach/").text
    assert launched("person-18").get("/teach/").status_code == 403


def test_the_queue_asks_as_often_for_many_as_for_one(
    ruled: Ruled, launched: Launching, trainee: Visitor, teacher: Visitor
) -> None:
    ruled(TWO)
    trainee.submit_work()
    give(teacher, 60)
    trainee_two = launched("p-2")
    trainee_two.submit_work()
    teacher.get("/teach/")
    with counted_queries() as few:
        teacher.get("/teach/")
    for sub in ("p-3", "p-4", "p-5"):
        launched(sub).submit_work()
        give(teacher, 61, sub=sub)

    with counted_queries() as many:
        page = teacher.get("/teach/").text

    assert "For others: 4" in page
    assert len(many) == len(few) <= 9, "\n".join(many)


# Files


def add_file(visitor: Visitor, data: bytes = PDF, name: str = "Отчёт.pdf") -> Any:
    return visitor.post("/learn/roads/assignment/files", file=(BytesIO(data), name))


def test_a_file_is_kept_under_a_clean_name_and_given_back_as_an_attachment(
    ruled: Ruled, trainee: Visitor, teacher: Visitor
) -> None:
    ruled("files: {types: [pdf], most: 2, largest_mb: 1}")
    assert add_file(trainee, name="../../Отчёт.exe").status_code == 303
    (kept,) = handed_in()
    trainee.submit_work()

    own = trainee.get(f"/learn/roads/assignment/files/{kept.id}")
    shown = teacher.get(f"/teach/roads/work/{work_of('person-17')}/file/{kept.id}")

    assert kept.name == "Отчёт.pdf"
    for answer in (own, shown):
        assert answer.data == PDF
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == (
            "attachment; filename=\"file.pdf\"; filename*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82.pdf"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty"),
        (b"MZ\x90\x00", "This file is none of: pdf"),
        ("Просто текст".encode(), "This file is none of: pdf"),
        (PDF + b"x" * 1024 * 1024, "This file is larger than 1 MB"),
    ],
)
def test_a_file_that_is_not_asked_for_is_refused_with_the_reason(
    ruled: Ruled, trainee: Visitor, data: bytes, sentence: str
) -> None:
    ruled("files: {types: [pdf], most: 2, largest_mb: 1}")

    page = add_file(trainee, data)

    assert page.status_code == 422
    assert sentence in page.text
    assert handed_in() == []


def test_files_are_counted_and_the_same_bytes_are_one_file(ruled: Ruled, trainee: Visitor) -> None:
    ruled("files: {types: [pdf], most: 2, largest_mb: 1}")

    answers = [add_file(trainee, PDF + tail).status_code for tail in (b"1", b"1", b"2", b"3")]

    assert answers == [303, 303, 303, 409]
    assert len(handed_in()) == 2


def test_a_file_is_taken_back_while_the_text_is_a_draft_and_not_afterwards(ruled: Ruled, trainee: Visitor) -> None:
    ruled("files: {types: [pdf]}")
    add_file(trainee, PDF + b"1")
    add_file(trainee, PDF + b"2")
    first, last = handed_in()

    trainee.post(f"/learn/roads/assignment/files/{first.id}")
    trainee.submit_work()
    refused = trainee.post(f"/learn/roads/assignment/files/{last.id}")

    assert refused.status_code == 409
    assert [file.id for file in handed_in()] == [last.id]
    assert not files.exists(first.stored_as)


def test_a_task_of_files_alone_is_submitted_with_one_and_not_without(
    trainee: Visitor, ruled: Ruled, folder: Path
) -> None:
    path = folder / "assignment.yaml"
    path.write_text(path.read_text().replace("minimum_words: 5", "minimum_words: 0"))
    ruled("files: {types: [pdf]}")

    refused = trainee.post("/learn/roads/assignment", text="", action="submit", follow=True)
    add_file(trainee)
    accepted = trainee.post("/learn/roads/assignment", text="", action="submit", follow=True)

    assert "There is nothing to submit yet" in refused.text
    assert "It waits for its mark" in accepted.text


def test_nobody_else_gets_a_file(ruled: Ruled, trainee: Visitor, launched: Launching) -> None:
    ruled("files: {types: [pdf]}")
    add_file(trainee)
    (kept,) = handed_in()
    other = launched("person-18")
    other.get("/learn/roads")
    stranger = launched("teacher-9", role="Instructor", context={"id": "course-2"})

    answers = [
        other.get(f"/learn/roads/assignment/files/{kept.id}"),
        other.get(f"/teach/roads/work/{work_of('person-17')}/file/{kept.id}"),
        stranger.get(f"/teach/roads/work/{work_of('person-17')}/file/{kept.id}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 403, 404]


def test_the_text_after_a_mark_begins_with_the_files_of_the_one_before(
    ruled: Ruled, trainee: Visitor, teacher: Visitor
) -> None:
    ruled("files: {types: [pdf], most: 3}")
    add_file(trainee)
    trainee.submit_work()
    give(teacher, 40)

    add_file(trainee, PDF + b"2")

    before, *carried = handed_in()
    assert [file.name for file in carried] == ["Отчёт.pdf", "Отчёт.pdf"]
    assert len({file.submission_id for file in carried}) == 1
    trainee.post(f"/learn/roads/assignment/files/{carried[0].id}")
    assert files.exists(before.stored_as)


def test_a_person_who_asks_for_deletion_leaves_no_file(ruled: Ruled, trainee: Visitor) -> None:
    ruled("files: {types: [pdf]}")
    add_file(trainee)
    (kept,) = handed_in()

    with transaction():
        holdings.erase(enrolment_of("person-17").person_id)

    assert handed_in() == []
    assert not files.exists(kept.stored_as)


# Deadlines


def end_of(days: int) -> dict[str, str]:
    return {"module": "roads", "submission_end": (clock.now() + timedelta(days=days)).isoformat()}


def submissions() -> list[Submission]:
    with reading():
        return list(db.session.scalars(select(Submission)))


def test_a_late_text_is_taken_and_marked_as_late(launched: Launching, teacher: Visitor) -> None:
    trainee = launched(custom=end_of(-1))

    assert "your text is marked as late" in trainee.get("/learn/roads/assignment").text
    trainee.submit_work()

    (text,) = submissions()
    assert text.is_late
    assert text.due_at is not None
    assert "Late" in teacher.get("/teach/").text
    assert "The deadline was" in teacher.get(f"/teach/roads/work/{text.id}").text


def test_a_rule_that_takes_no_late_texts_keeps_the_draft(ruled: Ruled, launched: Launching) -> None:
    ruled("late: {accept: false}")
    trainee = launched(custom=end_of(-1))

    page = trainee.post("/learn/roads/assignment", text="На моей улице пять ям.", action="submit", follow=True).text

    (text,) = submissions()
    assert text.submitted_at is None
    assert "The deadline is over. Your draft is kept." in page
    assert "На моей улице пять ям.</textarea>" in page


def test_a_text_before_the_deadline_is_in_time(launched: Launching) -> None:
    trainee = launched(custom=end_of(1))

    trainee.submit_work()

    assert [text.is_late for text in submissions()] == [False]


# Appeals


def appealed(trainee: Visitor, teacher: Visitor) -> None:
    trainee.submit_work()
    give(teacher, 40, comment="Мало.")
    trainee.post("/learn/roads/assignment/appeal", reason="Я назвал два источника.")


def test_an_appeal_is_decided_by_somebody_who_has_not_marked_the_text(
    trainee: Visitor, teacher: Visitor, second: Visitor
) -> None:
    appealed(trainee, teacher)
    work = f"/teach/roads/work/{work_of('person-17')}"
    assert "Another instructor" not in second.get(work).text
    assert "another instructor decides" in teacher.get(work).text
    refused = teacher.post(f"{work}/appeal", percent=40, comment="Остаётся.")

    second.post(f"{work}/appeal", percent=70, comment="Источники есть.")

    assert refused.status_code == 409
    page = trainee.get("/learn/roads/assignment").text
    assert "Mark: 70 %" in page
    assert "Источники есть." in page
    assert give(teacher, 10, seen=2).status_code == 409
    assert marks()[-1] == (70, "Источники есть.")


def test_an_appeal_is_made_once_and_only_in_its_days(trainee: Visitor, teacher: Visitor) -> None:
    trainee.submit_work()
    give(teacher, 40)
    assert "Appeal this mark" in trainee.get("/learn/roads/assignment").text
    empty = trainee.post("/learn/roads/assignment/appeal", reason="  ")
    with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
        late = trainee.post("/learn/roads/assignment/appeal", reason="Поздно")

    for _ in range(2):
        trainee.post("/learn/roads/assignment/appeal", reason="Почему?")

    assert (empty.status_code, late.status_code) in {(422, 409), (422, 401)}
    with reading():
        assert [appeal.reason for appeal in db.session.scalars(select(Appeal))] == ["Почему?"]


def test_the_clock_of_an_appeal_is_seen_and_an_overdue_one_stands_first(
    launched: Launching, trainee: Visitor, teacher: Visitor, second: Visitor
) -> None:
    appealed(trainee, teacher)
    launched("p-2", name="Азамат Бакиров").submit_work()
    with transaction():
        appeal = db.session.scalars(select(Appeal)).one()
        appeal.due_at = clock.now() - timedelta(hours=1)

    page = second.get("/teach/").text

    assert "Overdue" in page
    assert page.index("A decision about an appeal") < page.index("Азамат")
    assert "It is overdue" in trainee.get("/learn/roads/assignment").text


def test_without_a_mark_there_is_nothing_to_appeal(ruled: Ruled, trainee: Visitor, teacher: Visitor) -> None:
    ruled(TWO)
    trainee.submit_work()
    give(teacher, 60)

    page = trainee.get("/learn/roads/assignment").text

    assert "Appeal this mark" not in page
    assert trainee.post("/learn/roads/assignment/appeal", reason="Почему?").status_code == 409
