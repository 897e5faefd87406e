"""Scores: what is taken, what is refused, and what then stands in the gradebook."""

import json
from typing import Any

import pytest

from tests.lms.sandbox.conftest import RESULTS_TYPE, SCORE_TYPE, Lms, results_of, score


def test_a_score_stands_in_the_gradebook_on_the_scale_of_the_column(lms: Lms) -> None:
    answer = lms.send_score(scoreGiven=8.6, scoreMaximum=10, comment="Жакшы")

    assert (answer.status_code, answer.data) == (204, b"")
    assert lms.grade() == {
        "person": "trainee-1",
        "module": "e-government",
        "column": "Электрондук өкмөт",
        "line_item": 3,
        "context": 2,
        "score": 86.0,
        "maximum": 100.0,
        "comment": "Жакшы",
        "activity_progress": "Completed",
        "grading_progress": "FullyGraded",
        "timestamp": "2026-11-20T10:00:00+00:00",
        "submitted_at": None,
        "attempts": 0,
        "history": [86.0],
    }


def test_the_scores_that_stood_there_are_remembered_in_the_order_in_which_they_came(lms: Lms) -> None:
    for second, given in (("10", 80), ("11", 75), ("11", 60), ("12", 90)):
        lms.send_score(scoreGiven=given, scoreMaximum=100, timestamp=f"2026-11-20T10:00:{second}.000Z")

    grade = lms.grade()
    assert grade is not None
    assert grade["history"] == [80.0, 75.0, 90.0]


def test_moodle_answers_a_score_with_200_and_nothing(moodle: Lms) -> None:
    answer = moodle.send_score()

    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize(
    "changes",
    [
        {"userId": None},
        {"timestamp": None},
        {"activityProgress": None},
        {"gradingProgress": None},
        {"activityProgress": "Done"},
        {"gradingProgress": "Graded"},
        {"scoreMaximum": None},
        {"scoreMaximum": 0},
        {"scoreGiven": -1},
        {"scoreGiven": "8"},
        {"scoreGiven": True},
        {"comment": 5},
        {"timestamp": "2026-11-20 10:00:00.000Z"},
        {"timestamp": "2026-11-20T10:00:00.000"},
        {"timestamp": "2026-13-20T10:00:00.000Z"},
        {"timestamp": 1},
    ],
)
def test_a_score_of_the_wrong_form_is_refused(lms: Lms, changes: dict[str, Any]) -> None:
    assert lms.send_score(**changes).status_code == 400
    assert lms.grade() is None


def test_the_timestamp_is_finer_than_a_second_for_the_specification_but_not_for_moodle(lms: Lms) -> None:
    strict = lms.send_score(timestamp="2026-11-20T10:00:00Z").status_code
    lms.switch(profile="moodle")
    moodle = lms.send_score(timestamp="2026-11-20T10:00:00Z").status_code

    assert (strict, moodle) == (400, 200)


@pytest.mark.parametrize(
    ("second", "strict", "moodle"),
    [
        ("2026-11-20T10:00:00.499Z", 409, 409),
        ("2026-11-20T10:00:00.500Z", 409, 409),
        ("2026-11-20T16:00:00.500+06:00", 409, 409),
        ("2026-11-20T10:00:00.501Z", 204, 409),
        ("2026-11-20T10:00:00.999Z", 204, 409),
        ("2026-11-20T10:00:01.000Z", 204, 200),
    ],
)
@pytest.mark.parametrize("profile", ["strict", "moodle"])
def test_a_score_must_be_newer_than_the_last_one(lms: Lms, profile: str, second: str, strict: int, moodle: int) -> None:
    lms.switch(profile=profile)
    lms.send_score(timestamp="2026-11-20T10:00:00.500Z", scoreGiven=5)

    answer = lms.send_score(timestamp=second, scoreGiven=9)

    expected = {"strict": strict, "moodle": moodle}[profile]
    grade = lms.grade()
    assert answer.status_code == expected
    assert grade is not None
    assert grade["score"] == (50 if expected == 409 else 90)


def test_times_are_compared_for_each_person_alone(lms: Lms) -> None:
    lms.send_score("trainee-1", timestamp="2026-11-20T10:00:00.000Z")

    assert lms.send_score("trainee-2", timestamp="2026-11-20T09:00:00.000Z").status_code == 204


def test_an_unfinished_grading_leaves_the_grade_alone(lms: Lms) -> None:
    lms.send_score(timestamp="2026-11-20T10:00:00.000Z", scoreGiven=5)

    lms.send_score(timestamp="2026-11-20T10:00:01.000Z", gradingProgress="Pending", scoreGiven=None)

    grade = lms.grade()
    assert grade is not None
    assert (grade["score"], grade["grading_progress"]) == (50.0, "Pending")


def test_in_moodle_an_unfinished_grading_takes_the_grade_away(moodle: Lms) -> None:
    moodle.send_score(timestamp="2026-11-20T10:00:00.000Z", scoreGiven=5)

    answer = moodle.send_score(timestamp="2026-11-20T10:00:01.000Z", gradingProgress="Pending", scoreGiven=9)

    grade = moodle.grade()
    assert answer.status_code == 200
    assert grade is not None
    assert grade["score"] is None


@pytest.mark.parametrize("profile", ["strict", "moodle"])
def test_a_graded_score_without_a_number_clears_the_result_and_the_comment(lms: Lms, profile: str) -> None:
    lms.switch(profile=profile)
    lms.send_score(timestamp="2026-11-20T10:00:00.000Z", scoreGiven=5)

    lms.send_score(timestamp="2026-11-20T10:00:01.000Z", scoreGiven=None, comment=None)

    grade = lms.grade()
    assert grade is not None
    assert (grade["score"], grade["comment"]) == (None, None)


def test_more_than_the_maximum_is_kept_by_the_specification_and_cut_by_moodle(lms: Lms) -> None:
    lms.send_score(scoreGiven=150, scoreMaximum=100)
    kept = lms.grade()
    lms.switch(profile="moodle")
    lms.send_score(scoreGiven=150, scoreMaximum=100, timestamp="2026-11-20T11:00:00.000Z")
    cut = lms.grade()

    assert kept is not None
    assert cut is not None
    assert (kept["score"], cut["score"]) == (150.0, 100.0)


@pytest.mark.parametrize("person", ["instructor", "assistant", "trainee-left"])
def test_a_score_for_somebody_who_is_no_student_is_refused_for_good(lms: Lms, person: str) -> None:
    subs = {"instructor": "21", "assistant": "22", "trainee-left": "14"}
    lms.switch(profile="moodle")

    answer = lms.ask(
        "POST",
        "/services/contexts/2/lineitems/3/lineitem/scores?type_id=3",
        body=score(subs[person]),
        Content_Type=SCORE_TYPE,
    )

    assert (answer.status_code, answer.data) == (400, b"[]")


def test_a_score_for_an_unknown_person_is_refused(lms: Lms) -> None:
    answer = lms.ask(
        "POST", "/services/contexts/2/lineitems/3/lineitem/scores", body=score("nobody"), Content_Type=SCORE_TYPE
    )

    assert (answer.status_code, sorted(json.loads(answer.data))) == (400, ["error"])


def test_a_trainee_who_leaves_can_be_scored_no_more(lms: Lms) -> None:
    url = lms.line_item_url()
    lms.switch(person="trainee-1", takes_part="no")

    answer = lms.ask(
        "POST", f"{url}/scores", body=score("5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a011"), Content_Type=SCORE_TYPE
    )

    assert answer.status_code == 400


def test_the_content_type_must_be_that_of_a_score(lms: Lms) -> None:
    body = score("5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a011")

    answer = lms.ask("POST", f"{lms.line_item_url()}/scores", body=body, Content_Type="application/json")

    assert answer.status_code == 415


def test_in_moodle_scores_added_behind_the_query_are_refused(moodle: Lms) -> None:
    wrong = moodle.line_item_url() + "/scores"

    assert moodle.ask("POST", wrong, body=score("11"), Content_Type=SCORE_TYPE).status_code == 400


def test_results_are_read_with_their_maximum(lms: Lms) -> None:
    lms.send_score(scoreGiven=8.6, scoreMaximum=10, scoringUserId="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a021")

    answer = lms.ask("GET", results_of(lms.line_item_url()), Accept=RESULTS_TYPE)

    assert answer.content_type == RESULTS_TYPE
    assert json.loads(answer.data) == [
        {
            "id": "http://127.0.0.1:8001/services/contexts/2/lineitems/3/lineitem/results/5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a011",
            "scoreOf": "http://127.0.0.1:8001/services/contexts/2/lineitems/3/lineitem",
            "userId": "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a011",
            "resultScore": 86.0,
            "resultMaximum": 100,
            "comment": "Жакшы",
            "scoringUserId": "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a021",
        }
    ]


def test_results_are_filtered_by_person_and_paged(lms: Lms) -> None:
    for person in ("trainee-1", "trainee-2", "trainee-3"):
        lms.send_score(person)
    url = lms.line_item_url()

    one = json.loads(lms.ask("GET", results_of(url, "user_id=5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a012")).data)
    page = lms.ask("GET", results_of(url, "limit=2"))

    assert [result["userId"] for result in one] == ["5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a012"]
    assert len(json.loads(page.data)) == 2
    assert page.headers["Link"] == f'<{url}/results?limit=2&from=2>; rel="next"'


def test_moodle_answers_a_limit_on_results_with_a_page_that_is_not_found(moodle: Lms) -> None:
    answer = moodle.ask("GET", results_of(moodle.line_item_url(), "limit=2"))

    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_cleared_result_is_listed_ungraded_by_the_specification_and_not_at_all_by_moodle(lms: Lms) -> None:
    lms.send_score(scoreGiven=None, comment=None)
    strict = json.loads(lms.ask("GET", results_of(lms.line_item_url())).data)
    lms.switch(profile="moodle")
    moodle = json.loads(lms.ask("GET", results_of(lms.line_item_url())).data)

    assert [sorted(result) for result in strict] == [["id", "resultMaximum", "scoreOf", "userId"]]
    assert moodle == []
