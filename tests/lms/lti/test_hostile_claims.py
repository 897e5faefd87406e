"""Launches that are signed properly and still hold what no database keeps, no clock shows, and no page should serve."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.core.db import db, reading
from lms.lti.models import Context, LaunchSession, ResourceLink
from lms.people.models import PersonName
from tests.lms.lti.test_launch import code_of, count
from tests.platform import TOOL, Platform, rsa_key

ZERO, HALF = "\0", "\ud83d"
"""PostgreSQL keeps no zero byte; half of a surrogate pair is no UTF-8, and no database keeps it."""


def launch(client: FlaskClient, platform: Platform, **changes: Any) -> TestResponse:
    """Signed by hand: libraries refuse to write what a broken or hostile platform may send."""
    question = platform.log_in(client)
    return platform.send(client, question, signed({"kid": platform.kid}, platform.claims(question, **changes)))


def signed(header: dict[str, Any], claims: dict[str, Any]) -> str:
    head, payload = encoded({"alg": "RS256", **header}), encoded(claims)
    signature = rsa_key().sign(f"{head}.{payload}".encode(), PKCS1v15(), hashes.SHA256())
    return f"{head}.{payload}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("sign", [ZERO, HALF])
def test_what_no_database_keeps_reads_as_absent(client: FlaskClient, platform: Platform, sign: str) -> None:
    answer = launch(
        client,
        platform,
        name=f"Айгүл{sign}",
        resource_link={"id": "link-1", "title": f"Roads{sign}"},
        context={"id": f"course{sign}", "title": "Roads"},
        tool_platform={"product_family_code": f"moodle{sign}"},
        launch_presentation={"locale": f"ru{sign}", "return_url": f"https://lms.academy.example/{sign}"},
        ags={"scope": [f"scope{sign}"], "lineitem": f"https://lms.academy.example/5{sign}", "lineitems": sign},
        custom={"module": f"roads{sign}", f"key{sign}": "value", "group": "7"},
    )

    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 200
    assert (count(PersonName), count(Context)) == (0, 0)
    with reading():
        link = db.session.scalars(select(ResourceLink)).one()
        made = db.session.scalars(select(LaunchSession)).one()
    assert (link.title, link.line_item_url, link.ags_scopes) == ("", None, [])
    assert (made.locale, made.return_url, made.custom) == (None, None, {"group": "7"})


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("javascript:alert(1)", None),
        ("data:text/html,<script>", None),
        ("//lms.academy.example/", None),
        ("https://lms.academy.example/course?id=5", "https://lms.academy.example/course?id=5"),
    ],
)
def test_a_way_back_is_a_web_address(client: FlaskClient, platform: Platform, url: str, kept: str | None) -> None:
    launch(client, platform, launch_presentation={"return_url": url})

    with reading():
        assert db.session.scalars(select(LaunchSession.return_url)).one() == kept


@pytest.mark.parametrize("claim", ["sub", "deployment_id"])
@pytest.mark.parametrize("value", [f"17{ZERO}", f"17{HALF}", "7" * 256, 17, ["17"]])
def test_an_id_that_cannot_be_kept_is_refused(
    client: FlaskClient, platform: Platform, claim: str, value: object
) -> None:
    answer = launch(client, platform, **{claim: value})

    assert code_of(answer) == {"sub": "subject-missing", "deployment_id": "deployment-missing"}[claim]
    assert count(LaunchSession) == 0


@pytest.mark.parametrize("value", [10**400, -(10**400), 10**12, True, "1"])
@pytest.mark.parametrize("claim", ["exp", "iat"])
def test_a_moment_that_no_clock_shows_is_refused(
    client: FlaskClient, platform: Platform, claim: str, value: object
) -> None:
    answer = launch(client, platform, **{claim: value})

    assert answer.status_code == 401
    assert code_of(answer) == f"{claim}-missing"


@pytest.mark.parametrize("claim", ["exp", "iat", "unknown"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_in_json_makes_the_token_unreadable(
    client: FlaskClient, platform: Platform, claim: str, value: object
) -> None:
    answer = launch(client, platform, **{claim: value})

    assert (answer.status_code, code_of(answer)) == (401, "token-malformed")


def test_a_nonce_that_is_no_text_of_ours_is_refused(client: FlaskClient, platform: Platform) -> None:
    assert code_of(launch(client, platform, nonce=HALF)) == "nonce-wrong"


@pytest.mark.parametrize("path", [f"/learn/{ZERO}", f"/learn/{HALF}", "/learn/%00", "/learn/?a=%00", f"/?a={ZERO}"])
def test_a_target_that_no_address_can_be_is_refused(client: FlaskClient, platform: Platform, path: str) -> None:
    answer = launch(client, platform, target_link_uri=f"{TOOL}{path}")

    assert answer.status_code == 400
    assert code_of(answer) == "target-not-ours"


@pytest.mark.parametrize("crit", [5, None, {}, "b64", ["b64"], [["b64"]]])
def test_a_header_that_demands_what_we_do_not_know_is_refused(
    client: FlaskClient, platform: Platform, crit: object
) -> None:
    question = platform.log_in(client)
    header = {"kid": platform.kid, "crit": crit, "b64": False}

    answer = platform.send(client, question, signed(header, platform.claims(question)))

    assert answer.status_code == 401
    assert code_of(answer) == "extension-unknown"
