"""A copy of the whole installation in a folder: what is in the database, stored files, the keys of the instance folder.

One form for both databases, so that a copy of one can be brought back into the other. The manifest holds a hash of each part; it says
nothing of persons, but the parts do: keep a copy as you keep the service. Neither the secret key nor the seal's passphrase is in
it (docs/adr/0054). Rows are copied as of one moment, and files after them: a file is stored before a row speaks of it.
"""

import gzip
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Table

from lms.core import clock, files, settings, vault
from lms.core.db import db
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l
from lms.core.ops import copying, rows
from lms.core.ops.rows import Digest
from lms.core.version import VERSION

FORM = 1
MANIFEST = "manifest.json"
PART_BYTES = 1024 * 1024
ONLY_OWNER, ONLY_OWNER_FOLDER = 0o600, 0o700


@dataclass(frozen=True)
class Manifest:
    """What a copy consists of."""

    form: int
    version: str
    made_at: str
    database: str
    """The engine it was copied from."""
    revision: str
    """Version of its tables."""
    secret_key: str
    """Tells two secret keys apart, without telling anything about them."""
    tables: dict[str, Digest]
    files: dict[str, str]
    """SHA-256 by the name of the stored file."""
    keys: dict[str, str]
    """SHA-256 by the name below ``keys``."""


def make(folder: Path) -> Manifest:
    """Copy everything into a new folder, which only its owner can read.

    :raises Conflict: ``backup-exists``; nothing is ever written over.
    """
    if folder.exists():
        raise Conflict("backup-exists", _l("There is something at this place already. Name another one."))
    folder.mkdir(mode=ONLY_OWNER_FOLDER, parents=True)
    tables, revision = _copy_tables(folder / "database")
    manifest = Manifest(
        form=FORM,
        version=VERSION,
        made_at=clock.now().isoformat(),
        database=db.engine.dialect.name,
        revision=revision,
        secret_key=_secret_keys()[0],
        tables=tables,
        files=_copy_files(folder / "files"),
        keys=_copy_keys(folder / "keys"),
    )
    _write_manifest(folder, manifest)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """:raises NotFound: ``backup-missing``: no manifest, so no copy, or one that was never finished."""
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError as error:
        raise NotFound("backup-missing", _l("There is no finished backup at this place.")) from error
    return Manifest(**{**told, "tables": {name: Digest(**digest) for name, digest in told["tables"].items()}})


def faults(folder: Path) -> list[str]:
    """What in a copy is missing or differs from its manifest; nothing if it is whole."""
    manifest = read_manifest(folder)
    found = [f"table {name}" for name, told in manifest.tables.items() if _digest_of(folder, name) != told]
    for kind, told in (("files", manifest.files), ("keys", manifest.keys)):
        found += [f"{kind}/{name}" for name, digest in told.items() if _sha256(folder / kind / name) != digest]
    return found


def restore(folder: Path, *, is_other_secret_ok: bool = False) -> Manifest:
    """Bring a copy back into an installation without anything, and prove that it is the same. Rows come all together or not at all.

    It may run again after it was interrupted: files that are there already and equal, stay.

    :param is_other_secret_ok: although the copy was made under another secret key, so that keys and tokens in it cannot be read.
    :raises Conflict: ``backup-damaged``, ``backup-of-other-version``, ``secret-key-differs``, ``database-not-empty``,
        ``file-differs``; ``restore-differs`` if what was written is not what was read, and then nothing was restored.
    """
    manifest = read_manifest(folder)
    _refuse_unfit(folder, manifest, is_other_secret_ok)
    db.session.remove()
    with copying.writing(db.engine) as connection:
        copying.refuse_used(connection)
        _restore_keys(folder / "keys", manifest)
        _restore_files(folder / "files", manifest)
        copying.fill(connection, {table.name: _read_lines(folder, table.name) for table in rows.tables()})
        if rows.fingerprint(connection) != manifest.tables:
            raise Conflict("restore-differs", _l("What was written differs from the copy. Nothing was changed."))
    return manifest


def _refuse_unfit(folder: Path, manifest: Manifest, is_other_secret_ok: bool) -> None:
    if manifest.revision != copying.revision() or manifest.form != FORM:
        raise Conflict(
            "backup-of-other-version",
            _l("The backup was made by another version. Restore it with that version, then upgrade."),
            version=manifest.version,
            revision=manifest.revision,
        )
    if manifest.secret_key not in _secret_keys() and not is_other_secret_ok:
        raise Conflict(
            "secret-key-differs",
            _l("The backup was made under another secret key. Set BILIM_SECRET_KEY as it was."),
        )
    if found := faults(folder):
        raise Conflict("backup-damaged", _l("Parts of the backup are missing or were changed."), parts=found[:20])


def _secret_keys() -> list[str]:
    return [each[:16] for each in vault.keyed_hashes("which secret key", "backup")]


def _copy_tables(folder: Path) -> tuple[dict[str, Digest], str]:
    folder.mkdir(mode=ONLY_OWNER_FOLDER)
    db.session.remove()
    with copying.snapshot(db.engine) as connection:
        tables = {
            table.name: rows.digest(_writing(folder, table, rows.lines(connection, table))) for table in rows.tables()
        }
        return tables, copying.revision_of(connection) or ""


def _writing(folder: Path, table: Table, lines: Iterator[str]) -> Iterator[str]:
    """The same lines again, each written on its way."""
    with gzip.open(owned(folder / f"{table.name}.jsonl.gz"), "wt", encoding="utf-8", newline="\n") as copy:
        for line in lines:
            copy.write(line + "\n")
            yield line


def _read_lines(folder: Path, name: str) -> Iterator[str]:
    path = folder / "database" / f"{name}.jsonl.gz"
    if not path.is_file():
        return
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as copy:
        for line in copy:
            yield line.removesuffix("\n")


def _digest_of(folder: Path, name: str) -> Digest | None:
    try:
        return rows.digest(_read_lines(folder, name))
    except (OSError, EOFError, UnicodeDecodeError):  # what gzip says of a damaged file
        return None


def _copy_files(folder: Path) -> dict[str, str]:
    """What is removed meanwhile (archives that end after a week) is left out."""
    folder.mkdir(mode=ONLY_OWNER_FOLDER)
    copied = {}
    for name in sorted(files.all_names()):
        target = folder / name
        target.parent.mkdir(mode=ONLY_OWNER_FOLDER, parents=True, exist_ok=True)
        with suppress(NotFound), files.opened(name) as source:
            copied[name] = _copy(source, target)
    return copied


def _copy_keys(folder: Path) -> dict[str, str]:
    folder.mkdir(mode=ONLY_OWNER_FOLDER)
    copied = {}
    kept = settings.current().instance / "keys"
    for path in sorted(path for path in kept.rglob("*") if path.is_file()):
        name = path.relative_to(kept).as_posix()
        (folder / name).parent.mkdir(mode=ONLY_OWNER_FOLDER, parents=True, exist_ok=True)
        with path.open("rb") as source:
            copied[name] = _copy(source, folder / name)
    return copied


def _restore_files(folder: Path, manifest: Manifest) -> None:
    for name in manifest.files:
        files.store(name, (folder / name).read_bytes())


def _restore_keys(folder: Path, manifest: Manifest) -> None:
    """:raises Conflict: ``file-differs``."""
    kept = settings.current().instance / "keys"
    for name, digest in manifest.keys.items():
        target = kept / name
        if target.exists() and _sha256(target) != digest:
            raise Conflict("file-differs", _l("Another file is stored under this name already."), name=f"keys/{name}")
        target.parent.mkdir(mode=ONLY_OWNER_FOLDER, parents=True, exist_ok=True)
        if not target.exists():
            with (folder / name).open("rb") as source:
                _copy(source, target)


def _copy(source: IO[bytes], target: Path) -> str:
    total = sha256()
    with owned(target).open("wb") as copy:
        while part := source.read(PART_BYTES):
            total.update(part)
            copy.write(part)
    return total.hexdigest()


def owned(path: Path) -> Path:
    """A new, empty file that only its owner can read."""
    path.touch(mode=ONLY_OWNER)
    return path


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    total = sha256()
    with path.open("rb") as file:
        while part := file.read(PART_BYTES):
            total.update(part)
    return total.hexdigest()


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    """Last and whole: a copy without it was not finished."""
    part = owned(folder / f".{MANIFEST}.part")
    part.write_text(json.dumps(asdict(manifest), indent=2, sort_keys=True), "utf-8")
    shutil.move(part, folder / MANIFEST)
