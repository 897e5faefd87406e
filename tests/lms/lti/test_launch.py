"""A launch, from the platform's link to our page, and every way in which it is refused."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from lms.core import clock
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti import launch
from lms.lti.models import (
    Context,
    Deployment,
    LaunchSession,
    PlatformUser,
    Registration,
    ResourceLink,
)
from lms.people.models import Person, PersonName
from tests.platform import MEMBERSHIP, TOOL, Platform, Reply, public_jwk, rsa_key


def code_of(answer: Any) -> str:
    """The stable code on a refusal page."""
    assert '<dd class="code">' in answer.text, answer.text
    return str(answer.text.split('<dd class="code">')[1].split("<")[0])


def count(model: type) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def only_launch() -> LaunchSession:
    with reading():
        return db.session.scalars(select(LaunchSession)).one()


# What a launch makes


def test_a_launch_opens_a_session_by_a_redirect(client: FlaskClient, platform: Platform) -> None:
    answer = platform.launch(client)

    made = only_launch()
    assert answer.status_code == 303
    assert answer.location == f"/s/{made.id}/"
    assert client.get(answer.location).status_code == 200


def test_a_launch_remembers_who_where_and_what(client: FlaskClient, platform: Platform) -> None:
    platform.launch(client, custom={"module": "urban-governance", "due": "$ResourceLink.submission.endDateTime"})

    made = only_launch()
    assert made.roles == {"learner"}
    assert not made.is_instructor
    assert not made.is_test_user
    assert made.locale == "ru"
    assert made.custom == {"module": "urban-governance"}
    assert made.resource_link.resource_link_id == "link-1"
    assert made.resource_link.title == "Public management"
    assert made.line_item_url == f"{platform.url}/items/5/lineitem?type_id=3"
    assert made.ags_scopes == {"https://purl.imsglobal.org/spec/lti-ags/scope/score"}
    assert made.context is not None
    assert made.context.title == "Public management 2026"
    with reading():
        assert db.session.scalars(select(PersonName.text)).all() == ["Айгүл Токтогулова"]
        assert db.session.scalars(select(Registration.product_family_code)).one() == "moodle"


def test_a_launch_leads_to_the_page_that_the_platform_signed(client: FlaskClient, platform: Platform) -> None:
    answer = platform.launch(client, target_link_uri=f"{TOOL}/learn/public-management?unit=2")

    assert answer.location == f"/s/{only_launch().id}/learn/public-management?unit=2"


def test_a_launch_at_the_launch_address_leads_where_a_package_above_says(
    client: FlaskClient, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "_entries", {})
    launch.register_entry(lambda arrived: f"/learn/{arrived.custom['module']}")

    answer = platform.launch(client, target_link_uri=f"{TOOL}/lti/launch", custom={"module": "e-government"})

    assert answer.location == f"/s/{only_launch().id}/learn/e-government"


def test_the_target_in_the_login_is_not_believed(client: FlaskClient, platform: Platform) -> None:
    answer = platform.launch(
        client,
        log_in={"target_link_uri": f"{TOOL}/teach/secret"},
        target_link_uri=f"{TOOL}/learn/public-management",
    )

    assert answer.location.endswith("/learn/public-management")


def test_a_second_launch_meets_the_same_people_and_things(client: FlaskClient, platform: Platform) -> None:
    platform.launch(client)

    platform.launch(client, resource_link={"id": "link-1", "title": "Renamed"}, name="Айгүл Осмонова")

    assert [count(model) for model in (Person, PlatformUser, Context, ResourceLink, Deployment)] == [1, 1, 1, 1, 1]
    assert count(LaunchSession) == 2
    with reading():
        assert db.session.scalars(select(ResourceLink.title)).one() == "Renamed"
        assert db.session.scalars(select(PlatformUser.name)).one() == "Айгүл Осмонова"


def test_users_of_two_registrations_with_the_same_number_are_two_people(
    client: FlaskClient, platform: Platform
) -> None:
    platform.launch(client)
    platform.client_id = "second-tenant"
    platform.register()

    platform.launch(client)

    assert count(Person) == 2
    assert count(ResourceLink) == 2


def test_a_launch_without_context_name_or_services_works(client: FlaskClient, platform: Platform) -> None:
    answer = platform.launch(client, context=None, name=None, ags=None, launch_presentation=None, tool_platform=None)

    made = only_launch()
    assert answer.status_code == 303
    assert made.context is None
    assert made.line_item_url is None
    assert made.ags_scopes == set()


def test_the_line_item_of_the_last_launch_counts_and_silence_changes_nothing(
    client: FlaskClient, platform: Platform
) -> None:
    platform.launch(client)

    platform.launch(client, ags=None)
    after_silence = only_link().line_item_url
    platform.launch(client, ags={"scope": ["s"], "lineitems": "https://lms.academy.example/items"})

    assert after_silence == f"{platform.url}/items/5/lineitem?type_id=3"
    assert only_link().line_item_url is None
    assert only_link().line_items_url == "https://lms.academy.example/items"


def only_link() -> ResourceLink:
    with reading():
        return db.session.scalars(select(ResourceLink)).one()


# Only once, only here


def test_a_reload_leads_to_the_first_launch(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)
    token = platform.token(platform.claims(question, target_link_uri=f"{TOOL}/learn/public-management"))
    first = platform.send(client, question, token)

    again = platform.send(client, question, token)

    assert again.status_code == 303
    assert again.location == first.location
    assert count(LaunchSession) == 1


def test_the_same_answer_sent_by_eight_threads_opens_one_session(
    app: Bilim, client: FlaskClient, platform: Platform
) -> None:
    question = platform.log_in(client)
    token = platform.token(platform.claims(question))
    cookie = client.get_cookie("__Host-bilim")
    assert cookie is not None

    def _send(_number: int) -> Any:
        browser = app.test_client()
        browser.set_cookie("__Host-bilim", cookie.value)
        return platform.send(browser, question, token)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(_send, range(8)))

    assert {answer.status_code for answer in answers} == {303}
    assert {answer.location for answer in answers} == {f"/s/{only_launch().id}/"}


def test_eight_people_whom_nobody_knows_may_arrive_at_once(app: Bilim, platform: Platform) -> None:
    def _launch(number: int) -> int:
        return platform.launch(app.test_client(), sub=f"person-{number // 2}").status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(_launch, range(8)))

    assert statuses == [303] * 8
    assert count(Person) == 4
    assert count(Context) == 1


def test_a_state_that_we_did_not_make_is_refused(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)
    token = platform.token(platform.claims(question))

    answer = platform.send(client, {**question, "state": "invented"}, token)

    assert (answer.status_code, code_of(answer)) == (403, "state-unknown")


def test_an_answer_from_another_browser_is_refused_and_burns_nothing(
    app: Bilim, client: FlaskClient, platform: Platform
) -> None:
    question = platform.log_in(client)
    token = platform.token(platform.claims(question))
    other = app.test_client()
    platform.log_in(other)

    stolen = platform.send(other, question, token)
    rightful = platform.send(client, question, token)

    assert code_of(stolen) == "browser-differs"
    assert rightful.status_code == 303


def test_an_answer_without_our_cookie_is_refused(app: Bilim, client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)

    answer = platform.answer(app.test_client(), question)

    assert code_of(answer) == "browser-differs"


def test_an_answer_that_took_longer_than_ten_minutes_is_refused(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        question = platform.log_in(client)
        clock.advance(601)
        answer = platform.answer(client, question)

    assert code_of(answer) == "state-expired"


def test_a_refused_token_uses_up_its_state(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)
    platform.answer(client, question, nonce="another")

    answer = platform.answer(client, question)

    assert code_of(answer) == "state-used"
    assert count(LaunchSession) == 0


def test_a_nonce_answers_only_the_question_that_carried_it(client: FlaskClient, platform: Platform) -> None:
    first, second = platform.log_in(client), platform.log_in(client)

    answer = platform.send(client, second, platform.token(platform.claims(first)))

    assert code_of(answer) == "nonce-wrong"


# The token


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"iss": "https://lms.academy.example/"}, 401, "issuer-wrong"),
        ({"iss": "https://LMS.academy.example"}, 401, "issuer-wrong"),
        ({"iss": None}, 401, "issuer-wrong"),
        ({"aud": "somebody-else"}, 401, "audience-wrong"),
        ({"aud": ["bilim-at-academy", "somebody-else"], "azp": "bilim-at-academy"}, 401, "audience-wrong"),
        ({"aud": []}, 401, "audience-wrong"),
        ({"aud": None}, 401, "audience-wrong"),
        ({"azp": "somebody-else"}, 401, "azp-wrong"),
        ({"aud": ["bilim-at-academy", "bilim-at-academy"]}, 401, "azp-wrong"),
        ({"exp": 22222}, 401, "expired"),
        ({"exp": None}, 401, "exp-missing"),
        ({"exp": "22222222222"}, 401, "exp-missing"),
        ({"iat": None}, 401, "iat-missing"),
        ({"nonce": None}, 401, "nonce-wrong"),
        ({"nonce": ""}, 401, "nonce-wrong"),
        ({"version": "1.1.0"}, 400, "version-wrong"),
        ({"version": None}, 400, "version-wrong"),
        ({"message_type": "LtiEulaRequest"}, 400, "message-type-unknown"),
        ({"message_type": None}, 400, "message-type-unknown"),
        ({"roles": None}, 400, "roles-missing"),
        ({"roles": "Instructor"}, 400, "roles-missing"),
        ({"deployment_id": None}, 400, "deployment-missing"),
        ({"deployment_id": "x" * 256}, 400, "deployment-missing"),
        ({"deployment_id": "deployment-2"}, 403, "deployment-unknown"),
        ({"resource_link": None}, 400, "resource-link-missing"),
        ({"resource_link": {"title": "no id"}}, 400, "resource-link-missing"),
        ({"sub": None}, 400, "subject-missing"),
        ({"sub": ""}, 400, "subject-missing"),
        ({"sub": "a\x00b"}, 400, "subject-missing"),
        ({"target_link_uri": None}, 400, "target-not-ours"),
        ({"target_link_uri": "https://evil.example/lti/launch"}, 400, "target-not-ours"),
        ({"target_link_uri": "http://localhost:8000@evil.example/"}, 400, "target-not-ours"),
        ({"target_link_uri": "http://localhost:8000/../oauth/token"}, 400, "target-not-ours"),
        ({"target_link_uri": "/lti/launch"}, 400, "target-not-ours"),
    ],
)
def test_a_token_is_refused_with_the_code_of_the_check_that_failed(
    client: FlaskClient, platform: Platform, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = platform.launch(client, **changes)

    assert (answer.status_code, code_of(answer)) == (status, code)
    assert count(LaunchSession) == 0
    assert count(Person) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["bilim-at-academy"]},
        {"azp": "bilim-at-academy"},
        {"exp": 9_000_000_000.5},
        {"roles": []},
        {"unknown_claim": {"is": "ignored"}},
    ],
)
def test_what_the_specification_allows_is_taken(
    client: FlaskClient, platform: Platform, changes: dict[str, Any]
) -> None:
    assert platform.launch(client, **changes).status_code == 303


@pytest.mark.parametrize(
    ("claim", "seconds_from_now", "code"),
    [
        ("exp", -119, None),
        ("exp", -121, "expired"),
        ("iat", 119, None),
        ("iat", 130, "issued-in-future"),
    ],
)
def test_clocks_may_differ_by_two_minutes(
    client: FlaskClient, platform: Platform, claim: str, seconds_from_now: int, code: str | None
) -> None:
    with clock.frozen(datetime.now(UTC)):
        changed: dict[str, Any] = {claim: int(clock.now().timestamp()) + seconds_from_now}
        answer = platform.launch(client, **changed)

    assert (None if answer.status_code == 303 else code_of(answer)) == code


def test_a_token_signed_by_another_key_is_refused(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)

    answer = platform.send(client, question, platform.token(platform.claims(question), key=rsa_key(1)))

    assert (answer.status_code, code_of(answer)) == (401, "signature-wrong")


def test_a_token_whose_claims_were_changed_is_refused(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)
    header, _payload, signature = platform.token(platform.claims(question)).split(".")
    forged = json.dumps(platform.claims(question, roles=[f"{MEMBERSHIP}Instructor"])).encode()
    payload = base64.urlsafe_b64encode(forged).decode().rstrip("=")

    answer = platform.send(client, question, f"{header}.{payload}.{signature}")

    assert code_of(answer) == "signature-wrong"


def test_an_unsigned_token_is_refused(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)

    answer = platform.send(client, question, platform.token(platform.claims(question), key="", algorithm="none"))

    assert code_of(answer) == "algorithm-not-allowed"


def test_a_token_signed_with_the_public_key_as_a_password_is_refused(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)
    public = rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()

    answer = platform.send(client, question, platform.token(platform.claims(question), key=public, algorithm="HS256"))

    assert code_of(answer) == "algorithm-not-allowed"


def test_another_algorithm_of_the_same_family_is_refused(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)

    answer = platform.send(client, question, platform.token(platform.claims(question), algorithm="RS512"))

    assert code_of(answer) == "algorithm-not-allowed"


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "e30.e30.", "é.é.é", "[]", "W10.e30.x"])
def test_what_is_no_token_is_refused(client: FlaskClient, platform: Platform, token: str) -> None:
    question = platform.log_in(client)

    answer = platform.send(client, question, token)

    assert answer.status_code == 401
    assert code_of(answer) in {"token-malformed", "key-id-missing"}


@pytest.mark.parametrize("keep", [10, 100, 400, -1])
def test_a_truncated_token_is_refused(client: FlaskClient, platform: Platform, keep: int) -> None:
    question = platform.log_in(client)
    token = platform.token(platform.claims(question))

    answer = platform.send(client, question, token[:keep])

    assert answer.status_code == 401
    assert count(LaunchSession) == 0


def test_a_token_larger_than_256_kilobytes_is_refused_and_a_large_one_is_taken(
    client: FlaskClient, platform: Platform
) -> None:
    oversized = platform.launch(client, padding="x" * 200_000)
    large = platform.launch(client, padding="x" * 150_000)

    assert (oversized.status_code, code_of(oversized)) == (400, "token-too-large")
    assert large.status_code == 303


# Keys of the platform


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits")
def test_a_key_of_less_than_2048_bits_is_refused(client: FlaskClient, platform: Platform) -> None:
    short = rsa_key(2, bits=1024)
    platform.keys = [public_jwk(short, kid=platform.kid)]
    question = platform.log_in(client)

    answer = platform.send(client, question, platform.token(platform.claims(question), key=short))

    assert code_of(answer) == "key-too-short"


def test_a_symmetric_key_in_a_key_set_is_refused(client: FlaskClient, platform: Platform) -> None:
    platform.keys = [{"kty": "oct", "kid": platform.kid, "k": "c2VjcmV0"}]

    assert code_of(platform.launch(client)) == "key-not-allowed"


def test_a_key_for_encryption_is_refused(client: FlaskClient, platform: Platform) -> None:
    platform.keys = [public_jwk(rsa_key(), kid=platform.kid) | {"use": "enc"}]

    assert code_of(platform.launch(client)) == "key-not-allowed"


def test_a_key_of_another_algorithm_is_refused(client: FlaskClient, platform: Platform) -> None:
    platform.keys = [public_jwk(rsa_key(), kid=platform.kid) | {"alg": "RS512"}]

    assert code_of(platform.launch(client)) == "algorithm-not-allowed"


def test_a_key_that_names_no_algorithm_takes_the_registered_one(client: FlaskClient, platform: Platform) -> None:
    platform.keys = [{name: value for name, value in platform.keys[0].items() if name != "alg"}]

    assert platform.launch(client).status_code == 303


def test_a_platform_that_cannot_give_its_keys_uses_up_nothing(client: FlaskClient, platform: Platform) -> None:
    platform.replies["/jwks"] = [Reply(status=500)]
    question = platform.log_in(client)
    token = platform.token(platform.claims(question))

    failed = platform.send(client, question, token)
    del platform.replies["/jwks"]
    again = platform.send(client, question, token)

    assert (failed.status_code, code_of(failed)) == (502, "platform-keys-unavailable")
    assert again.status_code == 303


# Deployments


def test_a_registration_that_approves_keeps_an_unknown_deployment_waiting(
    client: FlaskClient, platform: Platform
) -> None:
    _set_policy("approve")

    first = platform.launch(client, deployment_id="new-school")
    with transaction():
        waiting = db.session.scalars(select(Deployment).filter_by(deployment_id="new-school")).one()
        was_approved, waiting.is_approved = waiting.is_approved, True
    second = platform.launch(client, deployment_id="new-school")

    assert (first.status_code, code_of(first)) == (403, "deployment-waiting")
    assert not was_approved
    assert second.status_code == 303


def test_an_open_registration_takes_every_deployment(client: FlaskClient, platform: Platform) -> None:
    _set_policy("open")

    assert platform.launch(client, deployment_id="new-school").status_code == 303


def _set_policy(policy: str) -> None:
    with transaction():
        db.session.scalars(select(Registration)).one().deployment_policy = policy


# Around it


def test_an_error_of_the_platform_is_shown_as_one(client: FlaskClient, platform: Platform) -> None:
    question = platform.log_in(client)

    answer = client.post(
        "/lti/launch",
        data={"state": question["state"], "error": "login_required", "error_description": "<script>x</script>"},
    )

    assert (answer.status_code, code_of(answer)) == (403, "platform-said-error")
    assert "<script>x" not in answer.text


@pytest.mark.parametrize(("form", "code"), [({}, "state-missing"), ({"state": "x"}, "token-missing")])
def test_an_incomplete_answer_is_refused(client: FlaskClient, form: dict[str, str], code: str) -> None:
    answer = client.post("/lti/launch", data=form)

    assert (answer.status_code, code_of(answer)) == (400, code)


def test_the_launch_address_opened_by_hand_explains_itself(client: FlaskClient) -> None:
    answer = client.get("/lti/launch")

    assert answer.status_code == 200
    assert "http://localhost/lti/login" in answer.text


def test_a_refusal_may_be_read_in_any_frame_and_a_launch_only_in_its_platform(
    client: FlaskClient, platform: Platform
) -> None:
    refused = platform.launch(client, nonce="wrong")
    page = client.get(platform.launch(client).location)

    assert "frame-ancestors 'self' *;" in refused.headers["Content-Security-Policy"]
    expected = f"frame-ancestors 'self' {platform.url} https://lms.academy.example;"
    assert expected in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers


def test_a_refusal_of_a_known_platform_leaves_a_line_without_personal_data(
    client: FlaskClient, platform: Platform
) -> None:
    platform.launch(client, sub="")

    with reading():
        line = db.session.scalars(select(AuditEvent).filter_by(action="lti.launch-refused")).one()
    assert line.facts == {"code": "subject-missing", "spec": "LTI core 5.3.6"}


def test_a_launch_costs_a_fixed_number_of_statements(client: FlaskClient, platform: Platform) -> None:
    platform.launch(client)
    few = _statements_of(lambda: platform.launch(client))
    for number in range(20):
        platform.launch(client, sub=f"other-{number}", resource_link={"id": f"other-link-{number}"})

    many = _statements_of(lambda: platform.launch(client))

    assert few == many
    assert len(few) == 6, few


def test_a_first_launch_costs_at_most_twenty_statements(client: FlaskClient, platform: Platform) -> None:
    platform.launch(client)

    statements = _statements_of(
        lambda: platform.launch(client, sub="new", resource_link={"id": "new"}, context={"id": "new", "title": "New"})
    )

    assert len(statements) <= 20, statements


def _statements_of(act: Any) -> list[str]:
    found: list[str] = []

    def _note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            found.append(statement.split(" WHERE")[0][:60])

    event.listen(db.engine, "before_cursor_execute", _note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", _note)
    return found
