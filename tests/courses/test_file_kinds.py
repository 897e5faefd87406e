"""What a file is, by its content."""

from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import file_kinds


def packed(*names: str, mimetype: str = "") -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


TYPES = "[Content_Types].xml"
OPEN_TEXT = "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n...", "pdf"),
        (b"\xff\xd8\xff\xe0..", "jpg"),
        (b"\x89PNG\r\n\x1a\n..", "png"),
        (packed(TYPES, "word/document.xml"), "docx"),
        (packed(TYPES, "xl/workbook.xml"), "xlsx"),
        (packed(TYPES, "ppt/presentation.xml"), "pptx"),
        (packed("content.xml", mimetype=OPEN_TEXT), "odt"),
        ("Көчө жөнүндө.\n".encode(), "txt"),
        (b"MZ\x90\x00", None),
        (b"\x7fELF\x02\x01\x01\x00", None),
        (b"<html>\x00", None),
        (b" %PDF-1.7", "txt"),
        (b"PK\x03\x04broken", None),
        (packed("evil.exe"), None),
        (packed(TYPES, "word/document.xml", "word/vbaProject.bin"), None),
        (packed("content.xml", "Basic/script-lc.xml", mimetype=OPEN_TEXT), None),
        (packed("content.xml", mimetype="application/x-unknown"), None),
        (b"", None),
    ],
)
def test_the_content_tells_what_a_file_is(data: bytes, kind: str | None) -> None:
    assert file_kinds.kind_of(data) == kind


@given(st.binary(max_size=300))
def test_any_bytes_are_looked_at_without_a_fault(data: bytes) -> None:
    assert file_kinds.kind_of(data) in {*file_kinds.MEDIA_TYPES, None}
    assert file_kinds.kind_of(b"PK\x03\x04" + data) in {*file_kinds.MEDIA_TYPES, None}


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Отчёт.pdf", "Отчёт.pdf"),
        ("C:\\docs\\report.final.exe", "report.final.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("a\u202egnp.exe", "a gnp.pdf"),
        ("", "file.pdf"),
        (".pdf", "pdf.pdf"),
        ("no ending", "no ending.pdf"),
        ('in"valid?.docx', "in-valid-.pdf"),
    ],
)
def test_a_name_leads_nowhere_and_has_the_ending_of_what_the_file_is(name: str, clean: str) -> None:
    assert file_kinds.clean_name(name, "pdf") == clean
