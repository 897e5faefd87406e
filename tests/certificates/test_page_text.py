from io import BytesIO

import pikepdf
import pytest

from certificates import page_text


def drawn(content: bytes) -> bytes:
    """A page in a font of one byte, whose letters are two further in the alphabet than they look."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    table = b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <41> <5A> <0043> endbfrange"
    table += b" 1 beginbfchar <20> <0020> endbfchar"
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, ToUnicode=pdf.make_indirect(pikepdf.Stream(pdf, table))
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    page.Contents = pdf.make_indirect(pikepdf.Stream(pdf, content))
    saved = BytesIO()
    pdf.save(saved)
    return saved.getvalue()


def lines(content: bytes) -> tuple[str, ...]:
    return page_text.read(drawn(content)).lines


def test_letters_are_what_the_font_says_and_not_how_they_are_written() -> None:
    assert lines(b"BT /F 10 Tf 10 700 Td (AB) Tj ET") == ("CD",)


def test_text_is_told_from_top_to_bottom_and_from_left_to_right() -> None:
    content = b"BT /F 10 Tf 10 100 Td (A) Tj 0 500 Td (B) Tj 50 0 Td (C) Tj ET"

    assert lines(content) == ("D", "E", "C")


def test_the_page_may_be_turned_around() -> None:
    assert lines(b"1 0 0 -1 0 800 cm BT /F 10 Tf 10 700 Td (A) Tj 0 -600 Td (B) Tj ET") == ("D", "C")


def test_a_run_in_pieces_is_one_text() -> None:
    assert lines(b"BT /F 10 Tf 10 700 Td [(A) -200 (B) 30 (C)] TJ ET") == ("CDE",)


def test_lines_that_follow_by_the_leading_are_found() -> None:
    assert lines(b"BT /F 10 Tf 12 TL 10 700 Td (A) Tj T* (B) Tj (C) ' ET") == ("C", "D", "E")


def test_a_font_that_was_set_inside_is_forgotten_outside() -> None:
    assert lines(b"q BT /F 10 Tf 10 700 Td (A) Tj ET Q BT 10 600 Td (B) Tj ET") == ("C",)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK", b"%PDF-1.7\n%%EOF"])
def test_what_cannot_be_read_has_no_contents(data: bytes) -> None:
    assert page_text.read(data) == page_text.Contents()


def test_a_certificate_is_read_in_all_its_scripts(sealed: bytes) -> None:
    contents = page_text.read(sealed)

    assert contents.document_id == "3f2c8a52-6f0e-4b52-9a35-0d1a5a3f7c10"
    assert {"Ысакова Айгүл Өмүрбековна", "艾古丽", "Aigul Ysakova", "2026-KG-PM000123"} <= set(contents.lines)


def test_attachments_are_read_up_to_a_limit(sealed: bytes) -> None:
    saved = BytesIO()
    with pikepdf.open(BytesIO(sealed)) as pdf:
        pdf.attachments["credential.jwt"] = pikepdf.AttachedFileSpec(pdf, b"abc", filename="credential.jwt")
        pdf.attachments["film.mp4"] = pikepdf.AttachedFileSpec(pdf, b"x" * 1_600_000, filename="film.mp4")
        pdf.save(saved)

    assert [(one.name, one.data) for one in page_text.read(saved.getvalue()).attachments] == [
        ("credential.jwt", b"abc")
    ]
