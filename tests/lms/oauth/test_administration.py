"""The pages on which an administrator admits programs."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.core.db import reading
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.oauth import client_secrets, clients
from lms.signin.roles import Role
from tests import staff
from tests.conftest import application
from tests.lms.oauth.machine import Machine


@pytest.fixture
def administrator(client: FlaskClient) -> FlaskClient:
    staff.sign_in(client, Role.PLATFORM_ADMINISTRATOR)
    return client


def send(browser: FlaskClient, path: str, page: str = "/admin/clients/new", **values: object) -> TestResponse:
    form = {"csrf_token": staff.csrf_token(browser, page), **values}
    return browser.post(f"{path}?lang=en", data=form)


def admit(browser: FlaskClient, **values: object) -> TestResponse:
    values.setdefault("name", "Personnel register")
    return send(browser, "/admin/clients/new", "/admin/clients/new", **values)


def secret_on(answer: TestResponse) -> str:
    found = re.search(r"bilim_secret_[\w-]{30,}", answer.text)
    assert found is not None, answer.text
    return found[0]


def only_client() -> str:
    with reading():
        return clients.listed()[0].id


def test_a_program_is_admitted_and_its_secret_is_shown_once(administrator: FlaskClient) -> None:
    answer = admit(administrator, scope=["certificates:read"])

    secret = secret_on(answer)
    machine = Machine(administrator, only_client(), secret)
    assert machine.ask_token().get_json()["scope"] == "certificates:read"
    page = administrator.get(f"/admin/clients/{only_client()}?lang=en").text
    assert secret not in page
    assert secret[:19] in page
    assert "Verify certificates: by code, number, hash or file, one or many." in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": " ", "scope": "certificates:read"}, "Write the name of the program or office"),
        ({}, "Name one or more scopes that exist."),
        ({"scope": "completions:write"}, "Say for which learning systems and modules this program reports"),
        (
            {"scope": "completions:write", "platforms": "nowhere", "every_module": "1"},
            "Name learning systems that are registered here",
        ),
        ({"scope": "completions:write", "platforms": "every", "modules": "Not A Slug"}, "Name modules by their short"),
        ({"scope": "certificates:read", "jwks": "{}"}, "Give a JSON Web Key Set with public keys"),
        ({"scope": "certificates:read", "jwks_uri": "ftp://x"}, "Give the https address"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nobody_is_admitted(
    values: dict[str, object], sentence: str, administrator: FlaskClient
) -> None:
    answer = admit(administrator, **values)

    assert answer.status_code == 422
    assert sentence in answer.text
    with reading():
        assert clients.listed() == []


def test_a_secret_is_followed_by_another_without_a_pause(administrator: FlaskClient) -> None:
    first = secret_on(admit(administrator, scope=["certificates:read"]))
    path = f"/admin/clients/{only_client()}"

    second = secret_on(send(administrator, f"{path}/secrets", path))

    assert Machine(administrator, only_client(), first).ask_token().status_code == 200
    with reading():
        old = next(each.id for each in client_secrets.of(only_client()) if each.beginning == first[:19])
    assert send(administrator, f"{path}/secrets/{old}/retire", path).status_code == 303
    assert Machine(administrator, only_client(), first).ask_token().status_code == 401
    assert Machine(administrator, only_client(), second).ask_token().status_code == 200


def test_a_program_can_be_bound_anew_and_turned_off(administrator: FlaskClient) -> None:
    admit(administrator, scope=["completions:write"], platforms=["every"], every_module="1")
    path = f"/admin/clients/{only_client()}"

    bound = send(administrator, f"{path}/reach", path, platforms=["every"], modules="public-management, e-government")
    unbound = send(administrator, f"{path}/reach", path, modules="public-management")
    off = send(administrator, f"{path}/disable", path)

    assert (bound.status_code, unbound.status_code, off.status_code) == (303, 422, 303)
    with reading():
        found = clients.find(only_client())
        assert found.modules == ["public-management", "e-government"]
        assert found.disabled_at is not None
    assert "Turned off" in administrator.get("/admin/clients/?lang=en").text


@pytest.fixture
def one_app(settings: Settings) -> Iterator[Bilim]:
    with application(settings) as made:
        yield made


def test_only_administrators_of_the_platform_see_programs(one_app: Bilim) -> None:
    officer, stranger = one_app.test_client(), one_app.test_client()
    staff.sign_in(officer, Role.BUREAU_OFFICER)

    assert officer.get("/admin/clients/").status_code == 403
    assert stranger.get("/admin/clients/").status_code in (302, 303, 401)
