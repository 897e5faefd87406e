"""How somebody comes to a page in a real browser without a platform's pages before it: the launch is made by a client."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from lms.core.web import Bilim
from tests.answering import answering
from tests.journeys.people import PHONE
from tests.platform import MEMBERSHIP, TOOL, Platform

NAMES = {"Instructor": "Нурлан Асанов", "Learner": "Айгүл Өмүрбекова"}


@contextmanager
def served(app: Bilim, port: int = 0) -> Iterator[str]:
    """The address of the application in front of real browsers; on any port that is free, if none is named."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    with answering(server):
        yield f"http://localhost:{server.port}"


@dataclass
class Arrivals:
    """People of one course, each with a browser of their own."""

    app: Bilim
    platform: Platform
    browser: Browser
    address: str
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(
        self,
        path: str,
        *,
        role: str = "Learner",
        sub: str = "",
        size: dict[str, int] = PHONE,
        language: str = "ky",
        javascript: bool = True,
    ) -> Page:
        """A page below ``/learn/MODULE`` or ``/teach/MODULE``, after a launch."""
        client, prefix = self.launched(path.split("/")[2], role=role, sub=sub, language=language)
        cookie = client.get_cookie("__Host-bilim")
        assert cookie
        context = self.browser.new_context(viewport=size, locale=language, java_script_enabled=javascript)  # type: ignore[arg-type]
        self.contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": "https://localhost", "secure": True}])
        page = context.new_page()
        page.goto(f"{self.address}{prefix}{path}")
        return page

    def launched(
        self, slug: str, *, role: str = "Learner", sub: str = "", language: str = "ky"
    ) -> tuple[FlaskClient, str]:
        """A client that came from the platform, and the path of its launch."""
        client = self.app.test_client()
        answer = self.platform.launch(
            client,
            sub=sub or role.lower(),
            name=NAMES[role],
            roles=[f"{MEMBERSHIP}{role}"],
            target_link_uri=f"{TOOL}/learn/{slug}",
            launch_presentation={"locale": language},
        )
        prefix = re.search(r"/s/[^/]+", answer.location or "")
        assert prefix, answer.text
        return client, prefix[0]

    def leave(self) -> None:
        """Close all windows."""
        for context in self.contexts:
            context.close()
