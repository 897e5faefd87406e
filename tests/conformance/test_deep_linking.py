"""1EdTech LTI Advantage certification: deep linking."""

import re
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from courses import loading
from lms.core import keys
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.lti.models import LaunchSession
from tests.conformance.conftest import Suite
from tests.platform import CLAIM

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
MODULES = Path(__file__).parents[1] / "courses" / "content"
RETURN_URL = "https://ltiadvantagevalidator.imsglobal.org/ltiplatform/deeplinkresponse.html?t=a%2Bb&x"
SETTINGS = {
    "deep_link_return_url": RETURN_URL,
    "accept_types": ["link", "file", "html", "ltiResourceLink"],
    "accept_media_types": "image/:::asterisk:::,text/html",
    "accept_presentation_document_targets": ["iframe", "window", "embed"],
    "accept_multiple": True,
    "auto_create": True,
    "title": "This is the default title",
    "text": "This is the default text",
    "data": "909708",
}


@pytest.fixture
def ready(app: Bilim) -> None:
    """A module is there to choose, and a key to sign with."""
    app.config["WTF_CSRF_ENABLED"] = False
    with transaction():
        keys.ensure("lti")
        loading.load(loading.read_all(MODULES))


def request_content(suite: Suite, browser: FlaskClient, **changes: Any) -> Any:
    """Suite: Deep Linking - Send Deep Linking Request Payload. Neither ``target_link_uri`` nor a resource link."""
    return suite.launch_as_instructor(
        browser,
        **{
            "message_type": "LtiDeepLinkingRequest",
            "target_link_uri": None,
            "resource_link": None,
            "ags": None,
            "launch_presentation": None,
            f"{DL}deep_linking_settings": SETTINGS,
            **changes,
        },
    )


def choose(browser: FlaskClient, page: str, *choices: str, **fields: str) -> Any:
    """Send the form of the page."""
    return browser.post(page, data={"choice": list(choices), "points": "100", **fields})


def sent_back(browser: FlaskClient, page: str) -> tuple[str, str]:
    """Address and token of the form that goes back."""
    address = re.search(r'method="post" action="([^"]+)"', page)
    token = re.search(r'name="JWT" value="([^"]+)"', page)
    assert address is not None, page
    assert token is not None, page
    return address[1].replace("&amp;", "&"), token[1]


def verified(browser: FlaskClient, suite: Suite, token: str) -> dict[str, Any]:
    """The claims, if the token is signed by a key that we publish, for the suite and for nobody else."""
    kid = jwt.get_unverified_header(token)["kid"]
    published = {key["kid"]: key for key in browser.get("/lti/jwks.json").get_json()["keys"]}
    key = jwt.PyJWK(published[kid]).key
    return jwt.decode(token, key, algorithms=["RS256"], audience=suite.issuer, issuer=suite.client_id)


@pytest.mark.usefixtures("ready")
class TestDeepLinking:
    """LTI Advantage Conformance Certification Guide 1.3, 6.2, "Deep linking".

    https://www.imsglobal.org/spec/lti/v1p3/cert#deep-linking
    """

    def _answered(self, client: FlaskClient, suite: Suite, *choices: str, **fields: str) -> dict[str, Any]:
        page = request_content(suite, client).location
        _, token = sent_back(client, choose(client, page, *choices, **fields).text)
        return verified(client, suite, token)

    def test_deep_linking_request_payload_sent(self, client: FlaskClient, suite: Suite) -> None:
        """The default page opens although the request names no target."""
        answer = request_content(suite, client)

        assert answer.status_code == 303, answer.text
        page = client.get(answer.location)
        assert page.status_code == 200
        assert 'value="roads/rd1"' in page.text
        assert "error-summary" not in page.text

    def test_deep_linking_response_payload_received(self, client: FlaskClient, suite: Suite) -> None:
        """One field, called JWT, posted to exactly the address that was sent."""
        page = request_content(suite, client).location

        address, token = sent_back(client, choose(client, page, "roads").text)

        assert address == RETURN_URL
        assert token.count(".") == 2

    def test_deep_linking_response_format_is_valid(self, client: FlaskClient, suite: Suite) -> None:
        """A JWT by RS256 with the id of a published key."""
        page = request_content(suite, client).location
        _, token = sent_back(client, choose(client, page, "roads").text)

        header = jwt.get_unverified_header(token)

        assert (header["alg"], header["typ"]) == ("RS256", "JWT")
        assert header["kid"] in {key["kid"] for key in client.get("/lti/jwks.json").get_json()["keys"]}

    def test_deep_linking_response_timestamps_are_valid(self, client: FlaskClient, suite: Suite) -> None:
        """Issued now, and good for five minutes."""
        claims = self._answered(client, suite, "roads")

        assert abs(claims["iat"] - time.time()) < 10
        assert claims["exp"] - claims["iat"] == 300

    def test_deep_linking_response_signature_is_valid(self, client: FlaskClient, suite: Suite) -> None:
        """By our key: another text is refused."""
        page = request_content(suite, client).location
        _, token = sent_back(client, choose(client, page, "roads").text)
        head, body, signature = token.split(".")

        assert verified(client, suite, token)["iss"] == "imstester_3dfad6d"
        with pytest.raises(jwt.InvalidSignatureError):
            verified(client, suite, f"{head}.{body[:-2]}AA.{signature}")

    def test_deep_linking_response_has_required_claims(self, client: FlaskClient, suite: Suite) -> None:
        """Deep linking 2.0, 4.5."""
        claims = self._answered(client, suite, "roads")

        assert claims["iss"] == "imstester_3dfad6d"
        assert claims["aud"] == "https://ltiadvantagevalidator.imsglobal.org"
        assert claims[f"{CLAIM}deployment_id"] == "testdeploy"
        assert claims[f"{CLAIM}message_type"] == "LtiDeepLinkingResponse"
        assert claims[f"{CLAIM}version"] == "1.3.0"
        assert len(claims["nonce"]) >= 22

    def test_affirm_deep_linking_response_values(self, client: FlaskClient, suite: Suite) -> None:
        """``data`` comes back as it was sent, and the items are what was chosen."""
        claims = self._answered(client, suite, "roads", "roads/rd1", points="20", released="yes")

        assert claims[f"{DL}data"] == "909708"
        module, unit = claims[f"{DL}content_items"]
        assert module["type"] == "ltiResourceLink"
        assert module["url"] == "http://localhost:8000/learn/roads"
        assert module["custom"] == {
            "module": "roads",
            "link_history": "$ResourceLink.id.history",
            "context_history": "$Context.id.history",
            "submission_end": "$ResourceLink.submission.endDateTime",
            "own_submission_end": "$ResourceLink.submission.user.endDateTime",
        }
        assert unit["url"] == "http://localhost:8000/learn/roads/rd1"
        assert unit["custom"]["part"] == "rd1"
        assert unit["lineItem"] == {
            "scoreMaximum": 20,
            "label": unit["title"],
            "resourceId": "roads/rd1",
            "tag": "completion",
            "gradesReleased": True,
            "submissionReview": {
                "reviewableStatus": ["InProgress", "Submitted", "Completed"],
                "label": unit["lineItem"]["submissionReview"]["label"],
                "url": "http://localhost:8000/lti/launch",
            },
        }

    def test_core_launch_of_the_passed_link(self, client: FlaskClient, suite: Suite) -> None:
        """The link that was made opens what was chosen."""
        (unit,) = self._answered(client, suite, "roads/rd1")[f"{DL}content_items"]

        student = client.application.test_client()
        answer = suite.launch_as_student(student, target_link_uri=unit["url"], custom=unit["custom"])
        page = student.get(answer.location, follow_redirects=True)

        assert page.status_code == 200
        assert page.request.path.endswith("/learn/roads/rd1/1")
        with reading():
            newest = db.session.scalars(db.select(LaunchSession).order_by(LaunchSession.started_at.desc())).first()
            assert newest is not None
            assert (newest.resource_link.module_slug, newest.resource_link.part) == ("roads", "rd1")


@pytest.mark.usefixtures("ready")
class TestRefusals:
    """Beyond the suite: what is refused, and that it always leads back."""

    def test_a_student_is_sent_back_with_the_reason(self, client: FlaskClient, suite: Suite) -> None:
        page = request_content(
            suite, client, roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
        ).location

        for answer in (client.get(page), choose(client, page, "roads")):
            assert answer.status_code == 403
            address, token = sent_back(client, answer.text)
            claims = verified(client, suite, token)
            assert address == RETURN_URL
            assert claims[f"{DL}content_items"] == []
            assert claims[f"{DL}errormsg"]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"deep_link_return_url": "javascript:alert(1)"}, "return-address-missing"),
            ({"deep_link_return_url": None}, "return-address-missing"),
            ({"accept_types": "ltiResourceLink"}, "accept-types-missing"),
        ],
    )
    def test_incomplete_settings_are_refused(
        self, client: FlaskClient, suite: Suite, changes: dict[str, Any], code: str
    ) -> None:
        answer = request_content(suite, client, **{f"{DL}deep_linking_settings": {**SETTINGS, **changes}})

        assert (answer.status_code, code in answer.text) == (400, True)

    def test_data_that_was_not_sent_does_not_come_back(self, client: FlaskClient, suite: Suite) -> None:
        settings = {name: value for name, value in SETTINGS.items() if name != "data"}
        page = request_content(suite, client, **{f"{DL}deep_linking_settings": settings}).location

        _, token = sent_back(client, choose(client, page, "roads").text)

        assert f"{DL}data" not in verified(client, suite, token)

    def test_the_form_may_be_sent_to_the_platform_and_to_nobody_else(self, client: FlaskClient, suite: Suite) -> None:
        page = request_content(suite, client).location

        policy = choose(client, page, "roads").headers["Content-Security-Policy"]

        (directive,) = [part for part in policy.split("; ") if part.startswith("form-action")]
        assert "https://ltiadvantagevalidator.imsglobal.org" in directive.split()
        assert "*" not in directive

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"points": "0"}, "points"),
            ({"points": "nan"}, "points"),
            ({"available_from": "tomorrow"}, "available_from"),
            ({"submission_from": "2026-12-02T09:00", "submission_until": "2026-12-01T09:00"}, "submission_until"),
        ],
    )
    def test_what_cannot_be_meant_is_asked_again(
        self, client: FlaskClient, suite: Suite, fields: dict[str, str], field: str
    ) -> None:
        page = request_content(suite, client).location

        answer = choose(client, page, "roads", **fields)

        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text

    def test_a_launch_to_choose_content_opens_no_module(self, client: FlaskClient, suite: Suite) -> None:
        session = request_content(suite, client).location.removesuffix("/choose/")

        for path in ("/learn/roads", "/teach/roads", "/review/", "/privacy/"):
            assert client.get(session + path).status_code == 403
