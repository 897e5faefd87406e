"""When two short texts are the same answer."""

import pytest
from hypothesis import given, strategies

from courses.short_answers import normalised


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("Отчёт", "отчет"),
        ("ОТЧЕТ", "отчет"),
        ("  акт осмотра ", "акт осмотра"),
        ("акт   осмотра", "акт осмотра"),
        ("акт\u00a0осмотра", "акт осмотра"),
        ("«Акт осмотра».", "акт осмотра"),
        ("акт!", "акт"),
        ("(акт)", "акт"),
        ("Ｅ－Ｋｙｚｍａｔ", "e-kyzmat"),
        ("e\u2011Kyzmat", "e-kyzmat"),
        ("检查记录。", "检查记录"),
        ("курултай, жыйын", "курултай, жыйын"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("40 %", "40 %"),
        ("40\u00ad5", "405"),
        ("...", ""),
        ("", ""),
    ],
)
def test_a_text_is_compared_without_what_does_not_matter(typed: str, compared: str) -> None:
    assert normalised(typed) == compared


@pytest.mark.parametrize(("one", "other"), [("акт", "акты"), ("кут", "күт"), ("тоо", "төө"), ("40", "40 %")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(strategies.text(max_size=80))
def test_comparing_twice_changes_nothing(typed: str) -> None:
    assert normalised(normalised(typed)) == normalised(typed)
