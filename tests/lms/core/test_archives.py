"""What is read of a stranger's ZIP: an entry that its list describes truly, and nothing else."""

import io
import struct
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from lms.core import archives
from lms.core.archives import NotRead


def packed(name: str, data: bytes) -> bytearray:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return bytearray(made.getvalue())


def contents(data: bytes | bytearray) -> bytes:
    archive = archives.opened(bytes(data))
    return archives.contents(archive, archive.infolist()[0])


def test_an_entry_is_read_whole() -> None:
    assert contents(packed("a/b.xml", b"<a/>" * 100)) == b"<a/>" * 100


@pytest.mark.parametrize("name", ["../a.xml", "/a.xml", "C:a.xml", "a\\..\\b.xml"])
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(NotRead, match="entry-outside"):
        contents(packed(name, b"x"))


def test_an_entry_that_is_longer_than_its_list_says_is_refused() -> None:
    data = packed("a.xml", b"x" * 500)
    listed = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, listed + 24, 400)

    with pytest.raises(NotRead, match="entry-damaged"):
        contents(data)


def test_a_damaged_entry_is_refused() -> None:
    data = packed("a.xml", bytes(range(256)) * 4)
    data[45] ^= 0xFF

    with pytest.raises(NotRead, match="entry-damaged"):
        contents(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "upload-empty"),
        (b"PK" + b"x" * 99, "upload-too-large"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet-encrypted"),
        (b"%PDF-1.7", "upload-unknown"),
    ],
)
def test_what_is_no_archive_is_refused_at_a_glance(data: bytes, code: str) -> None:
    with pytest.raises(NotRead, match=code):
        archives.refuse_at_a_glance(data, largest=100)


def test_what_begins_as_an_archive_is_not_refused_at_a_glance() -> None:
    archives.refuse_at_a_glance(bytes(packed("a.xml", b"<a/>")), largest=1000)

    assert contents(packed("a.xml", b"<a/>")) == b"<a/>"
