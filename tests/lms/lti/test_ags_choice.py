"""Which column takes the score: the one of the launch, one that is there, a new one - in this order, and only one."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import clock
from lms.core import keys as signing_keys
from lms.core.db import db, reading, transaction
from lms.core.jobs import TryLater
from lms.core.web import Bilim
from lms.lti import ags, ags_choice
from lms.lti.ags import ScoreTarget
from lms.lti.ags_choice import KeptLineItem
from lms.lti.ags_line_items import LineItemRefused
from lms.lti.models import LaunchSession
from tests.platform import Asked, Platform, Reply

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
REVIEW = {
    "reviewableStatus": ["InProgress", "Submitted", "Completed"],
    "label": "Ишти карап чыгуу",
    "url": "http://localhost:8000/lti/launch",
}
EVERY = [f"{SCOPE}lineitem", f"{SCOPE}lineitem.readonly", f"{SCOPE}score"]


class Gradebook:
    """The columns of one course on a platform that filters as the specification says."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.columns: list[dict[str, Any]] = []
        self.made: list[dict[str, Any]] = []
        self.status = 201
        answer = platform.reply_to
        platform.reply_to = lambda asked: self._reply(asked) or answer(asked)  # type: ignore[method-assign]

    def has(self, number: int, **described: Any) -> str:
        """A column that is there; returns its address."""
        url = f"{self.platform.url}/items/{number}"
        self.columns.append({"id": url, "label": "x", "scoreMaximum": 10, **described})
        return url

    def _reply(self, asked: Asked) -> Reply | None:
        parts = urlsplit(asked.path)
        if parts.path != "/items":
            return None
        self.platform.asked.append(asked)
        if asked.method == "POST":
            return self._make(json.loads(asked.body))
        wanted = {name: values[0] for name, values in parse_qs(parts.query).items()}
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        fitting = [each for each in self.columns if all(each.get(names[name]) == wanted[name] for name in wanted)]
        return Reply(body=json.dumps(fitting).encode())

    def _make(self, described: dict[str, Any]) -> Reply:
        if self.status != 201:
            return Reply(status=self.status)
        self.made.append(described)
        self.has(100 + len(self.made), **described)
        return Reply(status=201, body=json.dumps(self.columns[-1]).encode())


@pytest.fixture
def gradebook(platform: Platform) -> Gradebook:
    with transaction():
        signing_keys.ensure("lti")
    return Gradebook(platform)


def launched(
    platform: Platform, browser: FlaskClient, *, scopes: list[str] = EVERY, lineitem: str | None = None, **changes: Any
) -> ScoreTarget | None:
    """The target of a learner whose launch told of a gradebook."""
    claim = {"scope": scopes, "lineitems": f"{platform.url}/items", **({"lineitem": lineitem} if lineitem else {})}
    platform.launch(browser, **{"ags": claim, **changes})
    with reading():
        launch = db.session.scalars(select(LaunchSession).order_by(LaunchSession.started_at.desc())).first()
        assert launch is not None
        return ags.target_for(launch.resource_link_row_id, launch.person_id)


def settled(target: ScoreTarget | None) -> str | None:
    assert target is not None
    found = ags_choice.settled(target, resource_id="roads", label="Жолдор")
    return found.line_item_url if found else None


def test_the_column_that_the_launch_names_is_taken_unasked(
    client: FlaskClient, platform: Platform, gradebook: Gradebook
) -> None:
    target = launched(platform, client, lineitem="https://lms.example/5")

    assert settled(target) == "https://lms.example/5"
    assert platform.asked_for("/items") == []


def test_the_only_column_of_the_link_is_taken(client: FlaskClient, platform: Platform, gradebook: Gradebook) -> None:
    url = gradebook.has(1, resourceLinkId="link-1")
    gradebook.has(2, resourceLinkId="link-2", resourceId="roads", tag="completion")

    assert settled(launched(platform, client)) == url
    assert gradebook.made == []


def test_among_several_columns_of_the_link_ours_is_taken(
    client: FlaskClient, platform: Platform, gradebook: Gradebook
) -> None:
    gradebook.has(1, resourceLinkId="link-1", tag="originality")
    gradebook.has(2, resourceLinkId="link-1", resourceId="roads")
    url = gradebook.has(3, resourceLinkId="link-1", resourceId="roads", tag="completion")

    assert settled(launched(platform, client)) == url


def test_a_copied_course_keeps_its_column(client: FlaskClient, platform: Platform, gradebook: Gradebook) -> None:
    gradebook.has(1, resourceLinkId="elsewhere", resourceId="roads", tag="completion")
    gradebook.has(2, resourceId="roads", tag="another")
    url = gradebook.has(3, resourceId="roads", tag="completion")

    assert settled(launched(platform, client)) == url
    assert gradebook.made == []


def test_without_any_column_one_is_made_and_kept(client: FlaskClient, platform: Platform, gradebook: Gradebook) -> None:
    target = launched(platform, client)

    first, second = settled(target), settled(target)

    assert first == second == f"{platform.url}/items/101"
    assert gradebook.made == [
        {
            "label": "Public management",
            "scoreMaximum": 100,
            "resourceId": "roads",
            "tag": "completion",
            "resourceLinkId": "link-1",
            "submissionReview": REVIEW,
        }
    ]


def test_a_link_without_a_title_gets_a_column_with_the_module_s(
    client: FlaskClient, platform: Platform, gradebook: Gradebook
) -> None:
    settled(launched(platform, client, resource_link={"id": "link-1"}))

    assert gradebook.made[0]["label"] == "Жолдор"


@pytest.mark.parametrize("scopes", [[f"{SCOPE}lineitem", f"{SCOPE}score"], EVERY])
def test_both_scopes_are_asked_for_where_both_are_allowed(
    client: FlaskClient, platform: Platform, gradebook: Gradebook, scopes: list[str]
) -> None:
    gradebook.has(1, resourceLinkId="link-1")

    settled(launched(platform, client, scopes=scopes))

    form = parse_qs(platform.asked_for("/token")[0].body.decode())
    assert set(form["scope"][0].split()) == set(scopes) - {f"{SCOPE}score"}


def test_where_we_may_only_read_nothing_is_made(client: FlaskClient, platform: Platform, gradebook: Gradebook) -> None:
    target = launched(platform, client, scopes=[f"{SCOPE}lineitem.readonly", f"{SCOPE}score"])

    assert settled(target) is None
    url = gradebook.has(1, resourceLinkId="link-1")
    assert settled(target) == url


def test_where_we_may_not_even_look_there_is_no_column(
    client: FlaskClient, platform: Platform, gradebook: Gradebook
) -> None:
    assert settled(launched(platform, client, scopes=[f"{SCOPE}score"])) is None
    assert platform.asked_for("/items") == []


def test_a_refused_column_is_no_reservation(client: FlaskClient, platform: Platform, gradebook: Gradebook) -> None:
    target = launched(platform, client)
    gradebook.status = 404

    with pytest.raises(LineItemRefused):
        settled(target)

    with reading():
        assert db.session.scalars(select(KeptLineItem)).all() == []
    gradebook.status = 201
    assert settled(target) is not None


def test_eight_workers_make_one_column(
    app: Bilim, client: FlaskClient, platform: Platform, gradebook: Gradebook
) -> None:
    target = launched(platform, client)

    def work(_number: int) -> str:
        with app.app_context():
            try:
                return settled(target) or "none"
            except TryLater as later:
                return later.code

    with ThreadPoolExecutor(8) as workers:
        said = set(workers.map(work, range(8)))

    assert said <= {"line-item-sought", f"{platform.url}/items/101"}
    assert len(gradebook.made) == 1


def test_a_worker_that_died_while_looking_is_replaced_after_two_minutes(
    client: FlaskClient, platform: Platform, gradebook: Gradebook
) -> None:
    target = launched(platform, client)
    assert target is not None
    with clock.frozen(clock.now()):
        with transaction():
            db.session.add(
                KeptLineItem(
                    resource_link_row_id=target.resource_link_row_id, url="", was_made=False, found_at=clock.now()
                )
            )
        with pytest.raises(TryLater):
            settled(target)
        clock.advance(121)

        assert settled(target) is not None


def test_a_column_that_is_forgotten_is_looked_for_again(
    client: FlaskClient, platform: Platform, gradebook: Gradebook
) -> None:
    target = launched(platform, client, lineitem=f"{platform.url}/items/5")
    assert target is not None
    ags_choice.forget(target)

    again = launched_before()

    assert again is not None
    assert settled(again) == f"{platform.url}/items/101"


def launched_before() -> ScoreTarget | None:
    with reading():
        launch = db.session.scalars(select(LaunchSession)).one()
        return ags.target_for(launch.resource_link_row_id, launch.person_id)
