"""What is missing in a folder of content, language by language, also while it is not whole enough to be loaded.

Readers of authors' files (:mod:`courses.authoring`) stop where a language is missing. Here files are only looked through:
lessons by their steps, YAML by its texts, pictures by their names.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from lms.core.i18n import LANGUAGES

LISTS = frozenset({"outcomes"})
"""Lists that are equally long in every language; others may have as many entries as a language needs."""
OWN_PICTURE = re.compile(rf"(.+)\.({'|'.join(LANGUAGES)})\.svg")


@dataclass(frozen=True, order=True)
class Gap:
    """A text that a language lacks."""

    file: str
    """From the folder of the content on."""
    line: int
    what: str
    language: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}: {self.language} is missing"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One unit, or what a module has beside its units, or one visit."""

    name: str
    review: dict[str, str]
    """Review state by language; none of files that have no review."""
    gaps: tuple[Gap, ...]

    def missing(self, language: str) -> int:
        """How many texts a language lacks."""
        return sum(gap.language == language for gap in self.gaps)


def look_through(path: Path) -> dict[str, list[Part]]:
    """The parts of each module in a folder, by the module's name; visits under ``visits``."""
    modules = [path] if (path / "module.yaml").exists() else sorted(one.parent for one in path.glob("*/module.yaml"))
    root = path.parent if modules == [path] else path
    found = {module.name: list(_module(module, root)) for module in modules}
    visits = [_part(file.stem, [file], root) for file in sorted((path / "visits").glob("*.yaml"))]
    return found | ({"visits": visits} if visits else {})


def _module(folder: Path, root: Path) -> Iterator[Part]:
    yield _part("-", [file for name in ("module", "assignment") if (file := folder / f"{name}.yaml").exists()], root)
    for unit in sorted(one for one in (folder / "units").glob("*") if one.is_dir()):
        files = [file for name in ("unit", "questions") if (file := unit / f"{name}.yaml").exists()]
        more = [*_lesson_gaps(unit, root), *_note_gaps(unit, root), *_picture_gaps(unit, root)]
        yield _part(unit.name, files, root, more)


def _part(name: str, files: list[Path], root: Path, more: Iterable[Gap] = ()) -> Part:
    review: dict[str, str] = {}
    gaps = list(more)
    for file in files:
        node = _composed(file)
        if node is not None:
            shown = str(file.relative_to(root))
            gaps += _text_gaps(node, shown, "")
            review |= _review(node)
    return Part(name=name, review=review, gaps=tuple(sorted(gaps)))


def _composed(file: Path) -> Node | None:
    """What stands in a file; nothing where it is not YAML, which ``check`` says."""
    try:
        found: Node | None = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    return found


def _review(node: Node) -> dict[str, str]:
    found = _values(_values(node).get("review"))
    return {language: str(found[language].value) for language in LANGUAGES if language in found}


def _values(node: Node | None) -> dict[str, Node]:
    pairs = node.value if isinstance(node, MappingNode) else []
    return {str(key.value): value for key, value in pairs if isinstance(key, ScalarNode)}


def _text_gaps(node: Node, file: str, trail: str) -> Iterator[Gap]:
    """A mapping that names languages is a text, and lacks those that it does not name or leaves empty."""
    values = _values(node)
    if len(values.keys() & set(LANGUAGES)) > 1 or (values and values.keys() <= set(LANGUAGES)):
        longest = max(_length(value) for value in values.values())
        for language in LANGUAGES:
            needed = longest if trail.rpartition(".")[2] in LISTS else 1
            if _length(values.get(language)) < needed:
                yield Gap(file, node.start_mark.line + 1, trail or "text", language)
        return
    name = values["id"].value if isinstance(values.get("id"), ScalarNode) else ""
    here = f"{trail} {name}".strip() if name else trail
    for key, value in values.items():
        yield from _text_gaps(value, file, f"{here}.{key}".strip("."))
    for value in node.value if isinstance(node, SequenceNode) else ():
        yield from _text_gaps(value, file, trail)


def _length(node: Node | None) -> int:
    if isinstance(node, SequenceNode):
        return len(node.value)
    return int(isinstance(node, ScalarNode) and bool(node.value.strip()) and node.tag != "tag:yaml.org,2002:null")


def _lesson_gaps(unit: Path, root: Path) -> Iterator[Gap]:
    """Steps that the longest language has and another has not, or has without a text."""
    steps = {language: _steps(unit / f"{language}.md") for language in LANGUAGES}
    longest = max(len(found) for found in steps.values())
    for language, found in steps.items():
        file = str((unit / f"{language}.md").relative_to(root))
        for number in range(1, longest + 1):
            if number > len(found) or not found[number - 1][1]:
                line = found[number - 1][0] if number <= len(found) else 1
                yield Gap(file, line, f"section {number}", language)


def _steps(file: Path) -> list[tuple[int, bool]]:
    """Line of each heading, and whether text stands below it."""
    found: list[tuple[int, bool]] = []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []
    for number, line in enumerate(lines, start=1):
        if line.startswith("## "):
            found.append((number, False))
        elif found and line.strip():
            found[-1] = (found[-1][0], True)
    return found


def _note_gaps(unit: Path, root: Path) -> Iterator[Gap]:
    files = {language: unit / f"teacher.{language}.md" for language in LANGUAGES}
    if any(file.exists() for file in files.values()):
        for language, file in files.items():
            if not file.exists() or not file.read_text(encoding="utf-8", errors="replace").strip():
                yield Gap(str(file.relative_to(root)), 1, "note for teachers", language)


def _picture_gaps(unit: Path, root: Path) -> Iterator[Gap]:
    """Pictures that have a drawing for some languages, and none for all."""
    own = [found for file in sorted(unit.glob("*.svg")) if (found := OWN_PICTURE.fullmatch(file.name))]
    for name in dict.fromkeys(found[1] for found in own):
        has = {found[2] for found in own if found[1] == name}
        for language in LANGUAGES:
            if language not in has and not (unit / f"{name}.svg").exists():
                yield Gap(str((unit / f"{name}.{language}.svg").relative_to(root)), 1, "picture", language)
