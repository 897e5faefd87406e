"""Faults are done once, exactly as armed, and then are over."""

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from tests.lms.sandbox.conftest import Lms, claims_in, header_in

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"


@pytest.mark.parametrize(
    ("fault", "claim", "wrong"),
    [
        ("wrong-nonce", "nonce", "another-nonce"),
        ("expired", "exp", 22222),
        ("wrong-audience", "aud", "another-tool"),
        ("wrong-issuer", "iss", "https://another-platform.example"),
        ("wrong-deployment", f"{CLAIM}deployment_id", "another-deployment"),
    ],
)
def test_an_armed_fault_spoils_one_claim_of_the_next_launch_only(lms: Lms, fault: str, claim: str, wrong: Any) -> None:
    lms.switch(fault=fault)

    first, second = lms.claims(), lms.claims()

    assert first[claim] == wrong
    assert second[claim] != wrong


def test_a_launch_can_name_an_unknown_key_or_none(lms: Lms) -> None:
    lms.switch(fault="unknown-kid")
    unknown = header_in(lms.launch().fields["id_token"])
    lms.switch(fault="no-kid")
    none = header_in(lms.launch().fields["id_token"])

    assert unknown["kid"] == "unknown-key"
    assert "kid" not in none


def test_a_launch_can_be_signed_by_another_key_under_the_right_name(lms: Lms) -> None:
    lms.switch(fault="wrong-signature")
    keys = KeySet.import_key_set(lms.machine.get("/oidc/jwks.json").get_json())

    with pytest.raises(BadSignatureError):
        jwt.decode(lms.launch().fields["id_token"], keys, algorithms=["RS256"])
    assert jwt.decode(lms.launch().fields["id_token"], keys, algorithms=["RS256"]).claims["sub"]


def test_a_launch_can_come_back_with_another_state_or_an_error(lms: Lms) -> None:
    lms.switch(fault="wrong-state")
    lms.switch(fault="error-answer")

    first, second = lms.launch().fields, lms.launch().fields

    assert (first["state"], first["error"]) == ("another-state", "temporarily_unavailable")
    assert claims_in(second["id_token"])["nonce"] == "nonce-of-the-tool"


def test_a_fault_is_armed_for_so_many_times(lms: Lms) -> None:
    lms.switch(fault="token-503", times="2")

    answers = [lms.ask_token().status_code for _ in range(3)]

    assert answers == [503, 503, 200]


@pytest.mark.parametrize(("fault", "status"), [("token-503", 503), ("token-429", 429), ("token-html-404", 404)])
def test_the_token_service_can_be_broken(lms: Lms, fault: str, status: int) -> None:
    lms.switch(fault=fault)

    assert lms.ask_token().status_code == status
    assert lms.ask_token().status_code == 200


def test_a_service_that_is_asked_too_often_says_how_long_to_wait(lms: Lms) -> None:
    lms.switch(fault="service-429")

    answer = lms.send_score()

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert lms.grade() is None
    assert lms.send_score().status_code == 204


@pytest.mark.parametrize(("fault", "status"), [("service-503", 503), ("service-401", 401)])
def test_the_grade_service_can_be_broken(lms: Lms, fault: str, status: int) -> None:
    lms.switch(fault=fault)

    assert lms.send_score().status_code == status
    assert lms.send_score().status_code == 204


def test_the_key_set_can_be_out_of_reach(lms: Lms) -> None:
    lms.switch(fault="jwks-503")

    assert [lms.machine.get("/oidc/jwks.json").status_code for _ in range(2)] == [503, 200]


def test_switches_are_read_as_json(lms: Lms) -> None:
    lms.switch(profile="moodle", fault="service-503", times="3")

    stand = lms.machine.get("/switches", headers={"Accept": "application/json"}).get_json()

    assert stand["profile"] == "moodle"
    assert stand["armed"] == {"service-503": 3}
    assert stand["left"] == ["trainee-left"]
    assert len(stand["kids"]) == 1


def test_clearing_brings_back_the_beginning(lms: Lms) -> None:
    lms.switch(profile="moodle", fault="service-503", times="3", person="trainee-1", takes_part="no")

    lms.switch(clear="1")

    stand = json.loads(lms.machine.get("/switches", headers={"Accept": "application/json"}).data)
    assert (stand["profile"], stand["armed"], stand["left"]) == ("strict", {}, ["trainee-left"])


def test_a_switch_that_does_not_exist_is_not_found(lms: Lms) -> None:
    answers = [lms.machine.post("/switches", data=data).status_code for data in ({"fault": "x"}, {"profile": "x"})]

    assert answers == [404, 404]


def test_a_new_signing_key_signs_at_once_and_the_old_one_stays_published(lms: Lms) -> None:
    before = header_in(lms.launch().fields["id_token"])["kid"]

    lms.switch(rotate="1")

    after = header_in(lms.launch().fields["id_token"])["kid"]
    published = [key["kid"] for key in lms.machine.get("/oidc/jwks.json").get_json()["keys"]]
    assert after != before
    assert published == [before, after]


def test_published_keys_hold_nothing_private(lms: Lms) -> None:
    key = lms.machine.get("/oidc/jwks.json").get_json()["keys"][0]

    assert sorted(key) == ["alg", "e", "kid", "kty", "n", "use"]
