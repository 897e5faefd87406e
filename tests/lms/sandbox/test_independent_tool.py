"""Another implementation as the tool: pylti1p3, over real sockets.

Our tool and our sandbox come from one house and could share a misreading of the specification; pylti1p3 does not.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask, jsonify
from pylti1p3.contrib.flask.message_launch import FlaskMessageLaunch
from pylti1p3.contrib.flask.oidc_login import FlaskOIDCLogin
from pylti1p3.contrib.flask.request import FlaskRequest
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem
from pylti1p3.tool_config.dict import ToolConfDict
from werkzeug.serving import make_server

from lms.core.settings import Settings
from tests.answering import answering
from tests.lms.sandbox.live import Form, LiveSandbox, Visitor, start_sandbox

TIMESTAMPS = ("2026-11-20T10:00:00.000+00:00", "2026-11-20T10:00:05.000+00:00")


class IndependentTool:
    """A minimal tool as pylti1p3's documentation builds it."""

    def __init__(self) -> None:
        self.configuration: ToolConfDict = ToolConfDict({})
        self.app = self._application()
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.url = f"http://localhost:{self.server.server_port}"
        self.action: Any = lambda launch: launch.get_launch_data()

    def register(self, sandbox: LiveSandbox, *, audience: str | None = None) -> None:
        """Enter the platform by what its administrator is told."""
        known = sandbox.registration
        self.configuration = ToolConfDict(
            {
                known["issuer"]: {
                    "client_id": known["client_id"],
                    "auth_login_url": known["auth_url"],
                    "auth_token_url": known["token_url"],
                    "auth_audience": audience,
                    "key_set_url": known["jwks_url"],
                    "key_set": None,
                    "deployment_ids": [known["deployment_id"]],
                }
            }
        )
        private, public = _pem_pair()
        self.configuration.set_private_key(known["issuer"], private)
        self.configuration.set_public_key(known["issuer"], public)

    def _application(self) -> Flask:
        app = Flask("independent_tool")
        app.secret_key = "independent"

        @app.route("/lti/login", methods=["GET", "POST"])
        def login() -> Any:
            return _untyped(FlaskOIDCLogin)(_untyped(FlaskRequest)(), self.configuration).redirect(
                f"{self.url}/lti/launch"
            )

        @app.post("/lti/launch")
        def launch() -> Any:
            try:
                made = _untyped(FlaskMessageLaunch)(_untyped(FlaskRequest)(), self.configuration)
                return jsonify(self.action(made.validate()))
            except LtiServiceException as error:
                return jsonify({"service": error.response.status_code})
            except LtiException as error:
                return jsonify({"refused": str(error)}), 400

        @app.get("/lti/jwks.json")
        def keys() -> Any:
            return jsonify(self.configuration.get_jwks())

        return app


def _untyped(made: Any) -> Any:
    """pylti1p3's Flask part has no types."""
    return made


def _pem_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture(params=["strict", "moodle"])
def sides(request: pytest.FixtureRequest, settings: Settings) -> Iterator[tuple[LiveSandbox, IndependentTool]]:
    """The sandbox in each profile, and the tool that is registered in it."""
    tool = IndependentTool()
    with answering(tool.server), start_sandbox(replace(settings, public_url=tool.url)) as sandbox:
        tool.register(sandbox)
        sandbox.choose_profile(request.param)
        yield sandbox, tool


@pytest.fixture(params=["canvas", "openedx", "blackboard", "d2l"])
def other_sides(request: pytest.FixtureRequest, settings: Settings) -> Iterator[tuple[LiveSandbox, IndependentTool]]:
    """The same in the profiles that pylti1p3 meets in the field."""
    tool = IndependentTool()
    audience = "https://api.brightspace.com/auth/token" if request.param == "d2l" else None
    with answering(tool.server), start_sandbox(replace(settings, public_url=tool.url)) as sandbox:
        tool.register(sandbox, audience=audience)
        sandbox.choose_profile(request.param)
        yield sandbox, tool


def launch(sandbox: LiveSandbox, person: str = "trainee-1") -> Any:
    """Walk through the whole launch as a browser; what the tool answers at the end."""
    return opened(sandbox, "/launch/e-government", person)


def opened(sandbox: LiveSandbox, path: str, person: str) -> Any:
    """The same for any address that leads to the tool."""
    visitor = Visitor(sandbox.url)
    redirect = visitor.send(visitor.open(person, path))
    return visitor.send(visitor.authorize(redirect.headers["Location"])).json()


def choose(title: str, url: str) -> Any:
    """An action: offer one item with a column, and hand back the form that would be posted."""

    def act(made: Any) -> Any:
        item = LineItem().set_tag("unit").set_score_maximum(20).set_label("Баа").set_resource_id("unit-1")
        resource = DeepLinkResource().set_url(url).set_title(title).set_lineitem(item)
        deep_link = made.get_deep_link()
        settings = made.get_launch_data()["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"]
        return {"url": settings["deep_link_return_url"], "JWT": deep_link.get_response_jwt([resource])}

    return act


def bring_back(sandbox: LiveSandbox, chosen: Any) -> int:
    """Post what the tool chose, as its page would; the status of the platform's answer."""
    return Visitor(sandbox.url).send(Form("POST", chosen["url"], {"JWT": chosen["JWT"]})).status_code


def grade(**changes: Any) -> Grade:
    made = Grade()
    made.set_score_given(changes.get("given", 43)).set_score_maximum(50).set_timestamp(
        changes.get("timestamp", TIMESTAMPS[0])
    )
    made.set_activity_progress("Completed").set_grading_progress("FullyGraded").set_comment("Жакшы")
    return made.set_user_id(changes["user_id"])


def test_an_independent_tool_accepts_our_launch(sides: tuple[LiveSandbox, IndependentTool]) -> None:
    sandbox, _tool = sides

    claims = launch(sandbox)

    assert claims["iss"] == sandbox.url
    assert claims["name"] == "Жаңылгүл Өрнөкова"
    assert claims["https://purl.imsglobal.org/spec/lti/claim/custom"]["module"] == "e-government"


def test_an_independent_tool_posts_a_score_that_stands_in_the_gradebook(
    sides: tuple[LiveSandbox, IndependentTool],
) -> None:
    sandbox, tool = sides
    tool.action = lambda made: made.get_ags().put_grade(grade(user_id=made.get_launch_data()["sub"]))["body"]

    assert launch(sandbox) is None

    row = sandbox.grade("trainee-1", "e-government")
    assert row is not None
    assert (row["score"], row["maximum"], row["comment"]) == (86.0, 100.0, "Жакшы")


def test_an_independent_tool_reads_the_results_it_posted(sides: tuple[LiveSandbox, IndependentTool]) -> None:
    sandbox, tool = sides

    def post_and_read(made: Any) -> Any:
        ags = made.get_ags()
        ags.put_grade(grade(user_id=made.get_launch_data()["sub"]))
        return ags.get_grades()

    tool.action = post_and_read

    results = launch(sandbox)

    assert [(result["resultScore"], result["resultMaximum"]) for result in results] == [(86.0, 100)]


def test_an_independent_tool_creates_a_column_of_its_own(sides: tuple[LiveSandbox, IndependentTool]) -> None:
    sandbox, tool = sides

    def create_and_post(made: Any) -> Any:
        item = LineItem().set_tag("essay").set_score_maximum(20).set_label("Essay")
        return made.get_ags().put_grade(grade(user_id=made.get_launch_data()["sub"]), item)["body"]

    tool.action = create_and_post
    launch(sandbox)

    assert [(row["column"], row["module"], row["score"]) for row in sandbox.grades()] == [("Essay", None, 17.2)]


def test_an_older_score_of_an_independent_tool_is_refused(sides: tuple[LiveSandbox, IndependentTool]) -> None:
    sandbox, tool = sides

    def post(timestamp: str) -> Any:
        tool.action = lambda made: made.get_ags().put_grade(
            grade(user_id=made.get_launch_data()["sub"], timestamp=timestamp)
        )["body"]
        return launch(sandbox)

    assert post(TIMESTAMPS[1]) is None
    assert post(TIMESTAMPS[0]) == {"service": 409}


def test_a_teachers_score_is_refused(sides: tuple[LiveSandbox, IndependentTool]) -> None:
    sandbox, tool = sides
    tool.action = lambda made: made.get_ags().put_grade(grade(user_id=made.get_launch_data()["sub"]))["body"]

    assert launch(sandbox, "instructor") == {"service": 400}


@pytest.mark.parametrize("fault", ["wrong-nonce", "unknown-kid", "wrong-signature", "expired", "wrong-deployment"])
def test_an_independent_tool_refuses_what_we_spoil(sides: tuple[LiveSandbox, IndependentTool], fault: str) -> None:
    sandbox, _tool = sides
    sandbox.arm(fault)

    assert list(launch(sandbox)) == ["refused"]
    assert launch(sandbox)["iss"] == sandbox.url


def test_an_independent_tool_follows_a_new_signing_key(sides: tuple[LiveSandbox, IndependentTool]) -> None:
    sandbox, _tool = sides
    launch(sandbox)

    sandbox.rotate_keys()

    assert launch(sandbox)["iss"] == sandbox.url


def test_an_independent_tool_accepts_each_platforms_launch_and_grades(
    other_sides: tuple[LiveSandbox, IndependentTool],
) -> None:
    sandbox, tool = other_sides
    tool.action = lambda made: made.get_ags().put_grade(grade(user_id=made.get_launch_data()["sub"]))["body"]

    launch(sandbox)

    row = sandbox.grade("trainee-1", "e-government")
    assert row is not None
    assert row["score"] == 86.0


def test_an_independent_tool_brings_an_item_that_becomes_an_activity(
    settings: Settings,
) -> None:
    tool = IndependentTool()
    with answering(tool.server), start_sandbox(replace(settings, public_url=tool.url)) as sandbox:
        tool.register(sandbox)
        tool.action = choose("Бирдик 1", f"{tool.url}/unit/1")

        status = bring_back(sandbox, opened(sandbox, "/launch/content/2", "instructor"))

        made = sandbox.links()[-1]
        assert (status, made["titles"], made["url"]) == (200, {"ky": "Бирдик 1"}, f"{tool.url}/unit/1")
        assert made["line_items"][0]["label"] == "Баа"
        tool.action = lambda launch: launch.get_launch_data()
        claims = opened(sandbox, f"/launch/{made['slug']}", "trainee-1")
        assert claims["https://purl.imsglobal.org/spec/lti/claim/target_link_uri"] == f"{tool.url}/unit/1"


def test_an_independent_tools_answer_is_refused_for_what_it_is_known_to_do_wrong(settings: Settings) -> None:
    """pylti1p3 sends ``data`` though none was asked for."""
    tool = IndependentTool()
    with answering(tool.server), start_sandbox(replace(settings, public_url=tool.url)) as sandbox:
        tool.register(sandbox)
        sandbox.set_option("data", "absent")
        tool.action = choose("Бирдик 1", f"{tool.url}/unit/1")

        assert bring_back(sandbox, opened(sandbox, "/launch/content/2", "instructor")) == 400

        assert sandbox.deep_linkings()[-1]["reason"] == "data was not sent and must not come back"


def test_an_independent_tool_reads_the_roster_page_by_page(sides: tuple[LiveSandbox, IndependentTool]) -> None:
    sandbox, tool = sides
    sandbox.set_option("roster-page", "3")
    tool.action = lambda made: made.get_nrps().get_members()

    members = launch(sandbox, "instructor")

    assert len({member["user_id"] for member in members}) == len(members) >= 8
    assert {"Жаңылгүл Өрнөкова", "范例生"} <= {member["name"] for member in members}


def test_an_independent_tool_reads_the_groups(settings: Settings) -> None:
    tool = IndependentTool()
    with answering(tool.server), start_sandbox(replace(settings, public_url=tool.url)) as sandbox:
        tool.register(sandbox)
        tool.action = lambda made: made.get_cgs().get_sets(include_groups=True)

        sets = launch(sandbox, "instructor")

        assert [[group["id"] for group in each["groups"]] for each in sets] == [["group-1", "group-2"]]


@pytest.mark.parametrize(
    ("path", "person", "quirk"),
    [
        ("/launch/review/3/trainee-1", "instructor", None),
        ("/launch/privacy/trainee-1", "administrator", "old-privacy-type"),
    ],
)
def test_an_independent_tool_accepts_our_further_messages(
    settings: Settings, path: str, person: str, quirk: str | None
) -> None:
    tool = IndependentTool()
    with answering(tool.server), start_sandbox(replace(settings, public_url=tool.url)) as sandbox:
        tool.register(sandbox)
        if quirk:
            sandbox.set_quirk(quirk)

        claims = opened(sandbox, path, person)

        assert claims["https://purl.imsglobal.org/spec/lti/claim/for_user"]["name"] == "Жаңылгүл Өрнөкова"
