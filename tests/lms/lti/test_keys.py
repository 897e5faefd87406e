"""Public keys of platforms: when they are fetched, and what holds when they cannot be."""

from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import clock
from lms.core.db import db, reading
from lms.lti.models import PlatformKeySet
from tests.platform import Platform, Reply, public_jwk, rsa_key

LONG_LIVED = 9_000_000_000


def launch_signed_by(platform: Platform, browser: FlaskClient, *, number: int, kid: str) -> int:
    question = platform.log_in(browser)
    claims = platform.claims(question, exp=LONG_LIVED)
    return platform.send(
        browser, question, platform.token(claims, key=rsa_key(number), header={"kid": kid})
    ).status_code


def test_keys_are_fetched_once_for_many_launches_with_a_name_of_our_own(
    client: FlaskClient, platform: Platform
) -> None:
    for _time in range(3):
        platform.launch(client)

    asked = platform.asked_for("/jwks")
    assert len(asked) == 1
    assert asked[0].headers["User-Agent"].startswith("Bilim/")


def test_a_new_key_is_fetched_when_a_token_names_it(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        platform.launch(client)
        clock.advance(61)
        platform.keys.append(public_jwk(rsa_key(1), kid="next"))

        status = launch_signed_by(platform, client, number=1, kid="next")

    assert status == 303
    assert len(platform.asked_for("/jwks")) == 2


def test_a_platform_is_asked_for_keys_that_nobody_knows_at_most_once_a_minute(
    client: FlaskClient, platform: Platform
) -> None:
    with clock.frozen(clock.now()):
        platform.launch(client)
        clock.advance(61)
        statuses = [launch_signed_by(platform, client, number=1, kid=f"invented-{n}") for n in range(5)]

    assert statuses == [401] * 5
    assert len(platform.asked_for("/jwks")) == 2


def test_keys_are_fetched_anew_after_a_day(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        platform.launch(client)
        clock.advance(timedelta(hours=24).total_seconds())
        platform.keys = [public_jwk(rsa_key(1), kid=platform.kid)]

        withdrawn = launch_signed_by(platform, client, number=0, kid=platform.kid)

    assert withdrawn == 401


def test_old_keys_stay_good_while_new_ones_cannot_be_had(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        platform.launch(client)
        fetched_at = _stored().fetched_at
        clock.advance(timedelta(hours=25).total_seconds())
        platform.replies["/jwks"] = [Reply(status=503)]

        status = launch_signed_by(platform, client, number=0, kid=platform.kid)

        assert status == 303
        assert _stored().fetched_at == fetched_at
        assert _stored().tried_at == clock.now()


def test_an_answer_that_is_no_key_set_replaces_nothing(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        platform.launch(client)
        clock.advance(timedelta(hours=25).total_seconds())
        for body in (b"<html>", b"[]", b'{"keys": 5}', b'{"keys": []}'):
            platform.replies["/jwks"] = [Reply(body=body)]
            clock.advance(61)
            assert launch_signed_by(platform, client, number=0, kid=platform.kid) == 303


def test_no_transaction_is_open_while_the_platform_is_asked(client: FlaskClient, platform: Platform) -> None:
    """The platform itself writes to our database while it answers; a held write lock would make it wait."""
    waited: list[timedelta] = []
    ordinary = platform.reply_to

    def _write_first(asked: object) -> Reply:
        before = datetime.now()  # noqa: DTZ005 - a duration
        other = client.application.test_client()
        other.get("/lti/login", query_string=platform.login_parameters())
        waited.append(datetime.now() - before)  # noqa: DTZ005
        return ordinary(asked)  # type: ignore[arg-type]

    platform.reply_to = _write_first  # type: ignore[method-assign]

    assert platform.launch(client).status_code == 303
    assert len(waited) == 1
    assert waited[0] < timedelta(seconds=5)


def _stored() -> PlatformKeySet:
    with reading():
        return db.session.scalars(select(PlatformKeySet)).one()
