"""The same code with Redis as the broker: a real server, started for the test."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lms.core import jobs
from lms.core.db import db, reading, transaction
from lms.core.settings import Settings
from tests.conftest import application


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Its process and its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    program = shutil.which("redis-server")
    assert program, "redis-server is missing; script/bootstrap --tests installs it"
    server = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    for _try in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield server, f"redis://127.0.0.1:{port}/0"
    server.send_signal(signal.SIGCONT)
    server.terminate()
    server.wait(10)


@pytest.fixture
def redis_url(redis_server: tuple[subprocess.Popen[bytes], str]) -> str:
    return redis_server[1]


def test_a_queued_job_is_nudged_through_redis_and_the_service_is_ready(settings: Settings, redis_url: str) -> None:
    with application(settings, broker_url=redis_url) as app:
        with transaction():
            jobs.queue("greet", "one")
        with reading():
            job_id = db.session.scalars(db.select(jobs.Job.id)).one()

        with app.extensions["celery"].connection_for_read() as connection:
            queue = connection.SimpleQueue("celery")
            message = queue.get(timeout=5)
            message.ack()
            queue.close()

        assert message.headers["task"] == "bilim.run"
        assert message.payload[0] == [job_id]
        assert app.test_client().get("/readyz").get_json()["broker"] == "ok"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broker_that_hangs_is_waited_for_once_and_then_left_alone(
    settings: Settings, redis_server: tuple[subprocess.Popen[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = redis_server
    with application(settings, broker_url=url, rate_limits=True) as app:
        client = app.test_client()

        def seconds() -> float:
            begun = time.monotonic()
            assert client.post("/verify", data={"code": "7Q4M-X2DN-9TVC-Z"}).status_code == 303
            with transaction():
                jobs.queue("greet", "one")
            return time.monotonic() - begun

        assert seconds() < 1
        server.send_signal(signal.SIGSTOP)
        assert seconds() < 10
        assert max(seconds() for _ in range(3)) < 1
        assert client.get("/readyz").get_json()["broker"] != "ok"

        server.send_signal(signal.SIGCONT)
        monkeypatch.setattr(jobs, "LEFT_ALONE_SECONDS", 0)
        app.extensions.pop(jobs._LEFT_ALONE_UNTIL)
        assert seconds() < 1
        assert jobs._LEFT_ALONE_UNTIL not in app.extensions
        with app.extensions["celery"].connection_for_read() as connection:
            assert connection.default_channel.client.llen("celery") >= 2


def test_two_web_processes_count_the_requests_of_an_address_together(settings: Settings, redis_url: str) -> None:
    with (
        application(settings, broker_url=redis_url, rate_limits=True) as one,
        application(settings, broker_url=redis_url, rate_limits=True) as other,
    ):
        browsers = [one.test_client(), other.test_client()]
        statuses = [browsers[number % 2].get("/v/7Q4MX2DN9TVCZ").status_code for number in range(61)]
        stranger = other.test_client().get("/v/7Q4MX2DN9TVCZ", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert statuses == [404] * 60 + [429]
    assert stranger.status_code == 404
