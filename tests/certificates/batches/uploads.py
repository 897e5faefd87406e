"""Spreadsheets and archives as people and attackers make them, written by hand: no library refuses to write the hostile ones."""

import io
import stat
import struct
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET, STRINGS, WORKBOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"

FRAME = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    WORKBOOK: f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{RELATIONS}"><sheets>'
    '<sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>',
    STRINGS: f'<sst xmlns="{SPREADSHEET}"/>',
}
"""Everything of a spreadsheet but its sheet."""


def sheet(*rows: Sequence[str | None]) -> bytes:
    """A spreadsheet in which these texts stand, from A1 on; None is an empty cell."""
    return workbook("".join(line(number, cells) for number, cells in enumerate(rows, 1)))


def line(number: int, cells: Sequence[str | None]) -> str:
    """One row with its texts inside."""
    written = [
        f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        for place, text in enumerate(cells)
        if text is not None
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


def workbook(
    rows: str, *, after: str = "", strings: str | None = None, sheets: str = "", more: Mapping[str, bytes] | None = None
) -> bytes:
    """A package around the XML of some rows."""
    parts: dict[str, str | bytes] = {
        **FRAME,
        WORKBOOK: FRAME[WORKBOOK].replace("</sheets>", f"{sheets}</sheets>"),
        SHEET: f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{rows}</sheetData>{after}</worksheet>',
        STRINGS: strings or f'<sst xmlns="{SPREADSHEET}"/>',
    }
    return archive({**parts, **(more or {})})


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of these files."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return made.getvalue()


def stored(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of these files, not compressed: as large as it becomes."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return made.getvalue()


def archive_of_link(name: str, target: str) -> bytes:
    """A ZIP in which a file is a symbolic link."""
    made = io.BytesIO()
    info = ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(made, "w") as packed:
        packed.writestr(info, target)
    return made.getvalue()


def archive_of_two(first: str, second: str, data: bytes = b"%PDF-1.7") -> bytes:
    """A ZIP with two entries whose names are as long, the second renamed to another."""
    assert len(first.encode()) == len(second.encode())
    made = archive({first: data, "?" * len(second): data})
    return made.replace(("?" * len(second)).encode(), second.encode())


def marked_encrypted(packed: bytes) -> bytes:
    """The first entry says that it has a password."""
    return changed(packed, flags=1)


def with_size(packed: bytes, size: int) -> bytes:
    """The first entry says in the list that it becomes so large."""
    return changed(packed, size=size)


def changed(packed: bytes, *, flags: int | None = None, size: int | None = None, method: int | None = None) -> bytes:
    """The first entry of the list, altered (APPNOTE 4.3.12)."""
    data, start = bytearray(packed), packed.index(b"PK\x01\x02")
    if flags is not None:
        struct.pack_into("<H", data, start + 8, flags)
    if method is not None:
        struct.pack_into("<H", data, start + 10, method)
    if size is not None:
        struct.pack_into("<I", data, start + 24, size)
    return bytes(data)


def overlapping(packed: bytes) -> bytes:
    """The second entry of the list points at the bytes of the first."""
    data, first = bytearray(packed), packed.index(b"PK\x01\x02")
    second = packed.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)
