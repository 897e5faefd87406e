"""How many statements a click sends to the database: the same clicks, answered within this process, on the same database."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from lms.core.db import db
from tests.bench import visitors
from tests.bench.sites import UNFINISHED, Site
from tests.bench.visitors import Answered, Visitor


class InProcess:
    """A way to the application without a network."""

    def __init__(self, site: Site) -> None:
        self._client: FlaskClient = site.app.test_client(use_cookies=False)
        self._base = site.cluster.tool

    def ask(self, method: str, path: str, *, body: str, headers: dict[str, str]) -> Answered:
        """One request."""
        answer = self._client.open(path, method=method, data=body, headers=headers, base_url=self._base)
        return Answered(
            answer.status_code, answer.headers.get("Location", ""), answer.headers.getlist("Set-Cookie"), answer.text
        )


def queries_of(site: Site) -> dict[str, float]:
    """Statements of each kind of click, without those that begin and end a transaction; of somebody who is known."""
    learner = Visitor(InProcess(site))
    number = site.people + UNFINISHED - 1

    def launch() -> None:
        visitors.launch(learner, site.platform, number, "link-1")

    launch()
    visitors.begin_test(learner)
    clicks: dict[str, Callable[[], None]] = {
        "launch": launch,
        "lesson": lambda: visitors.lesson(learner),
        "answer": lambda: visitors.answer(learner),
        "completion": lambda: visitors.complete(learner.asker, site.platform, next(site.unfinished), site.token),
        "verification": lambda: visitors.verify(learner.asker, 1),
    }
    return {kind: _second(site, click) for kind, click in clicks.items()}


def _second(site: Site, click: Callable[[], None]) -> float:
    """The second time: what is kept by the process is there then."""
    click()
    return counted(site, click)


def counted(site: Site, click: Callable[[], None]) -> int:
    """Statements that this click sent."""
    sent: list[str] = []

    def _note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", _note)
    click()
    event.remove(engine, "before_cursor_execute", _note)
    return len(sent)
