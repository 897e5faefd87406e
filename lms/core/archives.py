"""A ZIP of a stranger: only its list is read, and each entry of the list is judged before anything of it is unpacked.

Nothing is written anywhere, so no name can lead out of a folder; a name that tries to is refused all the same.
"""

import re
import stat
import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

MOST_ENTRIES = 2000
LARGEST_ENTRY_BYTES = 10 * 1024 * 1024
HIGHEST_RATIO = 200
"""A sealed PDF shrinks by a tenth, a sheet of a spreadsheet to a twentieth; a bomb to a thousandth."""
LONGEST_NAME = 255
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a spreadsheet with a password begins, and the format before XLSX."""
_RATIO_COUNTS_FROM = 1024 * 1024
_END = b"PK\x05\x06"
_END_BYTES = 22
_ENCRYPTED = 0x1


class NotRead(Exception):
    """Nothing of it is read; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def refuse_at_a_glance(data: bytes, *, largest: int) -> None:
    """What needs no parser to be refused: it is no archive, and no spreadsheet in XLSX.

    :param largest: in bytes.
    :raises NotRead: ``upload-empty``, ``upload-too-large``, ``upload-unknown``, ``sheet-encrypted``.
    """
    if not data:
        raise NotRead("upload-empty")
    if len(data) > largest:
        raise NotRead("upload-too-large")
    if data.startswith(COMPOUND):
        raise NotRead("sheet-encrypted")
    if not data.startswith(b"PK"):
        raise NotRead("upload-unknown")


def opened(data: bytes) -> ZipFile:
    """The archive with its list read.

    :raises NotRead: ``archive-damaged``, ``archive-too-many-entries``.
    """
    end = data.rfind(_END)
    if end < 0 or end + _END_BYTES > len(data):
        raise NotRead("archive-damaged")
    # The list is as long as it says, however few entries it counts.
    if struct.unpack_from("<I", data, end + 12)[0] > MOST_ENTRIES * (46 + 2 * LONGEST_NAME):
        raise NotRead("archive-too-many-entries")
    if data[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        raise NotRead("archive-damaged")  # ZIP64: for archives far beyond what we take
    try:
        archive = ZipFile(BytesIO(data))
    except (BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise NotRead("archive-damaged") from error
    if len(archive.filelist) > MOST_ENTRIES:
        raise NotRead("archive-too-many-entries")
    return archive


def fault_of(info: ZipInfo) -> str | None:
    """Why an entry is not read, as far as the list tells."""
    if info.flag_bits & _ENCRYPTED:
        return "entry-encrypted"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "entry-link"
    if _leads_out(info.orig_filename):
        return "entry-outside"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "entry-method"
    if info.file_size > LARGEST_ENTRY_BYTES:
        return "entry-too-large"
    if info.file_size > _RATIO_COUNTS_FROM and info.file_size > HIGHEST_RATIO * max(info.compress_size, 1):
        return "entry-bomb"
    return None


def contents(packed: ZipFile, info: ZipInfo) -> bytes:
    """The bytes of one entry, never more than the list says.

    :raises NotRead: the fault of the entry; ``entry-damaged`` if it is not what the list says.
    """
    if code := fault_of(info):
        raise NotRead(code)
    try:
        with packed.open(info) as part:
            data = part.read(info.file_size + 1)
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        struct.error,
        RuntimeError,
    ) as error:
        raise NotRead("entry-damaged") from error
    if len(data) != info.file_size:
        raise NotRead("entry-damaged")
    return data


def _leads_out(name: str) -> bool:
    """Absolute, with a drive, or upwards. Nothing is ever written, but a name like that is no accident."""
    parts = re.split(r"[/\\]", name)
    return "\0" in name or ".." in parts or name.startswith(("/", "\\")) or bool(re.match(r"[A-Za-z]:", name))
