import json

from lms.core.db import db, reading
from lms.core.web import Bilim
from lms.oauth import client_secrets
from lms.oauth.models import Client
from tests.lms.oauth.machine import Machine


def create(app: Bilim, *scopes: str) -> dict[str, str]:
    words = [part for scope in scopes for part in ("--scope", scope)]
    words += ["--every-platform", "--every-module"] if "completions:write" in scopes else []
    result = app.test_cli_runner().invoke(args=["oauth", "create-client", "--name", "Кадр кызматы", *words])
    assert result.exit_code == 0, result.output
    shown: dict[str, str] = json.loads(result.output)
    return shown


def test_a_client_made_on_the_command_line_gets_a_token_with_the_secret_it_shows(app: Bilim) -> None:
    shown = create(app, "completions:write", "certificates:read")

    machine = Machine(app.test_client(), shown["client_id"], shown["client_secret"])
    assert machine.ask_token().get_json()["scope"] == "completions:write certificates:read"
    assert shown["token_url"] == "http://localhost:8000/oauth/token"
    with reading():
        client = db.session.get(Client, shown["client_id"])
        assert client is not None
        assert client.name == "Кадр кызматы"
        assert [each.beginning for each in client_secrets.of(client.id)] == [shown["client_secret"][:19]]


def test_the_keys_are_published_before_the_first_token(app: Bilim) -> None:
    create(app, "certificates:read")

    assert len(app.test_client().get("/.well-known/jwks.json").get_json()["keys"]) == 1


def test_an_unknown_scope_is_refused_with_those_there_are(app: Bilim) -> None:
    result = app.test_cli_runner().invoke(args=["oauth", "create-client", "--name", "x", "--scope", "everything"])

    assert result.exit_code == 2
    assert "completions:write" in result.output


def test_a_client_can_be_disabled_and_is_listed_as_such(app: Bilim) -> None:
    shown = create(app, "certificates:read")

    result = app.test_cli_runner().invoke(args=["oauth", "disable-client", shown["client_id"]])

    listed = app.test_cli_runner().invoke(args=["oauth", "list-clients"])
    assert result.output == "disabled\n"
    assert listed.output == f"{shown['client_id']} disabled client_secret_basic certificates:read Кадр кызматы\n"


def test_disabling_nobody_says_so(app: Bilim) -> None:
    result = app.test_cli_runner().invoke(args=["oauth", "disable-client", "nobody"])

    assert result.exit_code == 1
    assert "Error" in result.output
