"""The score reaches the gradebook, and only when there is one to tell."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from courses import completion
from courses.models import ScoreDelivery
from lms.core import clock, jobs
from lms.core.db import db, reading, transaction
from tests.courses.conftest import Launching, Visitor, enrolment_of
from tests.courses.views.test_instructor import complete, work_of
from tests.platform import Platform, Reply

SCORES = "/items/5/lineitem/scores"


def sent(platform: Platform) -> list[dict[str, Any]]:
    return [json.loads(asked.body) for asked in platform.asked_for(SCORES)]


def outcome() -> tuple[str, int] | None:
    with reading():
        row = db.session.scalar(select(ScoreDelivery))
    return (row.outcome, row.score_percent) if row else None


def test_a_completed_module_sends_its_result(trainee: Visitor, teacher: Visitor, platform: Platform) -> None:
    complete(trainee, teacher, 80)

    jobs.run_due()

    (score,) = sent(platform)
    assert score["userId"] == "person-17"
    assert (score["scoreGiven"], score["scoreMaximum"]) == (92, 100)
    assert (score["activityProgress"], score["gradingProgress"]) == ("Completed", "FullyGraded")
    assert score["comment"] == "Хорошо."
    assert outcome() == ("delivered", 92)


def test_nothing_is_sent_before_completion(trainee: Visitor, platform: Platform) -> None:
    trainee.read_all()
    trainee.take_test()
    with transaction():
        jobs.queue("score", enrolment_of("person-17").id)

    jobs.run_due()

    assert sent(platform) == []
    assert outcome() is None


def test_a_changed_mark_sends_what_is_true_then(trainee: Visitor, teacher: Visitor, platform: Platform) -> None:
    complete(trainee, teacher, 60)
    assert "Waiting to be sent" in teacher.get("/teach/roads").text

    teacher.post(f"/teach/roads/work/{work_of('person-17')}", percent="100", comment="", seen=1)

    jobs.run_due()

    assert [score["scoreGiven"] for score in sent(platform)] == [100]


def test_a_module_without_a_gradebook_column_asks_for_no_score(
    launched: Launching, teacher: Visitor, platform: Platform
) -> None:
    trainee = launched("person-17", ags=None, resource_link={"id": "no-column"})
    complete(trainee, teacher)

    jobs.run_due()

    assert sent(platform) == []
    assert outcome() == ("not-wanted", 92)
    state = jobs.state_of("score", enrolment_of("person-17").id)
    assert state is not None
    assert state.status == "done"
    assert "No gradebook" in teacher.get("/teach/roads").text


@pytest.mark.parametrize(
    ("status", "body", "job_status", "code"),
    [(400, b"[]", "needs-person", "not-enrolled"), (503, b"", "waiting", "score-not-delivered")],
)
def test_what_a_person_must_cure_is_told_apart_from_what_time_cures(
    trainee: Visitor,
    teacher: Visitor,
    platform: Platform,
    status: int,
    body: bytes,
    job_status: str,
    code: str,
) -> None:
    platform.replies[SCORES] = [Reply(status=status, body=body)]
    enrolment_id = complete(trainee, teacher)

    jobs.run_due()

    with reading():
        state = jobs.state_of("score", enrolment_id)
    assert state is not None
    assert (state.status, state.last_error) == (job_status, code)
    assert outcome() is None


def test_a_completion_reported_by_the_module_s_server_sends_its_result(trainee: Visitor, platform: Platform) -> None:
    with transaction():
        completion.report(
            issuer=platform.issuer,
            client_id=platform.client_id,
            user_id="person-17",
            module_slug="roads",
            score_percent=77,
            completed_at=clock.now(),
            source="client:module-server",
        )

    jobs.run_due()

    assert [score["scoreGiven"] for score in sent(platform)] == [77]


def test_a_module_opened_again_from_another_link_sends_there_too(
    launched: Launching, trainee: Visitor, teacher: Visitor, platform: Platform
) -> None:
    complete(trainee, teacher)
    jobs.run_due()

    ags = {
        "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
        "lineitem": f"{platform.url}/items/9/lineitem",
    }
    launched("person-17", resource_link={"id": "link-2"}, ags=ags).get("/learn/roads")
    jobs.run_due()

    assert len(platform.asked_for("/items/9/lineitem/scores")) == 1


# The column, where the launch names none

LINE_ITEMS = {
    "scope": [
        "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
        "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    ]
}


def with_columns(launched: Launching, platform: Platform) -> Visitor:
    return launched("person-17", ags={**LINE_ITEMS, "lineitems": f"{platform.url}/items"})


def column(platform: Platform, number: int) -> dict[str, Any]:
    return {"id": f"{platform.url}/items/{number}", "label": "x", "scoreMaximum": 100, "resourceId": "roads"}


def test_a_column_is_made_for_the_first_score_and_kept(
    launched: Launching, teacher: Visitor, platform: Platform
) -> None:
    made = Reply(status=201, body=json.dumps(column(platform, 7)).encode())
    platform.replies["/items"] = [Reply(body=b"[]"), Reply(body=b"[]"), made]
    enrolment_id = complete(with_columns(launched, platform), teacher)

    jobs.run_due()
    with transaction():
        jobs.retry("score", enrolment_id)
    jobs.run_due()

    posted = [json.loads(asked.body) for asked in platform.asked_for("/items") if asked.method == "POST"]
    assert [(each["resourceId"], each["tag"]) for each in posted] == [("roads", "completion")]
    assert len(platform.asked_for("/items/7/scores")) == 2
    assert outcome() == ("delivered", 92)


def test_a_copied_course_s_column_is_found_and_none_is_made(
    launched: Launching, teacher: Visitor, platform: Platform
) -> None:
    platform.replies["/items"] = [Reply(body=b"[]"), Reply(body=json.dumps([column(platform, 3)]).encode())]
    complete(with_columns(launched, platform), teacher)

    jobs.run_due()

    assert {asked.method for asked in platform.asked_for("/items")} == {"GET"}
    assert len(platform.asked_for("/items/3/scores")) == 1


def test_a_column_that_was_deleted_is_sought_anew_when_sent_again(
    trainee: Visitor, teacher: Visitor, platform: Platform, launched: Launching
) -> None:
    platform.replies["/items/3/scores"] = [Reply(status=404)]
    first = Reply(body=json.dumps([{**column(platform, 3), "resourceLinkId": "link-1"}]).encode())
    second = Reply(body=json.dumps([{**column(platform, 4), "resourceLinkId": "link-1"}]).encode())
    platform.replies["/items"] = [first, second]
    enrolment_id = complete(with_columns(launched, platform), teacher)
    jobs.run_due()
    with reading():
        state = jobs.state_of("score", enrolment_id)
    assert state is not None
    assert (state.status, state.last_error) == ("needs-person", "line-item-missing")

    with transaction():
        jobs.retry("score", enrolment_id)
    jobs.run_due()

    assert len(platform.asked_for("/items/4/scores")) == 1


def test_a_right_that_is_missing_for_columns_waits_for_a_person(
    launched: Launching, teacher: Visitor, platform: Platform
) -> None:
    platform.replies["/items"] = [Reply(status=403)]
    enrolment_id = complete(with_columns(launched, platform), teacher)

    jobs.run_due()

    with reading():
        state = jobs.state_of("score", enrolment_id)
    assert state is not None
    assert (state.status, state.last_error) == ("needs-person", "line-items-not-allowed")
    assert "does not allow Bilim to use its gradebook columns" in teacher.get("/teach/roads").text


def test_the_score_says_who_marked_the_work_and_when_it_was_begun(
    trainee: Visitor, teacher: Visitor, platform: Platform
) -> None:
    complete(trainee, teacher)

    jobs.run_due()

    (score,) = sent(platform)
    assert score["scoringUserId"] == "teacher-1"
    assert set(score["submission"]) == {"startedAt", "submittedAt"}
    assert score["submission"]["startedAt"] <= score["submission"]["submittedAt"]
