import time

from lms.core import jobs
from lms.core.db import transaction
from lms.core.settings import Settings
from tests.conftest import application


def test_nobody_waits_for_a_broker_that_is_away(settings: Settings) -> None:
    with application(settings, broker_url="redis://127.0.0.1:1/0"):
        started = time.monotonic()
        with transaction():
            jobs.queue("score", "one")
            jobs.queue("record-changed", "one")

        assert time.monotonic() - started < 1
        assert jobs.state_of("score", "one") is not None
