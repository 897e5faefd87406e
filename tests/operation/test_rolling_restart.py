"""Web processes behind the proxy are started anew, one after the other, as for an upgrade. Nobody notices."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

import pytest
import requests

from script import answers
from script.browser import Browser, Form
from script.journey import MODULE, Journey, launch
from script.parts import free_port
from script.run_cluster import Cluster, Size, running
from tests.shortened import shortened

LEARNERS = ("member-00001", "member-00002", "member-00003")
UNIT = "pm1"
LEAST_ANSWERS, LEAST_KNOCKS = 10, 200
KNOCKING = 4
"""Browsers that send as much as they can of what may not be sent twice, and costs little."""


class Counting(Browser):
    """A browser that counts what it was answered, and asks for nothing twice."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: Counter[str] = Counter()

    def _request(self, method: str, url: str, **sent: object) -> requests.Response:
        try:
            answer = super()._request(method, url, **sent)
        except requests.RequestException as error:
            self.answered[f"{method} {type(error).__name__}"] += 1
            raise
        self.answered[f"{method} {answer.status_code}"] += 1
        return answer


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    content = shortened(tmp_path / "content")
    size = Size(webs=2, workers=1, on_postgresql=True, on_s3=False)
    with running(tmp_path / "installation", first_port=free_port(), content=content, size=size, is_warm=True) as made:
        big = {"option": "course-size", "value": "big"}
        requests.post(f"{made.sandbox}/switches", data=big, timeout=30).raise_for_status()
        yield made


def test_no_request_is_lost_while_one_web_process_after_the_other_is_started_anew(cluster: Cluster) -> None:
    browsers = [Counting() for _ in LEARNERS]
    journeys = [Journey(cluster.tool, cluster.sandbox, trainee=browser) for browser in browsers]
    for name, journey in zip(LEARNERS, journeys, strict=True):
        journey.module_url = launch(journey, journey.trainee, name, MODULE).url
    is_over, lives = threading.Event(), set[int]()
    knocking = [Counting() for _ in range(KNOCKING)]
    with ThreadPoolExecutor(len(journeys) + KNOCKING) as pool:
        streams = [pool.submit(answer_on, journey, is_over) for journey in journeys]
        streams += [pool.submit(knock_on, browser, cluster.tool, is_over) for browser in knocking]
        for name in ("web-1", "web-2", "web-1", "web-2"):
            time.sleep(1)
            lives.add(number_of(cluster, name))
            cluster.parts.restart(name)
            lives.add(number_of(cluster, name))
        time.sleep(1)
        is_over.set()
    for stream in streams:
        stream.result()

    knocked = sum((browser.answered for browser in knocking), Counter[str]())
    assert set(knocked) == {"POST 405"}
    assert knocked.total() >= LEAST_KNOCKS
    answered = sum((browser.answered for browser in browsers), Counter[str]())
    assert {kind for kind in answered if not kind.endswith((" 200", " 302", " 303"))} == set()
    assert sum(count for kind, count in answered.items() if kind.startswith("POST")) >= LEAST_ANSWERS
    assert len(lives) == 6


def answer_on(journey: Journey, is_over: threading.Event) -> None:
    """A test begun, and its questions answered over and over, each time by a form that was just opened."""
    trainee, test = journey.trainee, f"{journey.module_url}/{UNIT}/test"
    page = trainee.open(test)
    trainee.send(page.form(), page.form().filled())
    for number in cycle(range(1, 4)):
        if is_over.is_set():
            return
        page = trainee.open(f"{test}/{number}")
        right = answers.answer_on(page.text, MODULE, UNIT)
        names = {name for name, _ in right}
        stands = [(name, value) for name, value in page.form().values if name not in names]
        trainee.send(page.form(), stands + right)


def knock_on(browser: Counting, tool: str, is_over: threading.Event) -> None:
    """The application answers itself that it takes no such request there."""
    form = Form(f"{tool}/healthz", "post")
    while not is_over.is_set():
        browser.send(form, [("knock", "x" * 100)])


def number_of(cluster: Cluster, name: str) -> int:
    process = cluster.parts.parts[name].process
    assert process is not None
    return process.pid
