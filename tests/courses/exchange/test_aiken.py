"""Aiken (https://docs.moodle.org/en/Aiken_format)."""

import pytest

from courses.exchange.items import Choice
from tests.courses.exchange.files import entries, reason, taken

QUESTION = "Столица?\nA) Ош\nB. Бишкек\nANSWER: {}\n"


@pytest.mark.parametrize("letter", ["B", "b", "В"])  # the last one is Cyrillic
def test_the_letter_names_the_right_answer(letter: str) -> None:
    assert taken(QUESTION.format(letter)).options == (
        Choice(text="Ош", is_correct=False),
        Choice(text="Бишкек", is_correct=True),
    )


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (QUESTION.format("C"), "broken"),
        ("Столица?\nA) Ош\nANSWER: A\n", "few-options"),
        ("Столица?\nA) Ош\nA) Бишкек\nANSWER: A\n", "broken"),
        ("A) Ош\nB) Бишкек\nANSWER: A\n", "no-text"),
    ],
)
def test_a_mistake_is_named(written: str, code: str) -> None:
    assert reason(written) == code


def test_a_question_without_its_answer_stops_no_other() -> None:
    found = entries(f"Первый?\nA) a\nB) b\n\n{QUESTION.format('B')}")

    assert [each.refusal.code if each.refusal else "" for each in found] == ["no-answer", ""]
    assert [each.place for each in found] == ["line 1", "line 5"]
