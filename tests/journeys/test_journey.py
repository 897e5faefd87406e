"""One person's whole way, clicked through in Chromium, with the module in a frame on another site."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Request, expect

from tests.journeys.installation import Installation
from tests.journeys.people import (
    DESKTOP,
    MODULE,
    PHONE,
    answer_all,
    arrived,
    confirm_name,
    enter,
    finish_test,
    mark_first_text,
    read_all,
    wait_for_certificate,
    write_work,
)

pytestmark = pytest.mark.journey
FIRST_VIEW_BYTES, NEXT_VIEW_BYTES = 60_000, 40_000


def test_a_trainee_learns_is_marked_and_holds_a_certificate_that_anybody_can_verify(
    browser: Browser, installation: Installation
) -> None:
    trainee = enter(browser, installation.sandbox, "trainee-1", language="ky", size=PHONE)
    read_all(trainee)
    answer_all(trainee)
    finish_test(trainee)
    write_work(trainee)

    instructor = enter(browser, installation.sandbox, "instructor", language="ru", size=DESKTOP)
    mark_first_text(instructor)
    expect(instructor.module.locator("body")).to_contain_text("75")

    confirm_name(trainee)
    code = wait_for_certificate(trainee)
    verifier = browser.new_page(viewport=PHONE, locale="ru")  # type: ignore[arg-type]
    verifier.goto(f"{installation.tool}/verify")
    verifier.locator("input[name=code]").fill(f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}".lower())
    verifier.locator("input[name=code]").press("Enter")

    expect(verifier.locator(".verdict.valid")).to_be_visible()
    expect(verifier.locator("main")).to_contain_text("Өрнөкова Жаңылгүл")
    trainee.page.goto(f"{installation.sandbox}/grades")
    expect(trainee.page.locator("main")).to_contain_text("90")


def test_going_on_after_a_reload_or_after_back_loses_nothing(browser: Browser, installation: Installation) -> None:
    trainee = enter(browser, installation.sandbox, "trainee-2", language="ru", size=PHONE)
    read_all(trainee)
    trainee.press_next()
    first = trainee.module_url
    trainee.module.locator("label").first.click()
    trainee.press_next()

    trainee.frame.evaluate("history.back()")
    trainee.page.wait_for_timeout(500)
    trainee.frame.goto(first)

    expect(trainee.module.locator("input[name=answer]").first).to_be_checked()
    trainee.page.reload()
    arrived(trainee.module.locator("h1"))
    assert f"/learn/{MODULE}" in trainee.module_url


def test_two_modules_in_two_tabs_do_not_mix(browser: Browser, installation: Installation) -> None:
    one = enter(browser, installation.sandbox, "trainee-3", language="ru", size=DESKTOP)
    tab = one.page.context.new_page()
    tab.goto(f"{installation.sandbox}/course/urban-governance")
    other = tab.frame_locator("iframe")
    expect(arrived(other.locator("h1"))).to_contain_text("Городское управление")

    one.press_next()

    assert re.search(rf"/learn/{MODULE}/pm1/1$", one.module_url)
    other.locator(".button.next").first.click()
    expect(other.locator("body")).to_contain_text("1 из 6")


def test_a_lesson_that_was_open_too_long_says_how_to_return_and_loses_nothing(
    browser: Browser, installation: Installation
) -> None:
    trainee = enter(browser, installation.sandbox, "trainee-2", language="ru", size=PHONE)
    trainee.go(f"/learn/{MODULE}/assignment")
    trainee.module.locator("textarea").fill("Начало моей записки.")
    trainee.module.locator("button[value=save]").click()
    expect(trainee.module.locator("textarea")).to_have_value("Начало моей записки.")
    trainee.module.locator("textarea").fill("Начало моей записки и ещё одна строка.")
    _end_all_launches(installation)

    trainee.module.locator("button[value=save]").click()

    expect(trainee.module.locator("body")).to_contain_text("launch-expired")
    expect(trainee.module.locator("body")).to_contain_text("и ещё одна строка")
    trainee.page.reload()
    arrived(trainee.module.locator("h1"))
    trainee.go(f"/learn/{MODULE}/assignment")
    expect(trainee.module.locator("textarea")).to_have_value("Начало моей записки.")


def test_a_launch_belongs_to_the_browser_that_made_it(browser: Browser, installation: Installation) -> None:
    trainee = enter(browser, installation.sandbox, "trainee-3", language="ru", size=PHONE)

    stranger = browser.new_page(locale="ru")
    answer = stranger.goto(trainee.module_url)

    assert answer is not None
    assert answer.status == 403
    expect(stranger.locator("main")).to_contain_text("browser-differs")


def test_the_first_view_of_a_lesson_is_small_and_breaks_no_rule_of_its_own(
    browser: Browser, installation: Installation
) -> None:
    trainee = enter(browser, installation.sandbox, "trainee-3", language="ky", size=PHONE)
    trainee.press_next()
    page = trainee.page.context.new_page()
    sizes: list[int] = []
    complaints: list[str] = []
    page.on("requestfinished", lambda request: sizes.append(_size(request) if _is_ours(request, installation) else 0))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{installation.sandbox}/launch/{MODULE}?target=window")
    page.wait_for_url(f"{installation.tool}/s/**")
    page.wait_for_load_state("networkidle")
    first_view = sum(sizes)
    sizes.clear()

    page.goto(page.url.split("?")[0].rstrip("/") + "/pm1/1")
    page.wait_for_load_state("networkidle")

    assert 20_000 < first_view <= FIRST_VIEW_BYTES
    assert 5_000 < sum(sizes) <= NEXT_VIEW_BYTES
    assert complaints == []


def _end_all_launches(installation: Installation) -> None:
    """As if everybody had been away for longer than a launch lives."""
    with closing(sqlite3.connect(installation.folder / "bilim.sqlite3")) as connection, connection:
        connection.execute("UPDATE lti_launch_session SET expires_at = '2020-01-01 00:00:00.000000'")


def _is_ours(request: Request, installation: Installation) -> bool:
    return request.url.startswith(installation.tool)


def _size(request: object) -> int:
    sizes = request.sizes()  # type: ignore[attr-defined]
    return int(sizes["responseBodySize"] + sizes["responseHeadersSize"])
