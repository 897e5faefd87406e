"""Tests as they are drawn, timed, counted and saved from several pages. Types and their scores: tests/courses/test_questions.py."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from courses import closing, loading
from courses.models import Answer, Attempt, Enrolment
from lms.core import clock, jobs
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti.models import LaunchSession
from tests.courses.asked import BRIDGES, RIGHT
from tests.courses.conftest import Launching, Visitor, enrolment_of

MORNING = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TEST = "/learn/bridges/br1/test"
Taught = Callable[..., Visitor]


@pytest.fixture
def taught(launched: Launching, tmp_path: Path) -> Taught:
    """A trainee of a module with such a test: ``taught("{draw: 4}")``. ``replaced`` texts of its questions are changed first."""

    def _teach(rule: str = "{}", **replaced: str) -> Visitor:
        load(tmp_path, rule, **replaced)
        visitor = launched(target="/learn/bridges")
        assert visitor.get("/learn/bridges").status_code == 200
        return visitor

    return _teach


def load(tmp_path: Path, rule: str = "{}", **replaced: str) -> None:
    folder = tmp_path / str(len(list(tmp_path.iterdir()))) / "bridges"
    for file in BRIDGES.rglob("*"):
        if file.is_file():
            text = file.read_text("utf-8")
            for old, new in replaced.items():
                text = text.replace(old.replace("__", ": "), new)
            target = folder / file.relative_to(BRIDGES)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text + (f"test: {rule}\n" if file.name == "unit.yaml" else ""), "utf-8")
    with transaction():
        loading.load(loading.read_all(folder))


def give_right(visitor: Visitor, *question_ids: str) -> Any:
    """Answer these of the questions that are asked, and finish the attempt that is open."""
    with reading():
        attempt = db.session.scalars(select(Attempt).filter_by(finished_at=None)).one()
    for number, question_id in enumerate(attempt.asked or [], start=1):
        if question_id in question_ids:
            visitor.post(f"{TEST}/{number}", **fields_of(question_id))
    return visitor.post(f"{TEST}/finish", follow=True, attempt=attempt.number)


def fields_of(question_id: str) -> dict[str, Any]:
    right = RIGHT[question_id]
    if "=" in right[0]:
        return {f"answer-{part}": value for part, value in (each.split("=") for each in right)}
    return {"answer": list(right)}


def attempts() -> list[Attempt]:
    with reading():
        return list(db.session.scalars(select(Attempt).order_by(Attempt.number)))


def kept() -> list[tuple[list[str], int]]:
    with reading():
        return [(row.given, row.revision) for row in db.session.scalars(select(Answer))]


# Every type


def test_every_type_is_answered_kept_and_explained_without_script(taught: Taught) -> None:
    trainee = taught()
    trainee.post(TEST)

    page = give_right(trainee, *RIGHT)

    assert "Result: 100 %" in page.text
    assert "First look, then measure, then write." in page.text
    assert page.text.count('class="right"') == 7  # four lines of the order and three pairs


def test_a_wrong_answer_is_explained_part_by_part(taught: Taught) -> None:
    trainee = taught()
    trainee.post(TEST)
    wrong: list[dict[str, Any]] = [
        {"answer-look": "2", "answer-measure": "1"},
        {"answer-pier": "deck", "answer-rail": "rail"},
        {"answer": "letter"},
        {"answer-s1": "b"},
    ]
    for number, fields in enumerate(wrong, start=1):
        trainee.post(f"{TEST}/{number}", **fields)
    assert "Answered in part" in trainee.get(TEST).text

    page = trainee.post(f"{TEST}/finish", follow=True, attempt=1).text

    assert "Was put at place 2" in page
    assert "Had no place" in page
    assert "Was joined with: Holds people and cars" in page
    assert "Was left open" in page
    assert "Right: <b>report</b>" in page
    assert "The bus will cross." in page


def test_what_is_shown_is_shuffled_the_same_after_a_reload(taught: Taught) -> None:
    trainee = taught()
    trainee.post(TEST)

    orders = [re.findall(r'name="answer-(\w+)"', trainee.get(f"{TEST}/1").text) for _ in range(2)]

    assert orders[0] == orders[1]
    assert sorted(orders[0]) == ["look", "measure", "tell", "write"]
    assert orders[0] != ["look", "measure", "write", "tell"]


# Two pages


def test_an_answer_that_waited_does_not_undo_a_newer_one(taught: Taught) -> None:
    trainee = taught()
    trainee.post(TEST)
    trainee.save(f"{TEST}/7", answer="a", _page="laptop", _seen="0", _turn="1")

    refused = trainee.save(f"{TEST}/7", answer="b", _page="phone", _seen="0", _turn="1", _waited="1")

    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["code"] == "answered-elsewhere"
    assert refused.json["other"] == ["Its owner"]
    assert kept() == [(["a"], 1)]
    chosen = trainee.save(f"{TEST}/7", answer="b", _page="phone", _seen=str(refused.json["revision"]), _turn="2")
    assert chosen.json is not None
    assert chosen.json["revision"] == 2
    assert kept() == [(["b"], 2)]


def test_a_form_that_is_sent_twice_changes_nothing_the_second_time(taught: Taught) -> None:
    trainee = taught()
    trainee.post(TEST)

    for _ in range(2):
        trainee.save(f"{TEST}/7", answer="a", _page="phone", _seen="0", _turn="1")

    assert kept() == [(["a"], 1)]


def test_fields_of_any_size_are_taken_for_what_they_are(taught: Taught) -> None:
    trainee = taught()
    trainee.post(TEST)

    saved = trainee.save(f"{TEST}/7", answer="a", _page="x" * 500, _seen="9" * 40, _turn="9" * 40)

    assert saved.status_code == 200
    assert kept() == [(["a"], 1)]


def test_an_answer_sent_from_an_expired_page_is_shown_again_and_saved_when_it_is_sent_after_a_new_launch(
    taught: Taught,
) -> None:
    trainee = taught()
    trainee.post(TEST)
    with transaction():
        until = db.session.scalars(select(LaunchSession.expires_at)).one()
        db.session.execute(update(LaunchSession).values(expires_at=LaunchSession.started_at))
    form: dict[str, Any] = {"answer": "акт осмотра", "_page": "0123456789abcdef", "_seen": "0"}

    refused = trainee.post(f"{TEST}/3", **form)

    assert refused.status_code == 401
    assert "<blockquote>акт осмотра</blockquote>" in refused.text
    assert "0123456789abcdef" not in refused.text
    assert kept() == []
    with transaction():
        db.session.execute(update(LaunchSession).values(expires_at=until))
    assert trainee.post(f"{TEST}/3", **form).status_code == 303
    assert kept() == [(["акт осмотра"], 1)]


# Drawing


def test_an_attempt_asks_as_many_questions_as_the_unit_draws_and_keeps_them(taught: Taught, tmp_path: Path) -> None:
    trainee = taught("{draw: 4}")
    assert "Questions</dt><dd>4" in trainee.get(TEST).text
    trainee.post(TEST)
    drawn = attempts()[0].asked
    assert drawn is not None
    assert len(drawn) == 4

    load(tmp_path, "{draw: 2}")

    assert trainee.get(TEST).text.count('class="step todo"') == 4
    page = give_right(trainee, *drawn[:3])
    assert "Result: 75 %" in page.text
    trainee.post(TEST)
    assert len(attempts()[1].asked or []) == 2


def test_a_question_whose_review_is_overdue_is_not_asked_and_the_instructor_sees_it(
    taught: Taught, launched: Launching
) -> None:
    trainee = taught(review_by__2027="review_by: 2025")
    trainee.post(TEST)

    assert attempts()[0].asked == ["br1-q01", "br1-q02", "br1-q03", "br1-q04", "br1-q05", "br1-q06"]
    teacher = launched("teacher-1", role="Instructor", target="/learn/bridges")
    page = teacher.get("/teach/bridges").text
    assert "1 of 7 questions are not asked, because their date of review is over: br1-q07." in page


def test_a_test_of_which_every_question_waits_cannot_begin(taught: Taught) -> None:
    trainee = taught(review_by__null="review_by: 2025-01-01", review_by__2027="review_by: 2025")

    refused = trainee.post(TEST)

    assert refused.status_code == 409
    assert "questions-waiting" in refused.text
    assert attempts() == []


# Attempts


def test_a_unit_may_allow_one_attempt(taught: Taught) -> None:
    trainee = taught("{attempts: 1}")
    trainee.post(TEST)
    give_right(trainee)

    assert "attempts-used" in trainee.post(TEST).text
    assert "0 of 1. The best result counts" in trainee.get(TEST).text


def test_where_the_last_attempt_counts_a_passed_test_can_be_lost_again(taught: Taught) -> None:
    trainee = taught("{counts: last}")
    trainee.post(TEST)
    give_right(trainee, *RIGHT)
    assert "the new result counts, also if it is lower" in trainee.get(TEST).text

    trainee.post(TEST)
    give_right(trainee, "br1-q01")

    assert "Last result: 14 %" in trainee.get("/learn/bridges/overview").text


# Time


def test_answers_are_taken_until_the_end_and_a_little_longer_and_then_what_was_saved_counts(taught: Taught) -> None:
    trainee = taught("{minutes: 20}")
    with clock.frozen(MORNING):
        assert "20 minutes" in trainee.get(TEST).text
        trainee.post(TEST)
        assert "Answers are taken until 15:50" in trainee.get(f"{TEST}/7").text
        clock.advance(20 * 60 + 20)
        in_time = trainee.save(f"{TEST}/7", answer="a")
        clock.advance(20)
        late = trainee.save(f"{TEST}/6", answer=["a", "b"])

        assert in_time.json is not None
        assert "saved" in in_time.json
        assert late.json is not None
        assert late.json["ended"].startswith("The time of this test was over")
        assert attempts()[0].score_percent == 14
        page = trainee.get(late.json["next"].removeprefix(trainee.prefix))
    assert "The time was over at 15:50. What was saved by then counts." in page.text


def test_without_script_a_late_answer_leads_to_the_result_and_is_told_so(taught: Taught) -> None:
    trainee = taught("{minutes: 20}")
    with clock.frozen(MORNING):
        trainee.post(TEST)
        clock.advance(21 * 60)

        page = trainee.post(f"{TEST}/7", answer="a", follow=True)

    assert "The time of this test was over when your last answer arrived." in page.text
    assert "Result: 0 %" in page.text


@pytest.mark.parametrize("look", [TEST, f"{TEST}/3"])
def test_the_next_look_closes_an_attempt_whose_time_is_over(taught: Taught, look: str) -> None:
    trainee = taught("{minutes: 20}")
    with clock.frozen(MORNING):
        trainee.post(TEST)
        clock.advance(21 * 60)

        assert trainee.get(look).location == f"{trainee.prefix}{TEST}/result/1"
        assert attempts()[0].score_percent == 0


def test_a_job_closes_an_attempt_at_which_nobody_looks_again(taught: Taught) -> None:
    trainee = taught("{minutes: 20}")
    with clock.frozen(MORNING):
        trainee.post(TEST)
        trainee.save(f"{TEST}/7", answer="a")
        jobs.run_due()
        assert attempts()[0].finished_at is None
        clock.advance(21 * 60)
        jobs.run_due()

        assert attempts()[0].score_percent == 14
        closing.close(attempts()[0].id)
        closing.close("no-such-attempt")


def test_an_instructor_lets_one_person_take_longer_also_in_the_test_that_is_open(
    taught: Taught, launched: Launching
) -> None:
    trainee = taught("{minutes: 20}")
    teacher = launched("teacher-1", role="Instructor", target="/learn/bridges")
    one = f"/teach/bridges/trainee/{enrolment_of('person-17').id}"
    with clock.frozen(MORNING):
        trainee.post(TEST)
        assert "the usual time" in teacher.get(one).text

        assert teacher.post(f"{one}/time", percent="50").status_code == 303
        assert teacher.post(f"{one}/time", percent="51").status_code == 422

        clock.advance(21 * 60)
        jobs.run_due()
        assert attempts()[0].finished_at is None
        assert attempts()[0].ends_at == MORNING + timedelta(minutes=30)
        assert "Answers are taken until 16:00" in trainee.get(TEST).text
        clock.advance(10 * 60)
        jobs.run_due()
        assert attempts()[0].finished_at is not None
        assert "30 minutes" in trainee.get(TEST).text


def test_nobody_extends_the_time_of_a_stranger(taught: Taught, launched: Launching) -> None:
    trainee = taught("{minutes: 20}")
    stranger = launched("teacher-2", role="Instructor", target="/learn/bridges", context={"id": "other-course"})
    one = f"bridges/trainee/{enrolment_of('person-17').id}/time"

    assert stranger.post(f"/teach/{one}", percent="100").status_code == 404
    assert trainee.post(f"/teach/{one}", percent="100").status_code == 403
    with reading():
        assert db.session.scalars(select(Enrolment.extra_time_percent)).all() == [0]


# Authors


def test_check_warns_of_questions_whose_review_is_due(app: Bilim, tmp_path: Path) -> None:
    with clock.frozen(datetime(2027, 5, 10, tzinfo=UTC)):
        soon = app.test_cli_runner().invoke(args=["courses", "check", str(BRIDGES)])
    with clock.frozen(datetime(2027, 7, 2, tzinfo=UTC)):
        late = app.test_cli_runner().invoke(args=["courses", "check", str(BRIDGES)])

    assert "bridges: br1-q07 has to be reviewed by 2027-06-30; after that it is not asked" in soon.output
    assert "bridges: br1-q07 is not asked any more, its review was due by 2027-06-30" in late.output
    assert "bridges: BR1 draws None questions" not in late.output
    assert (soon.exit_code, late.exit_code) == (0, 0)
