from io import BytesIO
from zipfile import ZipFile

import pytest

from lms.core import workbooks

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    "\u200b=HYPERLINK(1)",
    "\ufeff=1",
    "\x00=1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
]
"""OWASP's list of beginnings; after signs that nobody sees; and in the wide forms that some programs read as the same."""


@pytest.mark.parametrize("typed", FORMULAS)
def test_what_begins_like_a_formula_is_a_text_in_every_program(typed: str) -> None:
    assert workbooks.harmless(typed).startswith("'")


@pytest.mark.parametrize("typed", ["=1+1", "-1", "＝1", "Айгүл", "'quoted'", "12", ""])
def test_what_comes_back_is_what_was_typed(typed: str) -> None:
    assert workbooks.plain(workbooks.harmless(typed)) == typed


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    with ZipFile(BytesIO(workbooks.packed([FORMULAS, [1, None, "<f>1</f>"]]))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()

    assert "<f>" not in sheet
    assert sheet.count('t="inlineStr"') == len(FORMULAS) + 1
    assert sheet.count('<t xml:space="preserve">\'') == len(FORMULAS)
