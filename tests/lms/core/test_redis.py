"""The same code with Redis as the broker: a real server, started for the test."""

import shutil
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
def redis_url(tmp_path: Path) -> Iterator[str]:
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
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


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
