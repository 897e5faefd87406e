"""What an administrator does on the command line."""

import json
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core.db import db, reading
from lms.core.web import Bilim
from lms.lti.models import Deployment, Registration

PLATFORM = {
    "--issuer": "https://lms.academy.example",
    "--client-id": "bilim",
    "--auth-url": "https://lms.academy.example/auth",
    "--token-url": "https://lms.academy.example/token",
    "--jwks-url": "https://lms.academy.example/jwks",
}


def add(app: Bilim, *more: str, **changes: str) -> dict[str, Any]:
    options = [part for pair in {**PLATFORM, **changes}.items() for part in pair]
    result = app.test_cli_runner().invoke(args=["lti", "add-platform", *options, *more])
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.output)
    return answer


def test_adding_a_platform_prints_what_it_has_to_be_told(app: Bilim) -> None:
    card = add(app, "--deployment", "1", "--deployment", "2", "--policy", "approve", "--name", "Academy")

    with reading():
        registration = db.session.scalars(select(Registration)).one()
        deployments = db.session.scalars(select(Deployment).order_by(Deployment.deployment_id)).all()
    assert card == {
        "registration": registration.id,
        "issuer": "https://lms.academy.example",
        "client_id": "bilim",
        "deployments": ["1", "2"],
        "policy": "approve",
        "login_url": "http://localhost:8000/lti/login",
        "launch_url": "http://localhost:8000/lti/launch",
        "redirect_uris": ["http://localhost:8000/lti/launch"],
        "jwks_url": "http://localhost:8000/lti/jwks.json",
    }
    assert registration.name == "Academy"
    assert [(row.deployment_id, row.is_approved) for row in deployments] == [("1", True), ("2", True)]


def test_adding_the_same_platform_again_changes_it(app: Bilim) -> None:
    first = add(app, "--deployment", "1")

    second = add(app, "--deployment", "1", "--policy", "open", **{"--jwks-url": "https://lms.academy.example/new"})

    with reading():
        registration = db.session.scalars(select(Registration)).one()
        assert len(db.session.scalars(select(Deployment)).all()) == 1
    assert second["registration"] == first["registration"]
    assert registration.jwks_url == "https://lms.academy.example/new"
    assert registration.deployment_policy == "open"


def test_what_is_not_said_again_stays_as_it_is(app: Bilim) -> None:
    add(app, "--policy", "open", "--name", "Academy")

    second = add(app)

    with reading():
        assert db.session.scalars(select(Registration)).one().name == "Academy"
    assert second["policy"] == "open"


def test_without_a_word_unknown_deployments_are_refused(app: Bilim) -> None:
    assert add(app)["policy"] == "closed"


def test_a_platform_needs_all_its_addresses(app: Bilim) -> None:
    result = app.test_cli_runner().invoke(args=["lti", "add-platform", "--issuer", "https://lms.academy.example"])

    assert result.exit_code == 2
    assert "--client-id" in result.output


def test_the_next_key_is_published_a_day_before_it_signs(app: Bilim, client: FlaskClient) -> None:
    add(app)
    before = client.get("/lti/jwks.json").json

    result = app.test_cli_runner().invoke(args=["lti", "rotate-keys"])

    after = client.get("/lti/jwks.json").json
    assert before is not None
    assert after is not None
    assert json.loads(result.output)["kid"] == after["keys"][0]["kid"]
    assert [key["kid"] for key in after["keys"][1:]] == [key["kid"] for key in before["keys"]]
    assert all("d" not in key and key["alg"] == "RS256" and key["use"] == "sig" for key in after["keys"])
