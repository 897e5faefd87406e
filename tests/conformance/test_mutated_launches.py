"""Valid launches, spoiled twenty thousand times: none is accepted, and none makes the server stumble.

Most go through :func:`lms.lti.launch.verify`, which is all that reads a token; some through the real address, with logins,
cookies and database. The source of chance begins with a number, so that a failure comes again.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import copy
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.core.db import db, reading
from lms.core.web import Bilim
from lms.lti import keys, launch, states
from lms.lti.models import LaunchSession
from lms.lti.refusals import LaunchRefused
from lms.people.models import Person
from tests.conformance.mutations import HARMLESS, SPOILING, Launch, Spoil
from tests.platform import MEMBERSHIP, TOOL, Platform, running

BELOW_HTTP = 20_000
OVER_HTTP = 900
HARMLESS_EACH = 40
SEED = 20_261_121


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """One engine is enough: what is refused here never reaches it."""
    path = tmp_path / "bilim.sqlite3"
    copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def platform(app: Bilim) -> Iterator[Platform]:
    """A platform that the tool knows."""
    with running() as made:
        made.register()
        made.target = f"{TOOL}/"
        yield made


VALID: tuple[dict[str, Any], ...] = (
    {},
    {"roles": [f"{MEMBERSHIP}Instructor"], "aud": ["bilim-at-academy"], "azp": "bilim-at-academy"},
    {"context": None, "name": None, "ags": None, "launch_presentation": None, "tool_platform": None, "roles": []},
    {"email": "a@b.example", "given_name": "Айгүл", "custom": {"module": "$ResourceLink.id"}, "jti": "1"},
)


def valid(platform: Platform, question: dict[str, str], number: int) -> Launch:
    claims = platform.claims(question, **VALID[number % len(VALID)])
    return Launch(claims, platform.token(claims))


def shares(total: int) -> Iterator[tuple[int, Spoil]]:
    """Every way of spoiling in turn."""
    return ((number, SPOILING[number % len(SPOILING)]) for number in range(total))


@pytest.fixture
def asked(client: FlaskClient, platform: Platform) -> tuple[states.Question, keys.Keys, list[Launch]]:
    """One question of ours, the platform's keys, and valid answers to it."""
    sent = platform.log_in(client)
    with reading():
        question = states.recall(sent["state"])
    platform_keys = {key["kid"]: key for key in platform.keys}
    return question, platform_keys, [valid(platform, sent, number) for number in range(len(VALID))]


def code_of_refusal(token: str, question: states.Question, platform_keys: keys.Keys) -> str:
    try:
        launch.verify(token, question, platform_keys)
    except LaunchRefused as refused:
        return refused.code
    return "accepted"


@pytest.mark.timeout(600)
def test_twenty_thousand_spoiled_tokens_are_refused_each(
    asked: tuple[states.Question, keys.Keys, list[Launch]],
) -> None:
    question, platform_keys, launches = asked
    chance, seen, unchanged = Random(SEED), Counter[str](), 0
    codes = Counter[str]()

    with reading():
        for number, spoil in shares(BELOW_HTTP):
            original = launches[number % len(launches)]
            spoiled = spoil(chance, original)
            while spoiled == original.token:
                unchanged += 1
                spoiled = spoil(chance, original)
            seen[spoil.__name__] += 1
            codes[code_of_refusal(spoiled, question, platform_keys)] += 1

    assert codes["accepted"] == 0
    assert sum(seen.values()) == BELOW_HTTP
    assert min(seen.values()) >= BELOW_HTTP // len(SPOILING)
    assert unchanged < BELOW_HTTP // 100
    assert len(codes) >= 18, codes


def test_what_changes_nothing_is_accepted(asked: tuple[states.Question, keys.Keys, list[Launch]]) -> None:
    question, platform_keys, launches = asked
    chance = Random(SEED)

    with reading():
        read = [
            launch.verify(rewrite(chance, original), question, platform_keys)["nonce"]
            for rewrite in HARMLESS
            for original in launches * (HARMLESS_EACH // len(launches))
        ]

    assert read == [question.nonce] * len(HARMLESS) * HARMLESS_EACH


@pytest.mark.timeout(600)
def test_spoiled_launches_are_refused_by_the_server_and_leave_nothing(
    app: Bilim, client: FlaskClient, platform: Platform
) -> None:
    chance, statuses = Random(SEED + 1), Counter[int]()

    for number, spoil in shares(OVER_HTTP):
        question = platform.log_in(client)
        original = valid(platform, question, number)
        spoiled = spoil(chance, original)
        if spoiled == original.token:
            spoiled += "."
        answer = platform.send(client, question, spoiled)
        statuses[answer.status_code] += 1
        assert answer.status_code in (400, 401, 403), (spoil.__name__, spoiled[:200])

    assert sum(statuses.values()) == OVER_HTTP
    assert count_of(LaunchSession) == count_of(Person) == 0


FIELDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("no state", {"state": None}),
    ("no token", {"id_token": None}),
    ("empty state", {"state": ""}),
    ("state twice", {"state": ["{state}", "{state}"]}),
    ("token twice", {"id_token": ["{token}", "{token}"]}),
    ("token and error", {"error": "access_denied"}),
    ("state in capitals", {"state": "{STATE}"}),
    ("state with space", {"state": "{state} "}),
    ("state with zero byte", {"state": "{state}\0"}),
    ("state with note", {"state": "{state}.X1BhcmVudA"}),
    ("state that is no UTF-8", {"state": b"\xff\xfe"}),
    ("state of another alphabet", {"state": "ѕ{state}"}),
    ("state of 100,000 signs", {"state": "s" * 100_000}),
    ("state as a list", {"state": None, "state[]": "{state}"}),
    ("token as the state", {"state": "{token}"}),
    ("state as the token", {"id_token": "{state}"}),
    ("token with line break", {"id_token": "{token}\r\n"}),
    ("token of 300,000 signs", {"id_token": "{token}" + "A" * 300_000}),
    ("token in brackets", {"id_token": "<{token}>"}),
    ("token as JSON", {"id_token": '"{token}"'}),
)


@pytest.mark.parametrize("changes", [changes for _name, changes in FIELDS], ids=[name for name, _changes in FIELDS])
def test_spoiled_fields_are_refused_and_the_rightful_answer_still_counts(
    client: FlaskClient, platform: Platform, changes: dict[str, Any]
) -> None:
    question = platform.log_in(client)
    token = platform.token(platform.claims(question))
    rightful = {"state": question["state"], "id_token": token}

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(one) for one in value]
        if not isinstance(value, str):
            return value
        return (
            value.replace("{state}", question["state"])
            .replace("{STATE}", question["state"].swapcase())
            .replace("{token}", token)
        )

    spoiled = {name: filled(value) for name, value in {**rightful, **changes}.items() if value is not None}
    answer = client.post("/lti/launch", data=spoiled)

    assert answer.status_code in (400, 401, 403)
    assert count_of(LaunchSession) == 0
    is_answered = changes.keys() & {"id_token", "error"} and changes.get("id_token") not in (None, ["{token}"] * 2)
    if not is_answered and "error" not in changes:
        assert platform.send(client, question, token).status_code == 303


@pytest.mark.parametrize("sent", ["json", "query", "header"])
def test_an_answer_in_another_place_is_none(client: FlaskClient, platform: Platform, sent: str) -> None:
    question = platform.log_in(client)
    answer = {"state": question["state"], "id_token": platform.token(platform.claims(question))}
    ways: dict[str, dict[str, Any]] = {
        "json": {"data": json.dumps(answer), "content_type": "application/json"},
        "query": {"query_string": answer},
        "header": {"headers": {"Authorization": f"Bearer {answer['id_token']}"}},
    }

    refused = client.post("/lti/launch", **ways[sent])

    assert refused.status_code == 400
    assert count_of(LaunchSession) == 0


def count_of(model: type) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(model)) or 0
