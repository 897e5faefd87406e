"""``flask courses``: for authors and administrators."""

from pathlib import Path

import click
from flask.cli import AppGroup

from courses import loading
from courses.authoring import ContentFaults
from courses.outline import ModuleOutline
from lms.core.db import transaction

CONTENT = Path(__file__).parent / "content"
cli = AppGroup("courses", help="Modules and their content.")
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@cli.command("load")
@click.argument("path", type=FOLDER, default=CONTENT)
def _load(path: Path) -> None:
    """Teach the modules in PATH from now on. Nothing is loaded if anything in them is wrong."""
    outlines = _read(path)
    with transaction():
        done = loading.load(outlines)
    for module in done:
        state = "new version" if module.is_new_version else "unchanged"
        click.echo(f"{module.slug}: {state}, {module.published_units} of {module.units} units are written")


@cli.command("check")
@click.argument("path", type=FOLDER, default=CONTENT)
def _check(path: Path) -> None:
    """Say every mistake in the modules in PATH as file:line: mistake."""
    for outline in _read(path):
        click.echo(f"{outline.slug}: no mistakes")


def _read(path: Path) -> list[ModuleOutline]:
    try:
        outlines = loading.read_all(path)
    except ContentFaults as found:
        for fault in found.faults:
            click.echo(str(fault), err=True)
        raise click.ClickException(f"{len(found.faults)} mistakes; nothing was loaded") from found
    if not outlines:
        raise click.ClickException(f"there is no module in {path}")
    return outlines
