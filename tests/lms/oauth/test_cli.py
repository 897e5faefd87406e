import json
from pathlib import Path

from lms.core.db import db, reading
from lms.core.web import Bilim
from lms.oauth import client_secrets
from lms.oauth.models import Client
from tests.lms.oauth.machine import Machine
from tests.lms.oauth.test_assertions import KEY, ask, key_set, signed


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


def run(app: Bilim, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["oauth", *words])
    assert result.exit_code == 0, result.output
    return result.output


def refusal(app: Bilim, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["oauth", *words])
    assert result.exit_code != 0, result.output
    return result.output


def test_a_secret_follows_another_and_each_is_known_by_its_beginning(app: Bilim) -> None:
    shown = create(app, "certificates:read")
    client_id = shown["client_id"]

    second = json.loads(run(app, "add-secret", client_id))["client_secret"]
    run(app, "add-secret", client_id)
    too_many = refusal(app, "add-secret", client_id)
    known = json.loads(run(app, "show-client", client_id))["secrets"]
    first_id = next(each["secret_id"] for each in known if each["begins_with"] == shown["client_secret"][:19])
    run(app, "retire-secret", client_id, first_id)

    assert "secrets-too-many" in too_many
    assert Machine(app.test_client(), client_id, shown["client_secret"]).ask_token().status_code == 401
    assert Machine(app.test_client(), client_id, second).ask_token().status_code == 200
    assert "secret-unknown" in refusal(app, "retire-secret", client_id, "none")


def test_a_program_that_is_given_keys_needs_no_secret_any_more(app: Bilim, tmp_path: Path) -> None:
    shown = create(app, "certificates:read")
    file = tmp_path / "jwks.json"
    file.write_text(key_set(KEY))

    run(app, "set-keys", shown["client_id"], "--jwks", str(file))

    assert Machine(app.test_client(), shown["client_id"], shown["client_secret"]).ask_token().status_code == 401
    assert ask(app.test_client(), signed(shown["client_id"])).status_code == 200
    assert "client-has-keys" in refusal(app, "add-secret", shown["client_id"])
    assert "--jwks" in refusal(app, "set-keys", shown["client_id"])


def test_for_whom_a_program_reports_has_to_be_said(app: Bilim) -> None:
    reports = ("create-client", "--name", "x", "--scope", "completions:write")

    assert "reach-missing" in refusal(app, *reports)
    assert "reach-missing" in refusal(app, *reports, "--every-platform")
    assert "platforms-not-valid" in refusal(app, *reports, "--platform", "none", "--every-module")
    assert "reach-not-wanted" in refusal(
        app, "create-client", "--name", "x", "--scope", "certificates:read", "--every-platform"
    )
    client_id = json.loads(run(app, *reports, "--every-platform", "--module", "e-government"))["client_id"]
    run(app, "bind-client", client_id, "--every-platform", "--module", "public-management")
    assert json.loads(run(app, "show-client", client_id))["modules"] == ["public-management"]


def test_a_program_can_be_admitted_for_one_organisation(app: Bilim) -> None:
    words = ("create-client", "--name", "x", "--scope", "records:read", "--organisation")

    assert "no organisation" in refusal(app, *words, "nobody")


def test_the_next_key_can_be_published_now(app: Bilim) -> None:
    create(app, "certificates:read")

    assert json.loads(run(app, "rotate-keys"))["kid"].startswith("oauth-")
    assert len(app.test_client().get("/.well-known/jwks.json").get_json()["keys"]) == 2
