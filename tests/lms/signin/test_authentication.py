"""Signing in at the provider, and every way in which it is refused."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import clock
from lms.core.audit import AuditEvent
from lms.core.db import db, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.signin import invitations, members
from lms.signin.members import Post
from lms.signin.models import Invitation, SignInQuestion, StaffMember, StaffSession
from lms.signin.roles import AUDITOR, PLATFORM_ADMINISTRATOR
from lms.signin.sessions import COOKIE
from tests.conftest import application
from tests.openid import CLIENT_ID, SECRET, OpenIdProvider
from tests.platform import Reply, public_jwk, rsa_key

HTML = {"Accept": "text/html"}


@pytest.fixture
def known(app: Bilim, provider: OpenIdProvider) -> str:
    """An auditor whom the provider calls esi-17; returns the id."""
    with transaction():
        member = members.admit("before", actor="operator:test", issuer=provider.url, subject="esi-17")
        members.give(member, Post(AUDITOR, None, None), actor="operator:test")
        return member.id


def invited() -> str:
    """The path of an invitation to be an auditor."""
    with transaction():
        _made, address = invitations.invite("Чакырылган Мисалов", Post(AUDITOR, None, None), actor="operator:test")
    return address.removeprefix("http://localhost:8000")


def code_of(answer: Any) -> str:
    """The refusal's code on an error page."""
    return str(answer.text.split('<dd class="code">')[1].split("<")[0])


def actions() -> list[str]:
    with transaction():
        return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


# The way in


def test_a_known_member_signs_in_and_goes_on_to_the_page_that_was_wanted(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    answer = provider.sign_in(client, "/staff/sign-in/begin?next=/admin/?lang%3Dru")

    assert (answer.status_code, answer.location) == (303, "/admin/?lang=ru")
    assert client.get("/admin/").status_code == 200
    assert actions()[-1] == "staff.signed-in"


def test_the_question_asks_for_a_code_with_pkce_and_an_answer_by_form(
    client: FlaskClient, provider: OpenIdProvider
) -> None:
    question = provider.question(client)

    assert {name: question[name] for name in question if name not in ("state", "nonce", "code_challenge")} == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": "http://localhost:8000/staff/callback",
        "scope": "openid profile email",
        "code_challenge_method": "S256",
        "response_mode": "form_post",
        "ui_locales": "ky",
    }
    assert [len(question[name]) for name in ("state", "nonce", "code_challenge")] == [43, 43, 43]


def test_an_answer_in_the_address_works_too(client: FlaskClient, provider: OpenIdProvider, known: str) -> None:
    provider.description = {"response_modes_supported": ["query"]}
    question = provider.question(client)

    answer = client.get("/staff/callback", query_string=provider.answer(question))

    assert "response_mode" not in question
    assert (answer.status_code, answer.location) == (303, "/admin/")


def test_the_name_is_taken_from_the_userinfo_endpoint_where_the_token_has_none(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    provider.person = {"sub": "esi-17", "given_name": "Мисал", "family_name": "Үлгүбаева", "email": "m@office.example"}
    provider.changes = {"given_name": None, "family_name": None, "email": None}

    provider.sign_in(client)

    member = db.session.scalars(select(StaffMember)).one()
    assert (member.name, member.email) == ("Мисал Үлгүбаева", "m@office.example")


def test_a_provider_that_takes_secrets_only_in_the_body_gets_it_there(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    provider.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert provider.sign_in(client).status_code == 303
    assert "Authorization" not in provider.asked_for("/connect/token")[0].headers


def test_a_personal_number_is_stored_nowhere_and_organizations_give_no_right(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    provider.person |= {"pin": "12345678901234", "organizations": [{"role": "platform-administrator"}], "role": "admin"}

    provider.sign_in(client)

    member = db.session.scalars(select(StaffMember)).one()
    assert [grant.role for grant in member.grants] == ["auditor"]
    rows = [row for table in db.metadata.sorted_tables for row in db.session.execute(table.select()).all()]
    assert not any("12345678901234" in str(row) for row in rows)
    assert client.get("/admin/staff/", headers=HTML).status_code == 403


def test_the_subject_is_the_key_and_never_the_address(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    with transaction():
        members.find(known).email = "m@office.example"
    provider.person = {"sub": "esi-18", "name": "Башка Мисалов", "email": "m@office.example", "email_verified": True}

    answer = provider.sign_in(client)

    assert (answer.status_code, code_of(answer)) == (403, "staff-unknown")


def test_the_provider_is_asked_once_for_its_description_and_keys(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    provider.sign_in(client)
    provider.sign_in(client)

    paths = [asked.path for asked in provider.asked]
    assert paths.count("/.well-known/openid-configuration") == 1
    assert paths.count("/jwks") == 1


def test_a_new_key_of_the_provider_is_fetched_at_most_once_a_minute(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    provider.sign_in(client)
    provider.keys, provider.header, provider.key = [public_jwk(rsa_key(1), kid="key-2")], {"kid": "key-2"}, rsa_key(1)

    assert provider.sign_in(client).status_code == 401
    with clock.frozen(datetime.now(UTC)):
        clock.advance(61)
        assert provider.sign_in(client).status_code == 303
    assert len(provider.asked_for("/jwks")) == 2


# Invitations


def test_a_stranger_takes_up_an_invitation_by_signing_in(client: FlaskClient, provider: OpenIdProvider) -> None:
    path = invited()

    assert client.get(path).status_code == 200
    answer = provider.sign_in(client, f"{path}/accept")

    assert (answer.status_code, answer.location) == (303, "/admin/")
    member = db.session.scalars(select(StaffMember)).one()
    assert (member.subject, [grant.role for grant in member.grants]) == ("esi-17", ["auditor"])
    assert actions() == [
        "staff.invited",
        "staff.admitted",
        "staff.invitation-accepted",
        "staff.role-given",
        "staff.signed-in",
    ]


def test_a_member_takes_up_a_further_role(client: FlaskClient, provider: OpenIdProvider, known: str) -> None:
    with transaction():
        _made, address = invitations.invite("n", Post(PLATFORM_ADMINISTRATOR, None, None), actor="operator:test")

    provider.sign_in(client, f"{address.removeprefix('http://localhost:8000')}/accept")

    member = db.session.scalars(select(StaffMember)).one()
    assert sorted(grant.role for grant in member.grants) == ["auditor", "platform-administrator"]


def test_an_invitation_works_once(app: Bilim, provider: OpenIdProvider) -> None:
    path = invited()
    first, second = app.test_client(), app.test_client()
    both = [provider.question(browser, f"{path}/accept") for browser in (first, second)]

    assert provider.bring_back(first, both[0]).status_code == 303
    provider.person = {"sub": "esi-18", "name": "Экинчи Мисалов"}
    answer = provider.bring_back(second, both[1])

    assert (answer.status_code, code_of(answer)) == (403, "invitation-not-good")
    assert db.session.scalars(select(StaffMember.subject)).all() == ["esi-17"]
    assert code_of(second.get(path, headers=HTML)) == "invitation-not-good"


def test_an_invitation_ends_after_seven_days(client: FlaskClient, provider: OpenIdProvider) -> None:
    with clock.frozen(datetime(2026, 11, 1, tzinfo=UTC)):
        path = invited()
        clock.advance(7 * 24 * 3600 - 1)
        assert client.get(path).status_code == 200
        clock.advance(1)

        assert code_of(client.get(path, headers=HTML)) == "invitation-not-good"
        assert code_of(client.get(f"{path}/accept", headers=HTML)) == "invitation-not-good"


def test_an_invitation_that_was_withdrawn_is_not_good(client: FlaskClient) -> None:
    path = invited()
    with transaction():
        invitations.withdraw(db.session.scalars(select(Invitation)).one(), actor="operator:test")

    assert code_of(client.get(path, headers=HTML)) == "invitation-not-good"


def test_an_invitation_is_kept_as_a_hash_only(app: Bilim) -> None:
    token = invited().rpartition("/")[2]

    row = db.session.execute(Invitation.__table__.select()).one()
    assert token not in str(row)


# Refusals of the question and its answer


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, code_of(answer)


def test_a_stranger_is_refused_and_noted_without_a_name(client: FlaskClient, provider: OpenIdProvider) -> None:
    answer = provider.sign_in(client)

    assert refused(answer) == (403, "staff-unknown")
    assert COOKIE not in str(answer.headers)
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.actor, event.facts) == ("staff.stranger-refused", "visitor", {})
    assert db.session.scalars(select(StaffMember)).all() == []


def test_a_disabled_member_is_refused(client: FlaskClient, provider: OpenIdProvider, known: str) -> None:
    with transaction():
        members.disable(members.find(known), actor="operator:test")

    assert refused(provider.sign_in(client)) == (403, "account-disabled")


def test_a_replayed_callback_is_refused(client: FlaskClient, provider: OpenIdProvider, known: str) -> None:
    question = provider.question(client)
    sent = provider.answer(question)

    assert client.post("/staff/callback", data=sent).status_code == 303
    assert refused(client.post("/staff/callback", data=sent)) == (403, "state-used")
    assert len(provider.asked_for("/connect/token")) == 1


def test_an_answer_in_another_browser_is_refused(app: Bilim, provider: OpenIdProvider, known: str) -> None:
    question = provider.question(app.test_client())

    assert refused(provider.bring_back(app.test_client(), question)) == (403, "browser-differs")


def test_an_answer_after_ten_minutes_is_refused(client: FlaskClient, provider: OpenIdProvider, known: str) -> None:
    with clock.frozen(datetime.now(UTC)):
        question = provider.question(client)
        clock.advance(600)

        assert refused(provider.bring_back(client, question)) == (403, "state-expired")


def test_a_state_that_nobody_made_is_refused(client: FlaskClient) -> None:
    assert refused(client.post("/staff/callback", data={"state": "x", "code": "y"})) == (403, "state-unknown")


def test_an_answer_without_a_state_is_refused(client: FlaskClient) -> None:
    assert refused(client.post("/staff/callback", data={"code": "y"})) == (403, "state-missing")


def test_an_answer_without_a_code_is_refused_and_uses_the_state_up(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    question = provider.question(client)

    assert refused(client.post("/staff/callback", data={"state": question["state"]})) == (403, "code-missing")
    assert refused(provider.bring_back(client, question)) == (403, "state-used")


def test_an_error_of_the_provider_is_told(client: FlaskClient, provider: OpenIdProvider) -> None:
    question = provider.question(client)

    answer = client.post("/staff/callback", data={"state": question["state"], "error": "access_denied"})

    assert refused(answer) == (403, "provider-said-error")


def test_an_answer_that_names_another_issuer_is_refused(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    assert refused(provider.sign_in(client, iss="https://evil.example")) == (401, "answer-of-another")
    assert provider.asked_for("/connect/token") == []


def test_an_answer_that_names_no_issuer_is_refused_where_the_provider_always_does(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    provider.description = {"authorization_response_iss_parameter_supported": True}

    assert refused(provider.sign_in(client)) == (401, "answer-of-another")
    assert provider.sign_in(client, iss=provider.url).status_code == 303


def test_a_code_of_somebody_elses_question_is_not_accepted(app: Bilim, provider: OpenIdProvider, known: str) -> None:
    """PKCE: a stolen code brought into another sign-in has another verifier."""
    thief, victim = app.test_client(), app.test_client()
    stolen = provider.answer(provider.question(victim))["code"]
    question = provider.question(thief)

    answer = thief.post("/staff/callback", data={"state": question["state"], "code": stolen}, headers=HTML)

    assert refused(answer) == (502, "code-not-accepted")


# Refusals of the token


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://evil.example"}, "issuer-wrong"),
        ({"iss": None}, "issuer-wrong"),
        ({"aud": "another-client"}, "audience-wrong"),
        ({"aud": [CLIENT_ID, "another-client"]}, "audience-wrong"),
        ({"aud": []}, "audience-wrong"),
        ({"azp": "another-client"}, "azp-wrong"),
        ({"exp": 1_700_000_000}, "expired"),
        ({"exp": None}, "time-missing"),
        ({"exp": "soon"}, "time-missing"),
        ({"exp": float("nan")}, "time-missing"),
        ({"iat": 1_700_000_000}, "issued-long-ago"),
        ({"iat": 4_000_000_000}, "issued-in-future"),
        ({"nonce": "another"}, "nonce-wrong"),
        ({"nonce": None}, "nonce-wrong"),
        ({"sub": None}, "subject-missing"),
        ({"sub": "x" * 256}, "subject-missing"),
        ({"sub": "with space"}, "subject-missing"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_token_with_a_wrong_claim_is_refused(
    database: FlaskClient, provider: OpenIdProvider, changes: dict[str, Any], code: str
) -> None:
    provider.changes = changes

    assert refused(provider.sign_in(database)) == (401, code)


@pytest.fixture
def database(provider: OpenIdProvider, settings_on_sqlite: Settings) -> Iterator[FlaskClient]:
    """A browser; on one engine, because nothing here depends on it."""
    values = {"staff_issuer": provider.url, "staff_client_id": CLIENT_ID, "staff_client_secret": SECRET}
    with application(settings_on_sqlite, **values) as made:
        with transaction():
            member = members.admit("before", actor="operator:test", issuer=provider.url, subject="esi-17")
            members.give(member, Post(AUDITOR, None, None), actor="operator:test")
        yield made.test_client()


def test_a_token_without_a_signature_is_refused(database: FlaskClient, provider: OpenIdProvider) -> None:
    provider.key, provider.algorithm = "", "none"

    assert refused(provider.sign_in(database)) == (401, "algorithm-not-allowed")


def test_a_token_signed_with_our_own_secret_is_refused(database: FlaskClient, provider: OpenIdProvider) -> None:
    provider.key, provider.algorithm = SECRET * 2, "HS256"
    provider.description = {"id_token_signing_alg_values_supported": ["RS256", "HS256"]}

    assert refused(provider.sign_in(database)) == (401, "algorithm-not-allowed")


def test_an_algorithm_that_the_provider_does_not_offer_is_refused(
    database: FlaskClient, provider: OpenIdProvider
) -> None:
    provider.algorithm = "PS256"

    assert refused(provider.sign_in(database)) == (401, "algorithm-not-allowed")


def test_a_token_signed_with_another_key_is_refused(database: FlaskClient, provider: OpenIdProvider) -> None:
    provider.key = rsa_key(1)

    assert refused(provider.sign_in(database)) == (401, "signature-wrong")


def test_a_token_that_names_an_unknown_key_is_refused(database: FlaskClient, provider: OpenIdProvider) -> None:
    provider.header = {"kid": "other"}

    assert refused(provider.sign_in(database)) == (401, "key-unknown")


def test_a_token_that_names_no_key_is_taken_if_there_is_one_only(
    database: FlaskClient, provider: OpenIdProvider
) -> None:
    provider.header = {"kid": None}

    assert provider.sign_in(database).status_code == 303


def test_a_token_that_names_no_key_is_refused_if_there_are_several(
    database: FlaskClient, provider: OpenIdProvider
) -> None:
    provider.header = {"kid": None}
    provider.keys.append(public_jwk(rsa_key(1), kid="second"))

    assert refused(provider.sign_in(database)) == (401, "key-unknown")


def test_a_short_key_is_refused(database: FlaskClient, provider: OpenIdProvider) -> None:
    provider.keys = [public_jwk(rsa_key(2, 1024), kid="provider-key-1")]

    assert refused(provider.sign_in(database)) == (401, "key-too-short")


def test_what_is_no_token_is_refused(database: FlaskClient, provider: OpenIdProvider) -> None:
    said = json.dumps({"id_token": "no.token", "access_token": "x"}).encode()
    provider.replies["/connect/token"] = Reply(200, said)

    assert refused(provider.sign_in(database)) == (401, "token-malformed")


def test_userinfo_about_somebody_else_is_refused(database: FlaskClient, provider: OpenIdProvider) -> None:
    provider.changes = {"name": None}
    provider.replies["/connect/userinfo"] = Reply(200, json.dumps({"sub": "esi-18", "name": "Башка"}).encode())

    assert refused(provider.sign_in(database)) == (401, "userinfo-of-another")


# The provider itself


@pytest.mark.parametrize("difference", ["/", "/other"])
def test_a_description_of_another_issuer_is_refused(
    database: FlaskClient, provider: OpenIdProvider, difference: str
) -> None:
    provider.description = {"issuer": f"{provider.url}{difference}"}

    assert refused(database.get("/staff/sign-in/begin", headers=HTML)) == (502, "provider-not-usable")


def test_a_provider_that_is_away_is_told_and_nothing_is_written(
    database: FlaskClient, provider: OpenIdProvider
) -> None:
    provider.replies["/.well-known/openid-configuration"] = Reply(503)

    assert refused(database.get("/staff/sign-in/begin", headers=HTML)) == (502, "provider-unavailable")
    assert db.session.scalars(select(SignInQuestion)).all() == []


def test_an_old_description_stays_good_while_the_provider_is_away(
    database: FlaskClient, provider: OpenIdProvider
) -> None:
    with clock.frozen(datetime.now(UTC)):
        provider.question(database)
        provider.replies["/.well-known/openid-configuration"] = Reply(503)
        clock.advance(25 * 3600)

        assert database.get("/staff/sign-in/begin").status_code == 302


def test_keys_that_cannot_be_had_are_told(database: FlaskClient, provider: OpenIdProvider) -> None:
    provider.replies["/jwks"] = Reply(500)

    assert refused(provider.sign_in(database)) == (502, "provider-unavailable")


# What attackers try


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "/\t/evil.example", "/%0a/evil.example", "evil.example", "/" + "x" * 2000],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_a_sign_in_leads_to_no_other_host(database: FlaskClient, provider: OpenIdProvider, wanted: str) -> None:
    question = provider.question(database, f"/staff/sign-in/begin?next={wanted}")

    assert provider.bring_back(database, question).location == "/admin/"
    assert database.get(f"/staff/sign-in?next={wanted}").location == "/admin/"


def test_a_session_planted_before_the_sign_in_is_worth_nothing_after_it(
    app: Bilim, provider: OpenIdProvider, known: str
) -> None:
    browser, thief = app.test_client(), app.test_client()
    browser.set_cookie(COOKIE, "planted", domain="localhost")
    thief.set_cookie(COOKIE, "planted", domain="localhost")

    provider.sign_in(browser)

    assert browser.get("/admin/").status_code == 200
    assert thief.get("/admin/", headers=HTML).status_code == 303


def test_signing_in_again_ends_the_session_before(app: Bilim, provider: OpenIdProvider, known: str) -> None:
    browser, copy = app.test_client(), app.test_client()
    provider.sign_in(browser)
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    copy.set_cookie(COOKIE, cookie.value, domain="localhost")
    assert copy.get("/admin/").status_code == 200

    provider.sign_in(browser)

    assert copy.get("/admin/", headers=HTML).status_code == 303
    assert [session.ended_at is None for session in _sessions()] == [False, True]


def _sessions() -> list[StaffSession]:
    return list(db.session.scalars(select(StaffSession).order_by(StaffSession.started_at)))


def test_the_session_cookie_stays_out_of_frames_and_scripts(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    answer = provider.sign_in(client)

    [cookie] = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith(COOKIE)]
    attributes = {part.strip().partition("=")[0] for part in cookie.split(";")[1:]}
    assert attributes == {"Secure", "HttpOnly", "Path", "SameSite"}
    assert "SameSite=Lax" in cookie
    assert cookie.startswith("__Host-bilim-staff=bilim_staff_")


def test_pages_of_staff_may_be_framed_by_ourselves_only(
    client: FlaskClient, provider: OpenIdProvider, known: str
) -> None:
    provider.sign_in(client)

    policy = client.get("/admin/").headers["Content-Security-Policy"]

    assert "frame-ancestors 'self';" in policy + ";"


def test_sign_ins_are_throttled(settings: Settings, provider: OpenIdProvider) -> None:
    values = {"staff_issuer": provider.url, "staff_client_id": CLIENT_ID, "staff_client_secret": SECRET}
    with application(settings, rate_limits=True, **values) as made:
        browser = made.test_client()
        statuses = [browser.get("/staff/sign-in/begin").status_code for _try in range(31)]

    assert statuses == [302] * 30 + [429]
