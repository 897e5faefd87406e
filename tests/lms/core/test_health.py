from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask.testing import FlaskClient
from sqlalchemy import text

from lms.core.db import db, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.conftest import application, make_settings


def parts(app: Bilim) -> tuple[int, dict[str, str]]:
    answer = app.test_client().get("/readyz")
    said: dict[str, str] = answer.get_json()
    return answer.status_code, said


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "alive"})


def test_with_all_its_parts_it_is_ready(app: Bilim) -> None:
    _stamp(app)

    assert parts(app) == (
        200,
        {"status": "ready", "database": "ok", "migrations": "ok", "broker": "ok", "files": "ok"},
    )


def test_the_default_broker_without_a_server_is_ready(settings: Settings) -> None:
    with application(settings, broker_url="") as app:
        assert parts(app)[1]["broker"] == "ok"


@pytest.mark.parametrize(
    "database_url", ["sqlite:////nowhere/at/all/bilim.sqlite3", "postgresql://bilim@127.0.0.1:1/bilim"]
)
def test_a_missing_database_is_named_and_it_is_still_alive(database_url: str, tmp_path: Path) -> None:
    with application(make_settings(tmp_path, database_url)) as app:
        status, said = parts(app)
        alive = app.test_client().get("/healthz")

    assert (status, said["status"], said["database"]) == (503, "not-ready", "OperationalError")
    assert (said["broker"], said["files"]) == ("ok", "ok")
    assert alive.status_code == 200


def test_a_database_of_another_version_is_named(app: Bilim) -> None:
    _stamp(app, "0000_before_everything")

    status, said = parts(app)

    assert status == 503
    assert said["migrations"].startswith("at 0000_before_everything, expected ")
    assert said["database"] == "ok"


def test_a_missing_broker_is_named(settings: Settings) -> None:
    with application(settings, broker_url="redis://127.0.0.1:1/0") as app:
        status, said = parts(app)

    assert (status, said["broker"], said["database"]) == (503, "OperationalError", "ok")


def test_a_folder_that_takes_no_files_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file stands where the folder should be")

    with application(settings) as app:
        status, said = parts(app)

    assert (status, said["files"], said["database"]) == (503, "not writable", "ok")


def test_not_ready_names_no_address_and_no_secret(tmp_path: Path) -> None:
    with application(make_settings(tmp_path, "postgresql://bilim:password@127.0.0.1:1/bilim")) as app:
        text_of_answer = app.test_client().get("/readyz").text

    assert "password" not in text_of_answer
    assert "127.0.0.1" not in text_of_answer


def test_metrics_count_requests_by_endpoint(client: FlaskClient) -> None:
    client.get("/healthz")

    metrics = client.get("/metrics").text

    assert 'bilim_requests_total{endpoint="health.alive",status="200"}' in metrics
    assert 'bilim_request_seconds_count{endpoint="health.alive"}' in metrics


def test_metrics_are_closed_to_others_when_there_is_no_token(client: FlaskClient) -> None:
    answer = client.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.7"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "metrics-closed")


@pytest.mark.parametrize(
    ("header", "status"), [("Bearer operator-token", 200), ("Bearer wrong", 403), ("Bearer é", 403), ("", 403)]
)
def test_with_a_token_metrics_are_open_to_who_has_it(header: str, status: int, settings: Settings) -> None:
    with application(settings, metrics_token="operator-token") as app:
        answer = app.test_client().get("/metrics", headers={"Authorization": header})

    assert answer.status_code == status


def _stamp(app: Bilim, revision: str | None = None) -> None:
    """Note the version of the migrations in the database: the present one if none is given."""
    head = revision or ScriptDirectory(str(app.config["MIGRATIONS_FOLDER"])).get_current_head()
    with transaction():
        db.session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)"))
        db.session.execute(text("DELETE FROM alembic_version"))
        if head:
            db.session.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})


def test_a_proxy_on_this_machine_opens_metrics_to_nobody(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403
