from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from lms.core import circuits, clock
from lms.core.db import db, reading
from lms.core.errors import RemoteFailure
from lms.core.http import Answer
from lms.core.web import Bilim

pytestmark = pytest.mark.usefixtures("app")
ON_ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Service:
    """A platform that answers what it is told to; None is no answer."""

    def __init__(self, *answers: int | None) -> None:
        self.answers = list(answers)
        self.called = 0
        self.retry_after: int | None = None
        self.seconds = 0.0

    def answer(self) -> Answer:
        self.called += 1
        status = self.answers.pop(0) if self.answers else 200
        if status is None:
            raise RemoteFailure("no-answer", "-", asked="GET x")
        return Answer(status, {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}, b"")


def ask(service: Service, name: str = "moodle") -> int | str:
    try:
        return circuits.guarded(name, service.answer).status
    except RemoteFailure as failure:
        return failure.code


def state(name: str = "moodle") -> str:
    with reading():
        return circuits.standing(name).state


@ON_ONE_ENGINE
def test_a_service_that_is_well_costs_no_row() -> None:
    assert [ask(Service(200, 404)) for _ in range(2)] == [200, 200]
    with reading():
        assert db.session.get(circuits.Circuit, "moodle") is None


@ON_ONE_ENGINE
@pytest.mark.parametrize("trouble", [None, 500])
def test_after_three_failures_nobody_calls_until_one_trial_succeeds(trouble: int | None) -> None:
    service, other = Service(trouble, trouble, trouble), Service()
    with clock.frozen(NOON):
        for _ in range(3):
            ask(service)
        assert [ask(service), ask(service), service.called, state()] == ["platform-paused"] * 2 + [3, "paused"]
        assert ask(other, "canvas") == 200

        clock.advance(circuits.FIRST_PAUSE_SECONDS)
        assert state() == "trial"
        assert [ask(service), ask(service), state(), service.called] == [200, 200, "open", 5]


@ON_ONE_ENGINE
def test_a_trial_that_fails_doubles_the_pause_up_to_ten_minutes() -> None:
    service = Service(*[500] * 12)
    pauses = []
    with clock.frozen(NOON):
        for _ in range(2):
            ask(service)
        for _ in range(7):
            ask(service)
            with reading():
                until = circuits.standing("moodle").retry_at
            assert until is not None
            pauses.append((until - clock.now()).total_seconds())
            clock.advance(pauses[-1])

    assert pauses == [30, 60, 120, 240, 480, 600, 600]


@ON_ONE_ENGINE
def test_a_single_failure_between_successes_pauses_nobody() -> None:
    service = Service(500, 200, 500, 200, 500, 500, 200)

    assert [ask(service) for _ in range(7)] == [500, 200, 500, 200, 500, 500, 200]
    assert state() == "open"


@ON_ONE_ENGINE
def test_an_answer_that_says_no_is_an_answer() -> None:
    service = Service(*[403] * 5)

    assert [ask(service) for _ in range(5)] == [403] * 5
    assert state() == "open"


@ON_ONE_ENGINE
def test_who_says_retry_after_is_left_alone_for_so_long() -> None:
    service = Service(429)
    service.retry_after = 90
    with clock.frozen(NOON):
        assert ask(service) == 429
        clock.advance(89)
        with pytest.raises(circuits.PutOff) as put_off:
            circuits.guarded("moodle", service.answer)
        clock.advance(1)
        assert ask(service) == 200

    assert (put_off.value.code, put_off.value.retry_after_seconds, service.called) == ("platform-paused", 1, 2)


def test_of_many_who_ask_when_the_pause_is_over_one_calls(app: Bilim) -> None:
    service = Service(500, 500, 500, 500)
    with clock.frozen(NOON):
        for _ in range(3):
            ask(service)
        clock.advance(circuits.FIRST_PAUSE_SECONDS)

        def _ask() -> int | str:
            with app.app_context():
                return ask(service)

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: _ask(), range(4)))

    assert sorted(map(str, answers)) == ["500", "platform-paused", "platform-paused", "platform-paused"]


@ON_ONE_ENGINE
def test_a_slow_service_is_called_by_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuits, "SLOW_SECONDS", -1)
    asked_meanwhile: list[int | str] = []
    service = Service()
    with clock.frozen(NOON):
        assert [ask(service), state()] == [200, "slow"]

        def _answer_slowly() -> Answer:
            asked_meanwhile.append(ask(service))
            monkeypatch.setattr(circuits, "SLOW_SECONDS", 3)
            return Answer(200, {}, b"")

        circuits.guarded("moodle", _answer_slowly)
        assert (asked_meanwhile, state()) == (["platform-busy"], "open")
