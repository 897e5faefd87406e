"""What trainee, instructor and verifier do in a real browser, in words of the journey."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Frame, FrameLocator, Locator, Page, expect

from script.answers import right_answers
from script.journey import NAME, SENTENCE

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
MODULE = "public-management"


@dataclass
class Person:
    """Somebody in front of the sandbox's course page, with the module in its frame."""

    page: Page
    sandbox: str

    @property
    def module(self) -> FrameLocator:
        """The module's page inside the course's frame."""
        return self.page.frame_locator("iframe[name=tool]")

    @property
    def frame(self) -> Frame:
        """The frame itself, to move it to another address or back."""
        (frame,) = [frame for frame in self.page.frames if frame.name == "tool"]
        return frame

    @property
    def module_url(self) -> str:
        """Where the frame is now."""
        return self.frame.url

    def go(self, path: str) -> None:
        """Open another page of the same launch."""
        launch = self.module_url.split("/learn/")[0].split("/teach/")[0].split("/certificates/")[0]
        self.frame.goto(f"{launch}{path}")

    def press_next(self) -> None:
        """The one big button, which is always the next step."""
        before = self.module_url
        self.module.locator(".button.next").first.click()
        _expect_other_page(self, before)


def enter(
    browser: Browser,
    sandbox: str,
    person: str,
    *,
    language: str,
    size: dict[str, int],
    module: str = MODULE,
    **options: object,
) -> Person:
    """Sign in to the sandbox and open the module's link in its frame."""
    context = browser.new_context(viewport=size, locale=language, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{sandbox}/enter?person={person}&module={module}&lang={language}")
    visitor = Person(page, sandbox)
    arrived(visitor.module.locator("h1"))
    return visitor


def arrived(looked_for: Locator) -> Locator:
    """Wait until another site has filled the frame in which this stands.

    Before any ``expect``: that looks once without a limit of time, and a frame which changes its process
    just then never answers it (seen: a test that hung for five minutes).
    """
    looked_for.first.wait_for(timeout=40_000)
    return looked_for


def _expect_other_page(person: Person, before: str) -> None:
    """Wait until the frame shows another page than before."""
    for _ in range(400):
        if person.module_url != before:
            break
        person.page.wait_for_timeout(50)
    assert person.module_url != before, "the page stayed where it was"
    expect(person.module.locator("h1")).to_be_attached()


def read_all(person: Person) -> None:
    """Begin, and read each section until the test begins."""
    person.press_next()
    while urlsplit(person.module_url).path.rsplit("/", 1)[-1].isdigit():
        person.press_next()
    assert person.module_url.endswith("/test")


def give_answer(page: Page | FrameLocator, value: str) -> None:
    """Choose the option of this value, or write it where there is nothing to choose."""
    choice = page.locator(f"input[name=answer][value='{value}']")
    if choice.count():
        choice.check()
    else:
        page.locator("input[name=answer]").fill(value)


def answer_all(person: Person, *, module: str = MODULE, unit: str = "pm1") -> None:
    """Begin the test and give the right answer to each question."""
    person.press_next()
    for given in right_answers(module, unit).values():
        for _name, value in given:
            give_answer(person.module, value)
        person.press_next()


def finish_test(person: Person) -> None:
    """From the overview of the answers to the result."""
    person.press_next()
    expect(person.module.locator("h1")).to_be_visible()
    assert "/result/" in person.module_url


def write_work(person: Person, *, module: str = MODULE) -> None:
    """Write the task's text and submit it."""
    person.go(f"/learn/{module}/assignment")
    person.module.locator("textarea").fill(SENTENCE * 60)
    person.module.locator("button[value=submit]").click()
    expect(person.module.locator("textarea")).to_have_count(0)


def mark_first_text(person: Person) -> None:
    """The instructor opens the text that waited longest and marks it by the rubric."""
    person.press_next()
    for criterion in person.module.locator("fieldset.criterion:has(input[type=radio])").all():
        criterion.locator("label").nth(3).click()
    person.module.locator("textarea").fill("Жакшы иш, булактары менен.")
    person.press_next()


def confirm_name(person: Person) -> None:
    """Type each form of the name, look at it, and say that it is right."""
    person.go(f"/certificates/{MODULE}/name")
    for script, text in NAME.items():
        person.module.locator(f"input[name={script}]").fill(text)
    person.module.locator(".button.next").click()
    person.module.locator("button[name=is-right]").click()


def wait_for_certificate(person: Person) -> str:
    """Until the page offers the file; returns the code of the certificate."""
    expect(person.module.locator("a[href$='/file']")).to_be_visible(timeout=60_000)
    return str(person.module.locator("a[href*='/v/']").get_attribute("href")).rsplit("/", 1)[-1]
