"""A browser without script: follows redirects, keeps cookies, fills in forms. The journey is walked with it.

Only the standard library and requests, because the demo's environment has no test tools.
"""

import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

Fields = list[tuple[str, str]]


@dataclass
class Choice:
    """A radio button or a box to tick."""

    name: str
    value: str
    checked: bool
    kind: str


@dataclass
class Form:
    """A form of a page and what stands in it."""

    action: str
    method: str
    values: Fields = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    """Names of the fields that a person types into."""
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, **typed: str) -> Fields:
        """What is sent when these fields are typed and the rest is left as it stands."""
        left = [(name, value) for name, value in self.values if name not in typed]
        ticked = [(choice.name, choice.value) for choice in self.choices if choice.checked and choice.name not in typed]
        return [*left, *ticked, *typed.items()]


@dataclass
class Page:
    """What a browser shows after a request and its redirects."""

    url: str
    status: int
    text: str
    content: bytes
    headers: dict[str, str]
    forms: list[Form]
    links: list[str]
    frames: list[str]

    def form(self, action_part: str = "") -> Form:
        """The first form whose address holds this part."""
        for form in self.forms:
            if action_part in form.action:
                return form
        raise LookupError(f"no form with {action_part!r} on {self.url} ({self.status})")

    def link(self, part: str) -> str:
        """The first link whose address holds this part."""
        for link in self.links:
            if part in link:
                return link
        raise LookupError(f"no link with {part!r} on {self.url} ({self.status})")


class Browser:
    """One person's browser."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def open(self, url: str, *, attempts_seconds: float = 0) -> Page:
        """Open an address; with patience, again until it answers 200."""
        until = time.monotonic() + attempts_seconds
        page = self._visit("GET", url)
        while page.status != 200 and time.monotonic() < until:
            time.sleep(0.3)
            page = self._visit("GET", url)
        return page

    def send(self, form: Form, values: Fields, *, files: dict[str, tuple[str, bytes, str]] | None = None) -> Page:
        """Send a form."""
        if form.method == "get":
            return self._visit("GET", form.action, params=values)
        return self._visit("POST", form.action, data=values, files=files)

    def _visit(self, method: str, url: str, **sent: Any) -> Page:
        response = self._request(method, url, **sent)
        while response.is_redirect:
            response = self._request("GET", urljoin(response.url, response.headers["Location"]))
        return self._page(response)

    def _request(self, method: str, url: str, **sent: Any) -> requests.Response:
        response = self.session.request(method, url, timeout=30, allow_redirects=False, **sent)
        for cookie in self.session.cookies:
            cookie.secure = False  # as browsers do on loopback: a Secure cookie also travels over plain http there
        return response

    def _page(self, response: requests.Response) -> Page:
        is_html = "html" in response.headers.get("Content-Type", "")
        reader = _Reader(response.url)
        if is_html:
            reader.feed(response.text)
        return Page(
            response.url,
            response.status_code,
            response.text if is_html else "",
            response.content,
            dict(response.headers),
            reader.forms,
            reader.links,
            reader.frames,
        )


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.frames: list[str] = []
        self._open: Form | None = None
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "iframe" and given.get("src"):
            self.frames.append(urljoin(self.url, given["src"]))
        elif tag == "form":
            self._open = Form(urljoin(self.url, given.get("action") or self.url), given.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(self._open, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._open is not None and self._textarea is not None:
            self._open.values.append((self._textarea, self._text.lstrip("\n")))
            self._textarea, self._text = None, ""

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given.get("name", "")
        if tag == "button" and name:
            form.buttons.append((name, given.get("value", "")))
        elif tag == "textarea":
            self._textarea = name
            form.typed.append(name)
        elif tag == "input" and kind in ("radio", "checkbox"):
            form.choices.append(Choice(name, given.get("value", "on"), "checked" in given, kind))
        elif tag == "input" and kind == "file":
            form.files.append(name)
        elif tag == "input" and name and kind not in ("submit", "button"):
            form.values.append((name, given.get("value", "")))
            if kind != "hidden":
                form.typed.append(name)
