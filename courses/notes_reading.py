"""Reads what a unit says to its teachers: one Markdown file for each language, or none at all."""

from pathlib import Path

from courses.file_reading import Faults, read_text
from courses.lesson_reading import HTML
from lms.core.i18n import LANGUAGES


def read_notes(folder: Path, faults: Faults) -> dict[str, str]:
    """The notes as Markdown by language, the title in the first line; empty where the unit has none."""
    paths = {language: folder / f"teacher.{language}.md" for language in LANGUAGES}
    if not any(path.exists() for path in paths.values()):
        return {}
    return {language: _note(path, faults) for language, path in paths.items()}


def _note(path: Path, faults: Faults) -> str:
    text = read_text(path, faults).strip()
    if text and not text.startswith("# "):
        faults.add(path, 1, "a '# ' title is expected in the first line")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("## "):
            faults.add(path, number, "headings of a note begin with '### '")
        if HTML.search(line):
            faults.add(path, number, "HTML is not used here; write Markdown")
    return text
