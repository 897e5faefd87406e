"""Pages for platform administrators."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core.db import db, reading, transaction
from lms.lti.models import Deployment, Invitation, Registration
from lms.signin.roles import Role
from tests.platform import Platform
from tests.staff import csrf_token, sign_in

LIST = "/admin/platforms/"


@pytest.fixture
def page(platform: Platform) -> str:
    """The path of the platform's page."""
    with reading():
        return LIST + db.session.scalars(select(Registration.id)).one()


@pytest.fixture
def administrator(client: FlaskClient) -> FlaskClient:
    """A browser in which a platform administrator is signed in."""
    sign_in(client, Role.PLATFORM_ADMINISTRATOR)
    return client


def press(browser: FlaskClient, page: str, button: str, **form: object) -> int:
    data = {"csrf_token": csrf_token(browser, page), **form}
    return browser.post(f"{page}/{button}" if button else page, data=data).status_code


def the_only() -> Registration:
    with reading():
        return db.session.scalars(select(Registration)).one()


@pytest.mark.parametrize("path", ["", "keys", "11111111-2222-3333-4444-555555555555"])
def test_nobody_else_sees_these_pages(client: FlaskClient, path: str) -> None:
    stranger = client.get(LIST + path).status_code
    sign_in(client, Role.ACADEMY_ADMINISTRATOR)

    assert stranger == 303
    assert client.get(LIST + path).status_code == 403


def test_the_list_shows_each_platform_and_what_waits(administrator: FlaskClient, platform: Platform) -> None:
    with transaction():
        row = db.session.scalars(select(Registration)).one()
        row.name = "Academy Moodle"
        db.session.add(Deployment(registration_id=row.id, deployment_id="77", is_approved=False))

    text = administrator.get(LIST, headers={"Accept-Language": "en"}).text

    assert "Academy Moodle" in text
    assert platform.issuer in text
    assert "1 wait" in text


def test_an_invitation_is_shown_once_and_can_be_withdrawn(administrator: FlaskClient) -> None:
    token = csrf_token(administrator, LIST)
    made = administrator.post(f"{LIST}invitations", data={"csrf_token": token, "note": "Academy", "days": "3"})
    address = re.search(r"http://localhost:8000(/lti/register/bilim-invite-[\w-]+)", made.text)
    assert address is not None
    later = administrator.get(LIST).text
    with reading():
        invitation_id = db.session.scalars(select(Invitation.id)).one()
    administrator.post(f"{LIST}invitations/{invitation_id}/withdraw", data={"csrf_token": token})

    assert address[1] not in later
    assert "Academy" in later
    used = administrator.get(address[1], query_string={"openid_configuration": "https://lms.academy.example/openid"})
    assert "invitation-used" in used.text


@pytest.mark.parametrize("days", ["0", "91", "", "x"])
def test_an_invitation_is_not_good_for_ever(administrator: FlaskClient, days: str) -> None:
    token = csrf_token(administrator, LIST)

    answer = administrator.post(f"{LIST}invitations", data={"csrf_token": token, "days": days})

    assert answer.status_code == 400


@pytest.mark.parametrize(("button", "state"), [("disable", "disabled"), ("delete", "deleted")])
def test_a_platform_is_closed_by_a_button(administrator: FlaskClient, page: str, button: str, state: str) -> None:
    assert press(administrator, page, button) == 303
    assert the_only().state == state


def test_a_platform_that_registered_by_itself_is_confirmed_by_a_button(administrator: FlaskClient, page: str) -> None:
    with transaction():
        db.session.scalars(select(Registration)).one().state = "pending"  # type: ignore[assignment]

    shown = administrator.get(page, headers={"Accept-Language": "en"}).text
    status = press(administrator, page, "confirm")

    assert "This learning system registered by itself" in shown
    assert (status, the_only().state) == (303, "active")
    assert press(administrator, page, "confirm") == 409


def test_new_values_are_shown_and_may_be_left(administrator: FlaskClient, page: str) -> None:
    with transaction():
        db.session.scalars(select(Registration)).one().proposed = {"token_url": "https://new.example/token"}

    shown = administrator.get(page).text
    press(administrator, page, "decline")

    assert "https://new.example/token" in shown
    assert (the_only().proposed, the_only().token_url) != (None, "https://new.example/token")
    assert the_only().proposed is None


def test_places_are_approved_and_refused(administrator: FlaskClient, page: str) -> None:
    press(administrator, page, "deployments", deployment_id=" 77 ", decision="approve")
    press(administrator, page, "deployments", deployment_id="deployment-1", decision="refuse")

    with reading():
        rows = db.session.scalars(select(Deployment).order_by(Deployment.deployment_id)).all()
    assert [(row.deployment_id, row.is_approved, row.refused_at is None) for row in rows] == [
        ("77", True, True),
        ("deployment-1", False, False),
    ]
    assert press(administrator, page, "deployments", deployment_id="unknown", decision="refuse") == 404
    assert press(administrator, page, "deployments", deployment_id=" ", decision="approve") == 400


SETTINGS = {
    "name": "Academy",
    "deployment_policy": "open",
    "token_audience": "https://tokens.example",
    "leeway_seconds": "60",
    "family_override": "sakailms.org",
    "algorithms": ["ES256", "RS256"],
    "allows_anonymous": "yes",
}


def test_settings_are_saved(administrator: FlaskClient, page: str) -> None:
    assert press(administrator, page, "settings", **SETTINGS) == 303

    saved = the_only()
    assert (saved.name, saved.deployment_policy, saved.token_audience) == ("Academy", "open", "https://tokens.example")
    assert (saved.leeway_seconds, saved.family_override, saved.algorithms) == (60, "sakailms.org", "RS256 ES256")
    assert saved.allows_anonymous is True


def test_an_empty_field_and_a_box_without_a_tick_take_a_setting_back(administrator: FlaskClient, page: str) -> None:
    press(administrator, page, "settings", **SETTINGS)
    less = {**SETTINGS, "token_audience": "", "family_override": ""}
    del less["allows_anonymous"]
    press(administrator, page, "settings", **less)

    saved = the_only()
    assert (saved.token_audience, saved.family_override, saved.allows_anonymous) == (None, None, False)


@pytest.mark.parametrize(
    "wrong", [{"leeway_seconds": "601"}, {"leeway_seconds": "-1"}, {"algorithms": []}, {"algorithms": ["none"]},
              {"algorithms": ["HS256"]}, {"deployment_policy": "all"}, {"family_override": "lms9000"}],
)  # fmt: skip
def test_an_impossible_setting_changes_nothing_and_keeps_what_was_typed(
    administrator: FlaskClient, page: str, wrong: dict[str, object]
) -> None:
    data = {"csrf_token": csrf_token(administrator, page), **SETTINGS, **wrong}

    answer = administrator.post(f"{page}/settings", data=data)

    assert answer.status_code == 422
    assert 'value="https://tokens.example"' in answer.text
    assert the_only().name == ""


def test_what_is_not_there_is_not_found(administrator: FlaskClient) -> None:
    assert administrator.get(f"{LIST}11111111-2222-3333-4444-555555555555").status_code == 404


def test_the_next_key_is_published_by_a_button(administrator: FlaskClient) -> None:
    assert press(administrator, f"{LIST}keys", "") == 303

    jwks = administrator.get("/lti/jwks.json").json
    assert jwks is not None
    assert len(jwks["keys"]) == 2
    assert jwks["keys"][0]["kid"] in administrator.get(f"{LIST}keys").text
