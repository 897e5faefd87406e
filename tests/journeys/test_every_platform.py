"""On each kind of platform, in a browser: chosen by an instructor, learnt on a phone, marked, in the gradebook and the roster."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.journeys.installation import Installation
from tests.journeys.people import (
    DESKTOP,
    PHONE,
    Person,
    answer_all,
    arrived,
    enter,
    finish_test,
    mark_first_text,
    read_all,
    write_work,
)

pytestmark = pytest.mark.journey
WAYS = {
    "strict": ("trainee-1", "urban-governance", "ug1"),
    "moodle": ("trainee-2", "urban-governance", "ug1"),
    "canvas": ("trainee-3", "urban-governance", "ug1"),
    "openedx": ("trainee-1", "e-government", "eg1"),
    "blackboard": ("trainee-2", "e-government", "eg1"),
    "d2l": ("trainee-3", "e-government", "eg1"),
}
"""Who takes which module on which platform: a module is completed once."""

FAMILY_NAME = "Белгиев & <Ко>"
"""Of somebody who never opens the module."""


@dataclass
class Course:
    """The course of the sandbox while it imitates one product."""

    installation: Installation
    browser: Browser
    profile: str

    @property
    def url(self) -> str:
        return self.installation.sandbox

    def switch(self, **form: str) -> None:
        requests.post(f"{self.url}/switches", data=form, timeout=10).raise_for_status()

    def enter(self, person: str, slug: str, *, language: str, size: dict[str, int]) -> Person:
        return enter(self.browser, self.url, person, module=slug, language=language, size=size)

    def choose(self, module: str) -> str:
        """By deep linking; the name of the new link."""
        page = self.browser.new_context(locale="ru", viewport=DESKTOP).new_page()  # type: ignore[arg-type]
        page.goto(f"{self.url}/enter?person=instructor")
        page.goto(f"{self.url}/courses/2/content")
        tool = page.frame_locator("iframe[name=tool]")
        arrived(tool.locator("h1"))
        tool.locator(f"input[value='{module}']").check()
        tool.locator(".button.next").click()
        arrived(tool.locator("a[href='/courses/2']"))
        (slug,) = self._listed("/deep-linking.json")[-1]["made"]
        return str(slug)

    def score(self, person: str, slug: str) -> float | None:
        """As soon as the worker has brought it."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            for row in self._listed("/grades.json"):
                if (row["person"], row["module"]) == (person, slug) and row["score"] is not None:
                    return float(row["score"])
            time.sleep(0.2)
        return None

    def _listed(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = requests.get(f"{self.url}{path}", timeout=10).json()
        return rows


@pytest.fixture(params=WAYS)
def course(request: pytest.FixtureRequest, browser: Browser, installation: Installation) -> Iterator[Course]:
    """Left as it was found."""
    made = Course(installation, browser, request.param)
    made.switch(clear="1")
    made.switch(profile=made.profile)
    yield made
    made.switch(clear="1")


def test_a_module_is_chosen_learnt_marked_and_its_grade_and_people_are_found(course: Course) -> None:
    trainee_id, module, unit = WAYS[course.profile]
    slug = course.choose(module)

    trainee = course.enter(trainee_id, slug, language="ky", size=PHONE)
    read_all(trainee)
    answer_all(trainee, module=module, unit=unit)
    finish_test(trainee)
    write_work(trainee, module=module)

    instructor = course.enter("instructor", slug, language="ru", size=DESKTOP)
    mark_texts(instructor, module)
    assert course.score(trainee_id, slug) == 90

    instructor.go(f"/teach/{module}/roster")
    instructor.module.locator("form[method=post] button").click()
    expect(instructor.module.locator("tbody")).to_contain_text(FAMILY_NAME, timeout=30_000)


def mark_texts(instructor: Person, module: str) -> None:
    """All that wait: people of other journeys may have written too."""
    while instructor.module.locator("#waiting + .actions").count():
        mark_first_text(instructor)
        instructor.go(f"/teach/{module}")
