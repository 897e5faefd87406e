"""Messages that the specification itself prints, taken as they stand: what we read in them, and that they launch.

LTI core 1.3, appendix E, "Full example resource link request". https://www.imsglobal.org/spec/lti/v1p3/
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import clock
from lms.core.db import db, reading
from lms.core.settings import Settings
from lms.lti import claims, roles
from lms.lti.models import LaunchSession
from lms.people.models import PersonName
from tests.conformance.conftest import Suite
from tests.platform import CLAIM

SAMPLE: dict[str, Any] = json.loads((Path(__file__).parent / "samples" / "core_appendix_e.json").read_text("utf-8"))
WHEN = datetime(2017, 11, 8, 23, 55, tzinfo=UTC)
"""Between the sample's ``iat`` and its ``exp``."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """We are the tool of the sample."""
    return replace(settings, public_url="https://tool.example.com")


def test_the_full_example_is_read_as_the_specification_means_it() -> None:
    said = claims.read(SAMPLE)

    assert said.sub == "a6d5c443-1f51-4783-ba1a-7686ffe3b54a"
    assert said.name == "Ms Jane Marie Doe"
    assert said.deployment_id == "07940580-b309-415e-a37c-914d387c1150"
    assert said.target_link_uri == "https://tool.example.com/lti/48320/ruix8782rs"
    assert said.resource_link_id == "200d101f-2c14-434a-a0f3-57c2a42369fd"
    assert said.resource_link_title == "Introduction Assignment"
    assert said.context is not None
    assert said.context.id == "c1d887f0-a1a3-4bca-ae25-c375edcc131a"
    assert said.context.label == "ECON 1010"
    assert said.context.title == "Economics as a Social Science"
    assert roles.understood(said.roles) == {"learner", "mentor"}
    assert said.product_family_code == "ExamplePlatformVendor-Product"
    assert said.locale == "en-US"
    assert said.return_url == "https://platform.example.edu/terms/201601/courses/7/sections/1/resources/2"
    assert said.custom == {"xstart": "2017-04-21T01:00:00Z", "request_url": "https://tool.com/link/123"}
    assert not said.has_ags
    assert said.line_item_url is None


def test_the_full_example_launches(client: FlaskClient, suite: Suite) -> None:
    suite.issuer, suite.client_id = SAMPLE["iss"], SAMPLE["aud"][0]
    suite.register(deployments=(SAMPLE[f"{CLAIM}deployment_id"],))
    with clock.frozen(WHEN):
        question = suite.log_in(client)
        token = suite.token({**SAMPLE, "nonce": question["nonce"]})
        answer = suite.send(client, question, token)

    assert answer.status_code == 303
    assert answer.location.endswith("/lti/48320/ruix8782rs")
    with reading():
        made = db.session.scalars(select(LaunchSession)).one()
        assert db.session.scalars(select(PersonName.text)).all() == ["Ms Jane Marie Doe"]
    assert "https://platform.example.edu" in made.frame_ancestors


@pytest.mark.parametrize(
    ("sample", "read"),
    [
        ("2017-04-21T01:00:00Z", {"xstart": "2017-04-21T01:00:00Z"}),
        ("$CourseSection.timeframe.begin", {}),
        ("", {"xstart": ""}),
    ],
)
def test_a_custom_value_is_a_value_an_unknown_variable_or_nothing(sample: str, read: dict[str, str]) -> None:
    """LTI core 1.3, appendix B, its three examples."""
    assert claims.read({**SAMPLE, f"{CLAIM}custom": {"xstart": sample}}).custom == read


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor", {"instructor"}),
        ("Instructor", {"instructor"}),
        (
            "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant",
            {"instructor", "teaching-assistant"},
        ),
        (
            "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistantSection",
            {"instructor", "teaching-assistant"},
        ),
        ("http://purl.imsglobal.org/vocab/lis/v2/membership/Learner#Instructor", {"learner"}),
        ("#Instructor", {"learner"}),
        ("http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor", {"learner"}),
        ("http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator", {"learner"}),
        ("http://purl.imsglobal.org/vocab/lis/v2/person#Administrator", {"learner"}),
        ("http://purl.imsglobal.org/vocab/lti/system/person#TestUser", {"learner", "test-user"}),
    ],
)
def test_roles_of_appendix_a_mean_what_it_says(role: str, expected: set[str]) -> None:
    assert roles.understood([role]) == expected
