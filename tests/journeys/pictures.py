"""Takes the pictures of the README: walks the journey in Chromium and keeps what people saw.

Run it with ``.venv/bin/python -m tests.journeys.pictures docs/pictures``.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.album import Album
from tests.journeys.installation import CHROMIUM, Installation, running
from tests.journeys.people import (
    DESKTOP,
    MODULE,
    PHONE,
    answer_all,
    confirm_name,
    enter,
    finish_test,
    mark_first_text,
    read_all,
    wait_for_certificate,
    write_work,
)


def take(browser: Browser, installation: Installation, album: Album) -> None:
    """The journey, with a picture at each place that the README shows."""
    trainee = enter(browser, installation.sandbox, "trainee-1", language="ky", size=PHONE)
    read_all(trainee)
    answer_all(trainee)
    finish_test(trainee)
    write_work(trainee)
    _lesson(browser, installation, album)
    _grading(browser, installation, album)
    instructor = enter(browser, installation.sandbox, "instructor", language="ru", size=DESKTOP)
    mark_first_text(instructor)
    confirm_name(trainee)
    code = wait_for_certificate(trainee)
    _certificate(installation, album)
    _verdict(browser, installation, album, code)


def _lesson(browser: Browser, installation: Installation, album: Album) -> None:
    learner = enter(browser, installation.sandbox, "trainee-2", language="ru", size=DESKTOP)
    album.keep(learner.page, "course-ru-desktop")
    phone = _in_window(browser, installation, "trainee-3", "ky", PHONE)
    album.keep(phone, "module-ky-phone")
    phone.locator(".button.next").first.click()
    phone.locator(".button.next").first.click()
    album.keep(phone, "lesson-ky-phone")
    phone.goto(phone.url.rsplit("/", 1)[0] + "/test")
    phone.locator(".button.next").first.click()
    phone.locator(".option, label").first.click()
    album.keep(phone, "question-ky-phone")


def _grading(browser: Browser, installation: Installation, album: Album) -> None:
    page = _in_window(browser, installation, "instructor", "ru", DESKTOP)
    page.locator(".button.next").first.click()
    expect(page.locator(".rubric")).to_be_visible()
    album.keep(page, "grading-ru-desktop")


def _certificate(installation: Installation, album: Album) -> None:
    (document,) = (installation.folder / "files" / "certificates").rglob("*.pdf")
    target = album.folder / "certificate"
    subprocess.run(["pdftoppm", "-r", "90", "-png", "-singlefile", str(document), str(target)], check=True)
    album.lighten(target.with_suffix(".png"))


def _verdict(browser: Browser, installation: Installation, album: Album, code: str) -> None:
    for language, size, name in (("ky", PHONE, "verdict-ky-phone"), ("ru", DESKTOP, "verdict-ru-desktop")):
        page = browser.new_page(viewport=size, locale=language)  # type: ignore[arg-type]
        page.goto(f"{installation.tool}/v/{code}")
        expect(page.locator(".verdict.valid")).to_be_visible()
        album.keep(page, name)


def _in_window(browser: Browser, installation: Installation, person: str, language: str, size: dict[str, int]) -> Page:
    page = browser.new_context(viewport=size, locale=language).new_page()  # type: ignore[arg-type]
    page.goto(f"{installation.sandbox}/enter?person={person}&module={MODULE}&lang={language}")
    page.goto(f"{installation.sandbox}/launch/{MODULE}?target=window")
    page.wait_for_url(f"{installation.tool}/s/**")
    return page


if __name__ == "__main__":
    with TemporaryDirectory() as scratch, running(Path(scratch)) as started, sync_playwright() as playwright:
        take(playwright.chromium.launch(**CHROMIUM), started, Album(Path(sys.argv[1])))  # type: ignore[arg-type]
