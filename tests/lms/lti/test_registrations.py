"""What a registration's state and settings mean for launches and for its services."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from flask.testing import FlaskClient
from jwt.algorithms import ECAlgorithm
from sqlalchemy import func, select

from lms.core import clock
from lms.core import keys as signing_keys
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict, RemoteFailure
from lms.lti import registrations, tokens
from lms.lti.models import Deployment, LaunchSession, PlatformUser, Registration
from lms.people.models import Person
from tests.platform import SCORE_SCOPE, Platform, public_jwk, rsa_key, running

ACTOR = "operator:test"
COURSE_RUN = "course-v1:Academy+PM+2026"
BLOCK = "block-v1:Academy+PM+2026+type@lti_consumer+block@7f3a"


def the_only() -> Registration:
    return db.session.scalars(select(Registration)).one()


def decide(name: str, *arguments: str) -> None:
    with transaction():
        getattr(registrations, name)(the_only(), *arguments, actor=ACTOR)


def addresses(platform: Platform) -> dict[str, str]:
    return {
        "auth_url": f"{platform.url}/auth",
        "token_url": f"{platform.url}/token",
        "jwks_url": f"{platform.url}/jwks",
    }


def count(model: type[Any]) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def stranger(app: object) -> Iterator[Platform]:
    """A platform that runs and that nobody has registered."""
    with running() as made:
        made.target = "http://localhost:8000/"
        yield made


# State


@pytest.mark.parametrize(
    ("state", "code"),
    [("pending", "platform-waiting"), ("disabled", "platform-disabled"), ("deleted", "platform-unknown")],
)
def test_only_an_open_platform_begins_a_launch(client: FlaskClient, stranger: Platform, state: str, code: str) -> None:
    stranger.register(state=state)

    answer = client.get("/lti/login", query_string=stranger.login_parameters())

    assert answer.status_code == 403
    assert code in answer.text


@pytest.mark.parametrize(
    ("decision", "code"), [("disable", "platform-disabled"), ("delete_platform", "platform-deleted")]
)
def test_a_platform_that_is_closed_in_the_middle_of_a_launch_does_not_finish_it(
    client: FlaskClient, platform: Platform, decision: str, code: str
) -> None:
    question = platform.log_in(client)
    decide(decision)

    answer = platform.answer(client, question)

    assert answer.status_code == 403
    assert code in answer.text
    assert count(LaunchSession) == 0


def test_closing_ends_open_pages_and_opening_lets_the_same_person_in_again(
    client: FlaskClient, platform: Platform
) -> None:
    page = platform.launch(client).location
    decide("disable")
    closed = client.get(page).status_code
    decide("enable")

    again = client.get(platform.launch(client).location).status_code

    assert (closed, again) == (401, 200)
    assert count(PlatformUser) == 1


def test_deleting_loses_no_record_and_the_same_ids_find_them_again(client: FlaskClient, platform: Platform) -> None:
    platform.launch(client)
    decide("delete_platform")
    with transaction():
        registrations.put(platform.issuer, platform.client_id, addresses(platform), actor=ACTOR)
        registrations.approve(the_only(), platform.deployment_id, actor=ACTOR)

    assert platform.launch(client).status_code == 303
    assert count(Registration) == count(PlatformUser) == count(Person) == 1


def test_a_deleted_platform_that_is_registered_again_has_no_approved_place(
    client: FlaskClient, platform: Platform
) -> None:
    decide("delete_platform")
    with transaction():
        registrations.put(platform.issuer, platform.client_id, addresses(platform), actor=ACTOR)

    answer = platform.launch(client)

    assert answer.status_code == 403
    assert "deployment-waiting" in answer.text


def test_a_deleted_tenant_does_not_stand_in_the_way_of_the_one_that_is_left(
    client: FlaskClient, platform: Platform
) -> None:
    platform.client_id = "another"
    platform.register(state="deleted")

    answer = client.get("/lti/login", query_string=platform.login_parameters(client_id=None))

    assert answer.status_code == 302
    assert "client_id=bilim-at-academy" in answer.location


@pytest.mark.parametrize("state", ["pending", "deleted"])
def test_what_was_never_confirmed_or_was_deleted_is_not_simply_enabled(stranger: Platform, state: str) -> None:
    stranger.register(state=state)

    with pytest.raises(Conflict):
        decide("enable")


def test_every_decision_leaves_a_line_with_who_made_it(platform: Platform) -> None:
    decide("disable")
    decide("enable")
    decide("refuse", platform.deployment_id)
    decide("approve", platform.deployment_id)
    decide("delete_platform")

    with reading():
        lines = db.session.execute(select(AuditEvent.action, AuditEvent.actor).order_by(AuditEvent.id)).all()
    assert [tuple(line) for line in lines] == [
        ("lti.platform-disabled", ACTOR),
        ("lti.platform-enabled", ACTOR),
        ("lti.deployment-refused", ACTOR),
        ("lti.deployment-approved", ACTOR),
        ("lti.platform-deleted", ACTOR),
    ]


# Deployments


def test_a_refused_place_stays_refused_even_where_every_place_is_taken(client: FlaskClient, stranger: Platform) -> None:
    stranger.register(policy="open")
    decide("refuse", stranger.deployment_id)

    refused = stranger.launch(client)
    other = stranger.launch(client, deployment_id="deployment-2")

    assert "deployment-refused" in refused.text
    assert (refused.status_code, other.status_code) == (403, 303)


def test_a_waiting_place_is_seen_by_the_administrator_and_works_once_approved(
    client: FlaskClient, stranger: Platform
) -> None:
    stranger.register(policy="approve", deployments=())
    waiting = stranger.launch(client)
    with reading():
        (summary,) = registrations.listed()
    decide("approve", stranger.deployment_id)

    approved = stranger.launch(client)

    assert (waiting.status_code, approved.status_code) == (403, 303)
    assert summary.waiting == 1
    assert count(Deployment) == 1


# Settings


def ec_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


@pytest.mark.parametrize("algorithm", ["PS256", "RS512"])
def test_an_algorithm_of_the_list_is_taken(client: FlaskClient, stranger: Platform, algorithm: str) -> None:
    stranger.register(algorithms=f"RS256 {algorithm}")
    stranger.keys = [{**public_jwk(rsa_key(), kid=stranger.kid), "alg": algorithm}]
    question = stranger.log_in(client)

    answer = stranger.send(client, question, stranger.token(stranger.claims(question), algorithm=algorithm))

    assert answer.status_code == 303


def test_a_signature_by_an_elliptic_curve_is_taken_where_it_is_in_the_list(
    client: FlaskClient, stranger: Platform
) -> None:
    key = ec_key()
    stranger.register(algorithms="ES256")
    stranger.keys = [{**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": stranger.kid, "use": "sig"}]
    question = stranger.log_in(client)
    token = jwt.encode(stranger.claims(question), key, algorithm="ES256", headers={"kid": stranger.kid})

    assert stranger.send(client, question, token).status_code == 303


@pytest.mark.parametrize("algorithm", ["PS256", "RS512", "RS384"])
def test_an_algorithm_outside_of_the_list_is_refused(client: FlaskClient, platform: Platform, algorithm: str) -> None:
    question = platform.log_in(client)

    answer = platform.send(client, question, platform.token(platform.claims(question), algorithm=algorithm))

    assert answer.status_code == 401
    assert "algorithm-not-allowed" in answer.text


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_no_list_lets_a_shared_secret_or_nothing_sign(client: FlaskClient, stranger: Platform, algorithm: str) -> None:
    stranger.register(algorithms="RS256 ES256 PS256")
    question = stranger.log_in(client)
    key = None if algorithm == "none" else "a-shared-secret-of-more-than-32-characters"
    token = jwt.encode(stranger.claims(question), key, algorithm=algorithm, headers={"kid": stranger.kid})

    answer = stranger.send(client, question, token)

    assert answer.status_code == 401
    assert "algorithm-not-allowed" in answer.text


@pytest.mark.parametrize(("leeway", "late", "status"), [(120, 119, 303), (120, 121, 401), (0, 1, 401), (300, 299, 303)])
def test_each_platform_has_a_leeway_of_its_own(
    client: FlaskClient, stranger: Platform, leeway: int, late: int, status: int
) -> None:
    stranger.register(leeway_seconds=leeway)
    with clock.frozen(clock.now().replace(microsecond=0)):
        now = int(clock.now().timestamp())
        answer = stranger.launch(client, iat=now - 900, exp=now - late)

    assert answer.status_code == status


# People whom the platform does not name


def test_nobody_is_anonymous_unless_the_registration_says_so(client: FlaskClient, platform: Platform) -> None:
    answer = platform.launch(client, sub=None)

    assert answer.status_code == 400
    assert "subject-missing" in answer.text


def test_a_guest_may_look_and_leaves_no_trace(client: FlaskClient, stranger: Platform) -> None:
    stranger.register(allows_anonymous=True)
    answer = stranger.launch(client, sub=None, target_link_uri="http://localhost:8000/learn/roads?x=1")
    page = client.get(answer.location, headers={"Accept-Language": "en"})

    assert answer.location == "/lti/guest?page=%2Flearn%2Froads"
    assert page.status_code == 200
    assert 'href="http://localhost:8000/learn/roads"' in page.text
    assert count(Person) == count(PlatformUser) == count(LaunchSession) == 0


@pytest.mark.parametrize("sub", ["", " ", 5, []])
def test_an_empty_name_is_not_no_name(client: FlaskClient, stranger: Platform, sub: object) -> None:
    stranger.register(allows_anonymous=True)

    answer = stranger.launch(client, sub=sub)

    assert answer.status_code == 400
    assert "subject-missing" in answer.text


def test_a_guest_comes_only_from_an_approved_place(client: FlaskClient, stranger: Platform) -> None:
    stranger.register(allows_anonymous=True, deployments=())

    answer = stranger.launch(client, sub=None)

    assert answer.status_code == 403
    assert "deployment-unknown" in answer.text


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "", "javascript:alert(1)"]
)
def test_the_page_for_guests_leads_to_us_and_nowhere_else(client: FlaskClient, path: str) -> None:
    page = client.get("/lti/guest", query_string={"page": path})

    assert 'href="http://localhost:8000/"' in page.text


# Products


def test_a_platform_that_does_not_name_its_product_is_known_by_its_ids(client: FlaskClient, platform: Platform) -> None:
    platform.launch(
        client,
        tool_platform={"guid": "edx"},
        resource_link={"id": BLOCK},
        context={"id": COURSE_RUN, "label": "PM", "title": "PM"},
    )

    with reading():
        assert the_only().family == "open edx"


def test_an_administrator_names_the_product_more_loudly_than_the_platform(
    client: FlaskClient, stranger: Platform
) -> None:
    stranger.register(family_override="canvas")
    launched = stranger.launch(client)

    page = client.get(launched.location)

    assert "https://*.instructure.com" in page.headers["Content-Security-Policy"]
    with reading():
        assert (the_only().product_family_code, the_only().family) == ("moodle", "canvas")


# Requests for tokens


def assertion_of(platform: Platform, **settings: Any) -> dict[str, Any]:
    registration_id = platform.register(**settings)
    with transaction():
        signing_keys.ensure("lti")
    with reading():
        registration = db.session.get_one(Registration, registration_id)
    tokens.access_token(registration, SCORE_SCOPE)
    form = dict(part.split("=") for part in platform.asked_for("/token")[-1].body.decode().split("&"))
    claims: dict[str, Any] = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    return claims


DEPLOYMENT_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/deployment_id"


def test_an_assertion_has_the_claims_of_the_specification_and_no_more(stranger: Platform) -> None:
    claims = assertion_of(stranger)

    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "jti", DEPLOYMENT_CLAIM}
    assert claims["iss"] == claims["sub"] == "bilim-at-academy"
    assert claims["aud"] == f"{stranger.url}/token"
    assert claims[DEPLOYMENT_CLAIM] == "deployment-1"
    assert claims["exp"] - claims["iat"] == 300


def test_no_deployment_is_named_where_it_is_not_clear_which(stranger: Platform) -> None:
    assert DEPLOYMENT_CLAIM not in assertion_of(stranger, deployments=("1", "2"))


@pytest.mark.parametrize(
    ("values", "audience"),
    [
        ({"token_audience": "https://tokens.example"}, "https://tokens.example"),
        ({"product_family_code": "desire2learn"}, "https://api.brightspace.com/auth/token"),
        ({"family_override": "desire2learn"}, "https://api.brightspace.com/auth/token"),
        ({"product_family_code": "desire2learn", "token_audience": "urn:school"}, "urn:school"),
    ],
)
def test_the_audience_is_as_set_or_as_the_product_always_wants_it(
    stranger: Platform, values: dict[str, str], audience: str
) -> None:
    assert assertion_of(stranger, **values)["aud"] == audience


def test_each_deployment_has_tokens_of_its_own(stranger: Platform) -> None:
    registration_id = stranger.register(deployments=("1", "2"))
    with transaction():
        signing_keys.ensure("lti")
    with reading():
        registration = db.session.get_one(Registration, registration_id)

    first = tokens.access_token(registration, SCORE_SCOPE, deployment_id="1")
    second = tokens.access_token(registration, SCORE_SCOPE, deployment_id="2")

    assert first != second
    assert tokens.access_token(registration, SCORE_SCOPE, deployment_id="1") == first
    assert len(stranger.asked_for("/token")) == 2


def test_a_closed_platform_is_asked_for_nothing(platform: Platform) -> None:
    decide("disable")
    with reading():
        registration = the_only()

    with pytest.raises(RemoteFailure) as raised:
        tokens.access_token(registration, SCORE_SCOPE)

    assert raised.value.code == "platform-closed"
    assert not raised.value.retryable
    assert platform.asked_for("/token") == []


def test_a_question_that_is_older_than_a_decision_asks_again_at_the_answer(
    client: FlaskClient, stranger: Platform
) -> None:
    stranger.register(deployments=())
    question = stranger.log_in(client)
    decide("approve", stranger.deployment_id)

    with clock.frozen(clock.now() + timedelta(seconds=5)):
        answer = stranger.answer(client, question)

    assert answer.status_code == 303
