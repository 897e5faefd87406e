"""What stands before pages of staff."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Blueprint, g
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import clock
from lms.core.db import db, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim, register
from lms.organisations.models import Organisation
from lms.signin import guard, members
from lms.signin.guard import current, require, staff
from lms.signin.models import StaffGrant, StaffSession
from lms.signin.roles import (
    ACADEMY_ADMINISTRATOR,
    AUDITOR,
    BUREAU_OFFICER,
    GUEST_LECTURER,
    PLATFORM_ADMINISTRATOR,
)
from tests.conftest import application
from tests.staff import make_staff, sign_in, sign_in_as

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def app(settings: Settings) -> Iterator[Bilim]:
    """The application with a page for academy administrators and one for any staff."""
    with application(settings) as made:
        academy, anybody = Blueprint("academy", __name__), Blueprint("anybody", __name__)

        @academy.get("/<organisation_id>")
        def of_organisation(organisation_id: str) -> str:
            require(ACADEMY_ADMINISTRATOR, organisation_id)
            return "seen"

        @anybody.get("/")
        def who() -> str:
            return f"{g.actor} {current().name}"

        @anybody.post("/")
        def act() -> str:
            return "done"

        register(made, academy, guard=staff(ACADEMY_ADMINISTRATOR), url_prefix="/t/academy")
        register(made, anybody, guard=staff(), url_prefix="/t/anybody")
        yield made


@pytest.fixture
def organisations(app: Bilim) -> tuple[str, str]:
    with transaction():
        made = [Organisation(code=code, country="KG", names={"ky": code}) for code in ("first", "second")]
        db.session.add_all(made)
    return made[0].id, made[1].id


def test_who_is_signed_in_is_known_to_the_view_and_to_the_audit(client: FlaskClient) -> None:
    staff_id = sign_in(client, AUDITOR)

    assert client.get("/t/anybody/").text == f"staff:{staff_id} Мисал Үлгүбаева"


def test_a_person_who_is_not_signed_in_is_led_to_the_sign_in_and_back(client: FlaskClient) -> None:
    answer = client.get("/t/anybody/?page=2", headers={"Accept": "text/html"})

    assert answer.status_code == 303
    assert answer.location == "/staff/sign-in?next=/t/anybody/?page%3D2"


def test_a_form_of_somebody_who_is_not_signed_in_leads_to_the_first_page_afterwards(client: FlaskClient) -> None:
    app = client.application
    app.config["WTF_CSRF_ENABLED"] = False

    answer = client.post("/t/anybody/", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.location) == (303, "/staff/sign-in?next=/admin/")


def test_a_program_that_is_not_signed_in_is_told(client: FlaskClient) -> None:
    answer = client.get("/t/anybody/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign-in-first")


def test_the_wrong_role_is_refused(client: FlaskClient) -> None:
    sign_in(client, AUDITOR)

    answer = client.get("/t/academy/any", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "role-missing")


def test_a_role_in_one_organisation_opens_nothing_of_another(
    client: FlaskClient, organisations: tuple[str, str]
) -> None:
    first, second = organisations
    sign_in(client, ACADEMY_ADMINISTRATOR, first)

    assert client.get(f"/t/academy/{first}").text == "seen"
    answer = client.get(f"/t/academy/{second}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")


def test_a_platform_administrator_runs_every_academy(client: FlaskClient, organisations: tuple[str, str]) -> None:
    sign_in(client, PLATFORM_ADMINISTRATOR)

    assert [client.get(f"/t/academy/{organisation}").text for organisation in organisations] == ["seen", "seen"]


def test_a_role_that_has_ended_is_not_held(client: FlaskClient, organisations: tuple[str, str]) -> None:
    first, _second = organisations
    with clock.frozen(NOON):
        sign_in_as(client, make_staff(ACADEMY_ADMINISTRATOR, first, ends_at=datetime(2026, 11, 20, 12, 5, tzinfo=UTC)))
        assert client.get(f"/t/academy/{first}").status_code == 200
        clock.advance(300)

        answer = client.get(f"/t/academy/{first}", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "role-missing")


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(
    client: FlaskClient, organisations: tuple[str, str]
) -> None:
    first, _second = organisations
    staff_id = sign_in(client, ACADEMY_ADMINISTRATOR, first)
    with transaction():
        members.withdraw(
            db.session.scalars(select(StaffGrant).filter_by(staff_id=staff_id)).one(), actor="operator:test"
        )

    assert client.get(f"/t/academy/{first}", headers={"Accept": "text/html"}).status_code == 403


def test_a_disabled_account_loses_its_session_at_once(client: FlaskClient) -> None:
    staff_id = sign_in(client, AUDITOR)
    with transaction():
        members.disable(members.find(staff_id), actor="operator:test")

    assert client.get("/t/anybody/", headers={"Accept": "application/json"}).status_code == 401
    with transaction():
        members.enable(members.find(staff_id), actor="operator:test")
    assert client.get("/t/anybody/", headers={"Accept": "application/json"}).status_code == 401


def test_a_session_that_was_opened_while_its_account_was_turned_off_is_not_good(client: FlaskClient) -> None:
    staff_id = sign_in(client, AUDITOR)
    with transaction():
        members.find(staff_id).disabled_at = clock.now()

    assert client.get("/t/anybody/", headers={"Accept": "application/json"}).status_code == 401


def test_a_session_ends_after_half_an_hour_without_use(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        sign_in(client, AUDITOR)
        clock.advance(29 * 60)
        assert client.get("/t/anybody/").status_code == 200
        clock.advance(29 * 60)
        assert client.get("/t/anybody/").status_code == 200
        clock.advance(30 * 60)

        answer = client.get("/t/anybody/", headers={"Accept": "application/json"})

    assert answer.status_code == 401


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        sign_in(client, AUDITOR)
        for _quarter in range(47):
            clock.advance(15 * 60)
            assert client.get("/t/anybody/").status_code == 200
        clock.advance(15 * 60)

        answer = client.get("/t/anybody/", headers={"Accept": "application/json"})

    assert answer.status_code == 401


def test_using_a_session_is_written_at_most_once_a_minute(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        sign_in(client, AUDITOR)
        clock.advance(59)
        client.get("/t/anybody/")
        first = db.session.scalars(select(StaffSession.used_at)).one()
        db.session.remove()
        clock.advance(1)
        client.get("/t/anybody/")
        second = db.session.scalars(select(StaffSession.used_at)).one()

    assert first == NOON
    assert second == datetime(2026, 11, 20, 12, 1, tzinfo=UTC)


def test_a_grant_for_every_organisation_has_no_list() -> None:
    everywhere = guard.Staff("1", "n", None, (guard.Grant(BUREAU_OFFICER, None),), None)
    somewhere = guard.Staff(
        "2", "n", None, (guard.Grant(ACADEMY_ADMINISTRATOR, "a"), guard.Grant(GUEST_LECTURER, "b")), None
    )

    assert everywhere.organisations(BUREAU_OFFICER) is None
    assert everywhere.organisations(ACADEMY_ADMINISTRATOR) == frozenset()
    assert somewhere.organisations(ACADEMY_ADMINISTRATOR) == {"a"}
    assert somewhere.organisations(ACADEMY_ADMINISTRATOR, GUEST_LECTURER) == {"a", "b"}


def test_a_platform_administrator_is_no_bureau_officer() -> None:
    administrator = guard.Staff("1", "n", None, (guard.Grant(PLATFORM_ADMINISTRATOR, None),), None)

    assert administrator.may(ACADEMY_ADMINISTRATOR, "any")
    assert administrator.holds(ACADEMY_ADMINISTRATOR)
    assert not administrator.may(BUREAU_OFFICER, None)


def test_a_grant_in_one_organisation_does_not_cover_what_belongs_to_none() -> None:
    officer = guard.Staff("1", "n", None, (guard.Grant(BUREAU_OFFICER, "a"),), None)

    assert not officer.may(BUREAU_OFFICER, None)
