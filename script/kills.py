"""People learn, answer, are marked and get certificates, while processes are killed at random. Nothing that was acknowledged may be
lost or doubled: at the end everything is counted, in the database and in the gradebook of the learning system.

A browser here behaves as a person does: what got no answer is looked at again, and done again only if it is not there.
"""

import argparse
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from sqlalchemy import func, select

from certificates.models import VALID, Certificate
from courses.models import Answer, Attempt, Completion, Enrolment, Grade, ScoreDelivery, Submission
from lms.core.db import db, reading
from lms.core.settings import Settings
from lms.lti.models import PlatformUser
from lms.sandbox import demo
from script import answers
from script.browser import Browser, Page
from script.journey import MODULE, NAME, SENTENCE, Failed, Journey, launch
from script.parts import ROOT, Parts
from script.run_cluster import Cluster, running
from wsgi import create_app

Outcome = TypeVar("Outcome")
PATIENCE_SECONDS = 120
MARK = "80"
AT_ONCE = 4
LEAST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 3.0


class NoAnswer(Exception):
    """Whether it was done is not known: the process died, or another one stands before it."""


class Person(Browser):
    """A browser that notices when it got no answer."""

    def _request(self, method: str, url: str, **sent: Any) -> requests.Response:
        try:
            answer = super()._request(method, url, **sent)
        except requests.RequestException as error:
            raise NoAnswer from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise NoAnswer(f"{method} {urlsplit(url).path} {answer.status_code}")
        return answer


@dataclass
class Acknowledged:
    """What somebody was told is done."""

    questions: set[str] = field(default_factory=set)
    code: str = ""


@dataclass
class Run:
    """One run: who learns, what was acknowledged, what was killed."""

    tool: str
    sandbox: str
    units: list[str]
    people: dict[str, Acknowledged] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_quiet: threading.Event = field(default_factory=threading.Event)
    """Nothing is killed any more, and all that was killed answers again."""
    is_over: threading.Event = field(default_factory=threading.Event)


def drive(cluster: Cluster, *, people: int, kills: int, targets: tuple[str, ...], units: list[str], seed: int) -> Run:
    """Let people learn, some at once, at least so many and until so many processes were killed."""
    run = Run(cluster.tool, cluster.sandbox, units)
    big = {"option": "course-size", "value": "big"}  # its 10,000 members take part
    requests.post(f"{cluster.sandbox}/switches", data=big, timeout=30).raise_for_status()
    killer = threading.Thread(target=_kill, args=(run, cluster.parts, kills, targets, random.Random(seed)), daemon=True)  # noqa: S311
    marker = threading.Thread(target=_mark, args=(run,), daemon=True)
    killer.start()
    marker.start()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for learner in [pool.submit(_learn_on, run, people) for _ in range(min(AT_ONCE, people))]:
            learner.result()
    run.is_over.set()
    marker.join()
    return run


def counted(run: Run, environment: dict[str, str]) -> list[str]:
    """What differs from what was acknowledged; nothing if all is there, once."""
    app = create_app(Settings.from_environment({**os.environ, **environment}))
    with app.app_context():
        with reading():
            faults = [fault for name, known in run.people.items() for fault in _faults_of(run, name, known)]
            numbers = [
                number for (number,) in db.session.execute(select(Certificate.number).order_by(Certificate.number))
            ]
        wanted = [f"{numbers[0][:-6]}{number:06}" for number in range(1, len(run.people) + 1)] if numbers else []
        if numbers != wanted:
            faults.append(f"numbers of certificates: {numbers}")
        audited = app.test_cli_runner().invoke(args=["certificates", "audit"])
        if audited.exit_code:
            faults.append(f"the register is not sound: {audited.output[-400:]}")
        db.session.remove()
        db.engine.dispose()
    return faults


def _faults_of(run: Run, name: str, known: Acknowledged) -> list[str]:
    person = demo.person(name)
    sub = select(PlatformUser.person_id).where(PlatformUser.sub.in_([name, getattr(person, "uuid", name)]))
    enrolled = list(db.session.scalars(select(Enrolment.id).where(Enrolment.person_id.in_(sub))))
    of = Enrolment.id.in_(enrolled)
    found = {
        "enrolments": len(enrolled),
        "attempts": _number(select(Attempt.id).where(Attempt.enrolment_id.in_(enrolled))),
        "answers": _number(select(Answer.id).join(Attempt).where(Attempt.enrolment_id.in_(enrolled))),
        "texts": _number(select(Submission.id).where(Submission.enrolment_id.in_(enrolled))),
        "marks": _number(select(Grade.id).join(Submission).where(Submission.enrolment_id.in_(enrolled))),
        "completions": _number(select(Completion.id).join(Enrolment).where(of)),
        "scores": _number(
            select(ScoreDelivery.enrolment_id).join(Enrolment).where(of, ScoreDelivery.outcome == "delivered")
        ),
        "certificates": _number(
            select(Certificate.id).where(
                Certificate.record_id.in_(enrolled), Certificate.status == VALID, Certificate.code == known.code
            )
        ),
        "in the gradebook": sum(
            1 for row in _gradebook(run) if row.get("person") == name and row.get("score") is not None
        ),
    }
    wanted = {**dict.fromkeys(found, 1), "attempts": len(run.units), "answers": len(known.questions)}
    return [f"{name}: {number} {what}, not {wanted[what]}" for what, number in found.items() if number != wanted[what]]


def _number(wanted: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def _gradebook(run: Run) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = requests.get(f"{run.sandbox}/grades.json", timeout=30).json()
    return [row for row in rows if row.get("module") == MODULE]


def _kill(run: Run, parts: Parts, kills: int, targets: tuple[str, ...], chance: random.Random) -> None:
    """Each is started again at once, as systemd would."""
    try:
        while run.killed.total() < kills:
            time.sleep(chance.uniform(LEAST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS))
            name = chance.choice(targets)
            parts.kill(name)
            run.killed[name] += 1
        for name in targets:
            parts.wait_for(name)
    finally:
        run.is_quiet.set()


def _learn_on(run: Run, people: int) -> None:
    """One person after the other."""
    while True:
        with run.lock:
            if len(run.people) >= people and run.is_quiet.is_set():
                return
            name = f"member-{len(run.people) + 1:05}"
            run.people[name] = Acknowledged()
        _learn(run, name)


def _learn(run: Run, name: str) -> None:
    """One person, from the course page to the sealed file."""
    journey = Journey(run.tool, run.sandbox, trainee=Person())
    known = run.people[name]
    journey.module_url = _insist(run, lambda: launch(journey, journey.trainee, name, MODULE).url)
    for unit in run.units:
        _insist(run, lambda unit=unit: _read(journey, unit))  # type: ignore[misc]
        _insist(run, lambda unit=unit: _answer(journey, unit, known))  # type: ignore[misc]
    _insist(run, lambda: _submit(journey))
    _insist(run, lambda: _name(journey))
    known.code = _insist(run, lambda: _fetch(journey))
    _insist(run, lambda: _stands_in_gradebook(run, name))


def _insist(run: Run, step: Callable[[], Outcome]) -> Outcome:
    """Again until it is seen to be done.

    :raises Failed: when nothing helps.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return step()
        except (NoAnswer, Failed, LookupError) as trouble:
            run.unanswered += isinstance(trouble, NoAnswer)
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


def _read(journey: Journey, unit: str) -> None:
    page = _good(journey.trainee.open(f"{journey.module_url}/{unit}/1"))
    while urlsplit(page.url).path.split("/")[-1].isdigit():
        page = _good(journey.trainee.send(page.form(), page.form().filled()))


def _answer(journey: Journey, unit: str, known: Acknowledged) -> None:
    """Each question whose answer was not acknowledged, then the end; a test that is finished already is not begun again."""
    result = journey.trainee.open(f"{journey.module_url}/{unit}/test/result/1")
    if result.status == 200 and "/test/result/" in result.url:  # an open attempt leads back to its questions
        if "100 %" not in result.text:
            raise AssertionError(f"an acknowledged answer is lost in {unit}")
        return
    overview = _overview(journey, unit)
    for link in [link for link in overview.links if "/test/" in link and link.rsplit("/", 1)[-1].isdigit()]:
        question = f"{unit}/{link.rsplit('/', 1)[-1]}"
        if question not in known.questions:
            _answer_one(journey, link, unit)
            known.questions.add(question)
    _good(journey.trainee.send(overview.form("/finish"), overview.form("/finish").filled()))
    raise Failed("look at the result")


def _overview(journey: Journey, unit: str) -> Page:
    """The questions of the attempt, which is begun if it was not."""
    page = _good(journey.trainee.open(f"{journey.module_url}/{unit}/test"))
    if not any("/finish" in form.action for form in page.forms):
        _good(journey.trainee.send(page.form(), page.form().filled()))
        page = _good(journey.trainee.open(f"{journey.module_url}/{unit}/test"))
    return page


def _answer_one(journey: Journey, link: str, unit: str) -> None:
    """Also over an answer that was kept without an acknowledgement: the form tells which one was seen."""
    page = _good(journey.trainee.open(link))
    right = answers.answer_on(page.text, MODULE, unit)
    names = {name for name, _ in right}
    stands = [(name, value) for name, value in page.form().values if name not in names]
    _good(journey.trainee.send(page.form(), stands + right))


def _submit(journey: Journey) -> None:
    page = _good(journey.trainee.open(f"{journey.module_url}/assignment"))
    forms = [form for form in page.forms if "text" in form.typed]
    if forms:
        _good(journey.trainee.send(forms[0], forms[0].filled(text=SENTENCE * 70, action="submit")))
        raise Failed("look whether it was taken")


def _name(journey: Journey) -> None:
    page = _certificate_page(journey)
    if not any("/name" in link for link in page.links):
        return
    asked = _good(journey.trainee.open(page.link("/name")))
    if not {"Cyrl", "Latn"} <= set(asked.form("/name").typed):
        return
    preview = _good(journey.trainee.send(asked.form("/name"), asked.form("/name").filled(**NAME)))
    _good(journey.trainee.send(preview.form("/name"), [*preview.form("/name").filled(), ("is-right", "yes")]))


def _fetch(journey: Journey) -> str:
    page = _certificate_page(journey)
    document = _good(journey.trainee.open(page.link("/file"))).content
    if not document.startswith(b"%PDF-"):
        raise Failed("the file is no PDF")
    return urlsplit(page.link("/v/")).path.rsplit("/", 1)[-1]


def _stands_in_gradebook(run: Run, name: str) -> None:
    try:
        if any(row.get("person") == name and row.get("score") is not None for row in _gradebook(run)):
            return
    except requests.RequestException as error:
        raise NoAnswer from error
    raise Failed("no score in the gradebook")


def _mark(run: Run) -> None:
    """The instructor marks whatever waits, until everybody has a certificate."""
    journey = Journey(run.tool, run.sandbox, instructor=Person())
    while not run.is_over.is_set():
        try:
            page = launch(journey, journey.instructor, "instructor", MODULE)
            for link in [link for link in page.links if "/work/" in link]:
                work = _good(journey.instructor.open(link))
                _good(journey.instructor.send(work.form(), work.form().filled(percent=MARK, comment="Жакшы иш.")))
        except (NoAnswer, Failed, LookupError):
            run.unanswered += 1
        run.is_over.wait(0.5)


def _certificate_page(journey: Journey) -> Page:
    return _good(journey.trainee.open(journey.module_url.replace("/learn/", "/certificates/")))


def _good(page: Page) -> Page:
    if page.status != 200:
        raise Failed(f"{urlsplit(page.url).path} answered {page.status}")
    return page


def main() -> int:
    """``script/bench kills [N]``: on the whole cluster, the database among what is killed."""
    options = argparse.ArgumentParser(prog="script/bench kills")
    options.add_argument("kills", nargs="?", type=int, default=1000)
    options.add_argument("--people", type=int, default=4, help="at least so many learn, and go on until the last kill")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--port", type=int, default=8400)
    given = options.parse_args()
    targets = ("web-1", "web-2", "worker-1", "worker-2", "beat", "redis", "postgresql")
    started = time.monotonic()
    with running(ROOT / "instance" / "kills", first_port=given.port) as cluster:
        os.environ.update(cluster.environment)
        units = answers.units(MODULE)
        run = drive(cluster, people=given.people, kills=given.kills, targets=targets, units=units, seed=given.seed)
        faults = counted(run, cluster.environment)
    told = {
        "kills": dict(run.killed),
        "people": len(run.people),
        "answers": sum(len(known.questions) for known in run.people.values()),
        "requests without an answer": run.unanswered,
        "seconds": round(time.monotonic() - started),
        "faults": faults,
    }
    print(json.dumps(told, indent=2, ensure_ascii=False))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
