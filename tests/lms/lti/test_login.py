"""The first step of a launch: what comes in, and what we ask."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core.db import db, reading
from lms.core.settings import Settings
from lms.core.vault import hashed
from lms.core.web import Bilim
from lms.lti import views
from lms.lti.models import LoginState
from tests.conftest import application
from tests.platform import Platform

IN_FRAME = {"Sec-Fetch-Dest": "iframe"}
OLD_SAFARI = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 15_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/15.6 Mobile/15E148 Safari/604.1"
}


def code_of(answer: Any) -> str:
    return str(answer.text.split('<dd class="code">')[1].split("<")[0])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_login_asks_the_platform_who_it_is(client: FlaskClient, platform: Platform, method: str) -> None:
    parameters = platform.login_parameters()
    sent = {"query_string": parameters} if method == "GET" else {"data": parameters}

    answer = client.open("/lti/login", method=method, **sent)  # type: ignore[arg-type]

    asked = parse_qs(urlsplit(answer.location).query)
    state, nonce = asked.pop("state")[0], asked.pop("nonce")[0]
    assert answer.status_code == 302
    assert answer.location.startswith(f"{platform.url}/auth?")
    assert asked == {
        "scope": ["openid"],
        "response_type": ["id_token"],
        "response_mode": ["form_post"],
        "prompt": ["none"],
        "client_id": ["bilim-at-academy"],
        "redirect_uri": ["http://localhost:8000/lti/launch"],
        "login_hint": ["17"],
        "lti_message_hint": ['{"cmid":4,"launchid":"l+1"}'],
    }
    assert len(state) >= 40
    assert len(nonce) >= 40
    with reading():
        row = db.session.scalars(select(LoginState)).one()
    assert row.state_hash == hashed(state)
    assert row.nonce == nonce


def test_each_login_has_a_state_and_a_nonce_of_its_own(client: FlaskClient, platform: Platform) -> None:
    first, second = platform.log_in(client), platform.log_in(client)

    assert first["state"] != second["state"]
    assert first["nonce"] != second["nonce"]


def test_a_hint_that_was_not_sent_is_not_invented(client: FlaskClient, platform: Platform) -> None:
    assert "lti_message_hint" not in platform.log_in(client, lti_message_hint=None)


def test_an_authorization_address_with_a_query_keeps_it(client: FlaskClient, platform: Platform) -> None:
    platform.client_id = "with-query"
    platform.register(auth_url="https://lms.academy.example/auth?tenant=7&empty=")

    asked = platform.log_in(client)

    assert asked["tenant"] == "7"
    assert asked["scope"] == "openid"


@pytest.mark.parametrize("missing", ["iss", "login_hint", "target_link_uri"])
def test_an_incomplete_login_is_refused(client: FlaskClient, platform: Platform, missing: str) -> None:
    answer = client.get("/lti/login", query_string=platform.login_parameters(**{missing: None}))

    assert (answer.status_code, code_of(answer)) == (400, "login-incomplete")


@pytest.mark.parametrize("changes", [{"iss": "https://nobody.example"}, {"client_id": "nobody"}])
def test_an_unknown_platform_is_refused(client: FlaskClient, platform: Platform, changes: dict[str, str]) -> None:
    answer = client.get("/lti/login", query_string=platform.login_parameters(**changes))

    assert (answer.status_code, code_of(answer)) == (403, "platform-unknown")


def test_a_login_without_client_id_works_while_the_issuer_has_one_registration(
    client: FlaskClient, platform: Platform
) -> None:
    assert platform.log_in(client, client_id=None)["client_id"] == "bilim-at-academy"

    platform.client_id = "second-tenant"
    platform.register()
    answer = client.get("/lti/login", query_string=platform.login_parameters(client_id=None))

    assert (answer.status_code, code_of(answer)) == (400, "client-id-missing")


def test_the_tenant_that_a_login_names_is_the_one_that_is_asked(client: FlaskClient, platform: Platform) -> None:
    platform.client_id = "second-tenant"
    platform.register()

    assert platform.log_in(client, client_id="bilim-at-academy")["client_id"] == "bilim-at-academy"
    assert platform.log_in(client, client_id="second-tenant")["client_id"] == "second-tenant"


def test_the_cookie_works_in_a_frame_of_another_site(client: FlaskClient, platform: Platform) -> None:
    answer = client.get("/lti/login", query_string=platform.login_parameters())

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-bilim=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"):
        assert part in cookie
    assert "Domain" not in cookie


# Before the authentication request: is our cookie kept?


def test_in_a_frame_a_browser_that_we_do_not_know_is_probed_first(client: FlaskClient, platform: Platform) -> None:
    probe = client.get("/lti/login", query_string=platform.login_parameters(), headers=IN_FRAME)

    assert probe.status_code == 200
    assert "__Host-bilim=" in probe.headers["Set-Cookie"]
    assert 'name="probed"' in probe.text
    assert "lti/static/probe.js" in probe.text
    assert "frame-ancestors 'self' *;" in probe.headers["Content-Security-Policy"]
    with reading():
        assert db.session.scalars(select(LoginState)).all() == []


def test_a_probe_that_brings_the_cookie_back_goes_on_with_the_same_login(
    client: FlaskClient, platform: Platform
) -> None:
    parameters = platform.login_parameters()
    client.get("/lti/login", query_string=parameters, headers=IN_FRAME)

    answer = client.post("/lti/login", data={**parameters, "probed": "yes"}, headers=IN_FRAME)

    asked = parse_qs(urlsplit(answer.location).query)
    assert answer.status_code == 302
    assert asked["lti_message_hint"] == ['{"cmid":4,"launchid":"l+1"}']


def test_a_probe_without_cookie_offers_a_window_where_the_login_works(app: Bilim, platform: Platform) -> None:
    parameters = platform.login_parameters()
    blocked = app.test_client(use_cookies=False)

    offer = blocked.post("/lti/login", data={**parameters, "probed": "yes"}, headers=IN_FRAME)
    window = app.test_client().post("/lti/login", data=parameters, headers={"Sec-Fetch-Dest": "document"})

    assert offer.status_code == 200
    assert 'target="_blank"' in offer.text
    assert 'name="probed"' not in offer.text
    assert "{&#34;cmid&#34;:4,&#34;launchid&#34;:&#34;l+1&#34;}" in offer.text
    assert window.status_code == 302


def test_in_a_frame_a_browser_that_we_know_is_not_probed_again(client: FlaskClient, platform: Platform) -> None:
    platform.log_in(client)

    answer = client.get("/lti/login", query_string=platform.login_parameters(), headers=IN_FRAME)

    assert answer.status_code == 302


# Browsers that do not say whether they show us in a frame (Safari before 16.4)


def test_a_browser_that_does_not_say_where_it_shows_us_is_probed_once(client: FlaskClient, platform: Platform) -> None:
    parameters = platform.login_parameters()

    probe = client.get("/lti/login", query_string=parameters, headers=OLD_SAFARI)
    probed = client.post("/lti/login", data={**parameters, "probed": "frame"}, headers=OLD_SAFARI)
    later = client.get("/lti/login", query_string=parameters, headers=OLD_SAFARI)

    assert (probe.status_code, probed.status_code, later.status_code) == (200, 302, 302)
    assert 'name="probed"' in probe.text


@pytest.mark.parametrize(("place", "status"), [("frame", 200), ("yes", 200), ("window", 302)])
def test_such_a_browser_without_our_cookie_gets_a_window_unless_it_is_in_one(
    app: Bilim, platform: Platform, place: str, status: int
) -> None:
    parameters = {**platform.login_parameters(), "probed": place}

    answer = app.test_client(use_cookies=False).post("/lti/login", data=parameters, headers=OLD_SAFARI)

    assert answer.status_code == status
    assert ('target="_blank"' in answer.text) == (status == 200)


@pytest.mark.parametrize("sent", [{}, {"User-Agent": "curl/8.14"}, {**OLD_SAFARI, "Sec-Fetch-Dest": "document"}])
def test_programs_and_browsers_that_show_us_in_a_window_are_not_probed(
    client: FlaskClient, platform: Platform, sent: dict[str, str]
) -> None:
    answer = client.get("/lti/login", query_string=platform.login_parameters(), headers=sent)

    assert answer.status_code == 302


def test_who_says_window_in_a_frame_that_is_known_as_one_is_not_believed(app: Bilim, platform: Platform) -> None:
    parameters = {**platform.login_parameters(), "probed": "window"}

    answer = app.test_client(use_cookies=False).post("/lti/login", data=parameters, headers=IN_FRAME)

    assert 'target="_blank"' in answer.text


def test_our_key_set_may_be_kept_for_an_hour(client: FlaskClient) -> None:
    answer = client.get("/lti/jwks.json")

    assert answer.json == {"keys": []}
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_a_flood_of_logins_from_one_address_is_stopped(
    settings: Settings, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_LOGINS", "3/minute")
    with application(settings, rate_limits=True) as app:
        visitor = app.test_client()
        statuses = [visitor.get("/lti/login", query_string=platform.login_parameters()).status_code for _n in range(5)]

    assert statuses == [302, 302, 302, 429, 429]
