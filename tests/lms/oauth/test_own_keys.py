"""Keys of access tokens follow each other by the calendar, and no token is refused because of it."""

from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient

from lms.core import clock
from lms.oauth import own_keys
from tests.lms.oauth.machine import Machine

BEGINNING = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def published(client: FlaskClient) -> int:
    return len(client.get("/.well-known/jwks.json").get_json()["keys"])


def is_active(machine: Machine, token: str) -> bool:
    active: bool = machine.post("/oauth/introspect", {"token": token}).get_json()["active"]
    return active


def test_the_next_key_is_published_a_day_before_it_signs_and_the_last_stays_while_its_tokens_live(
    machine: Machine, client: FlaskClient
) -> None:
    with clock.frozen(BEGINNING):
        machine.token()
    with clock.frozen(BEGINNING + timedelta(days=89, minutes=1)):
        own_keys.rotate_by_calendar("")
        before = published(client)
    with clock.frozen(BEGINNING + timedelta(days=90)):
        old = machine.token()
    with clock.frozen(BEGINNING + timedelta(days=90, minutes=20)):
        new = machine.token()
        own_keys.rotate_by_calendar("")
        assert (is_active(machine, old), is_active(machine, new)) == (True, True)
        during = published(client)
    with clock.frozen(BEGINNING + timedelta(days=91, minutes=30)):
        own_keys.rotate_by_calendar("")
        after = published(client)

    assert old.split(".")[0] != new.split(".")[0], "signed by another key"
    assert (before, during, after) == (2, 2, 1)
