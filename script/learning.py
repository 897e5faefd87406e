"""People who learn, answer, are marked, marked again and get certificates, while processes die under them.

A browser here behaves as a person does: what got no answer is looked at again, and done again only if it is not there.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from script import answers
from script.browser import Browser, Page
from script.journey import MODULE, NAME, SENTENCE, Failed, Journey, launch

Outcome = TypeVar("Outcome")
PATIENCE_SECONDS = 600
"""With a kill every second and a half one certificate may be begun many times, and each time its lease has to end first."""
FIRST_MARK, SECOND_MARK = "80", "90"
WRITER = re.compile(r"member-\d{5}")
"""Stands in each text, so that the instructor knows whose it is, whatever name was confirmed."""


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
    """What somebody was told is done, and when they were told."""

    questions: dict[str, datetime] = field(default_factory=dict)
    submitted: datetime | None = None
    code: str = ""
    marked: list[datetime] = field(default_factory=list)


@dataclass
class Run:
    """Who learns, and what was acknowledged."""

    tool: str
    sandbox: str
    units: list[str]
    people: dict[str, Acknowledged] = field(default_factory=dict)
    unanswered: int = 0
    longest_wait_seconds: float = 0
    """The longest time in which somebody tried to do one thing, without an answer or without the expected one."""
    trouble: BaseException | None = None
    """What ended the run, if it did not end by itself."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    to_mark_again: set[str] = field(default_factory=set)
    is_quiet: threading.Event = field(default_factory=threading.Event)
    """Nothing is killed any more, and all that was killed answers again."""
    is_over: threading.Event = field(default_factory=threading.Event)


def learn_on(run: Run, least: int, pause_seconds: float) -> None:
    """One person after the other, until so many have learned and all is quiet."""
    while True:
        with run.lock:
            if run.is_over.is_set() or (len(run.people) >= least and run.is_quiet.is_set()):
                return
            name = f"member-{len(run.people) + 1:05}"
            run.people[name] = Acknowledged()
        try:
            _learn(run, name)
        except BaseException as trouble:
            with run.lock:
                run.trouble = run.trouble or trouble
            run.is_over.set()  # it cannot end well any more, and all others stop where they are
            raise
        run.is_quiet.wait(pause_seconds)


def mark_on(run: Run) -> None:
    """The instructor marks whatever waits, and a second time what is to be marked again, until all is over."""
    journey = Journey(run.tool, run.sandbox, instructor=Person())
    works: dict[str, str] = {}
    while not run.is_over.wait(0.5):
        try:
            if not journey.module_url:
                journey.module_url = launch(journey, journey.instructor, "instructor", MODULE).url
            _mark_all(run, journey, works)
        except (NoAnswer, Failed, LookupError) as trouble:
            with run.lock:
                run.unanswered += isinstance(trouble, NoAnswer)
            journey.module_url = ""


def _mark_all(run: Run, journey: Journey, works: dict[str, str]) -> None:
    page = _good(journey.instructor.open(journey.module_url))
    for link in dict.fromkeys(link for link in page.links if "/work/" in link):
        work, name = _work(journey, link)
        works[name] = link.rsplit("/", 1)[-1].split("?")[0]  # known before it is marked: that answer may be lost
        _mark(run, journey, work, name, FIRST_MARK)
    for name in sorted(run.to_mark_again & set(works)):
        work, _name_on_it = _work(journey, f"{journey.module_url}/work/{works[name]}")
        _mark(run, journey, work, name, SECOND_MARK)
        run.to_mark_again.discard(name)


def _work(journey: Journey, link: str) -> tuple[Page, str]:
    """A text, and who wrote it."""
    page = _good(journey.instructor.open(link))
    writer = WRITER.search(page.text)
    if writer is None:
        raise LookupError("nobody is named in the text")
    return page, writer[0]


def _mark(run: Run, journey: Journey, work: Page, name: str, percent: str) -> None:
    _good(journey.instructor.send(work.form(), work.form().filled(percent=percent, comment="Жакшы иш.")))
    run.people[name].marked.append(datetime.now(UTC))


def _learn(run: Run, name: str) -> None:
    """One person, from the course page to the sealed file and the second mark."""
    journey = Journey(run.tool, run.sandbox, trainee=Person())
    known = run.people[name]
    journey.module_url = _insist(run, lambda: launch(journey, journey.trainee, name, MODULE).url)
    for unit in run.units:
        _insist(run, lambda unit=unit: _read(journey, unit))  # type: ignore[misc]
        _insist(run, lambda unit=unit: _answer(journey, unit, known))  # type: ignore[misc]
    _insist(run, lambda: _submit(journey, name, known))
    _insist(run, lambda: _name(journey))
    known.code = _insist(run, lambda: _fetch(journey))
    _insist(run, lambda: _stands_in_gradebook(run, name, scores=1))
    run.to_mark_again.add(name)
    _insist(run, lambda: _stands_in_gradebook(run, name, scores=2))


def _insist(run: Run, step: Callable[[], Outcome]) -> Outcome:
    """Again until it is seen to be done.

    :raises Failed: when nothing helps.
    """
    begun = time.monotonic()
    while True:
        try:
            done = step()
            with run.lock:
                run.longest_wait_seconds = max(run.longest_wait_seconds, time.monotonic() - begun)
            return done
        except (NoAnswer, Failed, LookupError) as trouble:
            with run.lock:
                run.unanswered += isinstance(trouble, NoAnswer)
            if time.monotonic() > begun + PATIENCE_SECONDS or run.is_over.is_set():
                trouble.add_note(f"after {time.monotonic() - begun:.0f} seconds")
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
            known.questions[question] = datetime.now(UTC)
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


def _submit(journey: Journey, name: str, known: Acknowledged) -> None:
    page = _good(journey.trainee.open(f"{journey.module_url}/assignment"))
    forms = [form for form in page.forms if "text" in form.typed]
    if forms:
        _good(journey.trainee.send(forms[0], forms[0].filled(text=f"{name}. {SENTENCE * 70}", action="submit")))
        raise Failed("look whether it was taken")
    known.submitted = datetime.now(UTC)


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


def gradebook(sandbox: str) -> list[dict[str, Any]]:
    """What stands in the column of the module."""
    rows: list[dict[str, Any]] = requests.get(f"{sandbox}/grades.json", timeout=30).json()
    return [row for row in rows if row.get("module") == MODULE]


def _stands_in_gradebook(run: Run, name: str, *, scores: int) -> None:
    try:
        if any(row["person"] == name and len(set(row["history"])) >= scores for row in gradebook(run.sandbox)):
            return
    except requests.RequestException as error:
        raise NoAnswer from error
    raise Failed("no score in the gradebook")


def _certificate_page(journey: Journey) -> Page:
    return _good(journey.trainee.open(journey.module_url.replace("/learn/", "/certificates/")))


def _good(page: Page) -> Page:
    if page.status != 200:
        raise Failed(f"{urlsplit(page.url).path} answered {page.status}")
    return page
