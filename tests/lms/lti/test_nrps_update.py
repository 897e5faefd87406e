"""The list of a course is kept: page by page, nobody deleted, and the same person when they come."""

import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from lms.core import clock, jobs
from lms.core import keys as signing_keys
from lms.core.db import db, reading, transaction
from lms.lti import nrps_update
from lms.lti.models import PlatformUser
from lms.people.models import Person
from tests.lms.lti.course import (
    answer,
    context_id,
    groups_kept,
    launch,
    member,
    page,
    roster,
    state,
    update_row,
)
from tests.platform import Platform, Reply


@pytest.fixture
def course(client: FlaskClient, platform: Platform) -> Platform:
    """A platform from whose course somebody opened us."""
    with transaction():
        signing_keys.ensure("lti")
    launch(platform, client)
    platform.asked.clear()
    return platform


def update() -> None:
    with transaction():
        nrps_update.ask(context_id())
    jobs.run_due()


def test_everybody_in_the_course_is_known_also_who_never_opened_us(course: Platform) -> None:
    course.replies["/members"] = [page([member("person-17", name="Айгүл"), member("18", "Instructor")])]

    update()

    assert roster() == {"18": ("active", None), "person-17": ("active", "Айгүл")}
    assert state().status == "done"
    assert update_row().members_read == 2
    assert course.asked_for("/members")[0].path == "/members?limit=500"


def test_whoever_is_listed_first_and_comes_later_is_the_same_person(course: Platform, client: FlaskClient) -> None:
    course.replies["/members"] = [page([member("18", name="Нурбек")])]
    update()
    with reading():
        before = db.session.execute(select(PlatformUser.id, PlatformUser.person_id).filter_by(sub="18")).one()

    launch(course, client.application.test_client(), sub="18")

    with reading():
        after = db.session.execute(select(PlatformUser.id, PlatformUser.person_id).filter_by(sub="18")).one()
        assert db.session.scalar(select(func.count(Person.id))) == 2
    assert after == before


def test_a_person_who_left_is_inactive_and_active_again_when_back(course: Platform) -> None:
    both, one = page([member("1", name="А"), member("2")]), page([member("2")])
    with clock.frozen(clock.now()):
        for listed, expected in ((both, "active"), (one, "inactive"), (both, "active")):
            course.replies["/members"] = [listed]
            clock.advance(60)

            update()

            assert roster() == {"1": (expected, "А"), "2": ("active", None)}


def test_a_list_of_nobody_changes_nothing(course: Platform) -> None:
    course.replies["/members"] = [page([member("1")])]
    update()
    course.replies["/members"] = [page([])]

    update()

    assert (state().status, state().last_error) == ("needs-person", "roster-empty")
    assert roster() == {"1": ("active", None)}


def test_a_name_that_is_not_told_again_stays(course: Platform) -> None:
    course.replies["/members"] = [page([member("1", name="Асан")]), page([member("1")])]

    update()
    update()

    assert roster() == {"1": ("active", "Асан")}


def test_a_missing_right_waits_for_a_person(course: Platform) -> None:
    course.replies["/members"] = [answer({}, 403)]

    update()

    assert (state().status, state().last_error) == ("needs-person", "roster-not-allowed")
    assert roster() == {}


def test_a_course_without_a_list_says_so(client: FlaskClient, platform: Platform) -> None:
    platform.launch(client)

    update()

    assert (state().status, state().last_error) == ("needs-person", "roster-not-offered")


def test_an_interrupted_update_goes_on_where_it_stopped(course: Platform) -> None:
    course.replies["/members"] = [page([member("1")], next=f"{course.url}/more?p=2")]
    course.replies["/more"] = [answer({}, 503, **{"Retry-After": "0"}), page([member("2")])]

    update()

    assert roster() == {"1": ("active", None), "2": ("active", None)}
    assert update_row().members_read == 2
    assert len(course.asked_for("/members")) == 1


def test_an_update_that_takes_long_is_cut_in_pieces(course: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nrps_update, "LONGEST_RUN_SECONDS", -1)
    course.replies["/members"] = [page([member(str(number))], next=f"{course.url}/{number}") for number in (1,)]
    course.replies["/1"] = [page([member("2")], next=f"{course.url}/2")]
    course.replies["/2"] = [page([member("3")])]
    with transaction():
        nrps_update.ask(context_id())

    jobs.run_due(limit=1)

    assert set(roster()) == {"1"}
    assert (state().status, update_row().finished_at) == ("waiting", None)

    jobs.run_due()

    assert set(roster()) == {"1", "2", "3"}
    assert update_row().finished_at is not None


def test_a_place_that_the_platform_has_forgotten_begins_anew(course: Platform) -> None:
    course.replies["/members"] = [page([member("1")], next=f"{course.url}/more"), page([member("1"), member("2")])]
    course.replies["/more"] = [answer({}, 503, **{"Retry-After": "0"}), answer({}, 404)]

    update()

    assert set(roster()) == {"1", "2"}
    assert state().status == "done"


def test_only_differences_are_read_the_next_time(course: Platform) -> None:
    course.replies["/members"] = [page([member("1"), member("2")], differences=f"{course.url}/changes?since=5")]
    course.replies["/changes"] = [page([member("2", status="Deleted"), member("3")])]

    update()
    update()

    assert roster() == {"1": ("active", None), "2": ("inactive", None), "3": ("active", None)}
    assert len(course.asked_for("/members")) == 1
    assert course.asked_for("/changes")[0].path == "/changes?since=5"


def test_no_differences_are_no_fault(course: Platform) -> None:
    course.replies["/members"] = [page([member("1")], differences=f"{course.url}/changes")]
    course.replies["/changes"] = [page([])]

    update()
    update()

    assert state().status == "done"
    assert roster() == {"1": ("active", None)}


def test_differences_that_are_refused_are_replaced_by_the_whole_list(course: Platform) -> None:
    course.replies["/members"] = [page([member("1")], differences=f"{course.url}/changes")]
    course.replies["/changes"] = [answer({}, 410)]

    update()
    update()

    assert len(course.asked_for("/members")) == 2
    assert state().status == "done"


# Groups


@pytest.fixture
def grouped(client: FlaskClient, platform: Platform) -> Platform:
    """A course with groups."""
    with transaction():
        signing_keys.ensure("lti")
    launch(platform, client, groups=True)
    platform.asked.clear()
    platform.replies["/groups"] = [
        answer({"groups": [{"id": "a", "name": "Бишкек", "set_id": 1}, {"id": "b", "name": "Ош"}]})
    ]
    platform.replies["/groupsets"] = [answer({"sets": [{"id": 1, "name": "Шаарлар"}]})]
    return platform


def test_groups_come_with_the_members(grouped: Platform) -> None:
    grouped.replies["/members"] = [
        page([member("1", group_enrollments=[{"group_id": "a"}, {"group_id": "b"}]), member("2")])
    ]

    update()

    assert groups_kept() == {"a": ("Бишкек", "Шаарлар", {"1"}), "b": ("Ош", "", {"1"})}
    assert grouped.asked_for("/members")[0].path == "/members?limit=500&groups=true"


def test_where_members_come_without_groups_each_is_asked_for(grouped: Platform) -> None:
    grouped.replies["/members"] = [page([member("1"), member("2"), member("3", "Instructor")])]
    listed = grouped.replies["/groups"][0]
    grouped.replies["/groups"] = [listed, answer({"groups": [{"id": "b"}]}), answer({"groups": []})]

    update()

    asked_of = [asked.path for asked in grouped.asked_for("/groups")[1:]]
    assert sorted(asked_of) == ["/groups?user_id=1", "/groups?user_id=2"]
    assert {group_id: subs for group_id, (_name, _set, subs) in groups_kept().items()} in (
        {"a": set(), "b": {"1"}},
        {"a": set(), "b": {"2"}},
    )


def test_who_changed_the_group_is_only_in_the_new_one_and_a_group_that_is_gone_is_forgotten(
    grouped: Platform,
) -> None:
    with clock.frozen(clock.now()):
        grouped.replies["/members"] = [page([member("1", group_enrollments=[{"group_id": "a"}])])]
        update()
        clock.advance(60)
        grouped.replies["/members"] = [page([member("1", group_enrollments=[{"group_id": "b"}])])]
        grouped.replies["/groups"] = [answer({"groups": [{"id": "b", "name": "Ош"}]})]

        update()

    assert groups_kept() == {"b": ("Ош", "", {"1"})}


def test_without_the_groups_the_list_is_still_good(grouped: Platform) -> None:
    grouped.replies["/members"] = [page([member("1", group_enrollments=[{"group_id": "a"}])])]
    grouped.replies["/groups"] = [answer({}, 500)]

    update()

    assert state().status == "done"
    assert groups_kept() == {"a": ("a", "", {"1"})}


# Ten thousand


def test_ten_thousand_members_take_seconds_and_a_few_statements_a_page(course: Platform) -> None:
    course.replies["/members"] = _pages(course, range(10_000), names="Катышуучу")
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    began = time.monotonic()

    update()

    took = time.monotonic() - began
    assert len(roster()) == 10_000
    assert update_row().members_read == 10_000
    assert took < 60, took  # on a machine that does nothing else: two to five
    written = [each for each in statements if each.startswith("INSERT INTO lti_membership")]
    assert len(written) == 20
    assert len(statements) < 20 * 20


def _pages(platform: Platform, numbers: range, *, names: str) -> list[Reply]:
    starts = list(numbers)[::500]
    return [
        page(
            [member(f"user-{number}", name=f"{names} {number}") for number in range(start, start + 500)],
            **({"next": f"{platform.url}/members?from={start + 500}"} if start != starts[-1] else {}),
        )
        for start in starts
    ]


def test_a_page_larger_than_asked_for_is_taken_too(course: Platform) -> None:
    course.replies["/members"] = [page([member(f"user-{number}") for number in range(1_201)])]

    update()

    assert len(roster()) == 1_201
