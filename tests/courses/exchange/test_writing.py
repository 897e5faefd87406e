"""Questions of ours for other systems, and home again: whatever a format can hold comes back the same."""

from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.authoring import module_folders, read_module
from courses.exchange import markup, reading, writing
from courses.exchange.commands import CONTENT
from courses.exchange.items import Draft, Remarks
from courses.outline import Option, Pair, Question
from lms.core.i18n import LANGUAGES
from tests.courses.asked import CROSSING, asked

HELD = {
    "gift": {"single", "multiple", "numeric", "match", "short"},
    "moodle-xml": {"single", "multiple", "numeric", "match", "short", "order"},
}
EVERY_QUESTION = [
    question
    for folder in module_folders(CONTENT)
    for unit in read_module(folder).published_units
    for question in unit.questions
]


def plain(text: str) -> str:
    return markup.line_of(markup.plain(text, Remarks()))


def expected(question: Question, language: str, form: str) -> Draft:
    """What comes home; GIFT has no units."""
    unit = question.unit[language] if question.unit and form == "moodle-xml" else None
    sides = [(pair.left[language], pair.right[language]) for pair in question.pairs]
    return Draft(
        type=question.type,
        text=plain(question.text[language]),
        explanation=plain(question.explanation[language]),
        answer=question.answer,
        tolerance=question.tolerance,
        unit=unit,
        items=tuple(plain(item.text[language]) for item in question.items),
        pairs=tuple((plain(left), plain(right)) for left, right in sides),
        accepted=question.accepted.get(language, ()),
    )


def home(questions: list[Question], language: str, form: str) -> dict[str, Draft]:
    """What a reader makes of our own file, by id, each text in one line."""
    read = reading.read(writing.write(questions, language, form=form).text.encode())
    assert all(found.draft for found in read.entries), [found.said for found in read.entries]
    return {found.key: found.draft for found in read.entries if found.draft}


@pytest.mark.parametrize("form", writing.FORMATS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_that_is_taught_comes_home(form: str, language: str) -> None:
    held = [question for question in EVERY_QUESTION if question.type in HELD[form]]
    came = home(EVERY_QUESTION, language, form)

    assert len(held) > 250
    assert list(came) == [question.id for question in held]
    for question in held:
        draft = came[question.id]
        options = [(plain(each.text), each.is_correct, plain(each.feedback)) for each in draft.options]
        one_line = replace(draft, text=plain(draft.text), explanation=plain(draft.explanation), options=())
        assert one_line == expected(question, language, form)
        assert options == [
            (plain(o.text[language]), o.is_correct, plain(o.feedback[language])) for o in question.options
        ]


@pytest.mark.parametrize("form", writing.FORMATS)
def test_what_a_format_cannot_hold_is_said(form: str) -> None:
    written = writing.write(CROSSING, "ru", form=form)

    left_out = {line.split(":")[0] for line in written.said if "left out" in line}
    assert left_out == {question.id for question in CROSSING if question.type not in HELD[form]}
    assert written.count == len(CROSSING) - len(left_out)
    assert ("br1-q05: the unit (м) is not in GIFT" in written.said) == (form == "gift")
    assert "br1-q03: answers accepted in other languages are not in it" in written.said


def test_points_are_those_of_bilim() -> None:
    xml = writing.write([asked("br1-q06")], "en", form="moodle-xml").text
    shares = [each.get("fraction") for each in ElementTree.fromstring(xml).iter("answer")]

    assert shares == ["50", "50", "-50"]
    assert "~%50%" in writing.write([asked("br1-q06")], "en", form="gift").text
    assert "~%-50%" in writing.write([asked("br1-q06")], "en", form="gift").text


def texts(text: str) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, text)


STRANGE = st.text(alphabet="ab1 \\{}=~#%:*[]<>&;-→\n.\"'/$", min_size=1, max_size=30).map(lambda text: f"х{text}")


@settings(max_examples=150, deadline=None)
@given(STRANGE, STRANGE, st.lists(STRANGE, min_size=2, max_size=4), st.sampled_from(writing.FORMATS))
def test_strange_signs_come_home(text: str, explanation: str, options: list[str], form: str) -> None:
    question = replace(
        asked("br1-q07"),
        text=texts(text),
        explanation=texts(explanation),
        options=tuple(
            Option(id=f"o{place}", text=texts(each), is_correct=place == 0, feedback=texts(each))
            for place, each in enumerate(options)
        ),
    )
    draft = home([question], "ru", form)[question.id]

    assert plain(draft.text) == plain(text)
    assert plain(draft.explanation) == plain(explanation)
    assert [plain(each.text) for each in draft.options] == [plain(each) for each in options]
    assert [plain(each.feedback) for each in draft.options] == [plain(each) for each in options]


@settings(max_examples=100, deadline=None)
@given(STRANGE, st.sampled_from(writing.FORMATS), st.decimals(-(10**6), 10**6, places=4))
def test_strange_answers_and_numbers_come_home(text: str, form: str, number: Decimal) -> None:
    short = replace(asked("br1-q03"), accepted=dict.fromkeys(LANGUAGES, (text,)))
    numeric = replace(asked("br1-q05"), answer=number, tolerance=abs(number))
    pairs = tuple(Pair(id=f"p{n}", left=texts(f"{n}{text}"), right=texts(f"{text}{n}")) for n in range(3))
    match = replace(asked("br1-q02"), pairs=pairs)
    came = home([short, numeric, match], "ru", form)

    shown = text.replace("->", "→") if form == "gift" else text
    assert [plain(each) for each in came["br1-q03"].accepted] == [plain(shown)]
    assert (came["br1-q05"].answer, came["br1-q05"].tolerance) == (number, abs(number))
    assert came["br1-q02"].pairs[1] == (plain(f"1{shown}"), plain(f"{shown}1"))


def test_an_answer_that_begins_like_a_weight_is_left_out_of_gift() -> None:
    first, *rest = asked("br1-q07").options
    question = replace(asked("br1-q07"), options=(replace(first, text=texts("%50% скидки")), *rest))
    written = writing.write([question], "ru", form="gift")

    assert written.count == 0
    assert written.said == ("br1-q07: left out: an answer begins like a weight of GIFT",)


def test_a_text_that_begins_with_the_name_of_a_format_comes_home() -> None:
    question = replace(asked("br1-q07"), text=texts("[html] - что это?"), explanation=texts("[plain]"))
    draft = home([question], "ru", "gift")[question.id]

    assert (draft.text, draft.explanation) == ("[html] - что это?", "[plain]")
