"""How much room is left where this process writes, so that an operator hears of it before a disk is full."""

import shutil
from pathlib import Path

from lms.core import files, settings
from lms.core.db import db

LEAST_BYTES = 500 * 1024 * 1024
"""Below it an operator has to make room: a day of an academy needs less."""


def free_bytes() -> dict[str, int]:
    """By what stands there: ``instance``, ``files`` and ``database``, as far as they are folders of this machine.

    A database server and an object store have disks of their own, which are theirs to watch.
    """
    return {name: found for name, folder in _folders().items() if (found := _free(folder)) is not None}


def _folders() -> dict[str, Path]:
    folders = {"instance": settings.current().instance}
    if (place := files.local_folder()) is not None:
        folders["files"] = place
    if db.engine.dialect.name == "sqlite" and db.engine.url.database:
        folders["database"] = Path(db.engine.url.database).parent
    return folders


def _free(folder: Path) -> int | None:
    """Also of a folder that is made when the first thing is put there; None where nothing can be said."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), None)
    try:
        return shutil.disk_usage(there).free if there else None
    except OSError:
        return None
