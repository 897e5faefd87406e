"""The answers as a spreadsheet (XLSX). Every cell is text or a number: what somebody typed can never become a formula."""

from collections.abc import Sequence

from certificates import wording as verdict_words
from certificates.batches import wording
from certificates.batches.answers import Answered
from lms.core.i18n import _, pick
from lms.core.workbooks import MEDIA_TYPE, Cell, harmless, packed

__all__ = ["MEDIA_TYPE", "harmless", "make", "packed"]


def make(found: Sequence[Answered]) -> bytes:
    """A workbook of one sheet, in the language that is spoken now."""
    heads = (
        *(
            _("Row"),
            _("What was asked"),
            _("Answer"),
            _("To be accepted"),
            _("Why"),
            _("In the register"),
            _("Since"),
            _("Replaced by"),
        ),
        *(_("Register number"), _("Holder"), _("Holder in Latin letters"), _("Module"), _("Academic hours")),
        *(_("Completed on"), _("Issued on"), _("Issued by"), "SHA-256", "verdict"),
    )
    return packed([list(heads), *map(_cells, found)])


def _cells(one: Answered) -> list[Cell]:
    row, verdict = one.row, one.verdict
    if verdict is None:
        why = str(wording.of_fault(row.fault or ""))
        return [row.number, row.asked, _("Not verified"), _("no"), why, *[None] * 11, row.file_sha256, row.fault]
    standing, facts, outline = verdict.standing, verdict.facts, verdict.outline
    return [
        row.number,
        row.asked,
        str(wording.of_row(one)),
        _("yes") if one.is_accepted else _("no"),
        " ".join(map(str, wording.why(one))),
        str(verdict_words.of_register(verdict.register_status)),
        standing.since.isoformat() if standing and standing.since else None,
        standing.replaced_by if standing else None,
        row.certificate_number,
        facts.holder.get("Cyrl") or facts.holder.get("Hani") if facts else outline.initials if outline else None,
        facts.holder.get("Latn") if facts else None,
        pick(facts.titles) if facts else pick(outline.titles) if outline else None,
        facts.hours if facts else None,
        facts.completed_on.isoformat() if facts else str(outline.year) if outline else None,
        facts.issued_on.isoformat() if facts else None,
        pick(facts.issuer.names) if facts else None,
        row.file_sha256,
        verdict.code.value,
    ]
