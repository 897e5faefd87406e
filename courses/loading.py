"""Puts modules from folders into the catalogue. A folder that did not change makes no new version."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courses.authoring import ContentFaults, module_folders, read_module
from courses.documents import to_document
from courses.models import Module, ModuleVersion
from courses.outline import ModuleOutline
from lms.core import audit
from lms.core.db import insert_once


@dataclass(frozen=True)
class Loaded:
    """What loading one module did."""

    slug: str
    published_units: int
    units: int
    is_new_version: bool


def read_all(path: Path) -> list[ModuleOutline]:
    """The module in a folder, or all modules in its subfolders.

    :raises ContentFaults: with the mistakes of all of them.
    """
    outlines, faults = [], []
    for folder in module_folders(path):
        try:
            outlines.append(read_module(folder))
        except ContentFaults as found:
            faults.extend(found.faults)
    if faults:
        raise ContentFaults(faults)
    return outlines


def load(outlines: list[ModuleOutline]) -> list[Loaded]:
    """Teach these versions from now on."""
    return [_load(outline) for outline in outlines]


def _load(outline: ModuleOutline) -> Loaded:
    document = to_document(outline)
    version, _ = insert_once(
        ModuleVersion,
        {"digest": _digest(document)},
        {"slug": outline.slug, "document": document},
    )
    module, is_new = insert_once(Module, {"slug": outline.slug}, {"current_version_id": version.id})
    is_changed = is_new or module.current_version_id != version.id
    if is_changed:
        module.current_version_id = version.id
        audit.record("module.version-taught", subject=f"module:{outline.slug}", actor="cli", digest=version.digest)
    return Loaded(outline.slug, len(outline.published_units), len(outline.units), is_changed)


def _digest(document: dict[str, Any]) -> str:
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
