"""Files that belong to records: sealed certificates, later submissions. Local folder by default, S3 by setting (fsspec).

A stored file never changes: storing other bytes under a name that is taken is refused.
"""

from flask import Flask, current_app
from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs

from lms.core import settings
from lms.core.db import new_id
from lms.core.errors import Conflict, NotFound, Unavailable
from lms.core.i18n import _l


def store(name: str, data: bytes) -> None:
    """Keep the bytes under a name, whole or not at all.

    :raises Conflict: ``file-differs`` if other bytes are kept under it already.
    :raises Unavailable: ``storage-unavailable``, for example when the disk is full.
    """
    if exists(name):
        _refuse_other_bytes(name, data)
        return
    system, root = _system()
    temporary = f"{root}/.{new_id()}.part"
    try:
        system.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
        system.pipe_file(temporary, data)
        system.mv(temporary, f"{root}/{name}")
    except OSError as error:
        raise Unavailable(
            "storage-unavailable", _l("Files cannot be stored at the moment. Nothing was lost; try again later.")
        ) from error


def read(name: str) -> bytes:
    """:raises NotFound: ``file-missing``."""
    system, root = _system()
    try:
        data: bytes = system.cat_file(f"{root}/{name}")
    except FileNotFoundError as error:
        raise NotFound("file-missing", _l("The stored file is missing. Ask the administrator.")) from error
    return data


def exists(name: str) -> bool:
    """Whether something is kept under this name."""
    system, root = _system()
    return bool(system.exists(f"{root}/{name}"))


def is_writable() -> bool:
    """Whether a file can be stored now; leaves nothing behind."""
    system, root = _system()
    probe = f"{root}/.{new_id()}.probe"
    try:
        system.makedirs(root, exist_ok=True)
        system.pipe_file(probe, b"probe")
        system.rm_file(probe)
    except OSError:
        return False
    return True


def init_app(app: Flask) -> None:
    """Open the store that the settings name."""
    configured: settings.Settings = app.extensions["bilim.settings"]
    app.extensions["bilim.files"] = url_to_fs(configured.files_url)


def _system() -> tuple[AbstractFileSystem, str]:
    system, root = current_app.extensions["bilim.files"]
    return system, root


def _refuse_other_bytes(name: str, data: bytes) -> None:
    if read(name) != data:
        raise Conflict("file-differs", _l("Another file is stored under this name already."))
