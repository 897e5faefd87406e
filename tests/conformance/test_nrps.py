"""1EdTech LTI Advantage certification: the list of a course's people, asked for as the suite verifies it."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import jobs, keys
from lms.core.db import db, reading, transaction
from lms.lti import nrps_update
from lms.lti.models import Context, LaunchSession
from tests.conformance.conftest import Suite
from tests.platform import Asked, Reply

CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
ADA = {
    "status": "Active",
    "context_id": "6",
    "name": "Ada Lovelace",
    "user_id": "40899",
    "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
}


@pytest.fixture
def asked(client: FlaskClient, suite: Suite) -> Asked:
    """The request that the suite received after its launch."""
    with transaction():
        keys.ensure("lti")
    body: dict[str, Any] = {"id": "https://suite.example/nrps", "context": {"id": "6"}, "members": [ADA]}
    suite.replies["/nrps"] = [Reply(body=json.dumps(body).encode(), headers={"Content-Type": CONTAINER})]
    claim = {"context_memberships_url": f"{suite.url}/nrps", "service_versions": ["2.0"]}
    assert suite.launch_as_instructor(client, **{CLAIM: claim}).status_code == 303
    with transaction():
        nrps_update.ask(db.session.scalars(select(Context.id)).one())
    jobs.run_due()
    (received,) = suite.asked_for("/nrps")
    return received


class TestNamesAndRoles:
    """LTI Advantage Conformance Certification Guide 1.3, 6.3, "Names and Role Provisioning Services Testing".

    https://www.imsglobal.org/spec/lti/v1p3/cert#names-and-role-provisioning-services-testing-0
    """

    @pytest.mark.usefixtures("asked")
    def test_valid_instructor_launch(self) -> None:
        """Suite: Launch LTI 1.3 Message as Instructor - will have NRPS claim."""
        with reading():
            assert db.session.scalars(select(LaunchSession)).one().is_instructor

    def test_received_request(self, asked: Asked) -> None:
        """Suite: Names and Roles - Test Verifies that a NRPS request has been received."""
        assert asked.method == "GET"
        assert asked.path == "/nrps?limit=500"

    def test_verify_json_header(self, asked: Asked) -> None:
        """Suite: Names and Roles - Verify Request Header Required Parameters."""
        assert asked.headers["Accept"] == CONTAINER

    def test_verify_bearer_token(self, asked: Asked, suite: Suite) -> None:
        """Suite: Names and Roles - Verify OAuth2 Token."""
        kind, _space, token = asked.headers["Authorization"].partition(" ")

        assert kind == "Bearer"
        assert token.startswith("token-")
        form = parse_qs(suite.asked_for("/token")[0].body.decode())
        assert form["grant_type"] == ["client_credentials"]
        assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
        with reading():
            published = {key["kid"]: key for key in keys.published("lti")}
        kid = jwt.get_unverified_header(form["client_assertion"][0])["kid"]
        claims = jwt.decode(
            form["client_assertion"][0],
            jwt.PyJWK(published[kid]),
            algorithms=["RS256"],
            audience=f"{suite.url}/token",
        )
        assert (claims["iss"], claims["sub"]) == ("imstester_3dfad6d", "imstester_3dfad6d")

    @pytest.mark.usefixtures("asked")
    def test_verify_bearer_scope(self, suite: Suite) -> None:
        """Suite: Names and Roles - Verify OAuth2 Scopes."""
        form = parse_qs(suite.asked_for("/token")[0].body.decode())

        assert form["scope"] == [SCOPE]
        header = form["client_assertion"][0].split(".")[0]
        assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "RS256"
