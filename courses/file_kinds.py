"""What a file is, by its content and never by its name; and a name that does no harm. Pure: nothing is unpacked.

Office documents are ZIP archives (ECMA-376, OpenDocument 1.3): only their list of entries is looked at. Documents with
macros are none of these kinds.
"""

import re
from io import BytesIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from lms.core.attachments import safe

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "jpg": "image/jpeg",
    "png": "image/png",
    "txt": "text/plain; charset=utf-8",
}
"""Every kind that a task may allow, with how it is sent to a browser."""
_BEGINNINGS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_MOST_ENTRIES = 5_000
_LONGEST_MEDIA_TYPE = 100
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def kind_of(data: bytes) -> str | None:
    """One of ``MEDIA_TYPES``; None for anything else, also for what only pretends to be one."""
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            return kind
    return _kind_of_archive(data) if data.startswith(b"PK\x03\x04") else _kind_of_text(data)


def clean_name(name: str, kind: str) -> str:
    """``report.final.pdf`` of ``C:\\docs\\report.final.exe`` that is a PDF: no path, no control signs, its own ending."""
    last = re.split(r"[/\\]", name)[-1]
    stem, dot, ending = last.rpartition(".")
    is_ending = bool(dot) and bool(stem) and re.fullmatch(r"[A-Za-z0-9]{1,5}", ending)
    return f"{safe(stem if is_ending else last, otherwise='file')}.{kind}"


def _kind_of_archive(data: bytes) -> str | None:
    try:
        archive = ZipFile(BytesIO(data))
        entries = archive.infolist()
        names = {entry.filename for entry in entries}
        if len(entries) > _MOST_ENTRIES or any("vbaproject" in name.lower() for name in names):
            return None
        if entries[0].filename == "mimetype":
            return _kind_of_open_document(archive, names)
    except (BadZipFile, ValueError, OSError, NotImplementedError, IndexError, RuntimeError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for part, kind in _PARTS.items() if part in names), None)


def _kind_of_open_document(archive: ZipFile, names: set[str]) -> str | None:
    """Its media type stands first and unpacked (OpenDocument 1.3 part 2, 3.3)."""
    first = archive.infolist()[0]
    if first.compress_type != ZIP_STORED or first.file_size > _LONGEST_MEDIA_TYPE:
        return None
    if "content.xml" not in names or any(name.startswith(("Basic/", "Scripts/")) for name in names):
        return None
    said = archive.read(first).decode("ascii", "replace")
    return next((kind for kind, media_type in MEDIA_TYPES.items() if media_type == said), None)


def _kind_of_text(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return "txt" if text.strip() and not _CONTROLS.search(text) else None
