"""``flask courses``: for authors and administrators."""

from datetime import timedelta
from pathlib import Path

import click
from flask.cli import AppGroup

from courses import drawing, loading
from courses.authoring import ContentFaults
from courses.outline import ModuleOutline
from lms.core import clock, i18n
from lms.core.db import transaction

CONTENT = Path(__file__).parent / "content"
cli = AppGroup("courses", help="Modules and their content.")
SOON = timedelta(days=60)
"""How long before its date a question is named by ``check``."""
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
        for warning in _warnings(outline):
            click.echo(f"{outline.slug}: {warning}", err=True)
        click.echo(f"{outline.slug}: no mistakes")


def _warnings(outline: ModuleOutline) -> list[str]:
    """What is no mistake and has to be looked at: questions about the law whose date is over, or soon will be."""
    today = i18n.civil_date(clock.now())
    soon = {
        question.id: question.review_by
        for unit in outline.published_units
        for question in drawing.waiting(unit, today + SOON)
    }
    resting = [question.id for unit in outline.published_units for question in drawing.waiting(unit, today)]
    return [
        f"{name} is not asked any more, its review was due by {day}; review it and set a new date"
        if name in resting
        else f"{name} has to be reviewed by {day}; after that it is not asked"
        for name, day in soon.items()
    ] + [
        f"{unit.code} draws {unit.test.draw} questions and has {left} that may be asked"
        for unit in outline.published_units
        if (left := len(unit.questions) - len(drawing.waiting(unit, today))) < (unit.test.draw or 0)
    ]


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
