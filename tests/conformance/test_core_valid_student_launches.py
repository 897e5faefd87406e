"""1EdTech LTI Advantage certification: launches of a student that a tool must accept."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core.db import db, reading
from lms.lti.models import LaunchSession
from lms.people.models import PersonName
from tests.conformance.conftest import Suite

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"


def opened(browser: FlaskClient, answer: Any) -> LaunchSession:
    """The session of a launch whose page really opens."""
    assert answer.status_code == 303, answer.text
    assert browser.get(answer.location).status_code == 200
    with reading():
        return db.session.scalars(select(LaunchSession)).one()


def names() -> list[str]:
    """What was learnt of the person's name."""
    with reading():
        return list(db.session.scalars(select(PersonName.text)))


class TestValidStudentLaunches:
    """LTI Advantage Conformance Certification Guide 1.3, 6.1.3, "Valid student launches".

    https://www.imsglobal.org/spec/lti/v1p3/cert#valid-student-launches
    """

    def test_valid_launch(self, client: FlaskClient, suite: Suite) -> None:
        """Suite: Launch LTI 1.3 Message as Student."""
        launch = opened(client, suite.launch_as_student(client))

        assert launch.roles == {"learner"}
        assert names() == ["Ada Lovelace"]

    def test_launch_with_multiple_roles(self, client: FlaskClient, suite: Suite) -> None:
        """Several roles, of the context and of the institution."""
        launch = opened(
            client,
            suite.launch_as_student(
                client, roles=[f"{MEMBERSHIP}Learner", f"{INSTITUTION}Student", f"{MEMBERSHIP}Mentor"]
            ),
        )

        assert launch.roles == {"learner", "mentor"}

    def test_launch_with_short_role(self, client: FlaskClient, suite: Suite) -> None:
        """A short name instead of a URI."""
        launch = opened(client, suite.launch_as_student(client, roles=["Learner"]))

        assert launch.roles == {"learner"}

    def test_launch_with_unknown_role(self, client: FlaskClient, suite: Suite) -> None:
        """A role that is in no vocabulary."""
        launch = opened(
            client,
            suite.launch_as_student(
                client,
                roles=[f"{MEMBERSHIP}Learner", "http://purl.imsglobal.org/vocab/lis/v2/uknownrole/unknown#Unknown"],
            ),
        )

        assert launch.roles == {"learner"}

    def test_launch_with_no_role(self, client: FlaskClient, suite: Suite) -> None:
        """The roles claim holds one empty text: least rights."""
        launch = opened(client, suite.launch_as_student(client, roles=[""]))

        assert launch.roles == {"learner"}

    def test_launch_with_email_only(self, client: FlaskClient, suite: Suite) -> None:
        """No names, only an e-mail address."""
        launch = opened(client, suite.launch_as_student(client, name=None, given_name=None, family_name=None))

        assert launch.person_id
        assert names() == []

    def test_launch_with_names_only(self, client: FlaskClient, suite: Suite) -> None:
        """No e-mail address."""
        opened(client, suite.launch_as_student(client, email=None))

        assert names() == ["Ada Lovelace"]

    def test_launch_with_no_personal_information(self, client: FlaskClient, suite: Suite) -> None:
        """Neither names nor e-mail address."""
        launch = opened(
            client, suite.launch_as_student(client, name=None, given_name=None, family_name=None, email=None)
        )

        assert launch.person_id
        assert names() == []

    def test_launch_with_email_without_context(self, client: FlaskClient, suite: Suite) -> None:
        """An e-mail address, but no context claim."""
        launch = opened(
            client, suite.launch_as_student(client, name=None, given_name=None, family_name=None, context=None)
        )

        assert launch.context is None

    def test_launch_with_only_a_resource_link(self, client: FlaskClient, suite: Suite) -> None:
        """Nothing but what is required. Suite: Launch Student Only Resource Link."""
        answer = suite.launch_as_student(
            client,
            context=None,
            name=None,
            given_name=None,
            family_name=None,
            email=None,
            launch_presentation=None,
            tool_platform=None,
            ags=None,
            resource_link={"id": "9"},
        )

        assert opened(client, answer).resource_link.resource_link_id == "9"
