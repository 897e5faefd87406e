"""``flask ops``: what an operator does with the whole installation."""

import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from flask.cli import AppGroup

from lms.core import secret_key
from lms.core.db import db
from lms.core.errors import Problem
from lms.core.ops import backup, copying, moving, rows
from lms.core.version import BUILD, VERSION

cli = AppGroup("ops", help="Copy, restore and move the whole installation.")
ARCHIVE = ".tar"


@cli.command("version")
def _version() -> None:
    """Print which version runs, from which commit, and which revision of the tables it knows and finds."""
    with copying.snapshot(db.engine) as connection:
        found = copying.revision_of(connection)
    click.echo(json.dumps({"version": VERSION, "build": BUILD, "tables": copying.revision(), "tables_found": found}))


@cli.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
def _backup(path: Path) -> None:
    """Copy database, stored files and keys into a new folder, or into one file if the name ends in .tar."""
    with _said_plainly():
        manifest = backup.make(path) if path.suffix != ARCHIVE else _make_archive(path)
    click.echo(_told(manifest))


@cli.command("check-backup")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def _check(path: Path) -> None:
    """Compare each part of a backup with its hash, without restoring it."""
    with _said_plainly(), _folder_of(path) as folder:
        if found := backup.faults(folder):
            raise click.ClickException("backup-damaged: " + ", ".join(found))
        click.echo(_told(backup.read_manifest(folder)))


@cli.command("restore")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--other-secret-key", is_flag=True, help="The secret key is lost. Keys of LTI and OAuth cannot be read.")
def _restore(path: Path, other_secret_key: bool) -> None:
    """Bring a backup back into an empty database, an empty folder of files and an empty folder of keys."""
    with _said_plainly(), _folder_of(path) as folder:
        click.echo(_told(backup.restore(folder, is_other_secret_ok=other_secret_key)))


@cli.command("move")
@click.option("--to", "url", required=True, help="Address of an empty database: postgresql://... or sqlite:///...")
def _move(url: str) -> None:
    """Copy the database into another one and prove that they are equal. Stop web and worker before."""
    with _said_plainly():
        tables = moving.move(url)
    click.echo(f"{len(tables)} tables with {sum(digest.rows for digest in tables.values())} rows are equal.")
    click.echo("Now set BILIM_DATABASE_URL, run: flask certificates audit, and start web and worker.")


@cli.command("fingerprint")
def _fingerprint() -> None:
    """Print how many rows each table has, and one hash over them: the same for equal tables on any engine."""
    db.session.remove()
    with copying.snapshot(db.engine) as connection:
        found = rows.fingerprint(connection)
    click.echo(json.dumps({name: asdict(digest) for name, digest in found.items()}, indent=2, sort_keys=True))


@cli.command("change-secret-key")
def _change_secret_key() -> None:
    """Write anew what another secret key wrote, while everything runs; stopped in the middle, run it again."""
    with _said_plainly():
        click.echo(json.dumps(secret_key.change(actor="operator:command"), indent=2))


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        facts = "".join(f"\n  {name}: {value}" for name, value in problem.facts.items())
        raise click.ClickException(f"{problem.code}: {problem.sentence}{facts}") from problem


def _make_archive(path: Path) -> backup.Manifest:
    """By way of a folder beside it: there has to be room for both."""
    with TemporaryDirectory(dir=path.absolute().parent) as place:
        manifest = backup.make(Path(place) / "backup")
        backup.owned(path)
        with tarfile.open(path, "w") as archive:
            archive.add(Path(place) / "backup", arcname="backup")
    return manifest


@contextmanager
def _folder_of(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield path
        return
    with TemporaryDirectory(dir=path.absolute().parent) as place:
        with tarfile.open(path) as archive:
            archive.extractall(place, filter="data")
        yield Path(place) / "backup"


def _told(manifest: backup.Manifest) -> str:
    rows_in_all = sum(digest.rows for digest in manifest.tables.values())
    return (
        f"{len(manifest.tables)} tables with {rows_in_all} rows, {len(manifest.files)} files, {len(manifest.keys)} keys; "
        f"made at {manifest.made_at} by version {manifest.version}, tables {manifest.revision}"
    )
