"""Everything that is kept about a person, as one archive to take along: for programs, to read, and the files themselves."""

import json
from collections.abc import Iterable, Mapping
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from lms.core import files
from lms.core.errors import NotFound
from lms.people.holdings import StoredFile

DATA, PAGE, FOLDER = "data.json", "data.html", "files"
_MADE_IN = (2026, 1, 1, 0, 0, 0)
"""The same moment for every entry, as in our other archives."""
_NOT_IN_NAMES = '/\\:*?"<>|'


def packed(kept: Mapping[str, Any], *, page: str, stored: Iterable[StoredFile]) -> IO[bytes]:
    """The archive, at its beginning. Files are read one by one; one that is not there any more is left out."""
    archive_file = TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    with ZipFile(archive_file, "w", allowZip64=True) as archive:
        text = json.dumps(kept, ensure_ascii=False, indent=2)
        archive.writestr(ZipInfo(DATA, _MADE_IN), text, ZIP_DEFLATED)
        archive.writestr(ZipInfo(PAGE, _MADE_IN), page, ZIP_DEFLATED)
        for number, file in enumerate(stored, 1):
            try:
                data = files.read(file.stored_as)
            except NotFound:
                continue
            archive.writestr(ZipInfo(f"{FOLDER}/{number:03d}-{_safe(file.name)}", _MADE_IN), data, ZIP_STORED)
    archive_file.seek(0)
    return archive_file


def _safe(name: str) -> str:
    """A name that no program takes for a path."""
    shown = "".join("_" if sign in _NOT_IN_NAMES or not sign.isprintable() else sign for sign in name)
    return shown.strip(". ")[-120:] or "file"
