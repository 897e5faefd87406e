import gc
import time
import weakref

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


def test_an_application_that_is_over_is_not_kept(settings: Settings) -> None:
    with application(settings) as first:
        assert first.extensions["celery"].tasks["bilim.run"]
    over = weakref.ref(first)
    del first

    with application(settings) as second:
        assert second.extensions["celery"].tasks["bilim.run"]
    gc.collect()

    assert over() is None
