"""Reads the folder of a module: module.yaml, units in Markdown per language, questions, pictures, the written task.

Either the whole folder is right and there is an outline, or there is a list of all its mistakes, each with file and line.
"""

import os
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from courses import figures
from courses.file_reading import Fault, Faults, read_text
from courses.outline import (
    Assignment,
    Criterion,
    Figure,
    Lesson,
    Level,
    ModuleOutline,
    Option,
    PassRule,
    Question,
    Section,
    Source,
    Unit,
)
from courses.yaml_reading import Mapping, read_list, read_mapping
from lms.core.i18n import LANGUAGES

SLUG = re.compile(r"[a-z][a-z0-9-]{1,60}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
CITATION = re.compile(r"\[\^([^\]\s]+)\]")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
HTML = re.compile(r"<(?:[a-zA-Z/!])[^>]*>")
REVIEWS = ("drafted", "reviewed", "verified")


class ContentFaults(Exception):
    """A module's folder has mistakes; nothing of it may be used."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def read_module(folder: Path) -> ModuleOutline:
    """The module that stands in a folder.

    :raises ContentFaults: with every mistake that was found.
    """
    faults = Faults(folder.parent)
    outline = _module(folder, faults)
    if faults.found:
        raise ContentFaults(sorted(set(faults.found)))
    return outline


def module_folders(path: Path) -> list[Path]:
    """The folder itself if it is a module, else the modules in it."""
    if (path / "module.yaml").exists():
        return [path]
    return sorted(inner for inner in path.iterdir() if inner.is_dir() and not inner.name.startswith("."))


def _module(folder: Path, faults: Faults) -> ModuleOutline:
    read = read_mapping(folder / "module.yaml", faults)
    outline = ModuleOutline(
        slug=_slug(read, folder),
        code=read.text("code"),
        series=read.text("series"),
        titles=read.texts("titles"),
        summary=read.texts("summary"),
        hours=read.whole("hours", lowest=1, highest=1000),
        pass_rule=_pass_rule(read.mapping("pass")),
        units=tuple(_unit(entry, folder, faults) for entry in read.mappings("units")),
        assignment=_assignment(folder / "assignment.yaml", faults),
    )
    read.close()
    _refuse_wrong_sum(read, "units", [unit.hours for unit in outline.units], outline.hours, "hours")
    _refuse_repeated(read, "units", [unit.slug for unit in outline.units])
    _refuse_repeated(read, "units", [question.id for unit in outline.units for question in unit.questions])
    return outline


def _slug(read: Mapping, folder: Path) -> str:
    slug = read.text("slug")
    if slug and not SLUG.fullmatch(slug):
        read.complain("slug", "must be small Latin letters, digits and hyphens")
    elif slug and slug != folder.name:
        read.complain("slug", f"must be the name of the folder, {folder.name}")
    return slug


def _pass_rule(read: Mapping) -> PassRule:
    weights = read.mapping("weights")
    rule = PassRule(
        tests_percent=read.whole("tests_percent", lowest=0, highest=100),
        assignment_percent=read.whole("assignment_percent", lowest=0, highest=100),
        tests_weight=weights.whole("tests", lowest=0, highest=100),
        assignment_weight=weights.whole("assignment", lowest=0, highest=100),
    )
    _refuse_wrong_sum(read, "weights", [rule.tests_weight, rule.assignment_weight], 100, "the weights")
    weights.close()
    read.close()
    return rule


def _unit(entry: Mapping, folder: Path, faults: Faults) -> Unit:
    unit = _unwritten(entry)
    below = entry.text_or_none("folder")
    unit_folder = folder / "units" / (below or "")
    if below and (not NAME.fullmatch(below) or unit_folder.is_symlink() or not unit_folder.is_dir()):
        entry.complain("folder", "there is no such folder in units/")
        below = None
    entry.close()
    return _written(unit, unit_folder, faults) if below else unit


def _unwritten(entry: Mapping) -> Unit:
    code = entry.text("code")
    if code and not NAME.fullmatch(code):
        entry.complain("code", "must be Latin letters and digits")
    return Unit(
        code=code,
        titles=entry.texts("titles"),
        hours=entry.whole("hours", lowest=1, highest=1000),
        is_reserve_track=entry.flag("reserve_track", default=False),
        lessons={},
        outcomes={},
        key_terms=(),
        sources=(),
        review={},
        to_verify=(),
        figures=(),
        questions=(),
    )


def _written(unit: Unit, folder: Path, faults: Faults) -> Unit:
    read = read_mapping(folder / "unit.yaml", faults)
    if read.text("code") not in ("", unit.code):
        read.complain("code", f"must be {unit.code}, as in module.yaml")
    sources = tuple(_source(item) for item in read.mappings("sources"))
    pictures = _figures(read, folder, faults)
    outcomes = _by_language(read, "outcomes")
    known = _Known(frozenset(source.id for source in sources), frozenset(picture.name for picture in pictures))
    written = replace(
        unit,
        lessons=_lessons(folder, known, faults),
        outcomes=outcomes,
        key_terms=tuple(term.all_languages() for term in read.mappings("key_terms")),
        sources=sources,
        review=_review(read.mapping("review")),
        to_verify=read.text_list("to_verify") if read.has("to_verify") else (),
        figures=pictures,
        questions=_questions(folder / "questions.yaml", known, len(outcomes[LANGUAGES[0]]), faults),
    )
    _refuse_repeated(read, "sources", [source.id for source in sources])
    read.close()
    return written


class _Known:
    """What a lesson or a question may refer to."""

    def __init__(self, sources: frozenset[str], pictures: frozenset[str]) -> None:
        self.sources = sources
        self.pictures = pictures


def _by_language(read: Mapping, key: str) -> dict[str, tuple[str, ...]]:
    inner = read.mapping(key)
    lists = {language: inner.text_list(language) for language in LANGUAGES}
    inner.close()
    if inner.is_clean and len({len(texts) for texts in lists.values()}) > 1:
        read.complain(key, "must have the same number of lines in every language")
    return lists


def _source(read: Mapping) -> Source:
    source = Source(
        id=read.text("id"),
        title=read.text("title"),
        publisher=read.text("publisher"),
        year=read.scalar("year") if read.has("year") else None,
        url=read.text_or_none("url"),
        note=read.text_or_none("note"),
    )
    if source.url and not source.url.startswith(("https://", "http://")):
        read.complain("url", "must begin with https:// or http://")
    read.close()
    return source


def _review(read: Mapping) -> dict[str, str]:
    states = {language: read.choice(language, REVIEWS) for language in LANGUAGES}
    read.close()
    return states


def _figures(read: Mapping, folder: Path, faults: Faults) -> tuple[Figure, ...]:
    if not read.has("figures"):
        return ()
    named = read.mapping("figures")
    pictures = tuple(_figure(name, named, folder, faults) for name in named.keys())  # noqa: SIM118  not a dict
    named.close()
    return pictures


def _figure(name: str, named: Mapping, folder: Path, faults: Faults) -> Figure:
    alt = named.texts(name)
    if not NAME.fullmatch(name) or not name.endswith(".svg"):
        named.complain(name, "must be the name of an .svg file")
        return Figure(name=name, alt=alt, files={})
    own = [name.removesuffix(".svg") + f".{language}.svg" for language in LANGUAGES]
    files = {file: read_text(folder / file, faults) for file in [name, *own] if (folder / file).exists()}
    if name not in files and not all(file in files for file in own):
        named.complain(name, "there is no such file beside unit.yaml")
    for file, svg in files.items():
        if mistake := figures.mistake_in(svg):
            faults.add(folder / file, 1, mistake)
    return Figure(name=name, alt=alt, files=files)


def _lessons(folder: Path, known: _Known, faults: Faults) -> dict[str, Lesson]:
    lessons = {language: _lesson(folder / f"{language}.md", known, faults) for language in LANGUAGES}
    first = LANGUAGES[0]
    count = len(lessons[first].sections)
    for language, lesson in lessons.items():
        if len(lesson.sections) != count:
            mistake = f"{len(lesson.sections)} sections here, but {count} in {first}.md: they must be the same steps"
            faults.add(folder / f"{language}.md", 1, mistake)
    return lessons


def _lesson(path: Path, known: _Known, faults: Faults) -> Lesson:
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


def _check_line(line: str, number: int, path: Path, known: _Known, faults: Faults) -> None:
    for source in CITATION.findall(line):
        if source not in known.sources:
            faults.add(path, number, f"[^{source}]: unit.yaml has no source with this id")
    for picture in PICTURE.findall(line):
        if picture not in known.pictures:
            faults.add(path, number, f"{picture}: unit.yaml has no figure with this name")
    if HTML.search(line) and not re.search(r"<https?://[^>\s]+>", line):
        faults.add(path, number, "HTML is not used here; write Markdown")


def _questions(path: Path, known: _Known, outcomes: int, faults: Faults) -> tuple[Question, ...]:
    return tuple(_question(read, known, outcomes) for read in read_list(path, faults))


def _question(read: Mapping, known: _Known, outcomes: int) -> Question:
    kind = read.choice("type", ("single", "multiple", "numeric"))
    is_numeric = kind == "numeric"
    question = Question(
        id=read.text("id"),
        type=kind,  # type: ignore[arg-type]
        difficulty=read.whole("difficulty", lowest=1, highest=3),
        outcome=read.whole("outcome", lowest=1, highest=max(outcomes, 1)),
        source=read.text_or_none("source"),
        review_by=_date_or_none(read, "review_by"),
        text=read.texts("text"),
        options=() if is_numeric else tuple(_option(item) for item in read.mappings("options")),
        answer=read.decimal("answer") if is_numeric else None,
        tolerance=(read.decimal("tolerance") or Decimal(0)) if is_numeric else Decimal(0),
        unit=read.texts("unit") if is_numeric and read.has("unit") else None,
        explanation=read.texts("explanation"),
    )
    _check_question(read, question, known)
    return question


def _check_question(read: Mapping, question: Question, known: _Known) -> None:
    if question.id and not NAME.fullmatch(question.id):
        read.complain("id", "must be Latin letters, digits and hyphens")
    if question.source and question.source not in known.sources:
        read.complain("source", "unit.yaml has no source with this id")
    if question.tolerance < 0:
        read.complain("tolerance", "must not be below zero")
    for key in ("options", "answer", "tolerance", "unit"):
        is_foreign = (key == "options") == (question.type == "numeric")
        if is_foreign and read.has(key):
            read.complain(key, f"a {question.type} question has none")
    if question.type != "numeric" and read.is_clean:
        _check_options(read, question)
    read.close()


def _check_options(read: Mapping, question: Question) -> None:
    right = sum(option.is_correct for option in question.options)
    if len(question.options) < 2:
        read.complain("options", "at least two options are needed")
    elif question.type == "single" and right != 1:
        read.complain("options", f"exactly one option must be correct, not {right}")
    elif right == 0:
        read.complain("options", "at least one option must be correct")
    _refuse_repeated(read, "options", [option.id for option in question.options])


def _option(read: Mapping) -> Option:
    option = Option(
        id=read.text("id"), text=read.texts("text"), is_correct=read.flag("correct"), feedback=read.texts("feedback")
    )
    read.close()
    return option


def _date_or_none(read: Mapping, key: str) -> str | None:
    if not read.has(key):
        return None
    text = read.scalar(key)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        read.complain(key, "must be a date like 2027-01-31")
        return None


def _assignment(path: Path, faults: Faults) -> Assignment | None:
    if not os.path.lexists(path):
        return None
    read = read_mapping(path, faults)
    assignment = Assignment(
        id=read.text("id"),
        title=read.texts("title"),
        prompt=read.texts("prompt"),
        minimum_words=read.whole("minimum_words", lowest=1, highest=20_000),
        maximum_words=read.whole("maximum_words", lowest=1, highest=20_000),
        rubric=tuple(_criterion(item) for item in read.mappings("rubric")),
        quick_comments=tuple(item.all_languages() for item in read.mappings("quick_comments")),
    )
    if assignment.minimum_words > assignment.maximum_words:
        read.complain("maximum_words", "must not be below minimum_words")
    _refuse_wrong_sum(read, "rubric", [criterion.weight for criterion in assignment.rubric], 100, "the weights")
    _refuse_repeated(read, "rubric", [criterion.id for criterion in assignment.rubric])
    read.close()
    return assignment


def _criterion(read: Mapping) -> Criterion:
    criterion = Criterion(
        id=read.text("id"),
        weight=read.whole("weight", lowest=1, highest=100),
        title=read.texts("title"),
        levels=tuple(_level(item) for item in read.mappings("levels")),
    )
    if read.is_clean and not any(level.points for level in criterion.levels):
        read.complain("levels", "at least one level must give points")
    _refuse_repeated(read, "levels", [str(level.points) for level in criterion.levels])
    read.close()
    return criterion


def _level(read: Mapping) -> Level:
    level = Level(points=read.whole("points", lowest=0, highest=100), text=read.texts("text"))
    read.close()
    return level


def _refuse_wrong_sum(read: Mapping, key: str, parts: list[int], expected: int, what: str) -> None:
    if parts and read.is_clean and sum(parts) != expected:
        read.complain(key, f"{what} must add up to {expected}, not {sum(parts)}")


def _refuse_repeated(read: Mapping, key: str, names: list[str]) -> None:
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        read.complain(key, f"{name} is used more than once")
