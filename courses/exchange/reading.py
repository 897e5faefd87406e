"""Bytes of a file become entries of a report. What a file is, its content says; its name is not asked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from zipfile import ZipFile

from courses.exchange import aiken, gift, moodle_xml, packages, qti, qti_one, spreadsheet, xml_tree
from courses.exchange.encodings import decode
from courses.exchange.items import Found, distinct
from courses.exchange.wording import Unreadable
from lms.core import archives, sheets
from lms.core.archives import NotRead

LARGEST_BYTES = 20_000_000
LARGEST_TEXT_BYTES = 2_000_000
XML_BEGINS = re.compile(
    r"\s*<(\?xml|!--|!DOCTYPE|(?:\w+:)?(quiz|assessmentItem|qti-assessment-item|assessmentTest|questestinterop)\b)"
)
AIKEN = re.compile(r"^\s*(?:ANSWER|ОТВЕТ)\s*:\s*\S", re.MULTILINE | re.IGNORECASE)
AIKEN_OPTION = re.compile(r"^\s*[A-ZА-Я]\s?[.)]\s", re.MULTILINE)
GIFT = re.compile(r"(?<!\\)\{\s*(?:[=~#%]|T\b|F\b|TRUE\b|FALSE\b)|^\s*::.+?::|^\$CATEGORY:", re.MULTILINE)


@dataclass(frozen=True)
class Reading:
    """All that was found in a file."""

    format: str
    """As a report names it."""
    encoding: str | None
    """Of a text file."""
    is_encoding_guessed: bool
    entries: tuple[Found, ...]


def read(data: bytes) -> Reading:
    """Every item of a file: taken, taken with remarks, or refused.

    :raises Unreadable: nothing of it can be read, with the reason.
    """
    if not data.strip():
        raise Unreadable("file-empty", "the file is empty")
    if len(data) > LARGEST_BYTES:
        raise Unreadable("file-too-large", f"the file has more than {LARGEST_BYTES // 1_000_000} MB")
    if data.startswith(archives.COMPOUND):
        raise Unreadable(
            "sheet-encrypted", "a spreadsheet with a password, or in the format before XLSX: save it as XLSX"
        )
    if data.startswith(b"PK"):
        return _packed(data)
    if _is_xml(data):
        return _xml(data)
    return _text(data)


def _packed(data: bytes) -> Reading:
    try:
        packed = archives.opened(data)
        return _of_archive(packed)
    except NotRead as refusal:
        raise Unreadable(refusal.code, f"this archive or spreadsheet is not read ({refusal.code})") from refusal


def _of_archive(packed: ZipFile) -> Reading:
    if set(packed.namelist()) >= sheets.PARTS:
        return _reading("XLSX", spreadsheet.read(packed))
    if packages.is_package(packed):
        return _reading("QTI package", packages.read(packed))
    raise Unreadable("archive-unknown", "this ZIP is neither a spreadsheet nor a package with imsmanifest.xml")


def _is_xml(data: bytes) -> bool:
    """Whether the first sign opens XML; a GIFT question may begin with ``<p>``."""
    beginning = data[:2000]
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = beginning[: len(beginning) // 2 * 2].decode("utf-16", "replace")
    else:
        text = beginning.replace(b"\0", b"").decode("latin-1").removeprefix("\xef\xbb\xbf")
    return XML_BEGINS.match(text) is not None


def _xml(data: bytes) -> Reading:
    tree = xml_tree.parse(data)
    root = tree.root
    if root.name == "quiz":
        return _reading("Moodle XML", moodle_xml.read(tree))
    if tree.broken_line:
        raise Unreadable("xml-damaged", f"this XML is broken in line {tree.broken_line}")
    if root.name == qti.ROOT:
        return _reading("QTI item", [qti.read(root, f"line {root.line}")])
    if root.name == qti_one.ROOT:
        return _reading("QTI 1.2", qti_one.read(root, f"line {root.line}"))
    if root.name == "assessmenttest":
        raise Unreadable("test-without-items", "this is the list of a test; its items are in the package beside it")
    raise Unreadable("xml-unknown", f"XML of another kind: <{root.name[:40]}>")


def _text(data: bytes) -> Reading:
    if len(data) > LARGEST_TEXT_BYTES:
        raise Unreadable("file-too-large", f"a text file has more than {LARGEST_TEXT_BYTES // 1_000_000} MB")
    decoded = decode(data)
    text = decoded.text
    is_aiken = AIKEN.search(text) and AIKEN_OPTION.search(text)
    if not is_aiken and not GIFT.search(text):
        raise Unreadable("file-unknown", "neither GIFT, Aiken, Moodle XML, XLSX nor QTI")
    name, entries = ("Aiken", aiken.read(text)) if is_aiken else ("GIFT", gift.read(text))
    return Reading(name, decoded.encoding, decoded.is_guessed, tuple(distinct(entries)))


def _reading(name: str, entries: Iterable[Found]) -> Reading:
    return Reading(name, None, False, tuple(distinct(entries)))
