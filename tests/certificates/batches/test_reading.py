"""What is read of a list, and each hostile form by its name. The same code runs in the cage; here it runs without one."""

import pytest

from certificates.batches import archive, reading
from certificates.batches.archive import Damaged, Place
from lms.core.archives import NotRead
from tests.certificates.batches import uploads

CODE, OTHER, NUMBER, HASH = "7Q4M-X2DN-9TVC-Z", "7Q4MX2DN9TVCZ", "2026-KG-PM000123", "ab" * 32


def rows(data: bytes) -> list[tuple[int, str, str | None]]:
    read = reading.rows_of_upload(data, ask=reading.told)
    return [(row.number, row.asked, row.fault) for row in read.rows]


def refusal(data: bytes) -> str:
    with pytest.raises(NotRead) as refused:
        reading.rows_of_upload(data, ask=reading.told)
    return refused.value.code


# Lists as people make them


def test_pasted_lines_keep_their_numbers_and_empty_ones_are_no_rows() -> None:
    read = reading.rows_of_text(f"{CODE}\n\n  {NUMBER} \r\n{HASH.upper()}\n")

    assert [(row.number, row.asked, row.kind) for row in read.rows] == [
        (1, CODE, "code"),
        (3, NUMBER, "number"),
        (4, HASH.upper(), "hash"),
    ]


def test_items_of_a_program_are_counted_also_where_one_is_empty() -> None:
    read = reading.rows_of_items([CODE, "", OTHER])

    assert [(row.number, row.fault) for row in read.rows] == [(1, None), (2, "empty"), (3, None)]


def test_the_column_is_found_with_a_heading_and_between_others() -> None:
    data = uploads.sheet(["№", "Аты-жөнү", "Код"], ["1", "Ысакова А. Ө.", CODE], ["2", "Асанов Б. Т.", NUMBER])

    assert rows(data) == [(2, CODE, None), (3, NUMBER, None)]


@pytest.mark.parametrize("heading", ["Code", "SHA-256", "编号"])
def test_a_heading_is_no_row(heading: str) -> None:
    assert rows(uploads.sheet([heading], [CODE])) == [(2, CODE, None)]


def test_a_sheet_without_a_heading_begins_with_its_first_row() -> None:
    assert rows(uploads.sheet([CODE], [OTHER])) == [(1, CODE, None), (2, OTHER, None)]


def test_a_mistyped_code_in_the_first_row_is_no_heading() -> None:
    assert rows(uploads.sheet(["7Q4M-X2DN-9TVC-0"], [CODE])) == [(1, "7Q4M-X2DN-9TVC-0", None), (2, CODE, None)]


def test_a_row_without_a_code_is_told_by_its_number() -> None:
    assert rows(uploads.sheet([CODE, "a"], [None, "b"], [OTHER, "c"]))[1] == (2, "", "empty")


def test_common_texts_are_read_without_how_they_are_pronounced() -> None:
    strings = (
        f'<sst xmlns="{uploads.SPREADSHEET}"><si><t>Code</t></si>'
        "<si><r><t>7Q4M-X2DN</t></r><r><t>-9TVC-Z</t></r><rPh><t>reading</t></rPh></si></sst>"
    )
    cells = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="7"><c r="A7" t="s"><v>1</v></c></row>'

    assert rows(uploads.workbook(cells, strings=strings)) == [(7, CODE, None)]


def test_files_of_an_archive_are_rows_and_what_systems_leave_behind_is_not() -> None:
    data = uploads.archive(
        {"list/a.pdf": b"%PDF-a", "__MACOSX/list/._a.pdf": b"x", ".DS_Store": b"x", "б.pdf": b"%PDF-b"}
    )
    read = reading.rows_of_upload(data, ask=reading.told)

    assert [(row.number, row.asked, row.kind, row.fault) for row in read.rows] == [
        (1, "list/a.pdf", "file", None),
        (2, "б.pdf", "file", None),
    ]
    assert [archive.unpacked(data, row.place) for row in read.rows if row.place] == [b"%PDF-a", b"%PDF-b"]


# What nothing is read of


def test_what_is_neither_a_spreadsheet_nor_an_archive_is_told_so() -> None:
    assert [refusal(data) for data in (b"", b"%PDF-1.7", b"code\n7Q4M", b"x" * (reading.LARGEST_BYTES + 1))] == [
        "upload-empty",
        "upload-unknown",
        "upload-unknown",
        "upload-too-large",
    ]


def test_an_empty_list_asks_nothing() -> None:
    assert refusal(uploads.sheet()) == "nothing-asked"
    assert refusal(uploads.archive({"folder/": b""})) == "nothing-asked"
    with pytest.raises(NotRead, match="nothing-asked"):
        reading.rows_of_text(" \n\n")


def test_more_than_a_thousand_rows_are_too_many() -> None:
    assert len(rows(uploads.sheet(*[[CODE]] * 1000))) == 1000
    assert refusal(uploads.sheet(*[[CODE]] * 1001)) == "too-many-rows"
    with pytest.raises(NotRead, match="too-many-rows"):
        reading.rows_of_text(f"{CODE}\n" * 1001)


def test_a_million_rows_stop_at_the_first_too_many() -> None:
    full = "".join(f'<row r="{number}"><c><v>1</v></c></row>' for number in range(1, 200_001))

    assert refusal(uploads.workbook(full)) == "too-many-rows"


def test_the_last_row_of_the_format_is_read_and_one_beyond_is_damage() -> None:
    assert rows(uploads.workbook(uploads.line(1_048_576, [CODE]))) == [(1_048_576, CODE, None)]
    assert refusal(uploads.workbook(uploads.line(1_048_577, [CODE]))) == "sheet-damaged"


def test_a_spreadsheet_with_a_password_is_told_so() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == "sheet-encrypted"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_refused(state: str) -> None:
    hidden = f'<sheet name="Two" sheetId="2" state="{state}" r:id="rId9"/>'

    assert refusal(uploads.workbook(uploads.line(1, [CODE]), sheets=hidden)) == "sheet-hidden"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("xl/externalLinks/externalLink1.xml", "sheet-external-links"),
        ("xl/vbaProject.bin", "sheet-macros"),
        ("xl/embeddings/oleObject1.bin", "sheet-embeds"),
    ],
)
def test_links_macros_and_embedded_files_are_refused(name: str, code: str) -> None:
    assert refusal(uploads.workbook(uploads.line(1, [CODE]), more={name: b"x"})) == code


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


@pytest.mark.parametrize(
    ("part", "xml"),
    [
        (uploads.SHEET, f"{LAUGHS}]><worksheet><sheetData>&j;</sheetData></worksheet>"),
        (uploads.STRINGS, f"{LAUGHS}]><sst><si><t>&j;</t></si></sst>"),
        (uploads.WORKBOOK, '<!DOCTYPE x SYSTEM "http://attacker.example/x.dtd"><workbook/>'),
        (uploads.SHEET, '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'),
    ],
    ids=["entities-in-the-sheet", "entities-in-the-texts", "foreign-declaration", "foreign-entity"],
)
def test_declarations_are_refused_before_any_entity_is_read(part: str, xml: str) -> None:
    assert refusal(uploads.workbook("", more={part: xml.encode()})) == "sheet-document-type"


@pytest.mark.parametrize(
    ("part", "xml"),
    [
        (uploads.SHEET, "<worksheet><sheetData>"),
        (uploads.SHEET, "<worksheet>&amp"),
        (uploads.WORKBOOK, "<workbook/>"),
        (uploads.SHEET, '<worksheet><row r="2"/><row r="1"/></worksheet>'),
        (uploads.SHEET, '<worksheet><row r="1"><c r="B1"/><c r="A1"/></row></worksheet>'),
        (uploads.SHEET, '<worksheet><row r="x"/></worksheet>'),
        (uploads.SHEET, '<worksheet><row><c t="s"><v>x</v></c></row></worksheet>'),
        (uploads.SHEET, '<worksheet><mergeCell ref="A1:B"/></worksheet>'),
        (uploads.SHEET, '<?xml version="1.0" encoding="nothing"?><worksheet/>'),
    ],
)
def test_a_damaged_sheet_is_told_so(part: str, xml: str) -> None:
    assert refusal(uploads.workbook("", more={part: xml.encode()})) == "sheet-damaged"


def test_a_sheet_that_unpacks_to_a_thousand_times_its_size_is_not_unpacked() -> None:
    assert refusal(uploads.workbook("<row/>" * 1_800_000)) == "entry-too-large"
    assert refusal(uploads.workbook(" " * 9_000_000)) == "entry-bomb"


def test_an_archive_that_is_cut_off_or_nothing_but_a_beginning_is_damaged() -> None:
    whole = uploads.archive({"a.pdf": b"%PDF" * 100})

    assert [refusal(whole[:-30]), refusal(b"PK\x03\x04"), refusal(b"PK" + b"\0" * 100)] == ["archive-damaged"] * 3


def test_an_archive_of_the_large_form_is_not_read() -> None:
    whole = uploads.archive({"a.pdf": b"%PDF"})
    end = whole.rindex(b"PK\x05\x06")

    assert refusal(whole[:end] + b"PK\x06\x07" + b"\0" * 16 + whole[end:]) == "archive-damaged"


def test_too_many_entries_are_refused_by_the_length_of_the_list_alone() -> None:
    assert refusal(uploads.archive({f"{n}.pdf": b"" for n in range(2001)})) == "archive-too-many-entries"


def test_entries_that_are_too_large_together_are_refused() -> None:
    data = uploads.archive({f"{n}.pdf": bytes(1_048_000) for n in range(401)})

    assert refusal(data) == "archive-too-large"


# A row at fault, the others are read


def cells(*xml: str) -> bytes:
    return uploads.workbook("".join(f'<row r="{number}">{cell}</row>' for number, cell in enumerate(xml, 1)))


GOOD = f'<c t="inlineStr"><is><t>{CODE}</t></is></c>'


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ('<c t="str"><f>CONCAT("7Q4M","X2DN")</f><v>7Q4MX2DN</v></c>', "formula"),
        ("<c><f>1+1</f></c>", "formula"),
        ('<c t="inlineStr"><is><t>=HYPERLINK("http://attacker.example")</t></is></c>', "formula"),
        ('<c t="inlineStr"><is><t>@SUM(A1)</t></is></c>', "formula"),
        ('<c t="e"><v>#REF!</v></c>', "cell-error"),
        (f'<c t="inlineStr"><is><t>{"7" * 201}</t></is></c>', "too-long"),
        (f'<c t="inlineStr"><is><t>{"7" * 100_000}</t></is></c>', "too-long"),
        ('<c t="inlineStr"><is><t>7Q4M\u202e7Q4M</t></is></c>', "control-characters"),
    ],
)
def test_a_cell_that_is_no_plain_text_is_told_and_the_next_is_read(cell: str, fault: str) -> None:
    read = rows(cells(GOOD, cell, GOOD))

    assert [one[2] for one in read] == [None, fault, None]
    assert all(len(asked) <= 200 for _number, asked, _fault in read)


def test_merged_cells_are_told_and_the_others_are_read() -> None:
    lines = "".join(uploads.line(number, [CODE, "x"]) for number in (1, 2, 5))
    merged = '<mergeCells><mergeCell ref="A2:B3"/><mergeCell ref="B5:C1048576"/></mergeCells>'

    assert [(number, fault) for number, _asked, fault in rows(uploads.workbook(lines, after=merged))] == [
        (1, None),
        (2, "merged-cell"),
        (5, None),
    ]


@pytest.mark.parametrize(
    ("data", "name", "fault"),
    [
        (uploads.archive({"../../etc/passwd": b"%PDF"}), "../../etc/passwd", "entry-outside"),
        (uploads.archive({"/etc/passwd": b"%PDF"}), "/etc/passwd", "entry-outside"),
        (uploads.archive({"a\\..\\b.pdf": b"%PDF"}), "a\\..\\b.pdf", "entry-outside"),
        (uploads.archive({"C:b.pdf": b"%PDF"}), "C:b.pdf", "entry-outside"),
        (uploads.archive_of_link("a.pdf", "/etc/passwd"), "a.pdf", "entry-link"),
        (uploads.marked_encrypted(uploads.archive({"a.pdf": b"%PDF"})), "a.pdf", "entry-encrypted"),
        (uploads.changed(uploads.archive({"a.pdf": b"%PDF"}), method=14), "a.pdf", "entry-method"),
        (uploads.with_size(uploads.archive({"a.pdf": b"%PDF"}), 11_000_000), "a.pdf", "entry-too-large"),
        (uploads.archive({"a.pdf": b"%PDF" + b"0" * 5_000_000}), "a.pdf", "entry-bomb"),
        (uploads.archive({"a.zip": b"%PDF"}), "a.zip", "entry-archive"),
        (uploads.archive({"a.pdf": uploads.archive({"b.pdf": b"%PDF"})}), "a.pdf", "entry-archive"),
    ],
)
def test_a_hostile_entry_is_told_and_never_located(data: bytes, name: str, fault: str) -> None:
    (row,) = reading.rows_of_upload(data, ask=reading.told).rows

    assert (row.asked, row.fault, row.place) == (name, fault, None)


def test_the_same_name_twice_is_read_once() -> None:
    assert rows(uploads.archive_of_two("a.pdf", "A.PDF")) == [(1, "a.pdf", None), (2, "A.PDF", "entry-twice")]


def test_entries_that_share_their_bytes_are_damaged() -> None:
    data = uploads.overlapping(uploads.archive({"a.pdf": b"%PDF" * 9, "b.pdf": b"%PDF" * 9}))

    assert [fault for _number, _asked, fault in rows(data)] == ["entry-damaged", "entry-damaged"]


def test_an_entry_that_becomes_more_or_other_than_the_list_says_is_damaged() -> None:
    data = uploads.archive({"a.pdf": b"%PDF" * 100})
    place = reading.rows_of_upload(data, ask=reading.told).rows[0].place
    assert place is not None
    start, packed, size, crc, method = place.told()

    assert archive.unpacked(data, place) == b"%PDF" * 100
    for wrong in (
        [start, packed, size - 1, crc, method],
        [start, packed, size, crc ^ 1, method],
        [start + 1, packed, size, crc, method],
    ):
        with pytest.raises(Damaged):
            archive.unpacked(data, Place.of(wrong))


# The cage is not believed


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"form": "zip", "rows": [[1, "a"]]},
        {"form": "zip", "rows": [[1, "a", None, [0, 1, 99_000_000, 0, 0]]]},
        {"form": "zip", "rows": [[1, "a", None, [-1, 1, 1, 0, 0]]]},
        {"form": "xlsx", "rows": [["x", "a", None, None]]},
        {"form": "xlsx", "rows": [[1, None, None, None]]},
    ],
)
def test_an_answer_of_a_reader_that_was_taken_over_is_no_list(answer: object) -> None:
    with pytest.raises(NotRead, match="exceeds-limits"):
        reading.rows_of_upload(b"PK", ask=lambda _data: answer)
