"""A small module to learn from, a platform to come from, and people who do so."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from courses import loading
from courses.models import Enrolment
from lms.core import keys
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti.models import PlatformUser
from tests.platform import MEMBERSHIP, TOOL, Platform, running

CONTENT = Path(__file__).parent / "content"
PRODUCT = Path(__file__).parents[2]
PASSING_ANSWERS = {1: ["a"], 2: ["a", "b"], 3: ["12,5"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the module's folder that a test may spoil."""
    return Path(shutil.copytree(CONTENT / "roads", tmp_path / "content" / "roads"))


@pytest.fixture
def module(app: Bilim) -> str:
    """The slug of a module that is taught: two sections, a test of three questions, a written task."""
    with transaction():
        loading.load(loading.read_all(CONTENT))
    return "roads"


@pytest.fixture
def platform(app: Bilim) -> Iterator[Platform]:
    """A platform that the tool knows."""
    with transaction():
        keys.ensure("lti")
    with running() as made:
        made.register()
        yield made


@dataclass
class Visitor:
    """A person with a browser, launched from a platform."""

    browser: FlaskClient
    sub: str
    prefix: str
    """Path of the launch session."""

    def get(self, path: str) -> TestResponse:
        """A page of the launch."""
        return self.browser.get(self.prefix + path)

    def post(self, path: str, *, follow: bool = False, **fields: Any) -> TestResponse:
        """Send a form of the launch."""
        return self.browser.post(self.prefix + path, data=fields, follow_redirects=follow)

    def save(self, path: str, **fields: Any) -> TestResponse:
        """Save in the background, as the script does."""
        return self.browser.post(self.prefix + path, data=fields, headers={"Accept": "application/json"})

    def read_all(self) -> None:
        """Go through both sections."""
        for number in (1, 2):
            assert self.post(f"/learn/roads/rd1/{number}").status_code == 303

    def take_test(self, answers: dict[int, list[str]] | None = None, attempt: int = 1) -> TestResponse:
        """Begin, answer, finish; returns the page with the result."""
        self.post("/learn/roads/rd1/test")
        for number, given in (PASSING_ANSWERS if answers is None else answers).items():
            self.post(f"/learn/roads/rd1/test/{number}", answer=given)
        return self.post("/learn/roads/rd1/test/finish", follow=True, attempt=attempt)

    def submit_work(self, text: str = "На моей улице пять ям.") -> TestResponse:
        """Write and submit."""
        return self.post("/learn/roads/assignment", text=text, action="submit")


Launching = Callable[..., Visitor]


@pytest.fixture
def launched(app: Bilim, platform: Platform, module: str) -> Launching:
    """Launch a person: ``launched("person-1")``, ``launched("teacher", role="Instructor")``."""
    app.config["WTF_CSRF_ENABLED"] = False

    def _launch(
        sub: str = "person-17", *, role: str = "Learner", target: str = "/learn/roads", **claims: Any
    ) -> Visitor:
        browser = app.test_client()
        answer = platform.launch(
            browser,
            **{
                "sub": sub,
                "roles": [f"{MEMBERSHIP}{role}"],
                "target_link_uri": f"{TOOL}{target}",
                "launch_presentation": {"locale": "en"},
                **claims,
            },
        )
        assert answer.status_code == 303, answer.text
        prefix = re.match(r"(https?://[^/]+)?(/s/[^/]+)", answer.location)
        assert prefix is not None
        return Visitor(browser, sub, prefix[2])

    return _launch


@pytest.fixture
def trainee(launched: Launching) -> Visitor:
    """A trainee who has opened the module."""
    visitor = launched()
    assert visitor.get("/learn/roads").status_code == 200
    return visitor


@pytest.fixture
def teacher(launched: Launching) -> Visitor:
    """An instructor of the same course."""
    return launched("teacher-1", role="Instructor", name="Нурлан Асанов")


def enrolment_of(sub: str) -> Enrolment:
    """The enrolment of a person, by the platform's number."""
    with reading():
        person_id = select(PlatformUser.person_id).filter_by(sub=sub).scalar_subquery()
        return db.session.scalars(select(Enrolment).where(Enrolment.person_id == person_id)).one()


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """The statements that reach the database inside."""
    statements: list[str] = []

    def _note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SET ")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", _note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", _note)
