"""Content is chosen, appears in the course, is opened, and its score goes into its own column: on each kind of platform."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser

from script.answers import right_answers
from tests.journeys.installation import Installation
from tests.journeys.people import arrived
from tests.lms.sandbox.live import Visitor

PROFILES = ("strict", "moodle", "canvas", "openedx", "blackboard", "d2l")
FORM = {"points": "100", "released": "yes"}


class Platform:
    """The sandbox of an installation, as its instructors and trainees use it."""

    def __init__(self, made: Installation) -> None:
        self.url, self.tool = made.sandbox, made.tool

    def switch(self, **changes: str) -> None:
        requests.post(f"{self.url}/switches", data=changes, timeout=10).raise_for_status()

    def set(self, name: str, value: str) -> None:
        self.switch(option=name, value=value)

    def listed(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = requests.get(f"{self.url}{path}", timeout=10).json()
        return rows

    def open(self, person: str, path: str) -> "Page":
        """Launch, and show the page on which that ends."""
        visitor = Visitor(self.url)
        redirect = visitor.send(visitor.open(person, path))
        launched = visitor.send(visitor.authorize(redirect.headers["Location"]))
        assert launched.status_code == 303, launched.text
        return Page(visitor, self.tool).go(launched.headers["Location"])

    def choose(self, person: str, *choices: str, **fields: str) -> requests.Response:
        """Choose content, and bring the answer back; the platform's page about it."""
        page = self.open(person, "/launch/content/2")
        page.send(**{"choice": list(choices), **FORM, **fields})
        return page.return_answer()

    def score_of(self, person: str, slug: str) -> float | None:
        """In the column of a link, as soon as the worker has brought it."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            for row in self.listed("/grades.json"):
                if (row["person"], row["module"]) == (person, slug) and row["score"] is not None:
                    return float(row["score"])
            time.sleep(0.2)
        return None

    def newest_links(self) -> list[dict[str, Any]]:
        """What the newest answer made."""
        made = self.listed("/deep-linking.json")[-1]["made"]
        return [link for link in self.listed("/links.json") if link["slug"] in made]


def pass_test(page: "Page", unit: str) -> None:
    """Give every right answer; nothing to do for somebody who did."""
    launch = page.url.split("/learn/")[0]
    page.go(f"{launch}/learn/{unit}/test")
    if "100 %" in page.answer.text:
        return
    page.send()
    for given in right_answers(*unit.split("/")).values():
        page.send(answer=[value for _name, value in given])
    page.go(f"{launch}/learn/{unit}/test").send_to(f"{launch}/learn/{unit}/test/finish", attempt="1")


class Page:
    """A page of the tool, and the forms in it."""

    def __init__(self, visitor: Visitor, tool: str) -> None:
        self.visitor, self.tool = visitor, tool
        self.answer: requests.Response
        self.url = ""

    def go(self, path: str) -> "Page":
        self.url = path if path.startswith("http") else f"{self.tool}{path}"
        self.answer = self.visitor.get(self.url)
        while self.answer.is_redirect:
            return self.go(self.answer.headers["Location"])
        return self

    def send_to(self, url: str, **fields: Any) -> "Page":
        self.url = url
        return self.send(**fields)

    def send(self, **fields: Any) -> "Page":
        token = self.answer.text.split('name="csrf_token" value="')[1].split('"')[0]
        self.answer = self.visitor.session.post(
            self.url, data={"csrf_token": token, **fields}, allow_redirects=False, timeout=10
        )
        return self.go(self.answer.headers["Location"]) if self.answer.is_redirect else self

    def return_answer(self) -> requests.Response:
        """Press the button without script."""
        from_page = self.answer.text
        url = from_page.split('method="post" action="')[-1].split('"')[0].replace("&amp;", "&")
        token = from_page.split('name="JWT" value="')[1].split('"')[0]
        return requests.post(url, data={"JWT": token}, timeout=30)


@pytest.fixture(scope="module")
def platform(installation: Installation) -> Iterator[Platform]:
    """Left as it was found."""
    made = Platform(installation)
    yield made
    made.switch(clear="1")


@pytest.fixture(params=PROFILES)
def imitated(platform: Platform, request: pytest.FixtureRequest) -> Platform:
    """The platform with the habits of one product."""
    platform.switch(clear="1")
    platform.switch(profile=request.param)
    return platform


def test_two_modules_and_a_unit_become_links_that_open_what_was_chosen(imitated: Platform) -> None:
    returned = imitated.choose("instructor", "public-management", "urban-governance", "urban-governance/ug1")

    assert returned.status_code == 200, returned.text
    links = imitated.newest_links()
    assert [link["url"].removeprefix(imitated.tool) for link in links] == [
        "/learn/public-management",
        "/learn/urban-governance",
        "/learn/urban-governance/ug1",
    ]
    pages = [imitated.open("trainee-3", f"/launch/{link['slug']}") for link in links]
    assert [page.url.split("/learn/")[1] for page in pages] == [
        "public-management",
        "urban-governance",
        "urban-governance/ug1/1",
    ]


def test_the_score_of_a_unit_goes_into_its_own_column_and_no_other(imitated: Platform) -> None:
    imitated.choose("instructor", "public-management", "public-management/pm1")
    module, unit = imitated.newest_links()
    imitated.open("trainee-2", f"/launch/{module['slug']}")
    page = imitated.open("trainee-2", f"/launch/{unit['slug']}")

    pass_test(page, "public-management/pm1")

    assert imitated.score_of("trainee-2", unit["slug"]) == 100
    assert [row for row in imitated.listed("/grades.json") if row["module"] == module["slug"] and row["score"]] == []
    columns = next(link for link in imitated.listed("/links.json") if link["slug"] == unit["slug"])["line_items"]
    assert len(columns) == 1


def test_an_answer_is_taken_whatever_the_platform_allows(imitated: Platform) -> None:
    imitated.set("accept-multiple", "no")
    imitated.set("accept-line-item", "no")
    imitated.set("target-link-uri", "absent")
    imitated.set("data", "x y&<z>")

    page = imitated.open("instructor", "/launch/content/2")
    assert 'type="radio" name="choice"' in page.answer.text
    assert page.send(choice=["public-management", "urban-governance"], **FORM).answer.status_code == 422
    page.send(choice=["urban-governance"], **FORM)

    assert page.return_answer().status_code == 200
    (link,) = imitated.newest_links()
    assert "lineItem" not in link["item"]


def test_a_cancel_returns_with_nothing(imitated: Platform) -> None:
    page = imitated.open("instructor", "/launch/content/2").send(action="cancel")

    assert page.return_answer().status_code == 200
    asked = imitated.listed("/deep-linking.json")[-1]
    assert (asked["outcome"], asked["made"]) == ("accepted", [])
    assert asked["messages"]["msg"]


def test_a_platform_that_takes_only_pictures_is_told_why_nothing_comes(platform: Platform) -> None:
    platform.switch(clear="1")
    platform.set("accept-types", "image")

    page = platform.open("instructor", "/launch/content/2")

    assert page.answer.status_code == 403
    assert page.return_answer().status_code == 200
    assert platform.listed("/deep-linking.json")[-1]["messages"]["errormsg"]


def test_a_platform_that_takes_only_ordinary_links_gets_one(platform: Platform) -> None:
    platform.switch(clear="1")
    platform.set("accept-types", "link")

    page = platform.open("instructor", "/launch/content/2").send(choice=["urban-governance"])

    assert page.return_answer().status_code == 200
    assert platform.listed("/deep-linking.json")[-1]["outcome"] == "accepted"


def test_dates_of_the_academy_reach_the_platform_in_utc(platform: Platform) -> None:
    platform.switch(clear="1")

    platform.choose(
        "instructor", "urban-governance", available_from="2026-12-01T09:00", submission_until="2027-01-31T18:30"
    )

    (link,) = platform.newest_links()
    assert link["item"]["available"] == {"startDateTime": "2026-12-01T03:00:00Z"}
    assert link["item"]["submission"] == {"endDateTime": "2027-01-31T12:30:00Z"}


def test_in_a_browser_the_choice_goes_to_the_course_by_itself(platform: Platform, browser: Browser) -> None:
    platform.switch(clear="1")
    page = browser.new_context(locale="en").new_page()
    page.goto(f"{platform.url}/enter?person=instructor")
    page.goto(f"{platform.url}/courses/2/content")
    tool = page.frame_locator("iframe")

    arrived(tool.locator("h1"))
    assert tool.locator(".error-summary").count() == 0
    tool.locator("input[value='public-management']").check()
    tool.locator("input[value='urban-governance/ug1']").check()
    tool.locator(".button.next").click()

    arrived(tool.locator("a[href='/courses/2']"))
    links = platform.newest_links()
    assert [link["url"].rsplit("/learn/", 1)[1] for link in links] == ["public-management", "urban-governance/ug1"]
