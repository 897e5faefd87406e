"""A ZIP of a stranger. Only its list is believed, and only as far as each entry is checked; nothing is written anywhere.

What any ZIP is judged by is :mod:`lms.core.archives`. ``entries`` runs in the cage (``certificates.capped_server``). What it
tells of an entry - where the bytes begin and how many there are - is enough for :func:`unpacked`, which outside takes one
entry out, within limits, and checks it again.
"""

import re
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from unicodedata import normalize
from zipfile import ZIP_DEFLATED, ZipInfo

from lms.core.archives import LARGEST_ENTRY_BYTES, LONGEST_NAME, NotRead, fault_of, opened

LARGEST_TOTAL_BYTES = 400 * 1024 * 1024
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_ARCHIVE_NAME = re.compile(r"\.(zip|7z|rar|tar|gz|tgz|bz2|xz|jar|xls[xmb]?|docx?)$", re.IGNORECASE)
_LEFT_BEHIND = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
"""What operating systems put beside the files."""


class Damaged(Exception):
    """An entry is not what the list of the archive says."""


@dataclass(frozen=True)
class Place:
    """Where an entry lies, and what it has to become."""

    start: int
    packed: int
    size: int
    crc: int
    is_deflated: bool

    @classmethod
    def of(cls, told: list[int]) -> Self:
        """:raises ValueError: for what cannot be a place."""
        start, packed, size, crc, method = (int(value) for value in told)
        if min(start, packed, size, crc) < 0 or size > LARGEST_ENTRY_BYTES:
            raise ValueError("no place in an archive")
        return cls(start, packed, size, crc, bool(method))

    def told(self) -> list[int]:
        """As JSON keeps it."""
        return [self.start, self.packed, self.size, self.crc, int(self.is_deflated)]


@dataclass(frozen=True)
class Entry:
    """One file of the archive: where it is, or why it is not read."""

    name: str
    place: Place | None
    fault: str | None


def entries(data: bytes) -> list[Entry]:
    """The files of an archive in their order, without folders and what operating systems leave behind.

    :raises NotRead: ``archive-damaged``, ``archive-too-many-entries``, ``archive-too-large``.
    """
    listed = opened(data).infolist()
    seen: set[str] = set()
    bounds = sorted([*(info.header_offset for info in listed), len(data)])
    found = [_entry(data, info, seen, bounds) for info in listed if not _is_no_file(info)]
    if sum(entry.place.size for entry in found if entry.place) > LARGEST_TOTAL_BYTES:
        raise NotRead("archive-too-large")
    return found


def unpacked(data: bytes, place: Place) -> bytes:
    """The bytes of one entry, never more than its place says.

    :raises Damaged: they are more, fewer or others.
    """
    packed = data[place.start : place.start + place.packed]
    if place.is_deflated:
        inflating = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            packed = inflating.decompress(packed, place.size + 1)
        except zlib.error as error:
            raise Damaged from error
    if len(packed) != place.size or zlib.crc32(packed) != place.crc:
        raise Damaged
    return packed


def _is_no_file(info: ZipInfo) -> bool:
    return info.orig_filename.endswith("/") or bool(_LEFT_BEHIND.search(info.orig_filename))


def _entry(data: bytes, info: ZipInfo, seen: set[str], bounds: list[int]) -> Entry:
    name = _shown(info.orig_filename)
    place: Place | None = None
    fault = fault_of(info) or _fault_of_name(name, seen)
    if fault is None:
        place, fault = _located(data, info, bounds)
    if fault is None and place is not None:
        fault = _fault_of_content(data, name, place)
    return Entry(name, None if fault else place, fault)


def _fault_of_name(name: str, seen: set[str]) -> str | None:
    """The same name twice, also in other letters: nobody could say which one a row speaks of."""
    key = normalize("NFC", name).casefold()
    if key in seen:
        return "entry-twice"
    seen.add(key)
    return "entry-archive" if _ARCHIVE_NAME.search(name) else None


def _located(data: bytes, info: ZipInfo, bounds: list[int]) -> tuple[Place | None, str | None]:
    """The local header says where the bytes begin; they end before the next entry does, so that no two share any."""
    header = data[info.header_offset : info.header_offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        return None, "entry-damaged"
    values = _LOCAL_HEADER.unpack(header)
    start = info.header_offset + _LOCAL_HEADER.size + values[-2] + values[-1]
    following = bounds[bisect_left(bounds, info.header_offset) + 1]
    if start + info.compress_size > following:
        return None, "entry-damaged"
    is_deflated = info.compress_type == ZIP_DEFLATED
    return Place(start, info.compress_size, info.file_size, info.CRC, is_deflated), None


def _fault_of_content(data: bytes, name: str, place: Place) -> str | None:
    """An archive under another name; its beginning tells."""
    beginning = data[place.start : place.start + min(place.packed, 4096)]
    if place.is_deflated:
        try:
            beginning = zlib.decompressobj(-zlib.MAX_WBITS).decompress(beginning, 16)
        except zlib.error:
            return "entry-damaged"
    return "entry-archive" if beginning.startswith(_ARCHIVES) else None


def _shown(name: str) -> str:
    """What may stand on a page: no control signs, not too long."""
    return "".join(_plain(name))[:LONGEST_NAME] or "?"


def _plain(name: str) -> Iterator[str]:
    for sign in normalize("NFC", name):
        yield sign if sign.isprintable() else "�"
