"""Why an upload or a row of it is not verified, as sentences for people."""

from collections.abc import Mapping
from typing import Any

from certificates import wording as verdict_words
from certificates.batches.answers import Answered
from certificates.verdicts import VerdictCode
from certificates.verification import CodeVerdict, RegisterStatus, Verdict
from lms.core.errors import Sentence
from lms.core.i18n import _, _l

_REFUSALS: dict[str, Sentence] = {
    "upload-empty": _l("The file is empty."),
    "upload-too-large": _l("The file is larger than 40 MB. Send it in parts."),
    "upload-unknown": _l(
        "This is neither a spreadsheet (XLSX) nor a ZIP file. Save it as one of them and send it again."
    ),
    "nothing-asked": _l("There is nothing to verify in it."),
    "too-many-rows": _l("At most 1000 certificates can be verified at once. Send them in parts."),
    "exceeds-limits": _l("Reading the file took more time or memory than we allow."),
    "archive-damaged": _l("The ZIP file is damaged or in a form that we do not read. Make it anew."),
    "archive-too-many-entries": _l("There are too many files in the ZIP. Send them in parts."),
    "archive-too-large": _l("The files in the ZIP are too large together. Send them in parts."),
    "sheet-damaged": _l("The spreadsheet is damaged. Save it anew and send it again."),
    "sheet-document-type": _l("The spreadsheet holds declarations that no spreadsheet needs. We do not read it."),
    "sheet-encrypted": _l("The spreadsheet has a password or is in an old form. Save it as XLSX without a password."),
    "sheet-hidden": _l("The spreadsheet has a hidden sheet. Remove it, so that everybody sees the same."),
    "sheet-external-links": _l("The spreadsheet takes values from other files. Keep the values only."),
    "sheet-macros": _l("The spreadsheet holds macros. Save it as XLSX without them."),
    "sheet-embeds": _l("The spreadsheet holds other files. Remove them."),
    "sheet-too-large": _l("The spreadsheet is too large. Keep the column with the codes only."),
}

_FAULTS: dict[str, Sentence] = {
    "empty": _l("Nothing stands here."),
    "formula": _l("This is a formula. Keep its value only."),
    "cell-error": _l("The spreadsheet shows an error here."),
    "merged-cell": _l("This cell is merged with others. Split them."),
    "too-long": _l("This is too long for a code."),
    "control-characters": _l("There are characters in it that nobody can see."),
    "entry-encrypted": _l("The file has a password."),
    "entry-link": _l("This is a link and not a file."),
    "entry-outside": _l("The name of the file leads out of the ZIP."),
    "entry-method": _l("The file is packed in a way that we do not read."),
    "entry-too-large": _l("The file is larger than 10 MB."),
    "entry-bomb": _l("The file is packed so that it would become very large."),
    "entry-twice": _l("Another file in the ZIP has the same name."),
    "entry-archive": _l("This is an archive itself. Put its files here."),
    "entry-damaged": _l("The file is damaged in the ZIP."),
}


def of_refusal(code: str) -> Sentence:
    """Why nothing of an upload is read; also a fault of one part of a spreadsheet."""
    return _REFUSALS.get(code) or _FAULTS.get(code, code)


def of_fault(code: str) -> Sentence:
    """Why a row is not verified."""
    return _FAULTS.get(code, code)


def of_row(found: Answered) -> Sentence:
    """The answer to a row, in a word or two."""
    return verdict_words.of_verdict(found.verdict).title if found.verdict else _("Not verified")


def of_told(row: Mapping[str, Any]) -> Sentence:
    """The answer to a row as a receipt of ours tells it, in a word or two."""
    if "verdict" not in row:
        return of_fault(row["fault"])
    code = row["verdict"]
    known = CodeVerdict(code) if code in frozenset(CodeVerdict) else VerdictCode(code)
    status = RegisterStatus(row["status"])
    return verdict_words.of_verdict(Verdict(known, tuple(row["reasons"]), status, None)).title


def why(found: Answered) -> list[Sentence]:
    """Why a row is not to be accepted, and since when; nothing where it is."""
    if found.verdict is None:
        return [of_fault(found.row.fault or "")]
    if found.is_accepted:
        return []
    return [*_reasons(found.verdict), *map(verdict_words.of_field, found.differences), *_of_standing(found.verdict)]


def _reasons(verdict: Verdict) -> list[Sentence]:
    """That a code is in the register says nothing to whoever reads that it is revoked."""
    is_told_by_standing = (
        verdict.code in frozenset(CodeVerdict) and verdict.register_status is not RegisterStatus.UNKNOWN
    )
    return [] if is_told_by_standing else verdict_words.of_reasons(verdict)


def _of_standing(verdict: Verdict) -> list[Sentence]:
    standing = verdict.standing
    if standing is None:
        return []
    told: list[Sentence] = []
    if standing.since:
        told.append(_("Since %(day)s", day=standing.since.strftime("%d.%m.%Y")))
    if standing.status is RegisterStatus.EXPIRED and standing.valid_until:
        told.append(_("Was valid until %(day)s", day=standing.valid_until.strftime("%d.%m.%Y")))
    if standing.reason:
        told.append(verdict_words.of_status_reason(standing.reason))
    if standing.replaced_by:
        told.append(_("Replaced by %(number)s", number=standing.replaced_by))
    return told
