"""Reads the folder of a unit: ``unit.yaml``, pictures, lesson and notes for teachers in each language, the questions."""

from dataclasses import replace
from pathlib import Path

from courses import figures
from courses.file_reading import Faults, read_text
from courses.lesson_reading import Known, read_lessons
from courses.notes_reading import read_notes
from courses.outline import AttemptRule, Figure, Source, Unit
from courses.question_reading import read_questions
from courses.yaml_reading import NAME, Mapping, read_mapping
from lms.core.i18n import LANGUAGES

REVIEWS = ("drafted", "native-reviewed")
"""Whether a specialist whose language it is has read the text; nothing claims a review that did not happen."""
MOST_ATTEMPTS = 20
LONGEST_MINUTES = 600


def read_unit(unit: Unit, folder: Path, faults: Faults) -> Unit:
    """The unit that module.yaml names, with everything that stands in its folder."""
    read = read_mapping(folder / "unit.yaml", faults)
    if read.text("code") not in ("", unit.code):
        read.complain("code", f"must be {unit.code}, as in module.yaml")
    sources = tuple(_source(item) for item in read.mappings("sources"))
    pictures = _figures(read, folder, faults)
    outcomes = _by_language(read, "outcomes")
    known = Known(frozenset(source.id for source in sources), frozenset(picture.name for picture in pictures))
    written = replace(
        unit,
        lessons=read_lessons(folder, known, faults),
        outcomes=outcomes,
        key_terms=tuple(term.all_languages() for term in read.mappings("key_terms")),
        sources=sources,
        review=_review(read.mapping("review")),
        to_verify=read.text_list("to_verify") if read.has("to_verify") else (),
        figures=pictures,
        questions=read_questions(folder / "questions.yaml", known, len(outcomes[LANGUAGES[0]]), faults),
        test=_test(read.mapping("test")) if read.has("test") else AttemptRule(),
        teacher_notes=read_notes(folder, faults),
    )
    read.refuse_repeated("sources", [source.id for source in sources])
    if written.test.draw and written.questions and written.test.draw > len(written.questions):
        read.complain("test", f"draws {written.test.draw} questions, but there are {len(written.questions)}")
    read.close()
    return written


def _test(read: Mapping) -> AttemptRule:
    rule = AttemptRule(
        draw=read.whole("draw", lowest=1, highest=200) if read.has("draw") else None,
        attempts=read.whole("attempts", lowest=1, highest=MOST_ATTEMPTS) if read.has("attempts") else 3,
        counts=read.choice("counts", ("best", "last")) if read.has("counts") else "best",  # type: ignore[arg-type]
        minutes=read.whole("minutes", lowest=1, highest=LONGEST_MINUTES) if read.has("minutes") else None,
    )
    read.close()
    return rule


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
