"""Moodle XML as Moodle exports it (https://docs.moodle.org/en/Moodle_XML_format)."""

from decimal import Decimal

import pytest

from courses.exchange.items import Choice
from tests.courses.exchange.files import XML_HEAD, answer, entries, moodle, only, reason, taken

PAIR = '<subquestion format="html"><text>{}</text><answer><text>{}</text></answer></subquestion>'


def test_one_right_answer() -> None:
    draft = taken(moodle("multichoice", "<single>true</single>" + answer("Да", "100", "Верно.") + answer("Нет", "0")))

    assert draft.type == "single"
    assert draft.options == (
        Choice(text="Да", is_correct=True, feedback="Верно."),
        Choice(text="Нет", is_correct=False),
    )


def test_several_right_answers_count_the_same() -> None:
    shares = answer("a", "75") + answer("b", "25") + answer("c", "-100")
    found = only(moodle("multichoice", "<single>false</single>" + shares))

    assert found.draft is not None
    assert [option.is_correct for option in found.draft.options] == [True, True, False]
    assert found.remarks == ("equal-weights",)


def test_a_number_with_its_first_unit() -> None:
    inside = answer("12,5", "100", more="<tolerance>0.1</tolerance>") + (
        "<units><unit><multiplier>1</multiplier><unit_name>км</unit_name></unit>"
        "<unit><multiplier>1000</multiplier><unit_name>м</unit_name></unit></units>"
    )
    found = only(moodle("numerical", inside))

    assert found.draft is not None
    assert (found.draft.answer, found.draft.tolerance, found.draft.unit) == (Decimal("12.5"), Decimal("0.1"), "км")
    assert found.remarks == ("units",)


def test_the_other_types() -> None:
    assert taken(moodle("shortanswer", answer("Бишкек", "100"))).accepted == ("Бишкек",)
    assert taken(moodle("truefalse", answer("true", "0") + answer("false", "100"))).options[1].is_correct
    assert taken(moodle("ordering", "".join(answer(step, "1") for step in "abc"))).items == ("a", "b", "c")
    pairs = "".join(PAIR.format(left, right) for left, right in ("a1", "b2", "c3"))
    assert taken(moodle("matching", pairs)).pairs == (("a", "1"), ("b", "2"), ("c", "3"))


def test_a_right_side_that_belongs_to_nothing_is_left_out() -> None:
    pairs = "".join(PAIR.format(left, right) for left, right in (("a", "1"), ("b", "2"), ("c", "3"), ("", "4")))

    assert only(moodle("matching", pairs)).remarks == ("extra-sides",)


@pytest.mark.parametrize("kind", ["essay", "cloze", "calculated", "ddwtos", "description"])
def test_types_that_do_not_exist_here_are_named(kind: str) -> None:
    found = only(moodle(kind, ""))

    assert found.said == [f"questions of the type {kind} do not exist here"]


def test_a_picture_is_not_taken_and_that_is_said() -> None:
    text = '<p>Что на <img src="@@PLUGINFILE@@/map.png" alt="карте"/>?</p><script>alert(1)</script>'
    inside = "<single>true</single>" + answer("a", "100") + answer("b", "0")
    found = only(moodle("multichoice", inside, text=text))

    assert found.draft is not None
    assert found.draft.text == "Что на карте ?"
    assert found.remarks == ("picture",)


def test_a_category_is_no_item_and_the_id_number_is_the_key() -> None:
    more = '<question type="category"><category><text>x</text></category></question>'
    inside = "<idnumber>br-7</idnumber>" + answer("Бишкек", "100")

    assert only(moodle("shortanswer", inside, more=more)).key == "br-7"


def test_two_questions_of_the_same_name_have_keys_of_their_own() -> None:
    one, other = (
        f'<question type="shortanswer"><name><text>Имя</text></name><questiontext><text>{text}</text></questiontext>'
        f"{answer('x', '100')}</question>"
        for text in ("Первый", "Второй")
    )
    found = entries(f"{XML_HEAD}{one}{other}{one}</quiz>")

    assert found[0].key != found[1].key
    assert found[0].remarks == ("same-key",)
    assert found[2].refusal is not None
    assert found[2].refusal.code == "twice"


def test_a_file_that_breaks_off_keeps_what_was_whole() -> None:
    whole = moodle("shortanswer", answer("x", "100")).removesuffix("</quiz>")
    found = entries(whole + '<question type="shortanswer"><name><text>Обр')

    assert [each.refusal.code if each.refusal else "" for each in found] == ["", "cut-off"]


def test_points_that_are_no_number_spoil_one_question() -> None:
    assert reason(moodle("shortanswer", answer("x", "много"))) == "broken"
