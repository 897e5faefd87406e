"""Study visits and seminars as instructors and trainees use them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from courses import attended, evidence, loading, visits_loading, visits_reading
from courses.attendance_codes import code_of, step_of
from courses.cli import CONTENT
from courses.event_models import Attendance, Event, EventSession
from courses.events import SECRET
from courses.models import Enrolment
from lms.core import clock, limits, vault
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti.models import LaunchSession
from lms.people import holdings
from tests.courses.conftest import Launching, Visitor, counted_queries, enrolment_of
from tests.courses.views.test_instructor import enrol

DAY = "2027-05-12"
BEGINS = datetime(2027, 5, 12, 3, 0, tzinfo=UTC)
"""09:00 in Bishkek."""
SEMINAR: dict[str, Any] = {
    "kind": "seminar",
    "title-ky": "Жолдор боюнча семинар",
    "title-ru": "Семинар о дорогах",
    "place-ru": "Аудитория 4",
    "day": DAY,
    "from": "09:00",
    "to": "10:30",
    "zone": "Asia/Bishkek",
    "hours": "2",
}


def make(teacher: Visitor, **fields: Any) -> str:
    """Make an event and return its id."""
    answer = teacher.post("/teach/roads/visits/new", **{"form_id": str(uuid4()), **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.location).rpartition("/")[2]


def session_ids(event_id: str) -> list[str]:
    with reading():
        rows = select(EventSession.id).filter_by(event_id=event_id).order_by(EventSession.number)
        return list(db.session.scalars(rows))


def code_now(session_id: str, *, ago: float = 0) -> str:
    with reading():
        secret = vault.decrypt(db.session.get_one(EventSession, session_id).secret, SECRET)
    return code_of(secret, step_of(clock.now() - timedelta(seconds=ago)))


def entries(session_id: str) -> list[tuple[str, int]]:
    with reading():
        rows = db.session.scalars(select(Attendance).filter_by(session_id=session_id).order_by(Attendance.number))
        return [(row.how, row.number) for row in rows]


@pytest.fixture
def launched(launched: Launching) -> Launching:
    """Launches that last until the seminar: platforms have no other clock than ours today."""

    def _launch(*arguments: Any, **named: Any) -> Visitor:
        visitor = launched(*arguments, **named)
        with transaction():
            db.session.execute(update(LaunchSession).values(expires_at=BEGINS + timedelta(days=30)))
        return visitor

    return _launch


@pytest.fixture
def seminar(trainee: Visitor, teacher: Visitor) -> tuple[str, str]:
    """Paths, behind /learn or /teach, of a seminar and of its session; codes are shown, the clock stands in it."""
    event_id = make(teacher, **SEMINAR)
    (session_id,) = session_ids(event_id)
    return f"/roads/visits/{event_id}", f"/roads/visits/{event_id}/sessions/{session_id}"


def opened(teacher: Visitor, session: str) -> str:
    """Show codes; returns the id of the session."""
    answer = teacher.post(f"/teach{session}/codes", action="open", follow=True)
    assert "Code of this moment" in answer.text, answer.text
    return session.rpartition("/")[2]


def page_of(trainee: Visitor, session: str) -> str:
    """The ticket of the trainee's page."""
    found = re.search(r'name="page" value="([^"]+)"', trainee.get(f"/learn{session}").text)
    assert found
    return found[1]


def person(sub: str) -> str:
    return enrolment_of(sub).person_id


def test_a_programme_is_held_from_a_first_day_on_in_the_time_of_the_place(teacher: Visitor, trainee: Visitor) -> None:
    with transaction():
        visits_loading.load(list(visits_reading.read_all(CONTENT).values()))
    event_id = make(teacher, kind="visit", programme="hangzhou-seven-days", day=DAY)

    with reading():
        sessions = db.session.scalars(
            select(EventSession).filter_by(event_id=event_id).order_by(EventSession.number)
        ).all()
    assert (len(sessions), sum(session.hours for session in sessions)) == (20, 38)
    assert sessions[0].begins_at == datetime(2027, 5, 12, 1, 30, tzinfo=UTC), "09:30 in Hangzhou"
    assert sessions[-1].ends_at == datetime(2027, 5, 18, 3, 30, tzinfo=UTC), "11:30 on the seventh day"
    page = trainee.get(f"/learn/roads/visits/{event_id}").text
    assert "Study visit to Hangzhou, seven days" in page
    assert "Attended: 0 of 38 academic hours" in page
    assert "09:30–10:15" in page
    assert "Before you travel, check" in teacher.get(f"/teach/roads/visits/{event_id}").text


def test_a_form_sent_twice_plans_one_visit(teacher: Visitor) -> None:
    form_id = str(uuid4())
    assert make(teacher, **SEMINAR, form_id=form_id) == make(teacher, **SEMINAR, form_id=form_id)
    with reading():
        assert len(list(db.session.scalars(select(Event)))) == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title-ky": "", "title-ru": " "}, "Write a title"),
        ({"day": "soon"}, "Choose the day."),
        ({"day": "2207-05-12"}, "lies too far away"),
        ({"from": "10:30"}, "ends before it begins"),
        ({"hours": "99"}, "from 0 to 12"),
        ({"kind": "visit", "programme": "moon"}, "There is no such programme"),
    ],
)
def test_what_cannot_be_planned_is_said_on_the_form(teacher: Visitor, wrong: dict[str, Any], sentence: str) -> None:
    answer = teacher.post("/teach/roads/visits/new", **{"form_id": str(uuid4()), **SEMINAR, **wrong})

    assert answer.status_code in (404, 422)
    assert sentence in answer.text


def test_nobody_sees_a_seminar_of_another_course(
    launched: Launching, teacher: Visitor, seminar: tuple[str, str]
) -> None:
    elsewhere = {"https://purl.imsglobal.org/spec/lti/claim/context": {"id": "another-course", "title": "Other"}}
    stranger = launched("stranger", context={"id": "another-course"}, **elsewhere)
    other_teacher = launched("teacher-9", role="Instructor", context={"id": "another-course"}, **elsewhere)
    event, session = seminar

    assert stranger.get(f"/learn{event}").status_code == 404
    assert stranger.get(f"/learn{session}").status_code == 404
    assert other_teacher.get(f"/teach{session}/people").status_code == 404
    assert "Семинар" not in stranger.get("/learn/roads/visits").text


def test_a_trainee_types_the_code_of_the_moment_and_the_hours_count(
    teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    event, session = seminar
    assert "Study visits and seminars" in trainee.get("/learn/roads").text
    with clock.frozen(BEGINS):
        session_id = opened(teacher, session)
        typed = code_now(session_id)
        answer = trainee.post(f"/learn{session}", follow=True, code=f"{typed[:3]} {typed[3:]}", page="")
        trainee.post(f"/learn{session}", code=typed, page="")

    assert "You are recorded as present" in answer.text
    assert entries(session_id) == [("code", 1)], "twice is once"
    assert "Attended: 2 of 2 academic hours" in trainee.get(f"/learn{event}").text
    with reading():
        assert attended.hours(enrolment_of(trainee.sub).id) == 2
        assert evidence.of("attendance", enrolment_of(trainee.sub).id) == 2
    with clock.frozen(BEGINS):
        assert teacher.get(f"/teach{session}/count").json == {"present": 1, "waiting": 0, "people": 1}


def test_a_code_passed_on_is_worth_nothing_two_minutes_later(
    teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    _event, session = seminar
    with clock.frozen(BEGINS):
        session_id = opened(teacher, session)
        clock.advance(300)
        answer = trainee.post(f"/learn{session}", code=code_now(session_id, ago=120), page="")

    assert answer.status_code == 422
    assert entries(session_id) == []


def test_a_code_that_waited_for_a_network_counts_when_the_leader_confirms_it(
    teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    event, session = seminar
    with clock.frozen(BEGINS):
        session_id = opened(teacher, session)
        page = page_of(trainee, session)
        clock.advance(600)
        typed = code_now(session_id)
        clock.advance(8 * 3600)
        sent = trainee.save(f"/learn{session}", code=typed, page=page, waited="1")
        assert sent.json is not None
        assert sent.json["how"] == "late-code"
        assert "The leader has to confirm it" in trainee.get(f"/learn{session}").text
        assert "Attended: 0 of 2" in trainee.get(f"/learn{event}").text
        listed = teacher.get(f"/teach{session}/people").text
        assert "12.05.2027, 09:10" in listed, "when the code was shown"
        assert "Entered later: 12.05.2027, 17:10" in listed
        teacher.post(f"/teach{session}/people", person=person(trainee.sub))

    assert entries(session_id) == [("late-code", 1), ("confirmed", 2)]
    assert "Attended: 2 of 2" in trainee.get(f"/learn{event}").text


@pytest.mark.parametrize("whose", ["nobody", "forged", "another person", "opened too late"])
def test_a_late_code_needs_a_page_that_its_person_opened_before(
    launched: Launching, teacher: Visitor, trainee: Visitor, seminar: tuple[str, str], whose: str
) -> None:
    _event, session = seminar
    other = launched("person-18")
    with clock.frozen(BEGINS):
        session_id = opened(teacher, session)
        own = page_of(trainee, session)
        pages = {
            "nobody": "",
            "forged": f"{int(BEGINS.timestamp())}.{own.partition('.')[2][::-1]}",
            "another person": page_of(other, session),
        }
        clock.advance(600)
        typed = code_now(session_id)
        clock.advance(3600)
        page = pages.get(whose) or (page_of(trainee, session) if whose == "opened too late" else "")
        answer = trainee.save(f"/learn{session}", code=typed, page=page, waited="1")

    assert answer.status_code == 422
    assert entries(session_id) == []


def test_no_code_is_taken_before_the_leader_shows_one_or_after(
    teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    _event, session = seminar
    session_id = session.rpartition("/")[2]
    with clock.frozen(BEGINS):
        assert trainee.post(f"/learn{session}", code=code_now(session_id), page="").status_code == 409
        opened(teacher, session)
        teacher.post(f"/teach{session}/codes", action="close")
        clock.advance(300)
        assert trainee.post(f"/learn{session}", code=code_now(session_id), page="").status_code == 409
        opened(teacher, session)
        assert trainee.post(f"/learn{session}", code=code_now(session_id), page="").status_code == 303


def test_codes_are_not_shown_days_before(teacher: Visitor, seminar: tuple[str, str]) -> None:
    with clock.frozen(BEGINS - timedelta(days=2)):
        assert teacher.post(f"/teach{seminar[1]}/codes", action="open").status_code == 409


def test_trying_codes_is_stopped(app: Bilim, teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]) -> None:
    limits.init_app(app, "memory://", enabled=True)
    _event, session = seminar
    with clock.frozen(BEGINS):
        opened(teacher, session)
        answers = [trainee.post(f"/learn{session}", code="000000", page="").status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]


def test_the_leader_ticks_the_sheet_later_and_strikes_out_with_a_reason(
    launched: Launching, teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    event, session = seminar
    session_id, people = session.rpartition("/")[2], f"/teach{session}/people"
    with clock.frozen(BEGINS + timedelta(days=1)):
        ticked = teacher.post(people, follow=True, person=[person(trainee.sub), "somebody-else"])
        teacher.post(people, person=person(trainee.sub))
        assert "Entered: 1" in ticked.text
        assert "Entered later: 13.05.2027, 09:00" in ticked.text
        assert "Нурлан Асанов" in ticked.text, "by whom"
        assert "Attended: 2 of 2" in trainee.get(f"/learn{event}").text
        strike: dict[str, Any] = {"person": person(trainee.sub), "reason": "left-early"}
        assert teacher.post(f"/teach{session}/strike", **strike, seen="7").status_code == 409
        assert teacher.post(f"/teach{session}/strike", **{**strike, "reason": "dislike"}, seen="1").status_code == 422
        struck = teacher.post(f"/teach{session}/strike", follow=True, **strike, seen="1")

    assert "Struck out: Left early" in struck.text
    assert entries(session_id) == [("sheet", 1), ("struck", 2)]
    assert "Attended: 0 of 2" in trainee.get(f"/learn{event}").text
    assert "has struck you out" in trainee.get(f"/learn{session}").text


def test_somebody_struck_out_cannot_type_a_code_again_to_be_there(
    teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    event, session = seminar
    with clock.frozen(BEGINS):
        session_id = opened(teacher, session)
        trainee.post(f"/learn{session}", code=code_now(session_id), page="")
        teacher.post(f"/teach{session}/strike", person=person(trainee.sub), reason="not-there", seen="1")
        trainee.post(f"/learn{session}", code=code_now(session_id), page="")

    assert "Attended: 0 of 2" in trainee.get(f"/learn{event}").text


def test_what_was_recorded_can_be_neither_changed_nor_deleted(
    teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    teacher.post(f"/teach{seminar[1]}/people", person=person(trainee.sub))

    with pytest.raises(DatabaseError, match="append-only"), transaction():
        db.session.execute(update(Attendance).values(how="struck"))
    with pytest.raises(DatabaseError, match="append-only"), transaction():
        db.session.execute(text("DELETE FROM course_attendance"))


def test_the_sheet_is_in_kyrgyz_and_russian_and_lists_everybody(
    teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    event, _session = seminar
    page = teacher.get(f"/teach{event}/sheet/1").text

    assert "Жолдор боюнча семинар" in page
    assert "Семинар о дорогах" in page
    assert "12.05.2027, 09:00–10:30 (Asia/Bishkek)" in page
    assert page.count("<tr><td>") == 1 + 4, "one participant and four empty lines"
    assert teacher.get(f"/teach{event}/sheet/2").status_code == 404


def test_a_cancelled_seminar_is_seen_by_nobody_and_counts_for_nothing(
    teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    event, session = seminar
    teacher.post(f"/teach{session}/people", person=person(trainee.sub))
    teacher.post(f"/teach{event}/cancel")

    assert trainee.get(f"/learn{event}").status_code == 404
    with reading():
        assert attended.hours(enrolment_of(trainee.sub).id) == 0


def test_the_qr_code_leads_each_person_to_their_own_page(
    app: Bilim, teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    session = seminar[1]
    door = f"/here/{session.rpartition('/')[2]}"

    assert trainee.browser.get(door).location == f"{trainee.prefix}/learn{session}"
    assert teacher.browser.get(door).location == f"{teacher.prefix}/teach{session}"
    stranger = app.test_client().get(f"{door}?lang=en")
    assert "Open the module from your course first" in stranger.text
    assert "Семинар" not in stranger.text
    assert trainee.browser.get("/here/nothing?lang=en").status_code == 200


def test_a_trainee_sees_nothing_of_the_leaders_pages(trainee: Visitor, seminar: tuple[str, str]) -> None:
    event, session = seminar

    assert trainee.get(f"/teach{session}").status_code == 403
    assert trainee.get(f"/teach{session}/people").status_code == 403
    assert trainee.get(f"/teach{event}/sheet/1").status_code == 403
    assert trainee.post(f"/teach{session}/people", person=person(trainee.sub)).status_code == 403


def test_an_instructor_who_looks_around_is_counted_nowhere(teacher: Visitor, seminar: tuple[str, str]) -> None:
    session = seminar[1]

    assert "What you do here is not counted" in teacher.get(f"/learn{session}").text


DIARY: dict[str, Any] = {
    f"diary-{name}": f"{name}: көрдүм"
    for name in (
        *("observation-1", "observation-2", "observation-3", "counter-observation", "not-copy", "action", "owner"),
    )
}


def test_a_diary_is_a_draft_of_the_trainee_until_it_is_submitted_once(teacher: Visitor, trainee: Visitor) -> None:
    with transaction():
        visits_loading.load(list(visits_reading.read_all(CONTENT).values()))
    event = f"/roads/visits/{make(teacher, kind='visit', programme='hangzhou-seven-days', day=DAY)}"
    read = f"/teach{event}/diaries/{enrolment_of(trainee.sub).id}"

    trainee.save(f"/learn{event}/diary/2", **{**DIARY, "diary-owner": ""})
    assert "көрдүм" not in teacher.get(read).text, "a draft is the trainee's own"
    half = trainee.post(f"/learn{event}/diary/2", follow=True, **{**DIARY, "diary-owner": " "}, action="submit")
    assert "It is kept as a draft" in half.text
    whole = trainee.post(f"/learn{event}/diary/2", follow=True, **DIARY, action="submit")
    assert "The day is submitted" in whole.text
    assert "not-copy: көрдүм" in teacher.get(read).text
    again = trainee.post(f"/learn{event}/diary/2", **{**DIARY, "diary-action": "other"})
    assert again.status_code == 409
    assert trainee.get(f"/learn{event}/diary/8").status_code == 404
    assert "not-copy: көрдүм" in trainee.get(f"/learn{event}/diary/2").text


def test_a_person_reads_what_is_kept_and_diaries_are_deleted_on_request(teacher: Visitor, trainee: Visitor) -> None:
    with transaction():
        visits_loading.load(list(visits_reading.read_all(CONTENT).values()))
    event_id = make(teacher, kind="visit", programme="hangzhou-seven-days", day=DAY)
    session = f"/roads/visits/{event_id}/sessions/{session_ids(event_id)[0]}"
    teacher.post(f"/teach{session}/people", person=person(trainee.sub))
    trainee.post(f"/learn/roads/visits/{event_id}/diary/1", **DIARY, action="submit")
    holding = holdings.known()["visits"]
    who = person(trainee.sub)

    with reading():
        kept = holding.shown(who)
    assert [(entry["how"], entry["begins_at"]) for entry in kept["attendance"]] == [
        ("sheet", "2027-05-12T01:30:00+00:00")
    ]
    assert kept["diaries"][0]["texts"]["not-copy"] == "not-copy: көрдүм"
    assert holding.erased
    with transaction():
        assert holding.erased(who) == 1
    with reading():
        kept = holding.shown(who)
    assert (len(kept["attendance"]), kept["diaries"][0]["texts"]) == (1, {})


def test_programmes_are_loaded_with_the_content(app: Bilim) -> None:
    runner = app.test_cli_runner()

    assert (
        "visits/hangzhou-seven-days: no mistakes, 7 days, 38 hours" in runner.invoke(args=["courses", "check"]).output
    )
    assert "visits/hangzhou-seven-days: new or changed" in runner.invoke(args=["courses", "load"]).output
    assert "visits/hangzhou-seven-days: unchanged" in runner.invoke(args=["courses", "load"]).output


def test_pages_of_visits_ask_as_often_for_many_as_for_one(
    folder: Path, teacher: Visitor, trainee: Visitor, seminar: tuple[str, str]
) -> None:
    asking = folder / "module.yaml"
    hours = asking.read_text("utf-8").replace("weights:", "attendance_hours: {whole: 2, reserve: 0}\n  weights:", 1)
    asking.write_text(hours, "utf-8")
    with transaction():
        loading.load(loading.read_all(folder))
    event, session = seminar
    pages = (
        f"/teach{event}",
        f"/teach{session}/people",
        f"/teach{event}/sheet/1",
        "/teach/roads",
        "/teach/roads/gradebook",
    )
    teacher.post(f"/teach{session}/people", person=person(trainee.sub))
    for page in pages:
        assert teacher.get(page).status_code == 200, page

    def _asked() -> list[int]:
        counts = []
        for page in pages:
            with counted_queries() as statements:
                teacher.get(page)
            counts.append(len(statements))
        return counts

    few = _asked()
    enrol(59)
    with reading():
        crowd = list(db.session.scalars(select(Enrolment.person_id).filter_by(is_trial=False)))
    teacher.post(f"/teach{session}/people", person=crowd)

    assert _asked() == few
    assert "Present: 60 of 60" in teacher.get(f"/teach{event}").text
    with reading(), counted_queries() as statements:
        found = attended.hours_of_many(list(db.session.scalars(select(Enrolment.id))))
    assert list(found.values()) == [2] * 60
    assert len(statements) == 1 + 3
