"""Drafts in ``imported.yaml``: empty where an author decides, the same after a second import, ready for the real reader."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from courses.exchange import drafting, unit_files
from courses.exchange.drafting import Entry
from courses.exchange.items import Found
from courses.exchange.wording import Unreadable
from courses.file_reading import Faults
from courses.lesson_reading import Known
from courses.question_reading import read_questions
from lms.core.i18n import LANGUAGES
from tests.courses.exchange.files import GIFT, entries

EVERY_TYPE = """\
::one::Один? {=да#Верно. ~нет####Потому.}

::many::Два? {~%50%a ~%50%b ~c}

::number::Сколько? {#12.50:0.1}

::short::Кто? {=Айбек =7}

::pairs::Соедините {=a->1 =b->2 =c->3}

::truth::Верно? {F}
"""


def drafted(text: str, language: str = "ru", **more: Any) -> drafting.Drafted:
    return drafting.draft(entries(text), language, **{"entries": [], "used": set(), **more})


def test_what_an_author_decides_stands_there_empty() -> None:
    (entry,) = drafted(GIFT).entries

    assert entry["id"] == "capital-1"
    assert entry["text"] == {"ky": "", "ru": "Столица Кыргызстана?", "zh": "", "en": ""}
    assert (entry["difficulty"], entry["outcome"], entry["source"]) == (None, None, None)
    assert entry["options"][0] == {
        "id": "a",
        "text": {"ky": "", "ru": "Бишкек", "zh": "", "en": ""},
        "correct": True,
        "feedback": {"ky": "", "ru": "Верно.", "zh": "", "en": ""},
    }


def test_a_key_of_another_system_always_becomes_the_same_id() -> None:
    assert drafting.question_id("br1-q01") == "br1-q01"
    assert drafting.question_id("Вопрос 1") == "imported-06f4f400e4"
    assert drafting.question_id("17") == drafting.question_id("17") != drafting.question_id("18")


def test_the_same_file_once_more_changes_nothing() -> None:
    before = drafted(EVERY_TYPE).entries
    again = drafted(EVERY_TYPE, entries=deepcopy(before))

    assert {outcome.state for outcome in again.outcomes} == {"known"}
    assert again.entries == before
    assert (again.added, again.is_rewritten) == (0, False)


def test_what_an_author_has_written_is_never_overwritten() -> None:
    before = drafted(GIFT).entries
    before[0]["text"]["ru"] = "Какой город - столица?"
    before[0]["difficulty"] = 1

    after = drafted(GIFT, entries=deepcopy(before))

    assert after.entries == before


def test_the_same_questions_in_a_second_language_fill_in_what_is_empty() -> None:
    before = drafted(GIFT).entries
    after = drafted(GIFT.replace("Столица <b>", "Борбору <b>"), "ky", entries=before)

    assert [outcome.state for outcome in after.outcomes] == ["second-language"]
    assert after.entries[0]["text"] == {"ky": "Борбору Кыргызстана?", "ru": "Столица Кыргызстана?", "zh": "", "en": ""}
    assert after.entries[0]["options"][1]["text"]["ky"] == "Ош"


def test_another_question_under_the_same_key_changes_nothing() -> None:
    before = drafted(GIFT).entries
    after = drafted(GIFT.replace("\t~Ош#Второй город.\n", ""), "ky", entries=deepcopy(before))

    assert [outcome.state for outcome in after.outcomes] == ["known"]
    assert after.entries == before


def test_a_question_that_is_taught_already_is_left_alone() -> None:
    after = drafted(GIFT, used={"capital-1"})

    assert [outcome.state for outcome in after.outcomes] == ["in-questions"]
    assert after.entries == []


def test_a_completed_draft_is_what_the_reader_of_questions_takes(tmp_path: Path) -> None:
    path = tmp_path / "questions.yaml"
    path.write_text(unit_files.text_of(drafted(EVERY_TYPE), ""), "utf-8")
    completed = [_completed(entry) for entry in unit_files.entries_of(path)]
    path.write_text(unit_files._dumped(completed), "utf-8")

    faults = Faults(tmp_path)
    questions = read_questions(path, Known(frozenset(), frozenset()), 1, faults)

    assert [str(fault) for fault in faults.found] == []
    assert [question.type for question in questions] == ["single", "multiple", "numeric", "short", "match", "single"]
    assert str(questions[2].answer) == "12.5"
    assert questions[3].accepted["zh"] == ("Айбек", "7")
    assert questions[5].options[0].text["ky"] == "Туура"


def test_a_draft_that_was_not_completed_is_named_by_the_check(tmp_path: Path) -> None:
    path = tmp_path / "questions.yaml"
    path.write_text(unit_files.text_of(drafted(GIFT), ""), "utf-8")
    faults = Faults(tmp_path)
    read_questions(path, Known(frozenset(), frozenset()), 1, faults)

    said = "\n".join(str(fault) for fault in faults.found)
    assert "ky: must not be empty" in said
    assert "difficulty: is missing" in said


def _completed(entry: Entry) -> Entry:
    return {**_filled(entry), "difficulty": 1, "outcome": 1}


def _filled(value: Any) -> Any:
    """Every empty text said as in Russian, or by a dash."""
    if isinstance(value, dict) and set(value) == set(LANGUAGES):
        return {language: text or value["ru"] or "-" for language, text in value.items()}
    if isinstance(value, dict):
        return {key: _filled(inner) for key, inner in value.items()}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value


# The file


def test_comments_of_an_author_stay_when_questions_are_added(tmp_path: Path) -> None:
    before = unit_files.text_of(drafted(GIFT), "") + "# ask Aibek about this one\n"
    path = tmp_path / "imported.yaml"
    path.write_text(before, "utf-8")
    after = drafted(EVERY_TYPE, entries=unit_files.entries_of(path))

    text = unit_files.text_of(after, before)

    assert text.startswith(before)
    assert len(yaml.safe_load(text)) == 7


@pytest.mark.parametrize("text", ["- {", "a: 1", "- " * 40 + "a"])
def test_a_file_that_cannot_be_read_is_not_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "imported.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(Unreadable) as caught:
        unit_files.entries_of(path)
    assert caught.value.code == "file-of-unit"


def test_refused_items_leave_nothing_in_the_file() -> None:
    refused: list[Found] = entries("::a::Напишите {}")

    assert drafting.draft(refused, "ru", entries=[], used=set()).entries == []
