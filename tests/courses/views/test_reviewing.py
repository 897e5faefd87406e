"""The gradebook of a platform opens the work behind a grade; nothing is made by looking."""

from typing import Any

import pytest
from sqlalchemy import func, select

from courses.models import Enrolment, Grade
from lms.core.db import db, reading
from lms.lti.models import ResourceLink
from tests.courses.conftest import Launching, Visitor
from tests.courses.views.test_instructor import complete
from tests.courses.views.test_marking import PDF, TWO, Ruled, add_file, give, handed_in, ruled  # noqa: F401  a fixture
from tests.platform import CLAIM, Platform


def review(launched: Launching, platform: Platform, of: str, *, by: str = "teacher-1", **changes: Any) -> Visitor:
    return launched(
        by,
        **{
            "role": "Instructor",
            "message_type": "LtiSubmissionReviewRequest",
            f"{CLAIM}for_user": {"user_id": of},
            "ags": {"scope": [], "lineitem": f"{platform.url}/items/5/lineitem?type_id=3"},
            **changes,
        },
    )


def counts() -> tuple[int, ...]:
    with reading():
        tables = (Enrolment, Grade, ResourceLink)
        return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_an_instructor_sees_attempts_texts_and_marks(
    trainee: Visitor, teacher: Visitor, launched: Launching, platform: Platform
) -> None:
    complete(trainee, teacher, 80)
    before = counts()

    opened = review(launched, platform, "person-17")
    page = opened.get("/review/").text

    assert "На моей улице пять ям." in page
    assert "Mark: 80 %" in page
    assert opened.get("/review/rd1/1").status_code == 200
    assert counts() == before


def test_a_column_is_enough_where_no_link_is_named(
    trainee: Visitor, teacher: Visitor, launched: Launching, platform: Platform
) -> None:
    complete(trainee, teacher, 80)

    opened = review(launched, platform, "person-17", resource_link=None, target_link_uri=None, target="/lti/launch")

    assert "Mark: 80 %" in opened.get("/review/").text


def test_a_trainee_sees_her_own_and_nobody_elses(
    trainee: Visitor, teacher: Visitor, launched: Launching, platform: Platform
) -> None:
    complete(trainee, teacher, 80)
    launched("person-18").get("/learn/roads")

    own = review(launched, platform, "person-17", by="person-17", role="Learner")
    other = review(launched, platform, "person-17", by="person-18", role="Learner")

    assert own.get("/review/").status_code == 200
    answer = other.get("/review/")
    assert (answer.status_code, "review-person-unknown" in answer.text) == (404, True)
    assert "На моей улице" not in other.get("/review/rd1/1").text


def test_an_instructor_of_another_course_sees_nothing(
    trainee: Visitor, teacher: Visitor, launched: Launching, platform: Platform
) -> None:
    complete(trainee, teacher, 80)

    stranger = review(launched, platform, "person-17", by="teacher-2", context={"id": "course-2"})

    assert "review-nothing" in stranger.get("/review/").text


@pytest.mark.parametrize(
    ("of", "link", "code"),
    [
        ("person-unknown", {"id": "link-1"}, "review-person-unknown"),
        ("teacher-1", {"id": "link-1"}, "review-nothing"),
        ("person-17", {"id": "link-never-opened"}, "review-column-unknown"),
    ],
)
def test_what_is_not_known_is_said_clearly(
    trainee: Visitor, launched: Launching, platform: Platform, of: str, link: dict[str, str], code: str
) -> None:
    ags = {"scope": [], "lineitem": f"{platform.url}/items/{'5' if link['id'] == 'link-1' else '6'}/lineitem?type_id=3"}

    answer = review(launched, platform, of, resource_link=link, ags=ags).get("/review/")

    assert (answer.status_code, code in answer.text) == (404, True)


@pytest.mark.parametrize(
    ("missing", "code"), [({f"{CLAIM}for_user": None}, "for-user-missing"), ({"ags": None}, "line-item-not-named")]
)
def test_a_review_says_whose_work_and_which_column(
    app: Any, platform: Platform, missing: dict[str, None], code: str
) -> None:
    claims = {
        "message_type": "LtiSubmissionReviewRequest",
        f"{CLAIM}for_user": {"user_id": "person-17"},
        "ags": {"scope": [], "lineitem": f"{platform.url}/items/5/lineitem"},
        **missing,
    }

    answer = platform.launch(app.test_client(), **claims)

    assert (answer.status_code, code in answer.text) == (400, True)


def test_a_launch_of_a_review_opens_no_other_pages(trainee: Visitor, launched: Launching, platform: Platform) -> None:
    opened = review(launched, platform, "person-17")

    for path in ("/learn/roads", "/teach/roads", "/choose/"):
        answer = opened.get(path)
        assert (answer.status_code, "launch-for-other-purpose" in answer.text) == (403, True)
    assert trainee.get("/review/").status_code == 403


def test_a_review_shows_files_and_no_mark_that_is_held_back(
    trainee: Visitor,
    teacher: Visitor,
    launched: Launching,
    platform: Platform,
    ruled: Ruled,  # noqa: F811
) -> None:
    ruled(f"{TWO}\nfiles: {{types: [pdf]}}")
    add_file(trainee)
    trainee.submit_work()
    give(teacher, 60, comment="Geheim-17")
    (kept,) = handed_in()

    own = review(launched, platform, "person-17", by="person-17", role="Learner")
    page = own.get("/review/").text

    assert "Waits for its mark" in page
    assert "Geheim-17" not in page
    assert "Mark: 60 %" not in page
    assert f"/review/file/{kept.id}" in page
    assert own.get(f"/review/file/{kept.id}").data == PDF
    assert own.get("/review/file/nothing").status_code == 404
