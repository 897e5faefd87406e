"""The doors in and out."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from lms.core import clock
from lms.core.db import transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.signin import invitations, members
from lms.signin.members import Post
from lms.signin.roles import AUDITOR, PLATFORM_ADMINISTRATOR
from lms.signin.sessions import COOKIE
from tests.conftest import application
from tests.staff import csrf_token, make_staff, one_time_link, sign_in

HTML = {"Accept": "text/html"}
MACHINE = {"Accept": "application/json"}


def use(browser: FlaskClient, path: str) -> tuple[int, str]:
    token = csrf_token(browser, path)
    answer = browser.post(path, data={"csrf_token": token}, headers=MACHINE)
    return answer.status_code, answer.get_json()["code"] if answer.status_code >= 400 else answer.location


def test_a_one_time_link_signs_in_once(client: FlaskClient) -> None:
    path = one_time_link(make_staff(AUDITOR))

    assert use(client, path) == (303, "/admin/")
    assert use(client, path) == (403, "link-not-good")


def test_opening_a_link_does_not_use_it_up(client: FlaskClient) -> None:
    path = one_time_link(make_staff(AUDITOR))

    assert [client.get(path).status_code for _look in range(3)] == [200, 200, 200]
    assert use(client, path) == (303, "/admin/")


def test_a_link_ends_after_fifteen_minutes(client: FlaskClient) -> None:
    with clock.frozen(datetime(2026, 11, 20, tzinfo=UTC)):
        early, late = one_time_link(make_staff(AUDITOR)), one_time_link(make_staff(AUDITOR))
        clock.advance(899)
        assert use(client, early) == (303, "/admin/")
        clock.advance(1)
        assert use(client, late) == (403, "link-not-good")


def test_a_link_of_a_disabled_account_is_refused_and_used_up(client: FlaskClient) -> None:
    staff_id = make_staff(AUDITOR)
    path = one_time_link(staff_id)
    with transaction():
        members.disable(members.find(staff_id), actor="operator:test")

    assert use(client, path) == (403, "account-disabled")
    with transaction():
        members.enable(members.find(staff_id), actor="operator:test")
    assert use(client, path) == (403, "link-not-good")


def test_a_link_that_nobody_made_is_refused(client: FlaskClient) -> None:
    assert use(client, "/staff/link/invented") == (403, "link-not-good")


def test_signing_out_ends_the_session_on_the_server(app: Bilim) -> None:
    browser, copy = app.test_client(), app.test_client()
    sign_in(browser, AUDITOR)
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    copy.set_cookie(COOKIE, cookie.value, domain="localhost")
    assert copy.get("/admin/").status_code == 200

    answer = browser.post("/staff/sign-out", data={"csrf_token": csrf_token(browser, "/admin/")})

    assert (answer.status_code, answer.location) == (303, "/staff/signed-out")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert browser.get_cookie(COOKIE) is None
    assert copy.get("/admin/", headers=HTML).status_code == 303


def test_somebody_who_is_signed_in_goes_on_from_the_sign_in_page(client: FlaskClient) -> None:
    sign_in(client, AUDITOR)

    assert client.get("/staff/sign-in?next=/bureau/").location == "/bureau/"


def test_the_first_page_shows_what_the_roles_open(app: Bilim) -> None:
    administrator, auditor = app.test_client(), app.test_client()
    sign_in(administrator, PLATFORM_ADMINISTRATOR)
    sign_in(auditor, AUDITOR)

    assert "/admin/staff/" in administrator.get("/admin/").text
    assert "/admin/staff/" not in auditor.get("/admin/").text


@pytest.mark.parametrize("path", ["/staff/sign-in/begin", "/staff/callback"])
def test_without_a_provider_only_links_open(settings: Settings, path: str) -> None:
    with application(settings) as made:
        browser = made.test_client()

        assert browser.get(path, headers=MACHINE).get_json()["code"] == "provider-not-set"
        assert "/staff/sign-in/begin" not in browser.get("/staff/sign-in").text


def test_an_invitation_says_what_it_is_for(client: FlaskClient) -> None:
    with transaction():
        post = Post(AUDITOR, None, members.end_of(datetime(2099, 12, 31, tzinfo=UTC).date()))
        _made, address = invitations.invite("Чакырылган Мисалов", post, actor="operator:test")

    page = client.get(address.removeprefix("http://localhost:8000") + "?lang=en").text

    assert "Auditor" in page
    assert "December 31, 2099" in page
