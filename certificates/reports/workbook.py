"""A report as a spreadsheet: every line of it, in one sheet, the same bytes for the same figures."""

from collections.abc import Mapping
from typing import Any

from certificates.dashboards import wording as figure_words
from certificates.dashboards.figures import FIGURES
from certificates.reports import periods, wording
from certificates.reports.models import ReportEdition
from lms.core import workbooks
from lms.core.i18n import _, pick
from lms.core.workbooks import MEDIA_TYPE, Cell

__all__ = ["MEDIA_TYPE", "make"]


def make(edition: ReportEdition, figures: Mapping[str, Any]) -> bytes:
    """The workbook, in the language that is spoken now."""
    names = figures["names"]
    lines: list[list[Cell]] = [["", _("By"), _("Line"), *(str(figure_words.TITLES[name]) for name in FIGURES)]]
    for number, found in enumerate(figures["lines"], 1):
        by = "" if found["by"] == "all" else str(figure_words.NAMES[found["by"]])
        lines.append([number, by, wording.line(names, found["by"], found["key"]), *(found[name] for name in FIGURES)])
    lines.append([])
    lines += [[None, label, text] for label, text in _about(edition, figures)]
    for by, key, figure, before, after in edition.differences:
        title = str(figure_words.TITLES[figure])
        lines.append([None, _("Changed"), wording.place(names, by, key), title, before, after])
    return workbooks.packed(lines)


def _about(edition: ReportEdition, figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Bureau"), pick(figures["organisation"]["names"])),
        (_("Period"), periods.words(edition.period)),
        (_("Edition"), str(edition.number)),
        (_("Reason"), edition.reason),
        (_("SHA-256 of the figures"), edition.figures_sha256),
    ]
