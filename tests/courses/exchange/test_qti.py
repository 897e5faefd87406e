"""QTI 2.1, 2.2 and 3: the same item in both spellings; 1.2 as Canvas exports it; packages."""

import io
import stat
from decimal import Decimal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from courses.exchange import reading
from courses.exchange.wording import Unreadable
from tests.courses.exchange.files import entries, only, reason, taken

CHOICE = """<choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1"><prompt>Какой <b>верный</b>?</prompt>
<simpleChoice identifier="A">Первый<feedbackInline identifier="A" outcomeIdentifier="F" showHide="show">Да.</feedbackInline></simpleChoice>
<simpleChoice identifier="B">Второй</simpleChoice></choiceInteraction>"""


def item(
    interaction: str, values: str = "", *, cardinality: str = "single", kind: str = "identifier", more: str = ""
) -> str:
    """An item of QTI 2.1."""
    return (
        '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="q-1" title="Имя" adaptive="false">'
        f'<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="{kind}">{values}'
        f"</responseDeclaration><itemBody><p>Условие</p>{interaction}</itemBody>{more}</assessmentItem>"
    )


def correct(*values: str) -> str:
    """What is declared to be right."""
    return f"<correctResponse>{''.join(f'<value>{value}</value>' for value in values)}</correctResponse>"


VERSION_3 = """<?xml version="1.0" encoding="UTF-8"?>
<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="q-1" title="Имя">
<qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier">
<qti-correct-response><qti-value>A</qti-value></qti-correct-response></qti-response-declaration>
<qti-item-body><p>Условие</p><qti-choice-interaction response-identifier="RESPONSE" shuffle="true" max-choices="1">
<qti-prompt>Какой <b>верный</b>?</qti-prompt><qti-simple-choice identifier="A">Первый
<qti-feedback-inline identifier="A" outcome-identifier="F" show-hide="show">Да.</qti-feedback-inline></qti-simple-choice>
<qti-simple-choice identifier="B">Второй</qti-simple-choice></qti-choice-interaction></qti-item-body></qti-assessment-item>"""


def test_both_spellings_are_the_same_question() -> None:
    old, new = only(item(CHOICE, correct("A"))), only(VERSION_3)

    assert old.draft == new.draft
    assert (old.key, old.name) == ("q-1", "Имя")
    assert old.draft is not None
    assert old.draft.text == "Условие\nКакой верный?"
    assert [(each.text, each.is_correct, each.feedback) for each in old.draft.options] == [
        ("Первый", True, "Да."), ("Второй", False, ""),
    ]  # fmt: skip


def test_the_mapping_says_what_is_right_when_nothing_else_does() -> None:
    mapping = '<mapping><mapEntry mapKey="A" mappedValue="2"/><mapEntry mapKey="B" mappedValue="-1"/></mapping>'

    assert [each.is_correct for each in taken(item(CHOICE, mapping, cardinality="multiple")).options] == [True, False]


def test_a_text_to_fill_in_is_a_short_answer_or_a_number() -> None:
    gap = '<p>Столица <textEntryInteraction responseIdentifier="RESPONSE"/> стоит.</p>'
    equal = '<responseProcessing><equal toleranceMode="absolute" tolerance="0.5 0.5"/></responseProcessing>'

    assert taken(item(gap, correct("Бишкек"), kind="string")).text == "Условие\nСтолица _____ стоит."
    number = taken(item(gap, correct("7.5"), kind="float", more=equal))
    assert (number.answer, number.tolerance) == (Decimal("7.5"), Decimal("0.5"))


def test_an_order_and_pairs() -> None:
    choices = "".join(f'<simpleChoice identifier="{name}">{name}!</simpleChoice>' for name in "abc")
    order = f'<orderInteraction responseIdentifier="RESPONSE">{choices}</orderInteraction>'
    assert taken(item(order, correct("c", "a", "b"), cardinality="ordered")).items == ("c!", "a!", "b!")

    sides = [
        "".join(
            f'<simpleAssociableChoice identifier="{name}" matchMax="1">{name}!</simpleAssociableChoice>'
            for name in names
        )
        for names in ("abc", "xyzw")
    ]
    match = f'<matchInteraction responseIdentifier="RESPONSE"><simpleMatchSet>{sides[0]}</simpleMatchSet><simpleMatchSet>{sides[1]}</simpleMatchSet></matchInteraction>'
    found = only(item(match, correct("a z", "b y", "c x"), kind="directedPair", cardinality="multiple"))
    assert found.draft is not None
    assert found.draft.pairs == (("a!", "z!"), ("b!", "y!"), ("c!", "x!"))
    assert found.remarks == ("extra-sides",)
    assert (
        reason(item(match, correct("a z", "b z", "c x"), kind="directedPair", cardinality="multiple"))
        == "not-one-to-one"
    )


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (item(CHOICE), "not-declared"),
        (item(CHOICE + CHOICE, correct("A")), "several-interactions"),
        (item("", correct("A")), "no-interaction"),
        (item('<extendedTextInteraction responseIdentifier="RESPONSE"/>'), "type-not-here"),
        (item(CHOICE, correct("A"), more="<templateDeclaration/>"), "not-declared"),
    ],
)
def test_what_cannot_be_a_question_of_ours_is_refused(written: str, code: str) -> None:
    assert reason(written) == code


CANVAS = """<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"><assessment><section><item ident="i1" title="Имя">
<itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel><fieldentry>{kind}</fieldentry></qtimetadatafield>
</qtimetadata></itemmetadata><presentation><material><mattext texttype="text/html">&lt;p&gt;Вопрос?&lt;/p&gt;</mattext></material>
{asked}</presentation><resprocessing>{said}</resprocessing></item></section></assessment></questestinterop>"""
LABELS = "".join(
    f'<response_label ident="{name}"><material><mattext>{text}</mattext></material></response_label>'
    for name, text in (("1", "Да"), ("2", "Нет"))
)
RIGHT = '<respcondition><conditionvar>{}</conditionvar><setvar varname="SCORE">100</setvar></respcondition>'


def test_canvas_choices_numbers_and_short_answers() -> None:
    asked = f'<response_lid ident="r" rcardinality="Single"><render_choice>{LABELS}</render_choice></response_lid>'
    equal = RIGHT.format('<varequal respident="r">2</varequal>')
    single = taken(CANVAS.format(kind="multiple_choice_question", asked=asked, said=equal))
    assert [(each.text, each.is_correct) for each in single.options] == [("Да", False), ("Нет", True)]

    typed = '<response_str ident="r"><render_fib/></response_str>'
    near = RIGHT.format(
        '<or><varequal respident="r">5</varequal><and><vargte respident="r">4</vargte><varlte respident="r">6</varlte></and></or>'
    )
    number = taken(CANVAS.format(kind="numerical_question", asked=typed, said=near))
    assert (number.answer, number.tolerance) == (Decimal(5), Decimal(1))
    away = near.replace(">5<", ">9<")
    assert reason(CANVAS.format(kind="numerical_question", asked=typed, said=away)) == "several-numbers"
    short = taken(
        CANVAS.format(
            kind="short_answer_question", asked=typed, said=RIGHT.format('<varequal respident="r">Ош</varequal>')
        )
    )
    assert short.accepted == ("Ош",)
    assert reason(CANVAS.format(kind="essay_question", asked=typed, said="")) == "type-not-here"


def test_denied_choices_of_canvas_are_not_right() -> None:
    asked = f'<response_lid ident="r" rcardinality="Multiple"><render_choice>{LABELS}</render_choice></response_lid>'
    both = '<and><varequal respident="r">1</varequal><not><varequal respident="r">2</varequal></not></and>'
    draft = taken(CANVAS.format(kind="multiple_answers_question", asked=asked, said=RIGHT.format(both)))

    assert [each.is_correct for each in draft.options] == [True, False]


# Packages

MANIFEST = '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>{}</resources></manifest>'
RESOURCE = '<resource type="imsqti_item_xmlv2p1" href="{0}"><file href="{0}"/></resource>'


def package(files: dict[str, str | bytes], *, listed: list[str] | None = None, folder: str = "") -> bytes:
    """A ZIP with a manifest that lists these files."""
    made = io.BytesIO()
    names = listed if listed is not None else list(files)
    with ZipFile(made, "w", ZIP_DEFLATED) as packed:
        packed.writestr(f"{folder}imsmanifest.xml", MANIFEST.format("".join(RESOURCE.format(name) for name in names)))
        for name, data in files.items():
            packed.writestr(folder + name, data)
    return made.getvalue()


def test_every_item_of_a_package_is_reported_and_none_stops_another() -> None:
    files: dict[str, str | bytes] = {
        "items/a.xml": item(CHOICE, correct("A")),
        "items/b.xml": "<assessmentItem",
        "items/c.xml": '<!DOCTYPE x [<!ENTITY e "x">]><assessmentItem>&e;</assessmentItem>',
        "items/d.xml": VERSION_3.replace("Условие", "Другое"),
        "test.xml": "<assessmentTest/>",
    }
    found = entries(package(files, listed=[*files, "gone.xml"], folder="export/"))

    assert {each.place: each.refusal.code if each.refusal else "" for each in found} == {
        "export/items/a.xml": "",
        "export/items/b.xml": "not-xml",
        "export/items/c.xml": "not-xml",
        "export/items/d.xml": "",
        "export/gone.xml": "file-missing",
    }


def test_names_that_lead_out_and_links_are_refused() -> None:
    made = io.BytesIO(package({}, listed=["../../evil.xml", "link.xml"]))
    with ZipFile(made, "a") as packed:
        packed.writestr("../../evil.xml", item(CHOICE, correct("A")))
        link = ZipInfo("link.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    found = entries(made.getvalue())

    assert [each.refusal.facts["fault"] for each in found if each.refusal] == ["entry-outside", "entry-link"]


def test_a_bomb_is_not_unpacked() -> None:
    found = only(package({"a.xml": b" " * 9_000_000}))

    assert found.refusal is not None
    assert found.refusal.facts["fault"] == "entry-bomb"


def test_a_zip_without_a_manifest_is_not_read() -> None:
    made = io.BytesIO()
    with ZipFile(made, "w") as packed:
        packed.writestr("a.xml", VERSION_3)

    with pytest.raises(Unreadable) as caught:
        reading.read(made.getvalue())
    assert caught.value.code == "archive-unknown"
