"""A request that is sent again under its Idempotency-Key."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms.core import clock
from lms.core.db import db, reading
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.oauth import own_keys
from lms.oauth.models import KeptAnswer
from tests.api.machine import Caller
from tests.certificates import academy
from tests.certificates.academy import CLIENT, ISSUER, Learner
from tests.conftest import application
from tests.lms.oauth.machine import admitted


def report(learner: Learner, *, score: int = 86) -> dict[str, object]:
    return {
        "issuer": ISSUER,
        "client_id": CLIENT,
        "user_id": learner.sub,
        "module": "public-management",
        "score_percent": score,
        "completed_at": "2026-03-02T17:40:00+06:00",
    }


def kept() -> list[KeptAnswer]:
    with reading():
        return list(db.session.scalars(select(KeptAnswer)))


def test_the_same_request_gets_the_same_answer_for_a_day(caller: Caller, learner: Learner) -> None:
    first = caller.post("/completions", report(learner), Idempotency_Key="k-1")
    again = caller.post("/completions", report(learner), Idempotency_Key='"k-1"')
    without = caller.post("/completions", report(learner))
    other = caller.post("/completions", report(learner, score=12), Idempotency_Key="k-1")

    assert (first.status_code, again.status_code, without.status_code) == (201, 201, 200)
    assert again.data == first.data
    assert (again.headers.get("Idempotency-Replayed"), first.headers.get("Idempotency-Replayed")) == ("true", None)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency-key-reused")

    row = kept()[0]
    assert learner.sub.encode() not in (row.answer_encrypted or b"")
    with clock.frozen(clock.now() + timedelta(hours=24, minutes=1)):
        own_keys.forget_what_is_over("")
    assert kept() == []


def test_a_refusal_is_not_kept_so_it_may_be_corrected_under_the_same_key(caller: Caller, learner: Learner) -> None:
    refused = caller.post("/completions", {**report(learner), "module": "no-such"}, Idempotency_Key="k")
    corrected = caller.post("/completions", report(learner), Idempotency_Key="k")

    assert (refused.status_code, corrected.status_code) == (404, 201)


def test_keys_of_two_programs_are_two(caller: Caller, learner: Learner) -> None:
    other = admitted(caller.client, name="Other")
    second = Caller(caller.client, other.id, other.token())

    caller.post("/completions", report(learner), Idempotency_Key="k")

    assert second.post("/completions", report(learner, score=1), Idempotency_Key="k").status_code == 200


@pytest.mark.parametrize("key", ["", " ", "with space", "x" * 256])
def test_a_key_that_is_none_is_refused(key: str, caller: Caller) -> None:
    answer = caller.post("/completions", {}, Idempotency_Key=key)

    assert (answer.status_code, answer.get_json()["code"]) == (400, "idempotency-key-not-valid")


def test_a_list_sent_twice_as_a_file_is_one_batch(caller: Caller) -> None:
    path = "/certificates/batches/files"

    first = caller.send_file(path, b"PK\x03\x04 one", Idempotency_Key="k")
    again = caller.send_file(path, b"PK\x03\x04 one", Idempotency_Key="k")
    other = caller.send_file(path, b"PK\x03\x04 two", Idempotency_Key="k")

    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert again.get_json()["id"] == first.get_json()["id"]


@pytest.fixture
def served(settings: Settings) -> Iterator[Bilim]:
    with application(settings) as made:
        yield made


def test_two_at_once_do_it_once_and_get_the_same_answer(served: Bilim) -> None:
    academy.open_academy(served)
    learner, machine = academy.enrol(), admitted(served.test_client())
    token, start = machine.token(), Barrier(4)
    answers: list[TestResponse] = []

    def _send() -> None:
        caller = Caller(served.test_client(), machine.id, token)
        start.wait()
        answers.append(caller.post("/completions", report(learner), Idempotency_Key="once"))

    threads = [Thread(target=_send) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    with reading():
        assert db.session.scalar(select(func.count()).select_from(KeptAnswer)) == 1


def test_a_part_of_a_form_without_a_name_is_no_mistake_of_ours(caller: Caller) -> None:
    body = b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"

    answer = caller.send(
        "/certificates/batches/files", body, "multipart/form-data; boundary=b", idempotency_key="nameless"
    )

    assert answer.status_code == 422
