"""Why an upload or a row of it is not verified, as sentences for people."""

from certificates.typed import Kind
from lms.core.errors import Sentence
from lms.core.i18n import _l

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

_KINDS: dict[str, Sentence] = {
    Kind.CODE.value: _l("Code"),
    Kind.NUMBER.value: _l("Register number"),
    Kind.HASH.value: _l("SHA-256"),
    "file": _l("File"),
}


def of_refusal(code: str) -> Sentence:
    """Why nothing of an upload is read; also a fault of one part of a spreadsheet."""
    return _REFUSALS.get(code) or _FAULTS.get(code, code)


def of_fault(code: str) -> Sentence:
    """Why a row is not verified."""
    return _FAULTS.get(code, code)


def of_kind(kind: str) -> Sentence:
    """What was asked about."""
    return _KINDS[kind]
