"""1EdTech LTI Advantage certification: launches that a tool must refuse."""

from typing import Any

import jwt
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.core.db import db, reading
from lms.lti.models import LaunchSession
from tests.conformance.conftest import Suite
from tests.platform import rsa_key


def refused(answer: Any, code: str) -> bool:
    """Refused with this code, and nothing was opened."""
    with reading():
        sessions = db.session.scalar(select(func.count()).select_from(LaunchSession))
    return answer.status_code in (400, 401, 403) and f">{code}<" in answer.text and sessions == 0


class TestKnownBadPayloads:
    """LTI Advantage Conformance Certification Guide 1.3, 6.1.1, "Known bad payloads".

    https://www.imsglobal.org/spec/lti/v1p3/cert#known-bad-payloads
    """

    def test_no_kid_sent_in_jwt_header(self, client: FlaskClient, suite: Suite) -> None:
        """The KID is missing from the header of the JWT. Suite: Correct KID Required in Header."""
        question = suite.log_in(client)
        token = suite.token(suite.claims(question), header={"kid": None, "badtestonly": "12345"})

        assert refused(suite.send(client, question, token), "key-id-missing")

    def test_incorrect_kid_in_jwt_header(self, client: FlaskClient, suite: Suite) -> None:
        """The KID passed from the platform is not of its key set. Suite: Incorrect KID passed in JWT Header."""
        question = suite.log_in(client)
        token = suite.token(suite.claims(question), header={"kid": "imstester_66067"})

        assert refused(suite.send(client, question, token), "key-unknown")

    def test_wrong_lti_version(self, client: FlaskClient, suite: Suite) -> None:
        """The LTI version claim contains the wrong version. Suite: LTI version passed is not 1.3."""
        assert refused(suite.launch_as_instructor(client, version="11.3"), "version-wrong")

    def test_no_lti_version(self, client: FlaskClient, suite: Suite) -> None:
        """The LTI version is missing. Suite: No LTI Version Passed in JWT."""
        assert refused(suite.launch_as_instructor(client, version=None), "version-wrong")

    def test_invalid_lti_message(self, client: FlaskClient, suite: Suite) -> None:
        """The JWT is no LTI 1.3 launch at all. Suite: JWT Passed is Not LTI 1.3 JWT."""
        question = suite.log_in(client)
        token = jwt.encode({"name": "badltilaunch"}, rsa_key(), algorithm="RS256")

        assert refused(suite.send(client, question, token), "key-id-missing")

    def test_missing_lti_claims(self, client: FlaskClient, suite: Suite) -> None:
        """Required claims are missing. Suite: One or more JWT fields missing."""
        answer = suite.launch_as_instructor(client, version=None, message_type=None, roles=None)

        assert refused(answer, "version-wrong")

    def test_timestamps_incorrect(self, client: FlaskClient, suite: Suite) -> None:
        """The JWT's exp and iat are long over. Suite: Exp and Iat Fields invalid."""
        assert refused(suite.launch_as_instructor(client, exp=22222, iat=11111), "expired")

    def test_message_type_claim_missing(self, client: FlaskClient, suite: Suite) -> None:
        """The message_type claim is missing. Suite: message_type Claim Missing."""
        assert refused(suite.launch_as_instructor(client, message_type=None), "message-type-unknown")

    def test_role_claim_missing(self, client: FlaskClient, suite: Suite) -> None:
        """The roles claim is missing, which is not the same as empty. Suite: role Claim Missing."""
        assert refused(suite.launch_as_instructor(client, roles=None), "roles-missing")

    def test_deployment_id_claim_missing(self, client: FlaskClient, suite: Suite) -> None:
        """The deployment_id claim is missing. Suite: deployment_id Claim Missing."""
        assert refused(suite.launch_as_instructor(client, deployment_id=None), "deployment-missing")

    def test_resource_link_id_claim_missing(self, client: FlaskClient, suite: Suite) -> None:
        """The resource_link claim is missing. Suite: Launch With Missing resource_link_id."""
        assert refused(suite.launch_as_instructor(client, resource_link=None), "resource-link-missing")

    def test_user_claim_missing(self, client: FlaskClient, suite: Suite) -> None:
        """The sub claim is an empty text. Suite: user Claim Missing."""
        assert refused(suite.launch_as_instructor(client, sub=""), "subject-missing")
