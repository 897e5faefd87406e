"""Spreadsheets (XLSX) that we make. Every cell is text or a number: what somebody typed can never become a formula."""

import io
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_MADE_IN = (2026, 1, 1, 0, 0, 0)
_DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What programs take for the beginning of a formula, some of them also in a text, behind spaces or in its wide form."""
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MEDIA_TYPE = f"{_TYPE}.sheet"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Cell = str | int | None


def packed(lines: Iterable[Sequence[Cell]]) -> bytes:
    """The lines as a workbook; the first is the heading and stays in sight."""
    rows = "".join(_row(number, cells) for number, cells in enumerate(lines, 1))
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        for name, text in {**_FRAME, "xl/worksheets/sheet1.xml": _SHEET % rows}.items():
            archive.writestr(ZipInfo(name, _MADE_IN), _XML + text, ZIP_DEFLATED)
    return made.getvalue()


def harmless(text: str) -> str:
    """A text that stays one in every program, also after it was saved as CSV and opened again."""
    shown = "".join(sign for sign in text if sign.isprintable() or sign == "\n")
    return f"'{shown}" if shown.lstrip().startswith(_DANGEROUS) else shown


def plain(text: str) -> str:
    """What :func:`harmless` was given, of what came back."""
    return text[1:] if text.startswith("'") and text[1:].lstrip().startswith(_DANGEROUS) else text


def _row(number: int, cells: Sequence[Cell]) -> str:
    return f'<row r="{number}">{"".join(map(_cell, cells))}</row>'


def _cell(value: Cell) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(harmless(value))}</t></is></c>'


_SHEET = (
    f'<worksheet xmlns="{_SPREADSHEET}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="1" width="7" customWidth="1"/>'
    '<col min="2" max="18" width="22" customWidth="1"/></cols><sheetData>%s</sheetData></worksheet>'
)
_FRAME = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="Bilim" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
