"""Marks as a spreadsheet."""

import re
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from courses import mark_sheet_reading, mark_sheets
from courses.marking_models import MarkSheet
from lms.core import archives, clock, sheets, workbooks
from lms.core.archives import NotRead
from lms.core.db import db, reading, transaction
from tests.certificates.batches.uploads import line, sheet, workbook
from tests.courses.conftest import Launching, Visitor, counted_queries
from tests.courses.views.test_instructor import marks, work_of
from tests.courses.views.test_marking import TWO, give, ruled  # noqa: F401  ruled is a fixture

HEADS = ("Text [text]", "Name", "Mark [mark]", "Comment [comment]", "So far [seen]")


def outcomes(*rows: tuple[str | None, ...]) -> list[str]:
    return [each.outcome for each in mark_sheet_reading.read(sheet(HEADS, *rows))]


@pytest.mark.parametrize(
    ("written", "outcome", "percent"),
    [
        ("85", "new", 85),
        ("85.0", "new", 85),
        ("85 %", "new", 85),
        ("0", "new", 0),
        ("100", "new", 100),
        ("101", "mark-not-valid", None),
        ("0.85", "mark-not-valid", None),
        ("-1", "mark-not-valid", None),
        ("хорошо", "mark-not-valid", None),
        ("٨٥", "mark-not-valid", None),
        (None, "empty", None),
    ],
)
def test_a_mark_is_a_whole_number_or_the_row_says_why_not(
    written: str | None, outcome: str, percent: int | None
) -> None:
    (found,) = mark_sheet_reading.read(sheet(HEADS, ("id-1", "A", written, "", "0")))

    assert (found.outcome, found.percent, found.row) == (outcome, percent, 2)


def test_columns_may_be_moved_and_others_added() -> None:
    (found,) = mark_sheet_reading.read(sheet(("x", "Оценка [mark]", "Текст [text]"), (None, "77", "id-1")))

    assert (found.submission_id, found.percent, found.seen) == ("id-1", 77, None)


def test_a_formula_is_never_a_mark() -> None:
    rows = (
        line(1, HEADS)
        + '<row r="2"><c r="A2" t="inlineStr"><is><t>id-1</t></is></c><c r="C2"><f>1+1</f><v>2</v></c></row>'
    )

    assert [each.outcome for each in mark_sheet_reading.read(workbook(rows))] == ["formula"]


def test_a_comment_that_looks_like_a_formula_goes_out_harmless_and_comes_back_as_it_was() -> None:
    packed = workbooks.packed([list(HEADS), ["id-1", "A", 70, "=HYPERLINK(1)\nвторая строка", 0]])

    cell = sheets.read(archives.opened(packed), sheets.Limits(rows=5, text=500), lambda text: (text, None)).lines[2][4]
    (found,) = mark_sheet_reading.read(packed)

    assert cell.text.startswith("'=")
    assert found.comment == "=HYPERLINK(1)\nвторая строка"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "upload-empty"),
        (b"x" * (5 * 1024 * 1024 + 1), "upload-too-large"),
        (b"id;mark\n1;2", "upload-unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet-encrypted"),
        (b"PK\x03\x04", "archive-damaged"),
        (sheet(("a", "b"), ("c", "d")), "sheet-without-heading"),
        (workbook("", sheets='<sheet name="Two" sheetId="2" state="hidden" r:id="rId1"/>'), "sheet-hidden"),
    ],
)
def test_what_is_no_plain_list_of_marks_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(NotRead) as refused:
        mark_sheet_reading.read(data)

    assert refused.value.code == code


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_texts_in_the_cells_give_a_report_and_no_fault(mark: str, comment: str) -> None:
    packed = workbooks.packed([list(HEADS), ["id-1", "A", mark, comment, "0"]])

    try:
        lines = mark_sheet_reading.read(packed)
    except NotRead:
        return
    assert len(lines) == 1


# With people


def listed(teacher: Visitor) -> dict[str, list[str]]:
    """The exported rows by the name of the trainee."""
    answer = teacher.get("/teach/roads/marks.xlsx")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    read = sheets.read(archives.opened(answer.data), sheets.Limits(rows=500, text=4000), lambda text: (text, None))
    rows = [
        [cells[at].text if at in cells else "" for at in range(1, 10)] for _row, cells in sorted(read.lines.items())
    ]
    return {row[1]: row for row in rows}


def send(teacher: Visitor, *rows: tuple[str, ...]) -> Any:
    return teacher.post("/teach/roads/marks", file=(BytesIO(sheet(HEADS, *rows)), "marks.xlsx"))


def kept() -> list[MarkSheet]:
    with reading():
        return list(db.session.scalars(select(MarkSheet)))


def test_a_list_goes_out_is_filled_in_looked_at_and_taken_over_once(launched: Launching, teacher: Visitor) -> None:
    for sub, name in (("p-1", "Бермет Асанова"), ("p-2", "Азамат Бакиров")):
        launched(sub, name=name).submit_work()
    rows = listed(teacher)
    assert rows["Бермет Асанова"][6:] == ["", "", "0"]

    answer = send(teacher, (rows["Бермет Асанова"][0], "", "81", "Хорошо."), (rows["Азамат Бакиров"][0], "", "", ""))
    path = re.sub(r"^.*(/teach/)", r"\1", answer.location)
    page = teacher.get(path).text
    assert "Marks to take over: 1. Rows to correct: 0." in page
    assert marks() == []
    for _ in range(2):
        assert teacher.post(path).status_code == 303

    assert marks() == [(81, "Хорошо.")]
    assert listed(teacher)["Бермет Асанова"][6:] == ["81", "Хорошо.", "1"]


def test_every_bad_row_is_named_and_the_good_ones_wait(launched: Launching, trainee: Visitor, teacher: Visitor) -> None:
    trainee.submit_work()
    work = work_of("person-17")

    answer = send(
        teacher, (work, "", "70", "", "0"), (work, "", "71", "", "0"), ("nothing", "", "50", ""), (work, "", "x", "")
    )
    path = re.sub(r"^.*(/teach/)", r"\1", answer.location)

    assert [each["outcome"] for each in kept()[0].lines] == ["new", "text-twice", "text-unknown", "text-twice"]
    assert "Rows to correct: 3" in teacher.get(path).text


def test_a_list_that_has_become_stale_sets_nothing_at_all(launched: Launching, teacher: Visitor) -> None:
    for sub in ("p-1", "p-2"):
        launched(sub).submit_work()
    answer = send(teacher, *[(work_of(sub), "", "70", "", "0") for sub in ("p-1", "p-2")])
    path = re.sub(r"^.*(/teach/)", r"\1", answer.location)
    give(launched("teacher-2", role="Instructor"), 90, sub="p-2")

    refused = teacher.post(path)

    assert refused.status_code == 409
    assert "Row 3 cannot be taken over any more" in refused.text
    assert marks() == [(90, "")]


def test_a_list_does_not_show_a_first_mark_to_the_second_marker_and_does_not_go_round_the_rule(
    ruled: Any,  # noqa: F811
    launched: Launching,
    trainee: Visitor,
    teacher: Visitor,
) -> None:
    ruled(TWO)
    trainee.submit_work()
    give(teacher, 60, comment="Geheim-17")
    second = launched("teacher-2", role="Instructor")

    (row,) = [row for row in listed(second).values() if row[0] == work_of("person-17")]
    answer = send(second, (row[0], "", "62", "", row[8]))
    second.post(re.sub(r"^.*(/teach/)", r"\1", answer.location))

    assert row[6:] == ["", "", "1"]
    assert [percent for percent, _comment in marks()] == [60, 62, 61]


def test_nobody_else_takes_over_a_list_and_a_day_later_it_is_gone(
    launched: Launching, trainee: Visitor, teacher: Visitor
) -> None:
    trainee.submit_work()
    answer = send(teacher, (work_of("person-17"), "", "70", "", "0"))
    path = re.sub(r"^.*(/teach/)", r"\1", answer.location)
    other = launched("teacher-2", role="Instructor")
    assert other.post(path).status_code == 404
    with transaction():
        db.session.scalars(select(MarkSheet)).one().made_at = clock.now() - mark_sheets.KEPT * 2

    mark_sheets.forget("mark-sheets")

    assert kept() == []


def test_looking_at_a_list_asks_as_often_for_many_rows_as_for_one(launched: Launching, teacher: Visitor) -> None:
    for sub in ("p-1", "p-2", "p-3", "p-4"):
        launched(sub).submit_work()
    send(teacher, (work_of("p-1"), "", "70", "", "0"))
    with counted_queries() as few:
        send(teacher, (work_of("p-1"), "", "70", "", "0"))

    with counted_queries() as many:
        send(teacher, *[(work_of(sub), "", "70", "", "0") for sub in ("p-1", "p-2", "p-3", "p-4")])

    assert len([each for each in many if "PRAGMA" not in each]) - 3 * 2 <= len(few)
