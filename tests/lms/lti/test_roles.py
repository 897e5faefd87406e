"""Roles of a launch."""

import pytest

from lms.lti.roles import understood

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([f"{MEMBERSHIP}#Learner"], {"learner"}),
        ([f"{MEMBERSHIP}#Instructor"], {"instructor"}),
        (["Instructor"], {"instructor"}),
        (["Learner"], {"learner"}),
        ([f"{MEMBERSHIP}/Instructor#Lecturer"], {"instructor"}),
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistant"], {"instructor", "teaching-assistant"}),
        ([f"{MEMBERSHIP}/Learner#GuestLearner"], {"learner"}),
        ([f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Mentor"], {"learner", "mentor"}),
        ([f"{MEMBERSHIP}#Administrator"], {"administrator"}),
        (["http://purl.imsglobal.org/vocab/lti/system/person#TestUser"], {"learner", "test-user"}),
        ([], {"learner"}),
        ([""], {"learner"}),
        ([None, 5], {"learner"}),
        ([f"{MEMBERSHIP}/Unknown#Instructor"], {"learner"}),
    ],
)
def test_roles_in_the_context_are_understood(sent: list[object], expected: set[str]) -> None:
    assert understood(sent) == expected


@pytest.mark.parametrize(
    "elsewhere",
    [
        f"{INSTITUTION}#Instructor",
        f"{INSTITUTION}#Administrator",
        f"{SYSTEM}#SysAdmin",
        "http://purl.imsglobal.org/vocab/lis/v2/person#Administrator",
        "http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper",
        "urn:example#Instructor",
    ],
)
def test_a_role_outside_of_the_context_gives_no_right_in_it(elsewhere: str) -> None:
    assert understood([elsewhere]) == {"learner"}
