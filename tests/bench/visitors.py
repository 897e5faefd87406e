"""What people's browsers and programs ask, as cheaply as it can be asked: launches, lessons, answers, completions, verifications."""

import http.client
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import jwt

from script import answers
from tests.bench import crowd, people
from tests.platform import MEMBERSHIP, Platform, rsa_key

MODULE, UNIT = "public-management", "pm1"
SECTIONS, QUESTIONS = 4, 6
_FIELD = re.compile(r'name="(csrf_token|_page|_seen)" value="([^"]*)"')
_addresses = count(1)


@dataclass(frozen=True)
class Answered:
    """What a server said."""

    status: int
    location: str
    cookies: list[str]
    text: str


class Asker(Protocol):
    """A way to a server."""

    def ask(self, method: str, path: str, *, body: str, headers: dict[str, str]) -> Answered:
        """One request."""


class Network:
    """One kept connection; another one, from another address of this machine, when asked: we limit how often one may ask."""

    def __init__(self, port: int, host: str) -> None:
        self._port, self._host = port, host
        self.move()

    def move(self) -> None:
        """Come from elsewhere."""
        number = next(_addresses)
        source = f"127.{1 + number // 60_000 % 200}.{number // 240 % 250}.{number % 240 + 2}"
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, source_address=(source, 0), timeout=60)

    def ask(self, method: str, path: str, *, body: str, headers: dict[str, str]) -> Answered:
        """One request."""
        self._connection.request(method, path, body or None, {"Host": self._host, **headers})
        answer = self._connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return Answered(
            answer.status, answer.headers["Location"] or "", answer.headers.get_all("Set-Cookie") or [], text
        )


@dataclass
class Visitor:
    """A browser with its cookies, and where it stands."""

    asker: Asker
    cookies: dict[str, str] = field(default_factory=dict)
    base: str = ""
    turn: int = 0

    def get(self, path: str) -> Answered:
        """Look at a page."""
        return self._ask("GET", path, "")

    def post(self, path: str, fields: list[tuple[str, str]]) -> Answered:
        """Send a form."""
        return self._ask("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(self, method: str, path: str, body: str, more: dict[str, str] | None = None) -> Answered:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(more or {})}
        answer = self.asker.ask(method, path, body=body, headers=headers)
        for cookie in answer.cookies:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer


def launch(visitor: Visitor, platform: Platform, number: int, link: str) -> None:
    """A click in the LMS: login, and the signed answer. Two requests; a browser that was never here."""
    visitor.cookies.clear()
    login = urlencode(platform.login_parameters())
    asked = _expect(visitor.get(f"/lti/login?{login}"), 302)
    question = dict(parse_qsl(urlsplit(asked.location).query))
    claims = platform.claims(
        question,
        sub=people.sub(number),
        name=crowd.name_of(number)["Cyrl"],
        resource_link={"id": link, "title": "Public management"},
        target_link_uri=f"{platform.target.removesuffix('/lti/launch')}/learn/{MODULE}",
        roles=[f"{MEMBERSHIP}Learner"],
        jti=str(uuid4()),
    )
    token = jwt.encode(claims, rsa_key(), algorithm="RS256", headers={"kid": platform.kid})
    landed = visitor.post("/lti/launch", [("state", question["state"]), ("id_token", token)])
    visitor.base = urlsplit(_expect(landed, 303).location).path


def begin_test(visitor: Visitor) -> None:
    """So that there are questions."""
    page = _expect(visitor.get(f"{visitor.base}/{UNIT}/test"), 200)
    _expect(visitor.post(f"{visitor.base}/{UNIT}/test", _hidden(page.text)), 303)


def lesson(visitor: Visitor) -> None:
    """A section is shown and marked as read. Two requests."""
    path = f"{visitor.base}/{UNIT}/{visitor.turn % SECTIONS + 1}"
    visitor.turn += 1
    page = _expect(visitor.get(path), 200)
    _expect(visitor.post(path, _hidden(page.text)), 303)


def answer(visitor: Visitor) -> None:
    """A question is shown and its answer kept. Two requests."""
    path = f"{visitor.base}/{UNIT}/test/{visitor.turn % QUESTIONS + 1}"
    visitor.turn += 1
    page = _expect(visitor.get(path), 200)
    given = answers.answer_on(page.text, MODULE, UNIT)
    _expect(visitor.post(path, _hidden(page.text) + given), 303)


def complete(asker: Asker, platform: Platform, number: int, token: str) -> None:
    """A module's own server reports that somebody completed it. One request."""
    report = {
        "issuer": platform.issuer,
        "client_id": platform.client_id,
        "user_id": people.sub(number),
        "module": MODULE,
        "score_percent": 90,
        "completed_at": "2026-03-02T17:40:00+06:00",
    }
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    _expect(asker.ask("POST", "/api/v1/completions", body=json.dumps(report), headers=headers), 201)


def verify(asker: Asker, number: int) -> None:
    """Somebody scans the code of a certificate. One request."""
    _expect(asker.ask("GET", f"/v/{crowd.code_of(crowd.drawn(number))}", body="", headers={}), 200)


def timed(act: Callable[[], None]) -> float:
    """Milliseconds by the wall."""
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


def _hidden(text: str) -> list[tuple[str, str]]:
    return list(dict(_FIELD.findall(text)).items())


def _expect(answered: Answered, status: int) -> Answered:
    if answered.status != status:
        raise RuntimeError(f"{answered.status} in the place of {status}: {answered.location} {answered.text[:300]}")
    return answered
