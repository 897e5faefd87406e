"""A link to one unit, or to the written task, has a column of its own, which gets the score of that part and no other."""

import json
from typing import Any

import pytest

from lms.core import jobs
from tests.courses.conftest import Launching, Visitor, enrolment_of
from tests.courses.views.test_instructor import complete, work_of
from tests.platform import SCORE_SCOPE, Platform

UNIT, WORK, WHOLE = "/items/11/lineitem", "/items/12/lineitem", "/items/5/lineitem"
HALF_RIGHT = {1: ["a"], 2: ["a", "b"], 3: ["1"]}


def opened(launched: Launching, platform: Platform, part: str, column: str, sub: str = "person-17") -> Visitor:
    """The person opens a link to a part."""
    visitor = launched(
        sub,
        target=f"/learn/roads/{part}",
        resource_link={"id": f"link-{part}", "title": part},
        custom={"module": "roads", "part": part},
        ags={"scope": [SCORE_SCOPE], "lineitem": f"{platform.url}{column}"},
    )
    assert visitor.browser.get(f"{visitor.prefix}/learn/roads/{part}", follow_redirects=True).status_code == 200
    return visitor


def scores(platform: Platform, column: str) -> list[Any]:
    """What reached a column."""
    jobs.run_due()
    return [json.loads(asked.body)["scoreGiven"] for asked in platform.asked_for(f"{column}/scores")]


def test_a_test_reaches_the_column_of_its_unit_at_once(launched: Launching, platform: Platform, module: str) -> None:
    visitor = opened(launched, platform, "rd1", UNIT)

    visitor.take_test()

    assert scores(platform, UNIT) == [100]
    (sent,) = [json.loads(asked.body) for asked in platform.asked_for(f"{UNIT}/scores")]
    assert (sent["userId"], sent["gradingProgress"], sent["activityProgress"]) == (
        "person-17",
        "FullyGraded",
        "Completed",
    )


def test_only_a_better_attempt_is_sent_again(launched: Launching, platform: Platform, module: str) -> None:
    visitor = opened(launched, platform, "rd1", UNIT)
    visitor.take_test(HALF_RIGHT)
    first = scores(platform, UNIT)

    visitor.take_test(attempt=2)
    visitor.take_test(HALF_RIGHT, attempt=3)

    assert scores(platform, UNIT) == [*first, 100]
    assert first[0] < 100


def test_the_mark_reaches_the_column_of_the_written_task(
    launched: Launching, teacher: Visitor, platform: Platform
) -> None:
    visitor = opened(launched, platform, "assignment", WORK)
    visitor.submit_work()
    teacher.post(f"/teach/roads/work/{work_of('person-17')}", percent="70", comment="Хорошо.", seen=0)

    assert scores(platform, WORK) == [70]


def test_each_link_gets_its_own_score(
    trainee: Visitor, teacher: Visitor, launched: Launching, platform: Platform
) -> None:
    complete(trainee, teacher, 80)
    opened(launched, platform, "rd1", UNIT)
    opened(launched, platform, "assignment", WORK)

    assert scores(platform, UNIT) == [100]
    assert scores(platform, WORK) == [80]
    assert scores(platform, WHOLE) == [92]


def test_the_score_of_the_module_never_goes_to_a_part(
    launched: Launching, teacher: Visitor, platform: Platform, module: str
) -> None:
    visitor = opened(launched, platform, "rd1", UNIT)
    complete(visitor, teacher, 80)

    assert scores(platform, UNIT) == [100]


def test_an_instructor_who_looks_around_gets_no_score(launched: Launching, platform: Platform, module: str) -> None:
    visitor = launched(
        "teacher-2",
        role="Instructor",
        target="/learn/roads/rd1",
        ags={"scope": [SCORE_SCOPE], "lineitem": f"{platform.url}{UNIT}"},
    )
    visitor.get("/learn/roads/overview")
    visitor.take_test()

    assert scores(platform, UNIT) == []


def test_a_link_that_is_chosen_anew_grades_what_it_opens_now(
    launched: Launching, platform: Platform, module: str
) -> None:
    visitor = opened(launched, platform, "rd1", UNIT)
    launched(resource_link={"id": "link-rd1", "title": "roads"}, custom={"module": "roads"}).get("/learn/roads")

    visitor.take_test()

    assert scores(platform, UNIT) == []


def test_a_copy_of_a_link_to_a_unit_grades_the_unit(launched: Launching, platform: Platform, module: str) -> None:
    opened(launched, platform, "rd1", UNIT)

    copy = launched(
        target="/lti/launch",
        resource_link={"id": "link-copy", "title": "rd1"},
        custom={"link_history": "link-rd1"},
        context={"id": "course-copy"},
        ags={"scope": [SCORE_SCOPE], "lineitem": f"{platform.url}{WORK}"},
    )
    page = copy.browser.get(f"{copy.prefix}/learn/roads/rd1", follow_redirects=True)
    copy.take_test()

    assert page.request.path.endswith("/learn/roads/rd1/1")
    assert (scores(platform, UNIT), scores(platform, WORK)) == ([100], [100])


def test_the_instructor_sees_whether_each_score_arrived(
    launched: Launching, teacher: Visitor, platform: Platform, module: str
) -> None:
    opened(launched, platform, "rd1", UNIT).take_test()
    path = f"/teach/roads/trainee/{enrolment_of('person-17').id}"
    waiting = teacher.get(path).text

    jobs.run_due()

    assert "Waiting to be sent" in waiting
    assert "Waiting to be sent" not in teacher.get(path).text
    teacher.post(f"{path}/resend", back="trainee")
    assert scores(platform, UNIT) == [100, 100]


@pytest.mark.parametrize("part", ["rd9", "overview", "RD1"])
def test_what_is_no_part_grades_the_module(launched: Launching, platform: Platform, module: str, part: str) -> None:
    visitor = launched(target=f"/learn/roads/{part}", ags={"scope": [SCORE_SCOPE], "lineitem": f"{platform.url}{UNIT}"})
    visitor.get("/learn/roads")
    visitor.take_test()

    assert scores(platform, UNIT) == ([100] if part == "RD1" else [])
