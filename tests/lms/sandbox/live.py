"""The sandbox over real sockets, for any test that needs a platform outside its own process' shortcuts.

    with start_sandbox(settings) as sandbox:
        sandbox.choose_profile("moodle")
        visitor = Visitor(sandbox.url)
        login = visitor.open_module("trainee-1", "e-government")   # what the browser brings to the tool
        form = visitor.authorize(url_the_tool_redirected_to)       # what the browser brings back to it

``settings.public_url`` is the tool that the sandbox launches and whose keys it fetches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl

import requests
from flask import Flask
from werkzeug.serving import make_server

from lms.core.settings import Settings
from lms.sandbox import store
from lms.sandbox.wiring import create_sandbox
from tests.answering import answering

_ONE_STEP: dict[str, Any] = {"allow_redirects": False, "timeout": 10}


@dataclass
class Form:
    """A form in a page, or an address with its query: where it leads and what it carries."""

    method: str
    url: str
    fields: dict[str, str] = field(default_factory=dict)


class LiveSandbox:
    """A running sandbox and its switches."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app = app
        self.url = url

    @property
    def registration(self) -> dict[str, str]:
        """What an administrator types into the tool about this platform."""
        return {
            "issuer": self.url,
            "client_id": "bilim-demo",
            "deployment_id": "1",
            "auth_url": f"{self.url}/oidc/authorize",
            "token_url": f"{self.url}/oidc/token",
            "jwks_url": f"{self.url}/oidc/jwks.json",
        }

    def choose_profile(self, code: str) -> None:
        """Imitate a platform: strict, moodle, canvas, openedx, blackboard or d2l."""
        self.switch(profile=code)

    def arm(self, fault: str, *, times: int = 1) -> None:
        """Let something go wrong so many times (names in ``lms.sandbox.switches.Fault``)."""
        self.switch(fault=fault, times=str(times))

    def set_option(self, name: str, value: str) -> None:
        """How the platform is set up (names in the sandbox's README); an empty value is the default."""
        self.switch(option=name, value=value)

    def set_quirk(self, name: str, *, on: str = "yes") -> None:
        """One habit more (``yes``), less (``no``), or as the profile has it (``default``)."""
        self.switch(quirk=name, on=on)

    def let_leave(self, person: str) -> None:
        """The person no longer takes part in the course."""
        self.switch(person=person, takes_part="no")

    def let_come_back(self, person: str) -> None:
        """The person takes part again."""
        self.switch(person=person, takes_part="yes")

    def rotate_keys(self) -> None:
        """Sign with a new key from now on."""
        self.switch(rotate="1")

    def clear(self) -> None:
        """Everything as in the beginning; grades and keys stay."""
        self.switch(clear="1")

    def switch(self, **changes: str) -> dict[str, Any]:
        """Change switches as the page does, and read how they stand now."""
        answer = requests.post(f"{self.url}/switches", data=changes, headers={"Accept": "application/json"}, timeout=10)
        answer.raise_for_status()
        stand: dict[str, Any] = answer.json()
        return stand

    def grades(self) -> list[dict[str, Any]]:
        """Everything in the gradebook."""
        return self._listed("/grades.json")

    def deep_linkings(self) -> list[dict[str, Any]]:
        """Every request for content and what came of it."""
        return self._listed("/deep-linking.json")

    def links(self) -> list[dict[str, Any]]:
        """Every activity as it is kept."""
        return self._listed("/links.json")

    def tools(self) -> list[dict[str, Any]]:
        """Every registration as it is kept."""
        return self._listed("/tools.json")

    def notices(self) -> list[dict[str, Any]]:
        """Every notice that was sent and what the tool answered."""
        return self._listed("/notices.json")

    def invite(self) -> dict[str, str]:
        """What the page appends to a tool's registration address."""
        made: dict[str, str] = self._posted("/registration-tokens")
        return made

    def add_client(self, client_id: str, *, deployment: str = "1") -> dict[str, Any]:
        """A second registration of the same tool."""
        made: dict[str, Any] = self._posted("/tools", client_id=client_id, deployment=deployment)
        return made

    def add_deployment(self, deployment: str, *, client_id: str = "bilim-demo") -> None:
        """Deploy a tool once more."""
        self._posted(f"/tools/{client_id}/deployments", deployment=deployment)

    def copy_course(self, context: int = 2) -> dict[str, Any]:
        """Copy a course: ``{"context", "links": [{"from", "slug"}]}``. Handlers of notices are told."""
        made: dict[str, Any] = self._posted(f"/courses/{context}/copy")
        return made

    def _listed(self, path: str) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}{path}", timeout=10)
        answer.raise_for_status()
        rows: list[dict[str, Any]] = answer.json()
        return rows

    def _posted(self, path: str, **fields: str) -> Any:
        answer = requests.post(f"{self.url}{path}", data=fields, headers={"Accept": "application/json"}, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def grade(self, person: str, module: str) -> dict[str, Any] | None:
        """What one person has for one module."""
        found = [row for row in self.grades() if (row["person"], row["module"]) == (person, module)]
        return found[0] if found else None


@contextmanager
def start_sandbox(settings: Settings) -> Iterator[LiveSandbox]:
    """A sandbox on a free port of 127.0.0.1, served from a thread until the end of the block."""
    server, app = _server(settings)
    with answering(server):
        yield LiveSandbox(app, app.extensions["bilim.settings"].sandbox_url)
    with app.app_context():
        store.current().close()


class Visitor:
    """A browser without script, for one person: follows no redirect by itself and sends forms when told."""

    def __init__(self, sandbox_url: str) -> None:
        self.sandbox_url = sandbox_url
        self.session = requests.Session()

    def enter(self, person: str) -> None:
        """Sign in."""
        self.get(f"{self.sandbox_url}/enter?person={person}")

    def open_module(self, person: str, module: str, *, target: str = "iframe") -> Form:
        """Sign in, open a module, and stop where the browser goes to the tool's login address."""
        self.enter(person)
        return self.initiation(self.get(f"{self.sandbox_url}/launch/{module}?target={target}"))

    def open(self, person: str, path: str) -> Form:
        """Sign in, open any address that leads to the tool (``/launch/content/2``), and stop there."""
        self.enter(person)
        return self.initiation(self.get(f"{self.sandbox_url}{path}"))

    def initiation(self, answer: requests.Response) -> Form:
        """The login initiation in an answer of the sandbox: a redirect or a form."""
        if answer.is_redirect:
            url, _question_mark, query = answer.headers["Location"].partition("?")
            return Form("GET", url, dict(parse_qsl(query)))
        return form_in(answer.text)

    def authorize(self, url: str) -> Form:
        """Bring the tool's authentication request to the sandbox; the form it answers with."""
        return form_in(self.get(url).text)

    def send(self, form: Form) -> requests.Response:
        """Send a form as a browser does."""
        if form.method == "GET":
            return self._keeping_cookies(self.session.get(form.url, params=form.fields, **_ONE_STEP))
        return self._keeping_cookies(self.session.post(form.url, data=form.fields, **_ONE_STEP))

    def get(self, url: str) -> requests.Response:
        """Open an address."""
        return self._keeping_cookies(self.session.get(url, **_ONE_STEP))

    def _keeping_cookies(self, answer: requests.Response) -> requests.Response:
        """Browsers send Secure cookies to plain-http loopback too; ``requests`` would not."""
        for cookie in self.session.cookies:
            cookie.secure = False
        return answer


def form_in(page: str) -> Form:
    """The first form of a page with its hidden fields."""
    reader = _FormReader()
    reader.feed(page)
    if reader.form is None:
        raise AssertionError(f"no form in this page: {page}")
    return reader.form


class _FormReader(HTMLParser):
    form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None:
            self.form = Form(values.get("method", "get").upper(), values.get("action", ""))
        if tag == "input" and self.form is not None and values.get("type") == "hidden":
            self.form.fields[values["name"]] = values["value"]


def _server(settings: Settings) -> tuple[Any, Flask]:
    """The port is known only once it is bound, and the issuer holds the port: so the application comes second."""
    server = make_server("127.0.0.1", 0, _not_yet, threaded=True)
    app = create_sandbox(replace(settings, sandbox_url=f"http://127.0.0.1:{server.server_port}"))
    server.app = app
    return server, app


def _not_yet(_environment: Any, _start_response: Any) -> Any:
    raise RuntimeError("the sandbox is not ready")
