"""GIFT as Moodle reads it, and as teachers write it (https://docs.moodle.org/en/GIFT_format)."""

from decimal import Decimal

import pytest

from courses.exchange.items import Choice, Draft
from tests.courses.exchange.files import GIFT, entries, only, reason, taken


def test_a_question_with_one_right_answer() -> None:
    found = only(GIFT)

    assert (found.place, found.name, found.key) == ("line 1", "Столица", "capital-1")
    assert found.draft == Draft(
        type="single",
        text="Столица Кыргызстана?",
        explanation="Столица с 1924 года.",
        options=(
            Choice(text="Бишкек", is_correct=True, feedback="Верно."),
            Choice(text="Ош", is_correct=False, feedback="Второй город."),
            Choice(text="Токмок", is_correct=False),
        ),
    )
    assert found.remarks == ("partly-right",)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Сколько? {#1822:5}", "numeric"),
        ("Кто? {=Айбек =Бекжан}", "short"),
        ("Соедините {=a -> 1 =b -> 2 =c -> 3}", "match"),
        ("Два верных {~%50%a ~%50%b ~%-100%c}", "multiple"),
        ("Верно ли? {TRUE}", "single"),
        ("Один {=a ~b}", "single"),
    ],
)
def test_the_answers_say_the_type(written: str, kind: str) -> None:
    assert taken(written).type == kind


@pytest.mark.parametrize(
    ("written", "value", "tolerance"),
    [("{#3}", "3", "0"), ("{#3,5:0,1}", "3.5", "0.1"), ("{#1..5}", "3", "2"), ("{#=%100%7:1#Да =%50%7:2}", "7", "1")],
)
def test_a_number_with_its_tolerance(written: str, value: str, tolerance: str) -> None:
    draft = taken(f"Сколько? {written}")

    assert (draft.answer, draft.tolerance) == (Decimal(value), Decimal(tolerance))


def test_escaped_signs_are_signs() -> None:
    draft = taken(r"::a\:b::Что такое \{x\} \= 1 \~ 2 \# 3?\nВторая строка {=a\=b ~c\\d}")

    assert draft.text == "Что такое {x} = 1 ~ 2 # 3?\nВторая строка"
    assert [option.text for option in draft.options] == ["a=b", r"c\d"]


def test_words_behind_the_answers_make_a_gap() -> None:
    found = only("Столица {=Бишкек ~Ош} стоит на Чуе.")

    assert found.draft is not None
    assert found.draft.text == "Столица _____ стоит на Чуе."
    assert found.remarks == ("gap",)


def test_a_statement_is_named_by_us_and_keeps_its_comments() -> None:
    draft = taken("Земля круглая.{TRUE#Нет, круглая.#Да.}")

    assert draft.is_truth
    assert draft.options == (
        Choice(text="True", is_correct=True, feedback="Да."),
        Choice(text="False", is_correct=False, feedback="Нет, круглая."),
    )


def test_an_answer_of_one_letter_is_no_statement() -> None:
    assert taken("Какая буква? {=T}").accepted == ("T",)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("::a::Напишите {}", "type-not-here"),
        ("::a::Просто текст", "type-not-here"),
        ("::a::Два {=a =b ~c}", "several-right"),
        ("::a::Нет верного {~a ~b}", "no-answer"),
        ("::a::Сколько? {#много}", "not-a-number"),
        ("::a::Сколько? {#1e999999}", "not-a-number"),
        ("::a::Сколько? {#1 =2}", "several-numbers"),
        ("::a::Соедините {=a->1 =b->2}", "count-of-pairs"),
        ("::a::Соедините {=a->1 =b->1 =c->2}", "sides-repeated"),
        ("::a::Любое {=*}", "only-patterns"),
        ("::a::{=a ~b}", "no-text"),
        ("::a::Пусто {= ~b}", "empty-answer"),
        ("::a::Много {" + "=a->b " * 101 + "}", "many-answers"),
        ("::a::Незакрыто {=a ~b", "broken"),
    ],
)
def test_what_cannot_be_a_question_of_ours_is_refused_with_the_reason(written: str, code: str) -> None:
    assert reason(written) == code


def test_a_broken_question_stops_no_other() -> None:
    found = entries("::1::Незакрыто {=a ~b\n\n::2::Целый {=a ~b}\n\nБез имени {=a ~\n\nЕщё один {=c ~d}\n")

    assert [(each.place, each.draft is not None) for each in found] == [
        ("line 1", False), ("line 3", True), ("line 5", False), ("line 7", True),
    ]  # fmt: skip


def test_an_empty_line_between_answers_is_taken() -> None:
    assert len(taken("Один? {\n=a\n\n~b\n}\n").options) == 2


def test_questions_need_no_empty_line_when_they_have_names() -> None:
    assert [each.name for each in entries("::1::Один {=a ~b}\n// слово\n::2::Два {=a ~b}\n$CATEGORY: x\n::3::Три {=a ~b}")] == [
        "1", "2", "3",
    ]  # fmt: skip


def test_a_star_stands_for_anything_unless_it_is_escaped() -> None:
    found = only(r"Что? {=5\\*3 =пять*}")

    assert found.draft is not None
    assert found.draft.accepted == ("5*3",)
    assert found.remarks == ("patterns",)


@pytest.mark.parametrize("answer", ["All of the above", "Все вышеперечисленные", "以上都对"])
def test_an_answer_about_those_above_it_is_remarked(answer: str) -> None:
    assert only(f"Что? {{~a ~b ={answer}}}").remarks == ("above",)
