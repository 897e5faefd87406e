"""Reads a lesson: one Markdown file for each language, cut into reading steps, with the same steps in all of them."""

import re
from dataclasses import dataclass
from pathlib import Path

from courses.file_reading import Faults, read_text
from courses.outline import Lesson, Section
from lms.core.i18n import LANGUAGES

CITATION = re.compile(r"\[\^([^\]\s]+)\]")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
HTML = re.compile(r"<(?:[a-zA-Z/!])[^>]*>")


@dataclass(frozen=True)
class Known:
    """What a lesson or a question may refer to: ids of sources, names of pictures."""

    sources: frozenset[str]
    pictures: frozenset[str]


def read_lessons(folder: Path, known: Known, faults: Faults) -> dict[str, Lesson]:
    """The lesson of a unit, by language."""
    lessons = {language: _lesson(folder / f"{language}.md", known, faults) for language in LANGUAGES}
    first = LANGUAGES[0]
    count = len(lessons[first].sections)
    for language, lesson in lessons.items():
        if len(lesson.sections) != count:
            mistake = f"{len(lesson.sections)} sections here, but {count} in {first}.md: they must be the same steps"
            faults.add(folder / f"{language}.md", 1, mistake)
    return lessons


def _lesson(path: Path, known: Known, faults: Faults) -> Lesson:
    """A title line, then sections; a line in a fenced block is never a heading."""
    title, headings, bodies, is_fenced = "", list[str](), list[list[str]](), False
    for number, line in enumerate(read_text(path, faults).splitlines(), start=1):
        if line.startswith(("```", "~~~")):
            is_fenced = not is_fenced
        if not is_fenced and line.startswith("# ") and not title:
            title = line[2:].strip()
        elif not is_fenced and line.startswith("## "):
            headings.append(line[3:].strip())
            bodies.append([])
        elif bodies:
            bodies[-1].append(line)
        elif line.strip():
            faults.add(path, number, "text must stand below a '## ' heading")
        if not is_fenced:
            _check_line(line, number, path, known, faults)
    if path.exists() and (not title or not headings):
        faults.add(path, 1, "a '# ' title and at least one '## ' heading are expected")
    sections = (
        Section(title=head, markdown="\n".join(body).strip()) for head, body in zip(headings, bodies, strict=True)
    )
    return Lesson(title=title, sections=tuple(sections))


def _check_line(line: str, number: int, path: Path, known: Known, faults: Faults) -> None:
    for source in CITATION.findall(line):
        if source not in known.sources:
            faults.add(path, number, f"[^{source}]: unit.yaml has no source with this id")
    for picture in PICTURE.findall(line):
        if picture not in known.pictures:
            faults.add(path, number, f"{picture}: unit.yaml has no figure with this name")
    if HTML.search(line) and not re.search(r"<https?://[^>\s]+>", line):
        faults.add(path, number, "HTML is not used here; write Markdown")
