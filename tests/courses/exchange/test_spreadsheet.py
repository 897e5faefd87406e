"""Questions in a spreadsheet: columns by their names, in the languages of teachers."""

from decimal import Decimal

import pytest

from courses.exchange import reading
from courses.exchange.wording import Unreadable
from tests.certificates.batches.uploads import line, sheet, workbook
from tests.courses.exchange.files import entries, only, reason

HEADING = ("№", "Вопрос", "A", "Б", "В", "Правильный ответ", "Пояснение")


def test_columns_are_known_by_their_names() -> None:
    found = only(sheet(("Тест по дорогам",), HEADING, ("1", "Столица?", "Ош", "Бишкек", None, "Б", "С 1924 года.")))

    assert found.place == "row 3"
    assert found.draft is not None
    assert (found.draft.type, found.draft.explanation) == ("single", "С 1924 года.")
    assert [(each.text, each.is_correct) for each in found.draft.options] == [("Ош", False), ("Бишкек", True)]


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("A", [True, False, False]),
        ("1; 3", [True, False, True]),
        ("b,c", [False, True, True]),
        ("три", [False, False, True]),
    ],
)
def test_an_answer_is_a_letter_a_number_or_the_text(answer: str, right: list[bool]) -> None:
    found = only(
        sheet(("question", "option a", "option b", "option c", "answer"), ("Что?", "раз", "два", "три", answer))
    )

    assert found.draft is not None
    assert [each.is_correct for each in found.draft.options] == right


def test_every_type_has_a_row() -> None:
    rows = [
        ("Тип", "Вопрос", "A", "B", "C", "Ответ", "Погрешность", "Единица"),
        ("число", "Сколько?", None, None, None, "12,5", "0,1", "км"),
        ("краткий ответ", "Кто?", None, None, None, "Айбек; Бек", None, None),
        ("порядок", "Расставьте", "раз", "два", "три", None, None, None),
        ("соответствие", "Соедините", "a -> 1", "b -> 2", "c = 3", None, None, None),
        ("верно/неверно", "Земля круглая", None, None, None, "Верно", None, None),
        (None, "Число без типа?", None, None, None, "7", None, None),
    ]
    drafts = [found.draft for found in entries(sheet(*rows)) if found.draft]

    assert [draft.type for draft in drafts] == ["numeric", "short", "order", "match", "single", "numeric"]
    assert (drafts[0].answer, drafts[0].tolerance, drafts[0].unit) == (Decimal("12.5"), Decimal("0.1"), "км")
    assert drafts[1].accepted == ("Айбек", "Бек")
    assert drafts[3].pairs == (("a", "1"), ("b", "2"), ("c", "3"))


def test_points_may_stand_behind_each_answer() -> None:
    rows = (
        ("questionText", "single", "answer1", "fraction", "answer2", "fraction"),
        ("Что?", "true", "раз", "0", "два", "100"),
    )
    found = only(sheet(*rows))

    assert found.draft is not None
    assert [each.is_correct for each in found.draft.options] == [False, True]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("1", "Столица?", "Ош", "Бишкек", None, "Г", None), "unknown-column-value"),
        (("1", "Столица?", "Ош", "Бишкек", None, None, None), "no-answer"),
        (("1", "", "Ош", "Бишкек", None, "A", None), "no-text"),
    ],
)
def test_a_mistake_is_named(row: tuple[str | None, ...], code: str) -> None:
    assert reason(sheet(HEADING, row)) == code


def test_a_formula_is_never_read() -> None:
    rows = line(1, HEADING) + '<row r="2"><c r="B2"><f>HYPERLINK("http://x.example")</f><v>Столица?</v></c></row>'

    assert reason(workbook(rows)) == "formula"


def test_a_sheet_without_a_heading_says_so() -> None:
    with pytest.raises(Unreadable) as caught:
        reading.read(sheet(("Столица?", "Ош", "Бишкек")))
    assert caught.value.code == "sheet-without-heading"
