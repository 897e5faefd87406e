"""Others fail: a platform is dead, clocks differ, the database is started anew. People go on, and what waits arrives afterwards, once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from courses import completion
from lms.core import clock, jobs
from lms.core.audit import AuditEvent
from lms.core.db import db, insert_once, reading, transaction
from lms.core.jobs import Job
from lms.core.web import Bilim
from tests.certificates import academy
from tests.platform import Platform, Reply, running

SCORES, TOKEN = "/items/5/lineitem/scores", "/token"
DAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ON_ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def platforms(app: Bilim) -> Iterator[tuple[Platform, Platform]]:
    """Two learning systems that know nothing of each other."""
    app.config["WTF_CSRF_ENABLED"] = False
    academy.open_academy(app)
    app.test_cli_runner().invoke(args=["lti", "rotate-keys"])
    with running() as dead, running() as well:
        well.issuer = "https://lms.other.example"
        dead.register()
        well.register()
        yield dead, well


def arrive(app: Bilim, platform: Platform, sub: str) -> FlaskClient:
    browser = app.test_client()
    told = {"custom": {"module": "public-management"}, "launch_presentation": {"locale": "en"}}
    answer = platform.launch(browser, sub=sub, **told)
    assert answer.status_code == 303, answer.text
    assert browser.get(urlsplit(answer.location).path).status_code == 200
    return browser


def complete(platform: Platform, sub: str) -> None:
    with transaction():
        completion.report(
            issuer=platform.issuer,
            client_id=platform.client_id,
            user_id=sub,
            module_slug="public-management",
            score_percent=87,
            completed_at=academy.COMPLETED_AT,
            source="client:test",
        )


def scored(platform: Platform) -> list[str]:
    return sorted(json.loads(asked.body)["userId"] for asked in platform.asked_for(SCORES))


def score_jobs() -> list[tuple[int, str | None]]:
    with reading():
        rows = db.session.execute(
            select(Job.attempts, Job.last_error).where(Job.kind == "score", Job.served < Job.wanted)
        )
        return sorted((attempts, error) for attempts, error in rows)


@ON_ONE_ENGINE
def test_one_dead_platform_holds_up_nobody_else_and_gets_its_scores_afterwards(
    app: Bilim, platforms: tuple[Platform, Platform]
) -> None:
    dead, well = platforms
    for number in range(5):
        arrive(app, dead, f"d{number}")
    arrive(app, well, "w")
    with clock.frozen(DAY):
        for number in range(5):
            complete(dead, f"d{number}")
        complete(well, "w")
        dead.replies[TOKEN] = [Reply(503)] * 50
        jobs.run_due()

        assert len(dead.asked_for(TOKEN)) == 3
        assert scored(well) == ["w"]
        assert score_jobs() == [(0, "platform-paused")] * 2 + [(1, "token-unavailable")] * 3
        said = app.test_cli_runner().invoke(args=["lti", "doctor", "--json"]).output
        assert "platform-paused" in said

        clock.advance(3600)
        del dead.replies[TOKEN]
        jobs.run_due()
        assert scored(dead) == [f"d{number}" for number in range(5)]
        assert score_jobs() == []


@ON_ONE_ENGINE
def test_a_platform_that_names_a_moment_is_asked_again_then(app: Bilim, platforms: tuple[Platform, Platform]) -> None:
    dead, _well = platforms
    arrive(app, dead, "d")
    with clock.frozen(DAY):
        complete(dead, "d")
        dead.replies[SCORES] = [Reply(429, headers={"Retry-After": "Mon, 23 Nov 2026 06:10:00 GMT"}), Reply(200)]
        jobs.run_due()
        clock.advance(599)
        jobs.run_due()
        assert len(dead.asked_for(SCORES)) == 1
        clock.advance(2)
        jobs.run_due()
        assert len(dead.asked_for(SCORES)) == 2
        assert score_jobs() == []


@ON_ONE_ENGINE
def test_a_clock_that_is_a_minute_off_keeps_nobody_out(app: Bilim, platforms: tuple[Platform, Platform]) -> None:
    now = int(clock.now().timestamp())
    told = {"custom": {"module": "public-management"}, "launch_presentation": {"locale": "en"}}
    _dead, well = platforms

    ahead = well.launch(app.test_client(), sub="a", iat=now + 50, exp=now + 3600, **told)
    behind = well.launch(app.test_client(), sub="b", iat=now - 300, exp=now - 50, **told)

    assert (ahead.status_code, behind.status_code) == (303, 303)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_goes_in_mid_transaction_takes_nothing_half(app: Bilim) -> None:
    with pytest.raises(OperationalError), transaction():
        insert_once(Job, {"kind": "greet", "subject": "half"}, {"due_at": DAY, "changed_at": DAY})
        everybody_out(app)
        db.session.execute(text("select 1"))

    with transaction():
        jobs.queue("greet", "whole")
    with reading():
        assert list(db.session.scalars(select(Job.subject))) == ["whole"]
        assert list(db.session.scalars(select(AuditEvent.id))) == []
    client = app.test_client()
    client.get("/readyz")
    everybody_out(app)
    answers = [client.get("/verify?lang=en").status_code for _ in range(3)]
    assert answers[1:] == [200, 200]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_work_that_loses_its_database_is_done_as_soon_as_that_is_back(
    app: Bilim, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def ask_a_database_that_goes(subject: str) -> None:
        tried.append(subject)
        with reading():
            db.session.execute(text("select 1"))
            if len(tried) == 1:
                everybody_out(app)
            db.session.execute(text("select 1"))

    monkeypatch.setitem(jobs._handlers, "greet", ask_a_database_that_goes)
    with clock.frozen(DAY):
        with transaction():
            jobs.queue("greet", "one")
        assert jobs.run_due() == 1
        waiting = how_far()
        clock.advance(1)
        assert jobs.run_due() == 1

    assert (waiting.status, waiting.last_error) == ("waiting", "database-unavailable")
    assert (how_far().status, tried) == ("done", ["one", "one"])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_work_that_is_done_is_told_to_a_database_that_was_started_anew_meanwhile(
    app: Bilim, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def outlive_the_database(subject: str) -> None:
        done.append(subject)
        with db.engine.connect(), db.engine.connect():
            """Two that are kept open for later: one to send the other away."""
        everybody_out(app)

    monkeypatch.setitem(jobs._handlers, "greet", outlive_the_database)
    with transaction():
        jobs.queue("greet", "one")

    assert jobs.run_due() == 1

    assert (how_far().status, done) == ("done", ["one"])


def how_far() -> jobs.JobState:
    with reading():
        found = jobs.state_of("greet", "one")
    assert found is not None
    return found


def everybody_out(app: Bilim) -> None:
    """As when the server is started anew: all connections of ours end, wherever they are."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        other.invalidate()
