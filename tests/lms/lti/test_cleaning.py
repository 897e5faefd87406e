"""Questions and sessions that are over are deleted every day, and nothing that hangs on people is."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from lms.core import clock, jobs
from lms.core.web import Bilim
from lms.lti.models import LaunchSession, LoginState, PlatformUser, ResourceLink
from lms.people import retention
from lms.people.models import Person
from tests.lms.lti.test_launch import count
from tests.platform import Platform


def run_daily() -> None:
    jobs.queue_daily()
    jobs.run_due()


def test_what_ended_a_week_ago_is_deleted_and_what_ended_later_is_kept(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        platform.launch(client, exp=9_000_000_000)
        clock.advance(timedelta(days=7, hours=11).total_seconds())
        platform.launch(client, exp=9_000_000_000)
        run_daily()
        after_seven_days_and_eleven_hours = [count(LoginState), count(LaunchSession)]
        clock.advance(timedelta(days=1).total_seconds())
        run_daily()
        a_day_later = [count(LoginState), count(LaunchSession)]

    assert after_seven_days_and_eleven_hours == [1, 2]
    assert a_day_later == [1, 1]
    assert [count(Person), count(PlatformUser), count(ResourceLink)] == [1, 1, 1]


def test_a_session_in_use_is_kept_however_old_it_is(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        page = platform.launch(client, exp=9_000_000_000).location
        for _half_day in range(20):
            clock.advance(timedelta(hours=11).total_seconds())
            assert client.get(page).status_code == 200
        retention.clean(retention.JOB)

        assert client.get(page).status_code == 200


def test_many_are_deleted_in_batches(app: Bilim, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    with clock.frozen(clock.now()):
        for _number in range(8):
            platform.log_in(app.test_client())
        clock.advance(timedelta(days=8).total_seconds())
        retention.clean(retention.JOB)

    assert count(LoginState) == 0
