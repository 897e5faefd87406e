import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic.script import ScriptDirectory
from flask.testing import FlaskClient
from sqlalchemy import text

from lms.core import clock, jobs
from lms.core.circuits import Circuit
from lms.core.db import db, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from tests.conftest import application, make_settings

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def parts(app: Bilim) -> tuple[int, dict[str, str]]:
    answer = app.test_client().get("/readyz")
    said: dict[str, str] = answer.get_json()
    return answer.status_code, said


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "alive"})


def test_with_all_its_parts_it_is_ready(app: Bilim) -> None:
    _stamp(app)
    jobs.sweep()

    names = ("database", "migrations", "files", "broker", "worker", "disk")
    whole = {"status": "ready", **dict.fromkeys(names, "ok")}
    assert parts(app) == (200, whole)


def test_without_a_worker_it_still_answers_and_says_since_when(app: Bilim) -> None:
    _stamp(app)
    assert (parts(app)[0], parts(app)[1]["status"], parts(app)[1]["worker"]) == (200, "degraded", "never seen")

    with clock.frozen(NOON):
        jobs.sweep()
        clock.advance(75)
        assert parts(app)[1]["worker"] == "not seen for 75 s"


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


def test_the_code_before_an_upgrade_stays_ready_on_the_newer_tables(app: Bilim) -> None:
    head = str(ScriptDirectory(str(app.config["MIGRATIONS_FOLDER"])).get_current_head())
    _stamp(app, f"{int(head) + 1:04}")
    status, said = parts(app)

    assert (status, said["migrations"]) == (200, "ok")
    assert app.config["REVISION"] == head


def test_a_missing_broker_is_named(settings: Settings) -> None:
    with application(settings, broker_url="redis://127.0.0.1:1/0") as app:
        _stamp(app)
        status, said = parts(app)

    assert (status, said["status"], said["broker"], said["database"]) == (200, "degraded", "OperationalError", "ok")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # newer Pythons warn of every fork beside threads
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_under_the_database_alone_is_named(app: Bilim, tmp_path: Path) -> None:
    _stamp(app)
    with in_process_that_may_write(tmp_path / "said", most_bytes=2048) as child:
        if child:
            Path(tmp_path / "said").write_text(json.dumps(parts(app)))

    status, said = json.loads((tmp_path / "said").read_text())
    assert (status, said["status"], said["database"], said["files"]) == (503, "not-ready", "not writable", "ok")


@contextmanager
def in_process_that_may_write(said: Path, *, most_bytes: int) -> Iterator[bool]:
    """Twice at once, as after a fork: in the other process no file may grow beyond this, as on a full disk."""
    process = os.fork()
    if process:
        os.waitpid(process, 0)
        yield False
        return
    try:
        db.session.remove()
        db.engine.dispose(close=False)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
        yield True
    finally:
        os._exit(0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_disk_that_will_soon_be_full_is_told_before_it_is(app: Bilim, monkeypatch: pytest.MonkeyPatch) -> None:
    _stamp(app)
    jobs.sweep()
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: SimpleNamespace(free=123 * 1024**2))

    status, said = parts(app)

    assert (status, said["status"], said["disk"]) == (200, "degraded", "123 MB left")
    told = [line for line in app.test_client().get("/metrics").text.splitlines() if line.startswith("bilim_free")]
    assert told == [
        f'bilim_free_bytes{{place="{place}"}} 1.28974848e+08' for place in ("instance", "files", "database")
    ]


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


def test_metrics_show_queues_platforms_and_signs_of_life(app: Bilim, client: FlaskClient) -> None:
    with clock.frozen(NOON):
        jobs.sweep()
        with transaction():
            jobs.queue("greet", "one")
            db.session.add(Circuit(name="moodle", failures=4, retry_at=NOON + timedelta(hours=1), changed_at=NOON))
        clock.advance(90)
        metrics = client.get("/metrics").text

    assert [
        line
        for line in metrics.splitlines()
        if line.startswith(("bilim_queue", "bilim_job_age", "bilim_platform_state", "bilim_platform_failures"))
    ] == [
        'bilim_queue_depth{kind="greet",state="waiting"} 1.0',
        'bilim_job_age_seconds{kind="greet"} 90.0',
        'bilim_platform_state{platform="moodle",state="open"} 0.0',
        'bilim_platform_state{platform="moodle",state="slow"} 0.0',
        'bilim_platform_state{platform="moodle",state="paused"} 1.0',
        'bilim_platform_state{platform="moodle",state="trial"} 0.0',
        'bilim_platform_failures{platform="moodle"} 4.0',
    ]
    assert 'bilim_heartbeat_age_seconds{part="worker"} 90.0' in metrics


def test_what_several_processes_count_is_added_up(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    count = "from lms.core import telemetry as t; t.launches_total.labels('accepted').inc(2)"
    tell = "; from prometheus_client import generate_latest as g; print(g(t.counted()).decode())"
    for program in (count, count):
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    told = subprocess.run(
        [sys.executable, "-c", count + tell], env=environment, check=True, capture_output=True, text=True
    ).stdout

    assert 'bilim_launches_total{result="accepted"} 6.0' in told


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
