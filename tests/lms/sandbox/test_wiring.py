"""How the sandbox starts."""

from dataclasses import replace

import pytest

from lms.core.settings import Settings, SettingsError
from lms.sandbox.wiring import create_from_environment, create_sandbox
from tests.lms.sandbox.conftest import Lms, close, header_in


def test_there_is_no_sandbox_unless_it_has_an_address(settings: Settings) -> None:
    with pytest.raises(SettingsError):
        create_sandbox(replace(settings, sandbox_url=""))


def test_it_starts_from_the_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILIM_PUBLIC_URL", "http://localhost:8000")
    monkeypatch.setenv("BILIM_SANDBOX_URL", "http://127.0.0.1:8001")
    monkeypatch.setenv("BILIM_SECRET_KEY", "tests-only-secret-key-of-forty-characters")
    monkeypatch.setenv("BILIM_INSTANCE", str(settings.instance))

    app = create_from_environment()

    assert app.test_client().get("/").status_code == 200
    close(app)


def test_keys_grades_and_switches_outlive_a_restart(lms: Lms, settings: Settings) -> None:
    lms.send_score("trainee-1")
    lms.switch(person="trainee-2", takes_part="no", profile="moodle")
    kid = header_in(lms.launch().fields["id_token"])["kid"]

    again = create_sandbox(settings)

    client = again.test_client()
    stand = client.get("/switches", headers={"Accept": "application/json"}).get_json()
    assert (stand["profile"], stand["left"], stand["kids"]) == ("moodle", ["trainee-2", "trainee-left"], [kid])
    assert len(client.get("/grades.json").get_json()) == 1
    close(again)
