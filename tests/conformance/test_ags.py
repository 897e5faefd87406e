"""1EdTech LTI Advantage certification: line items, scores and results, each with its header, token and scope.

The present suite prescribes the launch alone and leaves the rest to the tool; its earlier form listed a verification of
each call. Both are here.
"""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import keys
from lms.core.db import db, reading, transaction
from lms.lti import ags, ags_choice, ags_results
from lms.lti.access import Access
from lms.lti.ags import Score
from lms.lti.models import LaunchSession, Registration
from tests.conformance.conftest import Suite
from tests.platform import AGS, Asked, Reply

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"


@pytest.fixture
def suite_with_gradebook(client: FlaskClient, suite: Suite) -> Suite:
    """After a launch of the suite's student, a line item that the tool made, a score and a look at the results."""
    with transaction():
        keys.ensure("lti")
    made = {"id": f"{suite.url}/lineitems/1", "label": "Introduction Assignment", "scoreMaximum": 100}
    suite.replies["/lineitems"] = [
        Reply(body=b"[]"),
        Reply(body=b"[]"),
        Reply(status=201, body=json.dumps(made).encode()),
    ]
    suite.replies["/lineitems/1/results"] = [Reply(body=b"[]")]
    claim = {
        "scope": [f"{SCOPE}lineitem", f"{SCOPE}result.readonly", f"{SCOPE}score"],
        "lineitems": f"{suite.url}/lineitems",
    }
    assert suite.launch_as_student(client, **{"ags": None, AGS: claim}).status_code == 303
    with reading():
        launch = db.session.scalars(select(LaunchSession)).one()
        access = Access(db.session.scalars(select(Registration)).one(), suite.deployment_id)
        target = ags.target_for(launch.resource_link_row_id, launch.person_id)
    assert target is not None
    settled = ags_choice.settled(target, resource_id="public-management", label="Public management")
    assert settled is not None
    ags.publish_score(settled, _score())
    assert list(ags_results.of(access, str(settled.line_item_url))) == []
    return suite


def _score() -> Score:
    return Score(
        score_given=83,
        score_maximum=100,
        activity_progress="Completed",
        grading_progress="FullyGraded",
        timestamp=datetime(2026, 11, 21, 12, 0, 0, 736_000, tzinfo=UTC),
    )


def asked(suite: Suite, method: str, path: str) -> Asked:
    """The first request of this kind."""
    return next(each for each in suite.asked_for(path) if each.method == method)


def scope_of(suite: Suite, request: Asked) -> set[str]:
    """What the token of a request was asked for: tokens are asked for in the order in which they are first used."""
    used = list(dict.fromkeys(each.headers["Authorization"] for each in suite.asked if "Authorization" in each.headers))
    form = parse_qs(suite.asked_for("/token")[used.index(request.headers["Authorization"])].body.decode())
    return set(form["scope"][0].split())


class TestAssignmentAndGrades:
    """LTI Advantage Conformance Certification Guide 1.3, 6.4, "Assignment and Grade Services Testing".

    https://www.imsglobal.org/spec/lti/v1p3/cert#assignment-and-grade-services-testing-0
    """

    @pytest.mark.usefixtures("suite_with_gradebook")
    def test_valid_student_launch(self) -> None:
        """Suite: Launch LTI 1.3 Message as Student - will have AGS claim for the necessary lineitems URL."""
        with reading():
            assert db.session.scalars(select(LaunchSession)).one().roles == {"learner"}

    def test_line_items_get(self, suite_with_gradebook: Suite) -> None:
        """Received, with header, token and scope."""
        request = asked(suite_with_gradebook, "GET", "/lineitems")

        assert request.path == "/lineitems?resource_link_id=9"
        assert request.headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"
        assert request.headers["Authorization"].startswith("Bearer token-")
        assert scope_of(suite_with_gradebook, request) == {f"{SCOPE}lineitem"}

    def test_line_item_post(self, suite_with_gradebook: Suite) -> None:
        """Received, with header, token and scope."""
        request = asked(suite_with_gradebook, "POST", "/lineitems")

        assert request.headers["Content-Type"] == LINE_ITEM
        assert request.headers["Accept"] == LINE_ITEM
        assert scope_of(suite_with_gradebook, request) == {f"{SCOPE}lineitem"}
        described: dict[str, Any] = json.loads(request.body)
        assert described.pop("submissionReview")["url"] == "http://localhost:8000/lti/launch"
        assert described == {
            "label": "Introduction Assignment",
            "scoreMaximum": 100,
            "resourceId": "public-management",
            "tag": "completion",
            "resourceLinkId": "9",
        }

    def test_score_post(self, suite_with_gradebook: Suite) -> None:
        """Received, with header, token and scope."""
        request = asked(suite_with_gradebook, "POST", "/lineitems/1/scores")

        assert request.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
        assert scope_of(suite_with_gradebook, request) == {f"{SCOPE}score"}
        assert json.loads(request.body) == {
            "userId": "40899",
            "scoreGiven": 83,
            "scoreMaximum": 100,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-11-21T12:00:00.736+00:00",
        }

    def test_results_get(self, suite_with_gradebook: Suite) -> None:
        """Received, with header, token and scope."""
        request = asked(suite_with_gradebook, "GET", "/lineitems/1/results")

        assert request.headers["Accept"] == "application/vnd.ims.lis.v2.resultcontainer+json"
        assert scope_of(suite_with_gradebook, request) == {f"{SCOPE}result.readonly"}
