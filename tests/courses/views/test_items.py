"""What the questions tell."""

from sqlalchemy import select

from courses.models import Answer
from lms.core.db import db, reading
from tests.courses.conftest import PASSING_ANSWERS, Launching, Visitor, counted_queries


def test_the_language_of_each_answer_is_kept(launched: Launching) -> None:
    visitor = launched("p-1", launch_presentation={"locale": "ky"})
    visitor.take_test()

    with reading():
        assert set(db.session.scalars(select(Answer.language))) == {"ky"}


def test_first_attempts_are_counted_by_option_and_language(launched: Launching, teacher: Visitor) -> None:
    launched("p-1", launch_presentation={"locale": "ky"}).take_test()
    again = launched("p-2", launch_presentation={"locale": "ru"})
    again.take_test({1: ["b"], 2: ["a"], 3: ["1"]})
    again.take_test(PASSING_ANSWERS, attempt=2)

    page = teacher.get("/teach/roads/questions").text

    assert "Русский: 0 of 1 right" in page
    assert "Кыргызча: 1 of 1 right" in page
    first = page.split('<section class="item"')[1]
    assert "50 %" in first
    assert "too few to tell" in first


def test_a_question_nobody_was_asked_says_so(trainee: Visitor, teacher: Visitor) -> None:
    assert teacher.get("/teach/roads/questions").text.count("Nobody has been asked yet.") == 3


def test_language_versions_that_differ_are_warned_about_in_words(launched: Launching, teacher: Visitor) -> None:
    for number in range(12):
        launched(f"ky-{number}", launch_presentation={"locale": "ky"}).take_test({1: ["b"], 2: ["a", "b"], 3: ["12,5"]})
        launched(f"ru-{number}", launch_presentation={"locale": "ru"}).take_test()

    page = teacher.get("/teach/roads/questions").text

    assert page.count("The language versions may not be equally hard.") == 1
    assert "In Кыргызча 0 % answer it right (0 of 12), in Русский 100 % (12 of 12)." in page


def test_an_attempt_that_is_not_finished_does_not_count(trainee: Visitor, teacher: Visitor) -> None:
    trainee.post("/learn/roads/rd1/test")
    trainee.post("/learn/roads/rd1/test/1", answer="a")

    assert teacher.get("/teach/roads/questions").text.count("Nobody has been asked yet.") == 3


def test_the_page_asks_as_often_for_many_as_for_one(launched: Launching, teacher: Visitor) -> None:
    launched("p-1").take_test()
    teacher.get("/teach/roads/questions")
    with counted_queries() as few:
        teacher.get("/teach/roads/questions")
    for sub in ("p-2", "p-3", "p-4"):
        launched(sub).take_test()

    with counted_queries() as many:
        page = teacher.get("/teach/roads/questions")

    assert page.status_code == 200
    assert len(many) == len(few) <= 6, "\n".join(many)
