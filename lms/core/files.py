"""Files that belong to records: sealed certificates, archives for a while. Local folder by default, S3 by setting (fsspec).

A stored file never changes: storing other bytes under a name that is taken is refused.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import structlog
from flask import Flask, current_app
from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from lms.core import clock, settings
from lms.core.db import new_id
from lms.core.errors import Conflict, NotFound, Unavailable
from lms.core.i18n import _l

CONNECT_SECONDS, ANSWER_SECONDS = 2, 5
"""How long an object store may take, each time; a person waits, and what a worker could not store it tries again."""
MOST_TRIES = 2

log = structlog.get_logger()


def store(name: str, data: bytes) -> None:
    """Keep the bytes under a name, whole or not at all.

    :raises Conflict: ``file-differs`` if other bytes are kept under it already.
    :raises Unavailable: ``storage-unavailable``, for example when the disk is full.
    """
    system, path = _located(name)
    write = _write_locally if isinstance(system, LocalFileSystem) else _write_remotely
    with _asked():
        is_new = write(system, path, data)
    if not is_new:
        _refuse_other_bytes(name, data)


def read(name: str) -> bytes:
    """:raises NotFound: ``file-missing``. :raises Unavailable: ``storage-unavailable``, as each function here."""
    system, path = _located(name)
    try:
        with _asked(may_be_missing=True):
            data: bytes = system.cat_file(path)
    except FileNotFoundError as error:
        raise _missing() from error
    return data


def opened(name: str) -> IO[bytes]:
    """The stored bytes to be read in parts; whoever asked closes it.

    :raises NotFound: ``file-missing``.
    """
    system, path = _located(name)
    try:
        with _asked(may_be_missing=True):
            file: IO[bytes] = system.open(path, "rb")
    except FileNotFoundError as error:
        raise _missing() from error
    return file


def names(folder: str) -> Iterator[str]:
    """The name of everything that is kept below a folder, in no order."""
    system, path = _located(folder)
    _system_again, root = _system()
    for found in _found(system, path):
        yield found.removeprefix(root).lstrip("/")


def all_names() -> Iterator[str]:
    """The name of everything that is kept; not what is just being written."""
    system, root = _system()
    for found in _found(system, root):
        name = found.removeprefix(root).lstrip("/")
        if not name.rpartition("/")[2].startswith("."):
            yield name


def remove(name: str) -> None:
    """Forget what was stored for a while only; nothing happens if it is gone already. Never for what was issued."""
    system, path = _located(name)
    with suppress(FileNotFoundError), _asked(may_be_missing=True):
        system.rm_file(path)


def exists(name: str) -> bool:
    """Whether something is kept under this name."""
    system, path = _located(name)
    with _asked():
        return bool(system.exists(path))


def stored_at(name: str) -> datetime:
    """When a file was stored, as aware UTC; now for one that went in between."""
    system, path = _located(name)
    try:
        with _asked(may_be_missing=True):
            moment: datetime = system.modified(path)
    except FileNotFoundError:
        return clock.now()
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_writable() -> bool:
    """Whether a file can be stored now; leaves nothing behind."""
    system, root = _system()
    probe = f"{root}/.{new_id()}.probe"
    try:
        with _asked():
            system.makedirs(root, exist_ok=True)
            system.pipe_file(probe, b"probe")
            system.rm_file(probe)
    except Unavailable:
        if isinstance(system, LocalFileSystem):
            with suppress(OSError):  # a full disk still makes the empty file
                system.rm_file(probe)
        return False
    return True


def local_folder() -> Path | None:
    """Where files are kept, if it is a folder of this machine."""
    system, root = _system()
    return Path(root) if isinstance(system, LocalFileSystem) else None


def init_app(app: Flask) -> None:
    """Open the store that the settings name."""
    configured: settings.Settings = app.extensions["bilim.settings"]
    is_s3 = configured.files_url.startswith("s3:")
    system, root = url_to_fs(configured.files_url, **(_no_long_waits() if is_s3 else {}))
    if is_s3:
        system.retries = 1  # the client below has tries of its own
    app.extensions["bilim.files"] = (system, root)


def _no_long_waits() -> dict[str, Any]:
    tries = {"total_max_attempts": MOST_TRIES}
    return {"config_kwargs": {"connect_timeout": CONNECT_SECONDS, "read_timeout": ANSWER_SECONDS, "retries": tries}}


@contextmanager
def _asked(*, may_be_missing: bool = False) -> Iterator[None]:
    """A store is asked for something.

    :raises FileNotFoundError: if that is an answer.
    :raises Unavailable: ``storage-unavailable``: a full disk, an object store that does not answer.
    """
    try:
        yield
    except Exception as error:  # each store has errors of its own
        if may_be_missing and isinstance(error, FileNotFoundError):
            raise
        log.warning("storage-unavailable", error=type(error).__name__)
        raise Unavailable(
            "storage-unavailable", _l("Files cannot be stored at the moment. Nothing was lost; try again later.")
        ) from error


def _found(system: AbstractFileSystem, path: str) -> list[str]:
    with _asked():
        return list(system.find(path)) if system.exists(path) else []


def _system() -> tuple[AbstractFileSystem, str]:
    system, root = current_app.extensions["bilim.files"]
    return system, root


def _located(name: str) -> tuple[AbstractFileSystem, str]:
    """:raises ValueError: for a name that could lead out of the store. Names are ours: this is a bug, not a request."""
    if "\0" in name or not all(part.strip(".") for part in name.split("/")):
        raise ValueError(f"not a file name: {name!r}")
    system, root = _system()
    return system, f"{root}/{name}"


def _missing() -> NotFound:
    return NotFound("file-missing", _l("The stored file is missing. Ask the administrator."))


def _write_locally(system: AbstractFileSystem, path: str, data: bytes) -> bool:
    """Written aside, then linked: a link, unlike a move, does not replace what stands there. False if the name is taken."""
    folder = path.rpartition("/")[0]
    temporary = f"{folder}/.{new_id()}.part"
    os.makedirs(folder, exist_ok=True)
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return _linked(temporary, path)
    finally:
        with suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(temporary)


def _linked(temporary: str, path: str) -> bool:
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    return True


def _write_remotely(system: AbstractFileSystem, path: str, data: bytes) -> bool:
    """An object store keeps an object whole or not at all. False if the name is taken."""
    try:
        system.pipe_file(path, data, mode="create")
    except FileExistsError:
        return False
    return True


def _refuse_other_bytes(name: str, data: bytes) -> None:
    if read(name) != data:
        raise Conflict("file-differs", _l("Another file is stored under this name already."))
