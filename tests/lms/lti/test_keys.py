"""Public keys of platforms: when they are fetched, and what holds when they cannot be."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.core import circuits, clock
from lms.core.db import db, reading
from lms.core.web import Bilim
from lms.lti import keys
from lms.lti.models import PlatformKeySet, Registration
from tests.platform import Asked, Platform, Reply, public_jwk, rsa_key, running

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


def test_a_key_that_we_have_is_looked_up_anew_by_one_launch_and_the_others_do_not_wait(
    app: Bilim, platform: Platform
) -> None:
    gate, ordinary = Event(), platform.reply_to

    def _slowly(asked: Asked) -> Reply:
        gate.wait(20)
        return ordinary(asked)

    with clock.frozen(clock.now()), ThreadPoolExecutor(1) as pool:
        platform.launch(app.test_client())
        clock.advance(timedelta(hours=25).total_seconds())
        platform.reply_to = _slowly  # type: ignore[method-assign]
        waits = pool.submit(launch_signed_by, platform, app.test_client(), number=0, kid=platform.kid)
        _until(lambda: _stored().tried_at == clock.now())
        others = [launch_signed_by(platform, app.test_client(), number=0, kid=platform.kid) for _ in range(3)]
        gate.set()

    assert (others, waits.result()) == ([303] * 3, 303)
    assert len(platform.asked_for("/jwks")) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_platform_that_never_gives_its_keys_holds_three_launches_and_nobody_after_them(
    app: Bilim, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "TIMEOUT_SECONDS", 0.2)
    gate, ordinary = Event(), platform.reply_to

    def _never(asked: Asked) -> Reply:
        gate.wait(20)
        return ordinary(asked)

    platform.reply_to = _never  # type: ignore[method-assign]
    with running() as other, clock.frozen(clock.now()):
        other.issuer, other.target = "https://lms.other.example", platform.target
        other.register()
        held = []
        for _ in range(10):
            began = time.monotonic()
            answer = platform.launch(app.test_client())
            held.append(time.monotonic() - began > 0.2)
            assert (answer.status_code, code_of(answer)) == (502, "platform-keys-unavailable")
        assert held == [True] * 3 + [False] * 7
        assert other.launch(app.test_client()).status_code == 303
        assert f'bilim_platform_state{{platform="{registered(platform)}/keys",state="paused"}} 1.0' in metrics(app)

        gate.set()
        clock.advance(circuits.FIRST_PAUSE_SECONDS)
        assert platform.launch(app.test_client()).status_code == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_new_key_that_cannot_be_fetched_uses_up_no_launch(client: FlaskClient, platform: Platform) -> None:
    with clock.frozen(clock.now()):
        platform.launch(client)
        clock.advance(61)
        question = platform.log_in(client)
        claims = platform.claims(question, exp=LONG_LIVED)
        token = platform.token(claims, key=rsa_key(1), header={"kid": "next"})
        platform.replies["/jwks"] = [Reply(status=503)]
        meanwhile = [code_of(platform.send(client, question, token)) for _ in range(2)]
        del platform.replies["/jwks"]
        platform.keys.append(public_jwk(rsa_key(1), kid="next"))
        clock.advance(61)

        assert meanwhile == ["platform-keys-unavailable"] * 2
        assert len(platform.asked_for("/jwks")) == 2
        assert platform.send(client, question, token).status_code == 303


def registered(platform: Platform) -> str:
    with reading():
        return db.session.scalars(select(Registration.id).filter_by(issuer=platform.issuer)).one()


def code_of(answer: TestResponse) -> str:
    return answer.text.split('<dd class="code">')[1].split("<")[0]


def metrics(app: Bilim) -> str:
    return app.test_client().get("/metrics").text


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def _stored() -> PlatformKeySet:
    with reading():
        return db.session.scalars(select(PlatformKeySet)).one()
