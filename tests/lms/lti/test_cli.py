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


SETTINGS = ("--token-audience", "https://tokens.example", "--algorithm", "ES256", "--algorithm", "RS256", "--family",
            "desire2learn", "--leeway", "60", "--anonymous")  # fmt: skip


def run(app: Bilim, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["lti", *words])
    assert result.exit_code == 0, result.output
    return result.output.strip()


def test_a_platform_has_settings_of_its_own(app: Bilim) -> None:
    add(app, *SETTINGS)
    add(app)

    with reading():
        row = db.session.scalars(select(Registration)).one()
    assert (row.token_audience, row.algorithms) == ("https://tokens.example", "RS256 ES256")
    assert (row.family, row.leeway_seconds, row.allows_anonymous) == ("desire2learn", 60, True)


def test_an_impossible_setting_is_said_and_changes_nothing(app: Bilim) -> None:
    options = [part for pair in {**PLATFORM, "--auth-url": "javascript:x"}.items() for part in pair]
    for more in (["--leeway", "601"], []):
        result = app.test_cli_runner().invoke(args=["lti", "add-platform", *options, *more])
        assert result.exit_code == 1
        assert ("leeway_seconds" if more else "auth_url") in result.output
    with reading():
        assert db.session.scalars(select(Registration)).all() == []


def test_platforms_are_listed_with_their_places(app: Bilim) -> None:
    platform_id = add(app, "--deployment", "1")["registration"]

    lines = run(app, "list").splitlines()

    assert lines == [
        f"{platform_id} active https://lms.academy.example bilim closed 1 0 0",
        "  deployment 1 approved",
    ]


def test_a_place_is_approved_and_refused(app: Bilim) -> None:
    platform_id = add(app)["registration"]

    assert run(app, "approve-deployment", platform_id, "7") == "approved"
    assert run(app, "approve-deployment", platform_id, "7", "--refuse") == "refused"
    assert "deployment 7 refused" in run(app, "list")


def test_a_platform_is_closed_and_opened_by_command(app: Bilim) -> None:
    platform_id = add(app)["registration"]

    assert [run(app, word, platform_id) for word in ("disable", "enable", "delete")] == [
        "disabled",
        "active",
        "deleted",
    ]
    assert app.test_cli_runner().invoke(args=["lti", "enable", platform_id]).exit_code == 1
    assert add(app)["registration"] == platform_id
    assert " active " in run(app, "list")


def test_what_is_not_there_is_said_with_its_code(app: Bilim) -> None:
    for words in (["disable", "nobody"], ["confirm", "nobody"], ["approve-deployment", "nobody", "1"]):
        result = app.test_cli_runner().invoke(args=["lti", *words])
        assert result.exit_code == 1
        assert "platform-not-found" in result.output


def test_an_invitation_is_printed_with_its_end(app: Bilim, client: FlaskClient) -> None:
    card = json.loads(run(app, "invite", "--note", "Academy", "--days", "2", "--policy", "open"))

    assert card["register_url"].startswith("http://localhost:8000/lti/register/bilim-invite-")
    opened = client.get(card["register_url"].removeprefix("http://localhost:8000"))
    assert "configuration-missing" in opened.text


def test_a_key_in_other_hands_is_withdrawn_at_once(app: Bilim, client: FlaskClient) -> None:
    add(app)
    before = client.get("/lti/jwks.json").json
    assert before is not None
    kid = before["keys"][0]["kid"]

    card = json.loads(run(app, "withdraw-key", kid))

    after = client.get("/lti/jwks.json").json
    assert after is not None
    assert [key["kid"] for key in after["keys"]] == [card["signs_now"]]
    assert card["withdrawn"] == kid
    assert app.test_cli_runner().invoke(args=["lti", "withdraw-key", "another"]).exit_code == 1
