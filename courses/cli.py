"""``flask courses``: for authors and administrators."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import click
from flask.cli import AppGroup

from courses import drawing, loading, plans, translating, visits_loading, visits_reading
from courses.authoring import ContentFaults
from courses.cohorts import demo, demo_training
from courses.exchange.commands import export_questions, import_questions
from courses.file_reading import Fault
from courses.outline import ModuleOutline
from courses.plans import Plans
from courses.translating import Part
from courses.visits_reading import Programme
from lms.core import clock, i18n
from lms.core.db import transaction

CONTENT = Path(__file__).parent / "content"
cli = AppGroup("courses", help="Modules and their content.")
cli.add_command(import_questions)
cli.add_command(export_questions)
cli.add_command(demo.command)
cli.add_command(demo_training.command)
SOON = timedelta(days=60)
"""How long before its date a question is named by ``check``."""
Content = TypeVar("Content")
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@cli.command("load")
@click.argument("path", type=FOLDER, default=CONTENT)
def _load(path: Path) -> None:
    """Teach the modules in PATH from now on, and offer its visits. Nothing is loaded if anything in them is wrong."""
    outlines, programmes, found = _read(path)
    with transaction():
        done = loading.load(outlines)
        changed = visits_loading.load(programmes)
        plans.load(found)
    for module in done:
        state = "new version" if module.is_new_version else "unchanged"
        click.echo(f"{module.slug}: {state}, {module.published_units} of {module.units} units are written")
    for programme in programmes:
        click.echo(f"visits/{programme.slug}: {'new or changed' if programme.slug in changed else 'unchanged'}")


@cli.command("check")
@click.argument("path", type=FOLDER, default=CONTENT)
def _check(path: Path) -> None:
    """Say every mistake in the modules and visits in PATH as file:line: mistake."""
    outlines, programmes, found = _read(path)
    for outline in outlines:
        for warning in _warnings(outline):
            click.echo(f"{outline.slug}: {warning}", err=True)
        click.echo(f"{outline.slug}: no mistakes")
    for programme in programmes:
        days, hours, still_open = len(programme.days), programme.hours, len(programme.to_verify)
        click.echo(f"visits/{programme.slug}: no mistakes, {days} days, {hours} hours, {still_open} things to verify")
    for study in found.programmes:
        click.echo(f"programmes/{study.slug}: no mistakes, {len(study.modules)} modules, {study.hours} hours")
    for pack in found.packs:
        unverified = sum(not rule.is_verified for rule in pack.rules)
        click.echo(f"rules/{pack.country}: no mistakes, {len(pack.rules)} rules, {unverified} to verify")


@cli.command("translations")
@click.argument("path", type=FOLDER, default=CONTENT)
@click.option("--missing", is_flag=True, help="Only say what is missing; the exit status is 1 if anything is.")
def _translations(path: Path, *, missing: bool) -> None:
    """Say how far each language of the modules and visits in PATH is, side by side, and what it lacks."""
    found = translating.look_through(path)
    if not missing:
        for name, parts in found.items():
            click.echo("\n".join(_table(name, parts)) + "\n")
    gaps = [gap for parts in found.values() for part in parts for gap in part.gaps]
    for gap in gaps:
        click.echo(str(gap))
    if not gaps and not missing:
        click.echo("Nothing is missing.")
    if gaps and missing:
        raise click.ClickException(f"{len(gaps)} texts are missing")


def _table(name: str, parts: list[Part]) -> list[str]:
    """One line for each part, one column for each language: its review state, and how many texts it lacks."""
    width = max(len(name), *(len(part.name) for part in parts))
    lines = [name.ljust(width) + "".join(f"  {language:<26}" for language in i18n.LANGUAGES)]
    for part in parts:
        cells = (_cell(part, language) for language in i18n.LANGUAGES)
        lines.append(part.name.ljust(width) + "".join(f"  {cell:<26}" for cell in cells))
    return [line.rstrip() for line in lines]


def _cell(part: Part, language: str) -> str:
    lacking = part.missing(language)
    return ", ".join([part.review.get(language, "-"), *([f"{lacking} missing"] if lacking else [])])


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


def _read(path: Path) -> tuple[list[ModuleOutline], list[Programme], Plans]:
    outlines, outline_faults = _tried(loading.read_all, path)
    programmes, programme_faults = _tried(visits_reading.read_all, path)
    found, plan_faults = _tried(lambda folder: plans.read_all(folder, outlines or []), path)
    if faults := [*outline_faults, *programme_faults, *([] if outline_faults else plan_faults)]:
        for fault in faults:
            click.echo(str(fault), err=True)
        raise click.ClickException(f"{len(faults)} mistakes; nothing was loaded")
    if not outlines and not programmes:
        raise click.ClickException(f"there is no module in {path}")
    return outlines or [], list((programmes or {}).values()), found or Plans((), ())


def _tried(read: Callable[[Path], Content], path: Path) -> tuple[Content | None, list[Fault]]:
    try:
        return read(path), []
    except ContentFaults as found:
        return None, found.faults
