"""The certification suite's platform, with the constants of its fixtures."""

from collections.abc import Iterator
from typing import Any

import pytest

from lms.core.web import Bilim
from tests.platform import TOOL, Platform, running

INSTRUCTOR_SUB = "39890"
LEARNER_SUB = "40899"


class Suite(Platform):
    """Launches as the suite builds them: names, e-mail and context, and roles with an institution's beside them."""

    def launch_as_instructor(self, browser: Any, **changes: Any) -> Any:
        """A launch of the suite's teacher."""
        roles = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]
        return self.launch(browser, **{**self._person(INSTRUCTOR_SUB), "roles": roles, **changes})

    def launch_as_student(self, browser: Any, **changes: Any) -> Any:
        """A launch of the suite's student."""
        roles = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
        return self.launch(browser, **{**self._person(LEARNER_SUB), "roles": roles, **changes})

    def _person(self, sub: str) -> dict[str, Any]:
        return {
            "sub": sub,
            "given_name": "Ada",
            "family_name": "Lovelace",
            "name": "Ada Lovelace",
            "email": "ada@example.org",
            "resource_link": {"id": "9", "title": "Introduction Assignment", "description": "Introduction"},
            "context": {
                "id": "6",
                "label": "FRE0101",
                "title": "French 101",
                "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
            },
        }


@pytest.fixture
def suite(app: Bilim) -> Iterator[Suite]:
    """The suite's platform, registered with the tool."""
    with running(Suite) as platform:
        assert isinstance(platform, Suite)
        platform.issuer = "https://ltiadvantagevalidator.imsglobal.org"
        platform.client_id = "imstester_3dfad6d"
        platform.deployment_id = "testdeploy"
        platform.target = f"{TOOL}/"
        platform.register()
        yield platform
