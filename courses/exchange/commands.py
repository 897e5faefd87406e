"""``flask courses import-questions`` and ``export-questions``: for authors. Nothing is written without ``--write``."""

from collections import Counter
from pathlib import Path

import click

from courses.authoring import ContentFaults, read_module
from courses.exchange import drafting, reading, unit_files, writing
from courses.exchange.drafting import Drafted, Outcome
from courses.exchange.reading import Reading
from courses.exchange.wording import REMARKS, Unreadable
from courses.outline import Unit
from lms.core.i18n import LANGUAGES

CONTENT = Path(__file__).parents[1] / "content"
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STATES = {
    "taken": "taken as {type}, {id}",
    "second-language": "{language} filled in, {id}",
    "known": "already in imported.yaml, left as it is, {id}",
    "in-questions": "already in questions.yaml, left as it is, {id}",
    "refused": "refused",
}


@click.command("import-questions")
@click.argument("file", type=FILE)
@click.option("--unit", "address", required=True, metavar="MODULE/UNIT", help="As in public-management/PM3.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), required=True, help="In which the file is written.")
@click.option("--content", type=FOLDER, default=CONTENT, help="Folder of modules.")
@click.option("--write/--dry-run", "is_written", default=False, help="Write imported.yaml, or only report (usual).")
def import_questions(file: Path, address: str, language: str, content: Path, is_written: bool) -> None:
    """Read GIFT, Aiken, Moodle XML, XLSX or QTI, and draft questions for a unit in its imported.yaml."""
    try:
        folder = unit_files.folder_of(content, address)
        read = reading.read(_bytes(file))
        drafted, text = _drafted(read, language, folder)
    except Unreadable as refusal:
        raise click.ClickException(f"{refusal.sentence} ({refusal.code}); nothing was read") from refusal
    _report(read, drafted, language)
    _finish(folder / unit_files.IMPORTED, text, drafted, is_written=is_written)


@click.command("export-questions")
@click.argument("address", metavar="MODULE/UNIT")
@click.option("--format", "form", type=click.Choice(writing.FORMATS), required=True)
@click.option("--language", type=click.Choice(list(LANGUAGES)), required=True)
@click.option("--content", type=FOLDER, default=CONTENT, help="Folder of modules.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else it goes to the screen.")
def export_questions(address: str, form: str, language: str, content: Path, output: Path | None) -> None:
    """Write the questions of a unit for Moodle, or for any system that takes its formats."""
    written = writing.write(_unit(content, address).questions, language, form=form)
    for line in written.said:
        click.echo(line, err=True)
    if output:
        output.write_text(written.text, encoding="utf-8", newline="\n")
    else:
        click.echo(written.text, nl=False)
    click.echo(f"{written.count} questions", err=True)


def _bytes(file: Path) -> bytes:
    """No more than is read: a file may be larger than this machine's memory."""
    with file.open("rb") as opened:
        return opened.read(reading.LARGEST_BYTES + 1)


def _drafted(read: Reading, language: str, folder: Path) -> tuple[Drafted, str]:
    path = folder / unit_files.IMPORTED
    entries, used = unit_files.entries_of(path), unit_files.ids_of(folder / unit_files.QUESTIONS)
    drafted = drafting.draft(read.entries, language, entries=entries, used=used)
    before = path.read_text("utf-8-sig") if path.exists() else ""
    return drafted, unit_files.text_of(drafted, before)


def _report(read: Reading, drafted: Drafted, language: str) -> None:
    click.echo(f"{read.format}{f', {read.encoding}' if read.encoding else ''}: {len(read.entries)} items")
    if read.is_encoding_guessed:
        click.echo(f"The file does not say how its letters are written; {read.encoding} was guessed. Look at them.")
    for outcome in drafted.outcomes:
        for line in _lines(outcome, language):
            click.echo(line)
    counted = Counter(outcome.state for outcome in drafted.outcomes)
    remarked = sum(bool(outcome.state == "taken" and outcome.found.remarks) for outcome in drafted.outcomes)
    known = counted["known"] + counted["in-questions"]
    click.echo(
        f"{counted['taken']} taken, {remarked} of them with remarks; {counted['second-language']} got a language; "
        f"{known} were there; {counted['refused']} refused"
    )


def _lines(outcome: Outcome, language: str) -> list[str]:
    found = outcome.found
    kind = found.draft.type if found.draft else ""
    state = STATES[outcome.state].format(type=kind, id=outcome.id, language=language)
    if found.refusal:
        return [f"{found.place}: {found.name}: {state}: {found.refusal.sentence} ({found.refusal.code})"]
    remarks = [f"    {REMARKS[code]} ({code})" for code in found.remarks] if outcome.state == "taken" else []
    return [f"{found.place}: {found.name}: {state}", *remarks]


def _finish(path: Path, text: str, drafted: Drafted, *, is_written: bool) -> None:
    if not drafted.added and not drafted.is_rewritten:
        click.echo("Nothing new; nothing was written.")
    elif not is_written:
        click.echo(f"Nothing was written. With --write it goes to {path}.")
    else:
        unit_files.write(path, text)
        click.echo(
            f"Written to {path}. Complete the questions, move them into questions.yaml, then: flask courses check"
        )


def _unit(content: Path, address: str) -> Unit:
    try:
        folder = unit_files.folder_of(content, address)
        outline = read_module(folder.parents[1])
    except Unreadable as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    except ContentFaults as found:
        raise click.ClickException(f"{found.faults[0]}; correct the module first: flask courses check") from found
    name = address.partition("/")[2]
    return next(
        unit for unit in outline.units if unit.slug == name.lower() or (folder.name == name and unit.is_published)
    )
