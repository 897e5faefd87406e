"""The way of a trainee through a module, without script."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from courses import loading
from courses.models import Answer, Attempt, Completion, Enrolment, StepRead, Submission
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti.models import ResourceLink
from tests.courses.conftest import CONTENT, PRODUCT, Launching, Visitor, counted_queries, enrolment_of


def count(model: type[Any]) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def code_of(text: str) -> str:
    found = re.search(r'<dd class="code">([a-z-]+)</dd>', text)
    assert found is not None, text
    return found[1]


# Arriving


def test_a_trainee_lands_on_the_overview_with_one_next_step(trainee: Visitor) -> None:
    page = trainee.get("/learn/roads")

    assert page.status_code == 200
    assert "Roads" in page.text
    assert page.text.count('class="button next"') == 1
    assert f'class="button next" href="{trainee.prefix}/learn/roads/rd1/1"' in page.text


def test_a_unit_that_is_not_written_is_in_preparation(trainee: Visitor) -> None:
    page = trainee.get("/learn/roads").text

    assert "In preparation" in page
    assert page.index("Bridge") > page.index("In preparation")


def test_opening_again_makes_no_second_enrolment(launched: Launching) -> None:
    for _ in range(2):
        launched().get("/learn/roads")

    assert count(Enrolment) == 1


def test_a_module_opened_from_another_link_moves_there(launched: Launching, trainee: Visitor) -> None:
    before = enrolment_of("person-17").resource_link_row_id

    launched(resource_link={"id": "link-2"}).get("/learn/roads")

    with reading():
        link = db.session.get_one(ResourceLink, enrolment_of("person-17").resource_link_row_id)
    assert link.resource_link_id == "link-2"
    assert link.id != before


@pytest.mark.parametrize("claims", [{"custom": {"module": "roads"}}, {"custom": {"module": "roads"}, "context": None}])
def test_the_module_can_be_named_by_the_platform_s_settings(launched: Launching, claims: dict[str, Any]) -> None:
    visitor = launched(target="/lti/launch", **claims)

    assert visitor.get("/learn/roads").status_code == 200


def test_a_link_that_names_no_module_says_so(launched: Launching) -> None:
    visitor = launched(target="/lti/launch")

    page = visitor.get("/learn/")

    assert page.status_code == 404
    assert code_of(page.text) == "module-not-chosen"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/learn/bridges", "module-unknown"),
        ("/learn/roads/rd2/1", "unit-unknown"),
        ("/learn/roads/xx/1", "unit-unknown"),
        ("/learn/roads/rd1/0", "section-unknown"),
        ("/learn/roads/rd1/3", "section-unknown"),
        ("/learn/roads/rd1/test/result/1", "attempt-unknown"),
        (f"/learn/roads/rd1/test/result/{10**25}", "attempt-unknown"),
    ],
)
def test_what_is_not_there_has_a_code(trainee: Visitor, path: str, code: str) -> None:
    page = trainee.get(path)

    assert page.status_code == 404
    assert code_of(page.text) == code


def test_a_launch_of_one_module_does_not_open_another(app: Bilim, trainee: Visitor, tmp_path: Any) -> None:
    other = tmp_path / "content" / "streets"
    other.mkdir(parents=True)
    for path in (CONTENT / "roads").rglob("*"):
        target = other / path.relative_to(CONTENT / "roads")
        if path.is_dir():
            target.mkdir()
        else:
            target.write_text(path.read_text(encoding="utf-8").replace("slug: roads", "slug: streets"), "utf-8")
    with transaction():
        loading.load(loading.read_all(other))

    page = trainee.get("/learn/streets")

    assert page.status_code == 404
    assert code_of(page.text) == "module-not-here"


# Reading


def test_reading_on_leads_through_the_sections_to_the_test(trainee: Visitor) -> None:
    first = trainee.post("/learn/roads/rd1/1")
    second = trainee.post("/learn/roads/rd1/2")

    assert first.location == f"{trainee.prefix}/learn/roads/rd1/2"
    assert second.location == f"{trainee.prefix}/learn/roads/rd1/test"
    assert count(StepRead) == 2


def test_looking_at_a_section_does_not_count_as_reading_it(trainee: Visitor) -> None:
    assert trainee.get("/learn/roads/rd1/1").status_code == 200
    assert count(StepRead) == 0


def test_a_section_sent_twice_is_read_once(trainee: Visitor) -> None:
    for _ in range(2):
        trainee.post("/learn/roads/rd1/1")

    assert count(StepRead) == 1


def test_the_way_is_resumed_where_it_was_left_on_any_device(launched: Launching, trainee: Visitor) -> None:
    trainee.post("/learn/roads/rd1/1")

    page = launched().get("/learn/roads").text

    assert re.search(r'class="button next" href="/s/[^"]+/learn/roads/rd1/2"', page)


def test_a_section_shows_its_picture_and_its_sources(trainee: Visitor) -> None:
    page = trainee.get("/learn/roads/rd1/1").text

    assert 'alt="Picture of a road"' in page
    assert '<a href="#source-1"' in page
    assert '<a href="https://example.org/norm"' in page


def test_a_section_is_read_in_the_language_that_was_chosen(trainee: Visitor) -> None:
    titles = {lang: trainee.get(f"/learn/roads/rd1/1?lang={lang}").text for lang in ("ky", "ru", "zh", "en")}

    assert "<h1>Чуңкур</h1>" in titles["ky"]
    assert "<h1>Яма</h1>" in titles["ru"]
    assert "<h1>坑洼</h1>" in titles["zh"]
    assert "<h1>Pothole</h1>" in titles["en"]


def test_a_text_that_nobody_reviewed_says_so(trainee: Visitor) -> None:
    assert 'class="tag attention"' in trainee.get("/learn/roads/rd1/2?lang=ky").text
    assert 'class="tag attention"' not in trainee.get("/learn/roads/rd1/2?lang=en").text


# The test


def test_each_answer_is_saved_and_the_next_question_follows(trainee: Visitor) -> None:
    begun = trainee.post("/learn/roads/rd1/test")
    answered = trainee.post("/learn/roads/rd1/test/1", answer="a")
    last = trainee.post("/learn/roads/rd1/test/3", answer="12,5")

    assert begun.location == f"{trainee.prefix}/learn/roads/rd1/test/1"
    assert answered.location == f"{trainee.prefix}/learn/roads/rd1/test/2"
    assert last.location == f"{trainee.prefix}/learn/roads/rd1/test"
    assert count(Answer) == 2
    assert "2 of 3 questions have an answer" in trainee.get("/learn/roads/rd1/test").text


def test_an_answer_can_be_changed_and_taken_back(trainee: Visitor) -> None:
    trainee.post("/learn/roads/rd1/test")
    trainee.post("/learn/roads/rd1/test/1", answer="b")
    trainee.post("/learn/roads/rd1/test/1", answer="a")
    page = trainee.get("/learn/roads/rd1/test/1").text
    assert re.findall(r'value="(\w)" checked', page) == ["a"]

    trainee.post("/learn/roads/rd1/test/1")

    assert "checked" not in trainee.get("/learn/roads/rd1/test/1").text
    assert count(Answer) == 1


def test_a_script_saves_in_the_background_and_hears_when(trainee: Visitor) -> None:
    trainee.post("/learn/roads/rd1/test")

    answer = trainee.save("/learn/roads/rd1/test/2", answer=["a", "b"])

    assert answer.status_code == 200
    assert re.fullmatch(r"Saved \d\d:\d\d", answer.json["saved"])
    assert sorted(re.findall(r'value="(\w)" checked', trainee.get("/learn/roads/rd1/test/2").text)) == ["a", "b"]


def test_what_is_not_a_number_is_shown_again_with_a_sentence(trainee: Visitor) -> None:
    trainee.post("/learn/roads/rd1/test")

    page = trainee.post("/learn/roads/rd1/test/3", answer="twelve")

    assert page.status_code == 422
    assert 'value="twelve"' in page.text
    assert "Write a number" in page.text
    assert count(Answer) == 0
    assert trainee.save("/learn/roads/rd1/test/3", answer="twelve").json["saved"].startswith("Write a number")


def test_a_right_test_is_passed_and_explained(trainee: Visitor) -> None:
    page = trainee.take_test()

    assert "Result: 100 %" in page.text
    assert "Yes." in page.text
    assert "The city answers for it." in page.text


def test_a_partly_right_test_shows_which_options_were_missed(trainee: Visitor) -> None:
    page = trainee.take_test({1: ["b"], 2: ["a"], 3: ["12,5"]})

    assert "Result: 50 %" in page.text
    assert "Partly right: 50 %" in page.text
    assert page.text.count('class="option missed"') == 2
    assert page.text.count('class="option wrong"') == 1


def test_three_attempts_and_the_best_counts(trainee: Visitor) -> None:
    for number, answers in enumerate(({}, {1: ["a"], 2: ["a", "b"]}, {1: ["a"]}), start=1):
        trainee.take_test(answers, attempt=number)

    refused = trainee.post("/learn/roads/rd1/test")

    assert refused.status_code == 409
    assert code_of(refused.text) == "attempts-used"
    assert "Best result: 67 %" in trainee.get("/learn/roads").text
    assert "Begin the test" not in trainee.get("/learn/roads/rd1/test").text


def test_beginning_twice_begins_one_attempt(trainee: Visitor) -> None:
    for _ in range(2):
        trainee.post("/learn/roads/rd1/test")

    assert count(Attempt) == 1


def test_finishing_twice_changes_nothing_and_does_not_end_the_next_attempt(trainee: Visitor) -> None:
    trainee.take_test({1: ["a"]})
    trainee.post("/learn/roads/rd1/test")
    trainee.post("/learn/roads/rd1/test/finish", attempt=1)

    with reading():
        attempts = db.session.scalars(select(Attempt).order_by(Attempt.number)).all()
    assert [attempt.score_percent for attempt in attempts] == [33, None]


def test_an_answer_that_comes_after_the_end_is_not_kept(trainee: Visitor) -> None:
    trainee.take_test({1: ["b"]})

    late = trainee.post("/learn/roads/rd1/test/1", answer="a")

    assert late.location == f"{trainee.prefix}/learn/roads/rd1/test"
    with reading():
        assert db.session.scalars(select(Answer.given)).all() == [["b"]]


def test_an_attempt_keeps_the_version_on_which_it_began(trainee: Visitor, folder: Any) -> None:
    trainee.post("/learn/roads/rd1/test")
    questions = folder / "units/01-repair/questions.yaml"
    questions.write_text(questions.read_text("utf-8").replace("answer: 12.5", "answer: 99"), "utf-8")
    with transaction():
        loading.load(loading.read_all(folder))

    assert "Result: 100 %" in trainee.take_test().text
    assert "Result: 67 %" in trainee.take_test(attempt=2).text


# The written task


def test_a_draft_is_kept_and_submitted_once(trainee: Visitor) -> None:
    trainee.post("/learn/roads/assignment", text="На моей", action="save")
    assert "На моей</textarea>" in trainee.get("/learn/roads/assignment").text

    for _ in range(2):
        assert trainee.submit_work().status_code == 303

    page = trainee.get("/learn/roads/assignment").text
    assert count(Submission) == 1
    assert "It waits for its mark" in page
    assert "<textarea" not in page
    assert "Your written work waits" not in trainee.get("/learn/roads").text  # there are other steps


def test_a_text_of_the_wrong_length_is_kept_as_a_draft(trainee: Visitor) -> None:
    answer = trainee.post("/learn/roads/assignment", text="Мало слов", action="submit", follow=True)

    assert "The text has 2 words. It must have 5 to 20 words." in answer.text
    assert "Мало слов</textarea>" in answer.text
    assert 'href="#text"' in answer.text


def test_chinese_is_counted_by_characters(trainee: Visitor) -> None:
    trainee.post("/learn/roads/assignment", text="我的街道有坑", action="submit")

    assert "It waits for its mark" in trainee.get("/learn/roads/assignment").text


def test_a_submitted_text_is_not_changed_by_a_late_save(trainee: Visitor) -> None:
    trainee.submit_work()

    late = trainee.save("/learn/roads/assignment", text="Другой текст")

    assert late.status_code == 409
    assert late.json["code"] == "work-submitted"
    assert "На моей улице пять ям." in trainee.get("/learn/roads/assignment").text


# Without a session, and for those who look around


def test_the_public_address_explains_how_to_open_the_module(app: Bilim, module: str) -> None:
    page = app.test_client().get("/learn/roads?lang=en")

    assert page.status_code == 200
    assert "Open it from your learning system" in page.text
    assert "3 of 5 are ready" in page.text


def test_the_public_address_of_an_unknown_module_is_not_found(app: Bilim) -> None:
    page = app.test_client().get("/learn/bridges")

    assert page.status_code == 404
    assert code_of(page.text) == "module-unknown"


def test_a_picture_is_public_and_kept_for_good_and_can_do_nothing(trainee: Visitor, app: Bilim) -> None:
    address = re.search(r'<img src="([^"]+)"', trainee.get("/learn/roads/rd1/1").text)
    assert address is not None

    picture = app.test_client().get(address[1])

    assert picture.status_code == 200
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert picture.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert "Set-Cookie" not in picture.headers
    assert app.test_client().get(address[1].replace("road.svg", "map.svg")).status_code == 404


def test_an_instructor_looks_around_without_being_counted(launched: Launching, teacher: Visitor) -> None:
    assert "What you do here is not counted" in teacher.get("/learn/roads/overview").text
    teacher.read_all()
    teacher.take_test()
    teacher.submit_work()

    page = teacher.get("/teach/roads?lang=en").text

    assert "Nobody has opened this module yet" in page
    assert "Nobody is waiting for a mark" in page
    assert enrolment_of("teacher-1").is_trial


def test_a_platform_s_test_user_is_not_counted(launched: Launching) -> None:
    test_user = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
    learner = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
    launched("student-view", roles=[learner, test_user]).get("/learn/roads")

    assert enrolment_of("student-view").is_trial


def test_a_form_without_its_token_is_refused(app: Bilim, trainee: Visitor) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    refused = trainee.post("/learn/roads/rd1/1")

    assert refused.status_code == 400
    assert code_of(refused.text) == "form-expired"


# Light


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/learn/roads", 11),
        ("/learn/roads/rd1/1", 7),
        ("/learn/roads/rd1/test", 8),
        ("/learn/roads/assignment", 10),
    ],
)
def test_a_page_asks_the_database_a_fixed_number_of_times(trainee: Visitor, path: str, most: int) -> None:
    trainee.get(path)

    with counted_queries() as statements:
        trainee.get(path)

    assert len(statements) <= most, "\n".join(statements)


def test_a_question_costs_the_same_however_many_were_answered(trainee: Visitor) -> None:
    trainee.post("/learn/roads/rd1/test")
    with counted_queries() as first:
        trainee.get("/learn/roads/rd1/test/1")
    for number, given in {1: "a", 2: "b", 3: "1"}.items():
        trainee.post(f"/learn/roads/rd1/test/{number}", answer=given)

    with counted_queries() as later:
        trainee.get("/learn/roads/rd1/test/1")

    assert len(later) == len(first) <= 7


def test_nothing_is_completed_by_looking(trainee: Visitor) -> None:
    for path in ("/learn/roads", "/learn/roads/rd1/test", "/learn/roads/assignment"):
        trainee.get(path)

    assert (count(Completion), count(Attempt), count(Submission)) == (0, 0, 0)


@pytest.mark.parametrize("slug", ["public-management", "urban-governance", "e-government"])
def test_a_lesson_of_the_product_is_light_on_its_first_view(app: Bilim, launched: Launching, slug: str) -> None:
    with transaction():
        loading.load(loading.read_all(PRODUCT / "courses" / "content" / slug))
    shell = sum((PRODUCT / "lms" / "core" / "static" / name).stat().st_size for name in ("bilim.css", "bilim.js"))
    visitor = launched(target=f"/learn/{slug}", resource_link={"id": slug})
    unit = {"public-management": "pm1", "urban-governance": "ug1", "e-government": "eg1"}[slug]

    sizes = {
        (language, number): len(visitor.get(f"/learn/{slug}/{unit}/{number}?lang={language}").data)
        for language in ("ky", "ru", "zh", "en")
        for number in (1, 2, 3)
    }

    assert max(sizes.values()) + shell <= 60_000, sizes
