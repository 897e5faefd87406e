"""A template as a ZIP, to keep or to give to another academy: a manifest with hashes, the page, the style, the frame, pictures.

A package of strangers is refused with one reason: it may be no ZIP, a bomb, or hold a way out of its folder, a link, a
file that the manifest does not name or names with another hash. Nothing is ever unpacked to a disk.
"""

import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from typing import Any, NamedTuple

from certificates.layout import Layout
from certificates.studio import pictures
from certificates.studio.models import TemplateVersion
from lms.core.errors import Invalid, Sentence
from lms.core.i18n import _l

FORMAT = "bilim-certificate-template"
FORMAT_VERSION = 1
MAX_PACKAGE_BYTES = 4 * 1024 * 1024
MAX_UNPACKED_BYTES = 8 * 1024 * 1024
MAX_FILES = 20
_TEXTS = {"page": "page.html", "style": "style.css", "frame": "frame.svg"}
_PICTURES = "pictures/"
_MANIFEST = "manifest.json"


class Package(NamedTuple):
    """What a package holds."""

    title: str
    layout: Layout


def pack(version: TemplateVersion, layout: Layout) -> bytes:
    """The package of a version; the same version gives the same bytes."""
    contents = {_TEXTS[part]: getattr(layout, part).encode() for part in _TEXTS}
    contents |= {f"{_PICTURES}{name}": data for name, data in layout.pictures.items()}
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "title": version.title,
        "number": version.number,
        "sha256": layout.sha256,
        "files": {name: sha256(data).hexdigest() for name, data in sorted(contents.items())},
    }
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, _MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode())
        for name, data in sorted(contents.items()):
            _add(archive, name, data)
    return output.getvalue()


def unpack(data: bytes) -> Package:
    """What a package holds, checked as if an author had typed it.

    :raises Invalid: ``package-...`` with the reason, or what ``pictures`` raises.
    """
    contents = _read(data)
    manifest = _manifest(contents.pop(_MANIFEST, None))
    _refuse_other_files(contents, manifest["files"])
    page, style, frame = (_text(contents, name) for name in _TEXTS.values())
    pictures.refuse_frame(frame)
    found = {
        name.removeprefix(_PICTURES): pictures.cleaned(name.removeprefix(_PICTURES), picture)
        for name, picture in contents.items()
        if name.startswith(_PICTURES)
    }
    return Package(str(manifest["title"])[:120], Layout(page, style, frame, found))


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(entry, data)


def _read(data: bytes) -> dict[str, bytes]:
    if len(data) > MAX_PACKAGE_BYTES:
        raise _refused("package-too-large", _l("A package may have 4 MB."))
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise _refused("package-bomb", _l("The package would unpack to too much."))
            return _unpacked(archive, entries)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        struct.error,
    ) as error:
        raise _refused("package-not-readable", _l("This file is not a ZIP archive that we can read.")) from error


def _unpacked(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for entry in entries:
        _refuse_entry(entry, contents)
        with archive.open(entry) as file:
            contents[entry.filename] = file.read(entry.file_size + 1)
        if sum(map(len, contents.values())) > MAX_UNPACKED_BYTES:  # what the index says can be a lie
            raise _refused("package-bomb", _l("The package would unpack to too much."))
    return contents


def _refuse_entry(entry: zipfile.ZipInfo, contents: Mapping[str, bytes]) -> None:
    name, mode = entry.filename, entry.external_attr >> 16
    if name.startswith("/") or ".." in name.split("/") or "\\" in name or ":" in name:
        raise _refused("package-way-out", _l("A file of the package leads out of its folder."), name)
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        raise _refused("package-link", _l("The package holds something that is not a plain file."), name)
    if name in contents:
        raise _refused("package-twice", _l("The package holds a file twice."), name)
    if entry.flag_bits & 1:
        raise _refused("package-locked", _l("The package is locked with a password."), name)


def _manifest(data: bytes | None) -> Mapping[str, Any]:
    try:
        manifest = json.loads(data or b"")
    except ValueError as error:
        raise _no_manifest() from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _no_manifest()
    if manifest.get("format_version") != FORMAT_VERSION:
        raise _refused("package-version", _l("The package was made by a newer program."))
    if not isinstance(manifest.get("files"), dict) or not isinstance(manifest.get("title"), str):
        raise _no_manifest()
    return manifest


def _refuse_other_files(contents: Mapping[str, bytes], hashes: Mapping[str, object]) -> None:
    for name in contents:
        if name not in _TEXTS.values() and not name.startswith(_PICTURES):
            raise _refused("package-stranger", _l("The package holds a file that does not belong there."), name)
    if contents.keys() != hashes.keys():
        missing = sorted(contents.keys() ^ hashes.keys())
        raise _refused("package-incomplete", _l("The package and its list of files do not agree."), missing[0])
    for name, data in contents.items():
        if sha256(data).hexdigest() != hashes[name]:
            raise _refused("package-altered", _l("A file of the package is not what it was when it was packed."), name)


def _text(contents: Mapping[str, bytes], name: str) -> str:
    try:
        return contents[name].decode()
    except (KeyError, UnicodeDecodeError) as error:
        raise _refused("package-incomplete", _l("The package and its list of files do not agree."), name) from error


def _no_manifest() -> Invalid:
    return _refused("package-no-manifest", _l("This is not a package of a certificate template."))


def _refused(code: str, sentence: Sentence, name: str = "") -> Invalid:
    return Invalid(code, sentence, file=name) if name else Invalid(code, sentence)
