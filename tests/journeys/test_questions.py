"""Every type of question in Chromium on a phone, in Kyrgyz: with script, without it, and with a network that comes and goes."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select, update

from courses.models import Answer
from lms.core.db import db, reading, transaction
from lms.lti.models import LaunchSession
from tests.courses.asked import BRIDGES, RIGHT
from tests.journeys.arriving import Arrivals
from tests.journeys.people import PHONE

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def content() -> Path:
    """Questions of every type."""
    return BRIDGES


def begin(page: Page) -> None:
    """From the page before the test to its first question."""
    page.locator("form .button").last.click()
    expect(page.locator("fieldset.question").first).to_be_visible()


def given() -> dict[str, list[str]]:
    """What is kept, by question."""
    with reading():
        return {row.question_id: row.given for row in db.session.scalars(select(Answer))}


def press_next(page: Page) -> None:
    """Save and go on."""
    before = page.url
    page.locator(".button.next").click()
    page.wait_for_url(lambda url: url != before)


def put_in_order(page: Page, items: list[str]) -> None:
    """Move the lines with the arrows until they stand so."""
    for place, item in enumerate(items):
        line = page.locator(f".sorting li:has(select[name='answer-{item}'])")
        while line.evaluate("line => [...line.parentElement.children].indexOf(line)") > place:
            line.locator("[data-move='-1']").click()


def answer(page: Page, question_id: str, *, javascript: bool) -> None:
    """Give the right answer on the page of a question."""
    right = RIGHT[question_id]
    if question_id == "br1-q01" and javascript:
        put_in_order(page, [part.split("=")[0] for part in right])
    elif "=" not in right[0] and page.locator("input[name=answer][type=text]").count():
        page.locator("input[name=answer]").fill(right[0])
    else:
        for part in right:
            name, _, value = part.rpartition("=")
            field = page.locator(f"[name='{f'answer-{name}' if name else 'answer'}']")
            if field.first.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                page.locator(f"[name='{f'answer-{name}' if name else 'answer'}'][value='{value}']").check()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-script", "without-script"])
def test_every_type_is_answered_on_a_phone_and_explained(arrive: Arrivals, javascript: bool) -> None:
    page = arrive("/learn/bridges/br1/test", javascript=javascript)
    begin(page)

    for question_id in RIGHT:
        answer(page, question_id, javascript=javascript)
        press_next(page)

    assert given() == {question_id: list(right) for question_id, right in RIGHT.items()}
    page.locator(".button.next").click()
    expect(page.locator("h1")).to_contain_text("100 %")
    expect(page.locator(".verdicts li.right")).to_have_count(7)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"] if javascript else True


def test_a_story_goes_on_when_the_step_before_is_decided(arrive: Arrivals) -> None:
    page = arrive("/learn/bridges/br1/test")
    begin(page)
    page.goto(page.url.replace("/test/1", "/test/4"))
    expect(page.locator("[data-scene]:visible")).to_have_count(1)

    page.locator("[name=answer-s1][value=c]").check()

    expect(page.locator("[data-scene]:visible")).to_have_count(2)


def test_an_answer_waits_for_the_network_and_is_sent_when_it_is_back(arrive: Arrivals) -> None:
    page = arrive("/learn/bridges/br1/test")
    begin(page)
    page.goto(page.url.replace("/test/1", "/test/7"))
    page.context.set_offline(True)

    page.locator("[name=answer][value=a]").check()
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "waiting")
    page.locator(".button.next").click()
    assert given() == {}
    page.context.set_offline(False)

    page.wait_for_url(re.compile(r"/br1/test$"))
    assert given() == {"br1-q07": ["a"]}


def test_a_page_with_an_answer_that_is_not_saved_asks_before_it_is_left(arrive: Arrivals) -> None:
    page = arrive("/learn/bridges/br1/test")
    begin(page)
    page.goto(page.url.replace("/test/1", "/test/7"))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.context.set_offline(True)
    page.locator("[name=answer][value=a]").click()
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "waiting")

    page.close(run_before_unload=True)

    expect(page.locator("[name=answer][value=a]")).to_be_checked()
    assert asked == ["beforeunload"]
    page.context.set_offline(False)
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "saved")
    page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


def test_an_answer_that_waited_does_not_undo_a_newer_one_and_the_person_decides(arrive: Arrivals) -> None:
    phone = arrive("/learn/bridges/br1/test")
    begin(phone)
    phone.goto(phone.url.replace("/test/1", "/test/7"))
    laptop = arrive("/learn/bridges/br1/test/7")
    phone.context.set_offline(True)
    phone.locator("[name=answer][value=b]").check()
    laptop.locator("[name=answer][value=a]").check()
    expect(laptop.locator("[data-saved]")).to_have_attribute("data-state", "saved")

    phone.context.set_offline(False)

    expect(phone.locator("[data-saved]")).to_have_attribute("data-state", "refused")
    assert given() == {"br1-q07": ["a"]}
    phone.locator("[data-saved] button").first.click()
    expect(phone.locator("[data-saved]")).to_have_attribute("data-state", "saved")
    assert given() == {"br1-q07": ["b"]}


def test_without_script_an_older_page_asks_before_it_undoes_a_newer_answer(arrive: Arrivals) -> None:
    phone = arrive("/learn/bridges/br1/test", javascript=False)
    begin(phone)
    phone.goto(phone.url.replace("/test/1", "/test/3"))
    laptop = arrive("/learn/bridges/br1/test/3", javascript=False)
    laptop.locator("[name=answer]").fill("акт")
    press_next(laptop)
    phone.locator("[name=answer]").fill("кат")

    phone.locator(".button.next").click()

    expect(phone.locator(".note.attention li")).to_have_text("акт")
    expect(phone.locator("[name=answer]")).to_have_value("кат")
    assert given() == {"br1-q03": ["акт"]}
    press_next(phone)
    assert given() == {"br1-q03": ["кат"]}


def test_an_answer_typed_on_an_expired_page_is_saved_after_the_module_was_opened_again(
    arrive: Arrivals,
) -> None:
    page = arrive("/learn/bridges/br1/test")
    begin(page)
    page.goto(page.url.replace("/test/1", "/test/3"))
    with transaction():
        expired = db.session.execute(select(LaunchSession.id, LaunchSession.expires_at)).all()
        db.session.execute(update(LaunchSession).values(expires_at=LaunchSession.started_at))

    page.locator("[name=answer]").fill("акт")
    page.locator("[name=answer]").blur()
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "waiting")
    assert given() == {}
    with transaction():  # as a new launch of the same link by the same browser does
        for launch_id, expires_at in expired:
            db.session.execute(update(LaunchSession).where(LaunchSession.id == launch_id).values(expires_at=expires_at))

    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "saved")
    assert given() == {"br1-q03": ["акт"]}


def test_a_response_that_was_lost_is_asked_for_again_and_the_answer_is_kept_once(arrive: Arrivals) -> None:
    page = arrive("/learn/bridges/br1/test")
    begin(page)
    page.goto(page.url.replace("/test/1", "/test/7"))
    lost: list[str] = []

    def _lose_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            route.fetch()
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/test/7", _lose_first)

    page.locator("[name=answer][value=a]").check()

    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "saved")
    assert len(lost) == 1
    with reading():
        assert [(row.given, row.revision) for row in db.session.scalars(select(Answer))] == [(["a"], 2)]
