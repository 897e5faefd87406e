"""A unit failed, taken again and passed, with a question that came from Moodle; a text marked by two: in Chromium, on a phone in
Kyrgyz and at a desk in Russian.
"""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from click.testing import CliRunner
from playwright.sync_api import Page, expect

from courses.exchange.commands import import_questions
from tests.courses.conftest import CONTENT, PASSING_ANSWERS
from tests.courses.views.test_marking import TWO
from tests.journeys.album import Album
from tests.journeys.arriving import Arrivals
from tests.journeys.people import DESKTOP, PHONE, give_answer


class Seat(NamedTuple):
    """Where somebody learns."""

    name: str
    language: str
    size: dict[str, int]


SEATS = (Seat("ky-phone", "ky", PHONE), Seat("ru-desktop", "ru", DESKTOP))
pytestmark = [
    pytest.mark.journey,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize("seat", SEATS, ids=lambda seat: seat.name),
]
BANK = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<question type="category"><category><text>$course$/top/{name}</text></category></question>
<question type="multichoice">
<name><text>{name}</text></name><idnumber>RD-17</idnumber>
<questiontext format="html"><text><![CDATA[<p>{text}</p>]]></text></questiontext>
<generalfeedback format="html"><text><![CDATA[<p>{why}</p>]]></text></generalfeedback>
<defaultgrade>1.0</defaultgrade><penalty>0.3333333</penalty><hidden>0</hidden>
<single>true</single><shuffleanswers>true</shuffleanswers><answernumbering>abc</answernumbering>
<answer fraction="100" format="html"><text><![CDATA[<p>{right}</p>]]></text><feedback format="html"><text>{why}</text></feedback></answer>
<answer fraction="0" format="html"><text><![CDATA[<p>{wrong}</p>]]></text><feedback format="html"><text>{not_so}</text></feedback></answer>
</question>
</quiz>
"""
"""As Moodle writes a bank, in one language."""
WORDS = {
    "ky": {
        "name": "Жолду кароо",
        "text": "Жолду оңдоо эмнеден башталат?",
        "right": "Кемчиликтердин тизмесинен",
        "wrong": "Жаңы асфальттан",
        "why": "Тизмесиз эмне оңдолору белгисиз.",
        "not_so": "Адегенде эмне бузулганын караңыз.",
    },
    "ru": {
        "name": "Осмотр дороги",
        "text": "С чего начинается ремонт дороги?",
        "right": "Со списка дефектов",
        "wrong": "С нового асфальта",
        "why": "Без списка неизвестно, что чинить.",
        "not_so": "Сначала посмотрите, что сломано.",
    },
    "zh": {
        "name": "道路检查",
        "text": "道路维修从什么开始？",
        "right": "从缺陷清单开始",
        "wrong": "从新沥青开始",
        "why": "没有清单就不知道修什么。",
        "not_so": "先看看哪里坏了。",
    },
    "en": {
        "name": "Inspection of a road",
        "text": "With what does the repair of a road begin?",
        "right": "With a list of defects",
        "wrong": "With new asphalt",
        "why": "Without a list nobody knows what to repair.",
        "not_so": "Look first at what is broken.",
    },
}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A module with a bank of Moodle taken over, and with a second marker."""
    folder = tmp_path / "content" / "roads"
    shutil.copytree(CONTENT / "roads", folder)
    with (folder / "assignment.yaml").open("a") as task:
        task.write(f"\n{TWO}\n")
    for language, words in WORDS.items():
        bank = tmp_path / f"bank-{language}.xml"
        bank.write_text(BANK.format(**words))
        given = [bank, "--unit", "roads/RD1", "--language", language, "--content", folder.parent, "--write"]
        taken = CliRunner().invoke(import_questions, list(map(str, given)))
        assert taken.exit_code == 0, taken.output
    _complete(folder / "units" / "01-repair")
    return folder.parent


def _complete(unit: Path) -> None:
    """What an author does with an imported question: say what only authors know, and move it to those that are taught."""
    (entry,) = yaml.safe_load((unit / "imported.yaml").read_text())
    entry |= {"id": "rd1-q17", "difficulty": 1, "outcome": 1}
    with (unit / "questions.yaml").open("a") as questions:
        questions.write(yaml.safe_dump([entry], allow_unicode=True, sort_keys=False))


def press_next(page: Page) -> None:
    """The big button, and the page after it."""
    before = page.url
    page.locator(".button.next").first.click()
    page.wait_for_url(lambda url: url != before)


def test_a_unit_is_failed_taken_again_and_passed_with_a_question_from_moodle(
    arrive: Arrivals, seat: Seat, album: Album
) -> None:
    page = arrive("/learn/roads/rd1/test", size=seat.size, language=seat.language)
    given: dict[int, list[str]] = {**PASSING_ANSWERS, 4: ["a"]}
    press_next(page)
    for _question in given:
        press_next(page)
    press_next(page)
    expect(page.locator("h1")).to_contain_text("0 %")
    album.keep(page, f"failed-{seat.name}")

    page.goto(page.url.partition("/test")[0] + "/test")
    press_next(page)
    for number, values in given.items():
        for value in values:
            give_answer(page, value)
        if number == 4:
            expect(page.locator("main")).to_contain_text(WORDS[seat.language]["text"])
            album.keep(page, f"imported-question-{seat.name}")
        press_next(page)
    press_next(page)

    expect(page.locator("h1")).to_contain_text("100 %")
    assert page.url.endswith("/result/2")
    album.keep(page, f"passed-{seat.name}")


def test_a_text_is_marked_by_two_who_do_not_see_each_others_mark(arrive: Arrivals, seat: Seat, album: Album) -> None:
    looks: dict[str, Any] = {"size": seat.size, "language": seat.language}
    page = arrive("/learn/roads/assignment", **looks)
    page.locator("textarea").fill("На моей улице пять ям, и две из них у школы.")
    page.locator("button[value=submit]").click()
    expect(page.locator("textarea")).to_have_count(0)

    for sub, mark, comment in (("teacher-1", "59", "Мало источников."), ("teacher-2", "63", "Хороший язык.")):
        marker = arrive("/teach/roads", role="Instructor", sub=sub, **looks)
        press_next(marker)
        expect(marker.locator(".grading")).not_to_contain_text("Мало источников.")
        marker.locator("input[name=percent]").fill(mark)
        marker.locator("textarea[name=comment]").fill(comment)
        if sub == "teacher-2":
            album.keep(marker, f"second-mark-{seat.name}")
        press_next(marker)
        page.reload()
        if sub == "teacher-1":
            expect(page.locator("main")).not_to_contain_text("59 %")

    expect(page.locator("main")).to_contain_text("61 %")
    expect(page.locator("main")).to_contain_text("Хороший язык.")
    album.keep(page, f"marked-{seat.name}")
