"""While something outside is broken, people learn and teach; afterwards each score arrives, once, the last one last.

Each outage of a learning system is walked through with the same story: a trainee does the whole module, the teacher marks and
sees why the score has not arrived, the operator sees it, the outage ends.
"""

import json
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import circuits, clock, jobs
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti.models import Registration
from tests.courses.conftest import Visitor
from tests.courses.views.test_instructor import complete, work_of
from tests.platform import Platform, Reply

ON_ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SCORES, TOKEN = "/items/5/lineitem/scores", "/token"
HOUR = 3600
NO_JSON = Reply(200, b"<html>Maintenance</html>", {"Content-Type": "text/html"})


def hang_up(platform: Platform, _patch: pytest.MonkeyPatch) -> None:
    platform.replies = {TOKEN: [Reply(0)], SCORES: [Reply(0)]}


def be_slow(platform: Platform, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(circuits, "SLOW_SECONDS", -1)


def ask_too_often(platform: Platform, _patch: pytest.MonkeyPatch) -> None:
    platform.replies = {SCORES: [Reply(429, headers={"Retry-After": "1800"})]}


def be_out_of_order(platform: Platform, _patch: pytest.MonkeyPatch) -> None:
    platform.replies = {SCORES: [Reply(500, b"\xff")]}


def answer_nonsense(platform: Platform, _patch: pytest.MonkeyPatch) -> None:
    platform.replies = {TOKEN: [NO_JSON]}


def have_no_name(_platform: Platform, patch: pytest.MonkeyPatch) -> None:
    def _unknown(*_asked: object, **_more: object) -> object:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    patch.setattr(socket, "getaddrinfo", _unknown)


@dataclass(frozen=True)
class Outage:
    begins: Callable[[Platform, pytest.MonkeyPatch], None]
    shown: str
    """To the teacher."""
    state: str
    """In the metrics, after some tries."""


SILENT = "The learning system does not answer."
OUTAGES = {
    "hangs up": Outage(hang_up, SILENT, "paused"),
    "429": Outage(ask_too_often, "It will be sent again", "paused"),
    "500": Outage(be_out_of_order, "It will be sent again", "paused"),
    "no JSON": Outage(answer_nonsense, "token-unavailable", "paused"),
    "DNS": Outage(have_no_name, SILENT, "paused"),
}


@ON_ONE_ENGINE
@pytest.mark.parametrize("name", OUTAGES)
def test_people_learn_while_their_learning_system_is_broken(
    app: Bilim, trainee: Visitor, teacher: Visitor, platform: Platform, name: str
) -> None:
    outage = OUTAGES[name]
    with clock.frozen(clock.now()):
        with pytest.MonkeyPatch.context() as patch:
            outage.begins(platform, patch)
            complete(trainee, teacher, 60)
            jobs.run_due()
            assert outage.shown in teacher.get("/teach/roads").text
            for _try in range(2):
                clock.advance(15)
                jobs.run_due()
            teacher.post(f"/teach/roads/work/{work_of('person-17')}", percent="100", comment="", seen=1)
            jobs.run_due()

            assert trainee.get("/learn/roads").status_code == 200
            assert status_of(app.test_client()) == 200
            assert f'{{platform="{registration()}",state="{outage.state}"}} 1.0' in metrics(app)
            assert 'bilim_queue_depth{kind="score"' in metrics(app)
            asked_meanwhile = len(platform.asked_for(SCORES))

        platform.replies = {}
        clock.advance(HOUR)
        jobs.run_due()

    (arrived,) = platform.asked_for(SCORES)[asked_meanwhile:]
    assert json.loads(arrived.body)["scoreGiven"] == 100
    assert f'{{platform="{registration()}",state="open"}} 1.0' in metrics(app)
    assert 'bilim_queue_depth{kind="score"' not in metrics(app)
    assert "In the gradebook" in teacher.get("/teach/roads").text


@ON_ONE_ENGINE
def test_a_slow_learning_system_gets_its_score_and_is_called_by_one_at_a_time(
    app: Bilim, trainee: Visitor, teacher: Visitor, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuits, "SLOW_SECONDS", -1)
    complete(trainee, teacher)

    jobs.run_due()

    assert len(platform.asked_for(SCORES)) == 1
    assert f'{{platform="{registration()}",state="slow"}} 1.0' in metrics(app)
    assert "platform-slow" in app.test_cli_runner().invoke(args=["lti", "doctor", "--json"]).output


@ON_ONE_ENGINE
def test_scores_that_were_refused_for_a_clock_or_a_key_go_out_by_one_command_when_it_is_right_again(
    app: Bilim, trainee: Visitor, teacher: Visitor, platform: Platform
) -> None:
    platform.replies = {TOKEN: [Reply(401, b'{"error": "invalid_client", "error_description": "exp is in the past"}')]}
    complete(trainee, teacher)
    with transaction():
        jobs.queue("score", "nobody's, which needs nobody")
    jobs.run_due()
    assert (platform.asked_for(SCORES), len(platform.asked_for(TOKEN))) == ([], 1)
    assert "token-refused" in teacher.get("/teach/roads").text
    assert 'bilim_queue_depth{kind="score",state="needs-person"} 1.0' in metrics(app)

    platform.replies = {}
    run = app.test_cli_runner()
    other = run.invoke(args=["jobs", "retry", "--kind", "score", "--error", "not-enrolled"]).stdout
    said = run.invoke(args=["jobs", "retry", "--kind", "score", "--error", "token-refused"]).stdout
    jobs.run_due()

    assert (other, said) == ("0 queued\n", "1 queued\n")
    assert len(platform.asked_for(SCORES)) == 1
    assert run.invoke(args=["jobs", "retry"]).exit_code == 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # newer Pythons warn of every fork beside threads
@ON_ONE_ENGINE
def test_on_a_full_disk_nothing_is_said_to_be_saved_that_is_not_and_what_was_saved_stays(
    trainee: Visitor, tmp_path: Path
) -> None:
    trainee.read_all()
    trainee.post("/learn/roads/rd1/test")
    assert trainee.save("/learn/roads/rd1/test/1", answer=["a"]).status_code == 200
    said = tmp_path / "said"
    with in_process_on_a_full_disk() as child:
        if child:
            saved, page = trainee.save("/learn/roads/rd1/test/2", answer=["a", "b"]), trainee.get("/learn/roads")
            said.write_text(json.dumps([saved.status_code, saved.get_json()["code"], page.status_code]))

    assert json.loads(said.read_text()) == [503, "database-unavailable", 200]
    for number, given in ((2, ["a", "b"]), (3, ["12,5"])):
        assert trainee.save(f"/learn/roads/rd1/test/{number}", answer=given).status_code == 200
    assert "3 of 3" in trainee.post("/learn/roads/rd1/test/finish", follow=True, attempt=1).text


@contextmanager
def in_process_on_a_full_disk() -> Iterator[bool]:
    """Twice at once, as after a fork: in the other process files of the database may not grow any more."""
    process = os.fork()
    if process:
        os.waitpid(process, 0)
        yield False
        return
    try:
        db.session.remove()
        db.engine.dispose(close=False)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        yield True
    finally:
        os._exit(0)


def metrics(app: Bilim) -> str:
    return app.test_client().get("/metrics").text


def status_of(client: FlaskClient) -> int:
    """As a balancer asks; tables that a test has from a template know no version."""
    parts = client.get("/readyz").get_json()
    return 200 if {parts["database"], parts["files"]} == {"ok"} else 503


def registration() -> str:
    with reading():
        return db.session.scalars(select(Registration.id)).one()
