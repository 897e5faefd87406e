"""The client assertion, refused one claim at a time."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.lms.sandbox.conftest import Lms, new_key


def refusal(lms: Lms, assertion: str) -> tuple[int, str]:
    answer = lms.ask_token(assertion)
    return answer.status_code, answer.get_json()["error"]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another-tool"},
        {"iss": None},
        {"sub": "another-tool"},
        {"sub": None},
        {"aud": "http://127.0.0.1:8001"},
        {"aud": "http://127.0.0.1:8001/oidc/token/"},
        {"aud": None},
        {"aud": []},
        {"exp": None},
        {"exp": 22222},
        {"exp": str(int(time.time()) + 300)},
        {"exp": True},
        {"exp": 10**30},
        {"iat": None},
        {"iat": "now"},
        {"iat": int(time.time()) + 3000, "exp": int(time.time()) + 3300},
        {"exp": int(time.time()) + 90000},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(lms: Lms, changes: dict[str, Any]) -> None:
    assert refusal(lms, lms.tool.assertion(**changes)) == (401, "invalid_client")


def test_the_audience_may_stand_in_a_list(lms: Lms) -> None:
    answer = lms.ask_token(lms.tool.assertion(aud=["https://other.example", "http://127.0.0.1:8001/oidc/token"]))

    assert answer.status_code == 200


def test_an_assertion_is_good_once(lms: Lms) -> None:
    assertion = lms.tool.assertion()

    assert lms.ask_token(assertion).status_code == 200
    assert refusal(lms, assertion) == (401, "invalid_client")


def test_an_assertion_whose_scopes_were_refused_is_used_up_too(lms: Lms) -> None:
    assertion = lms.tool.assertion()

    assert lms.ask_token(assertion, scope="unknown").status_code == 400
    assert refusal(lms, assertion) == (401, "invalid_client")


def test_moodle_refuses_an_assertion_with_400(moodle: Lms) -> None:
    assert moodle.ask_token(moodle.tool.assertion(exp=22222)).status_code == 400


def test_an_assertion_signed_by_another_key_under_the_right_name_is_refused(lms: Lms) -> None:
    stranger = new_key()

    assertion = lms.tool.assertion(header={"alg": "RS256", "kid": lms.tool.key.kid}, key=stranger)

    assert refusal(lms, assertion) == (401, "invalid_client")


def test_an_assertion_that_names_no_key_is_refused(lms: Lms) -> None:
    assert refusal(lms, lms.tool.assertion(header={"alg": "RS256"})) == (401, "invalid_client")


def test_an_assertion_with_another_algorithm_is_refused(lms: Lms) -> None:
    free = lms.tool.key_without_algorithm()
    lms.tool.published = [free]

    assertion = jwt.encode({"alg": "RS512", "kid": free.kid}, lms.tool.claims(), free, algorithms=["RS512"])

    assert refusal(lms, assertion) == (401, "invalid_client")


def test_an_assertion_signed_with_the_public_key_as_a_secret_is_refused(lms: Lms) -> None:
    signed = ".".join(
        urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "HS256", "kid": lms.tool.key.kid}, lms.tool.claims())
    )
    mac = hmac.digest(lms.tool.key.as_pem(private=False), signed.encode(), "sha256")

    assertion = f"{signed}.{urlsafe_b64encode(mac).decode().rstrip('=')}"

    assert refusal(lms, assertion) == (401, "invalid_client")


@pytest.mark.parametrize("text", ["x", "a.b.c", "e30.e30.", "...."])
def test_what_is_no_token_is_refused(lms: Lms, text: str) -> None:
    assert refusal(lms, text) == (401, "invalid_client")


def test_the_tools_keys_are_fetched_once_and_again_when_it_signs_with_a_new_one(lms: Lms) -> None:
    lms.ask_token()
    lms.ask_token()
    fetched_before = lms.tool.fetches
    lms.tool.rotate()

    answer = lms.ask_token()

    assert answer.status_code == 200
    assert (fetched_before, lms.tool.fetches) == (1, 2)


def test_a_tool_whose_keys_are_out_of_reach_gets_no_token(lms: Lms) -> None:
    lms.tool.published = []

    assert refusal(lms, lms.tool.assertion()) == (401, "invalid_client")


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_short_key_of_the_tool_is_not_taken(lms: Lms) -> None:
    short = RSAKey.generate_key(1024, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    lms.tool.published = [short]

    assert refusal(lms, lms.tool.assertion(key=short)) == (401, "invalid_client")
