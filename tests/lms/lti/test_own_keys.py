"""Our keys, as the calendar turns them and as platforms read them."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from lms.core import clock, jobs
from lms.core import keys as signing_keys
from lms.core.db import reading, transaction
from lms.core.web import Bilim
from lms.lti import own_keys

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def make_first() -> str:
    with transaction():
        return signing_keys.ensure("lti").kid


def published(browser: FlaskClient) -> list[str]:
    answer = browser.get("/lti/jwks.json").json
    assert answer is not None
    return [key["kid"] for key in answer["keys"]]


def signs() -> str | None:
    with reading():
        return signing_keys.signing_now("lti")


def test_a_key_signs_for_ninety_days_and_the_next_is_published_a_day_before(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        first = make_first()
    with clock.frozen(NOON + 88 * DAY):
        own_keys.rotate_by_calendar("lti-keys")
        assert published(client) == [first]
    with clock.frozen(NOON + 89 * DAY):
        own_keys.rotate_by_calendar("lti-keys")
        second = published(client)[0]
        assert published(client) == [second, first]
        assert signs() == first
    with clock.frozen(NOON + 90 * DAY):
        assert signs() == second


def test_a_key_that_signs_no_more_stays_published_for_a_week(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        first = make_first()
    with clock.frozen(NOON + 89 * DAY):
        own_keys.rotate_by_calendar("lti-keys")
    with clock.frozen(NOON + 90 * DAY + 7 * DAY - timedelta(seconds=1)):
        own_keys.rotate_by_calendar("lti-keys")
        assert first in published(client)
    with clock.frozen(NOON + 90 * DAY + 7 * DAY):
        own_keys.rotate_by_calendar("lti-keys")
        assert first not in published(client)
        assert len(published(client)) == 1


def test_turning_the_calendar_often_changes_nothing(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        make_first()
    with clock.frozen(NOON + 89 * DAY):
        for _time in range(3):
            own_keys.rotate_by_calendar("lti-keys")
        assert len(published(client)) == 2


def test_a_calendar_that_stood_still_for_a_year_goes_on(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        first = make_first()
    with clock.frozen(NOON + 365 * DAY):
        own_keys.rotate_by_calendar("lti-keys")
        assert signs() == first
    with clock.frozen(NOON + 366 * DAY):
        own_keys.rotate_by_calendar("lti-keys")
        assert signs() != first


@pytest.mark.usefixtures("app")
def test_a_withdrawn_key_is_gone_at_once_and_another_signs(client: FlaskClient) -> None:
    first = make_first()

    with transaction():
        signing_keys.withdraw(first)

    assert first not in published(client)
    assert published(client) == [signs()]


def test_the_scheduler_asks_for_daily_work_once_a_day(app: Bilim, client: FlaskClient) -> None:
    with clock.frozen(NOON):
        jobs.queue_daily()
        jobs.queue_daily()
        assert jobs.run_due() >= 1
        assert len(published(client)) == 1
        jobs.queue_daily()
        assert jobs.run_due() == 0
    with clock.frozen(NOON + DAY):
        jobs.queue_daily()
        assert jobs.run_due() >= 1


def test_a_key_set_that_did_not_change_is_not_sent_twice(client: FlaskClient) -> None:
    make_first()
    first = client.get("/lti/jwks.json")

    second = client.get("/lti/jwks.json", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert (second.status_code, second.data) == (304, b"")


def test_platforms_may_keep_our_key_set_for_less_than_a_new_key_waits() -> None:
    assert own_keys.KEYS_GOOD_FOR < signing_keys.PUBLISHED_BEFORE_USE / 2


def test_a_private_key_is_not_readable_in_the_database(app: Bilim) -> None:
    make_first()
    with reading():
        row = signing_keys.history("lti")[0]

    assert b"PRIVATE" not in row.private_encrypted
    assert "d" not in row.public_jwk
