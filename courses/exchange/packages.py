"""A package of QTI items: a ZIP with ``imsmanifest.xml`` (IMS Content Packaging). Only what the manifest lists is read."""

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from urllib.parse import unquote
from zipfile import ZipFile, ZipInfo

from courses.exchange import qti, qti_one, xml_tree
from courses.exchange.items import Found, refused
from courses.exchange.wording import Unreadable
from courses.exchange.xml_tree import Element
from lms.core import archives
from lms.core.archives import NotRead

MANIFEST = "imsmanifest.xml"
LARGEST_TOTAL_BYTES = 60_000_000


def is_package(packed: ZipFile) -> bool:
    """Whether there is a manifest, at the top or in the one folder that holds everything."""
    return _manifest_of(packed) is not None


def read(packed: ZipFile) -> Iterator[Found]:
    """One entry for each item, and one for each file that could not be read.

    :raises NotRead: the fault of the manifest as an entry.
    :raises Unreadable: the manifest is no XML.
    """
    manifest = _manifest_of(packed)
    if manifest is None:
        raise Unreadable("archive-unknown", f"there is no {MANIFEST} in this ZIP")
    entries = {info.filename: info for info in packed.infolist()}
    root = xml_tree.parse(archives.contents(packed, manifest)).root
    left = LARGEST_TOTAL_BYTES
    for name in _listed(root, dirname(manifest.filename)):
        if name not in entries:
            yield refused(name, name, "file-missing")
            continue
        left -= entries[name].file_size
        if left < 0:
            yield refused(name, name, "entry", fault="archive-too-large")
            return
        yield from _items(packed, entries[name], name)


def _manifest_of(packed: ZipFile) -> ZipInfo | None:
    found = [info for info in packed.infolist() if info.filename.rpartition("/")[2].casefold() == MANIFEST]
    return min(found, key=lambda info: info.filename.count("/"), default=None)


def _listed(root: Element, folder: str) -> list[str]:
    """The XML files of the resources, each once, in their order."""
    names: dict[str, None] = {}
    for resource in root.every("resource"):
        paths = [
            resource.attributes.get("href", ""),
            *(file.attributes.get("href", "") for file in resource.elements("file")),
        ]
        for path in paths:
            if path.casefold().endswith(".xml"):
                base = resource.attributes.get("base", "")
                names[normpath(join(folder, base, unquote(path).replace("\\", "/")))] = None
    return list(names)


def _items(packed: ZipFile, info: ZipInfo, name: str) -> Iterator[Found]:
    try:
        tree = xml_tree.parse(archives.contents(packed, info))
    except NotRead as refusal:
        yield refused(name, name, "entry", fault=refusal.code)
        return
    except Unreadable:
        yield refused(name, name, "not-xml")
        return
    if tree.broken_line:
        yield refused(name, name, "cut-off", line=tree.broken_line)
    elif tree.root.name == qti.ROOT:
        yield qti.read(tree.root, name)
    elif tree.root.name == qti_one.ROOT:
        yield from qti_one.read(tree.root, name)
