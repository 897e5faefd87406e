"""What a module consists of, as frozen values: units, sections, questions, sources, figures, the written task.

A module version is stored as one JSON document; :func:`from_document` makes these values from it and :func:`to_document`
makes the document. Nothing here knows a database or a request, so that rules can be tested by themselves.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

Texts = Mapping[str, str]
"""The same text by language: ky, ru, zh, en."""
QuestionType = Literal["single", "multiple", "numeric"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of a question, with what is said to somebody who chose it."""

    id: str
    text: Texts
    is_correct: bool
    feedback: Texts


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question has the same id in every language."""

    id: str
    type: QuestionType
    difficulty: int
    """1 easy to 3 hard."""
    outcome: int
    """Which learning outcome of the unit it checks, from 1."""
    source: str | None
    review_by: str | None
    """ISO date after which a question about the law has to be looked at again."""
    text: Texts
    options: tuple[Option, ...]
    answer: Decimal | None
    """Only numeric questions have one."""
    tolerance: Decimal
    """How far a right answer may lie from ``answer``, in the unit of the question."""
    unit: Texts | None
    explanation: Texts


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a statement comes from."""

    id: str
    title: str
    publisher: str
    year: str | None
    url: str | None
    note: str | None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """An SVG picture; a language may have a drawing of its own."""

    name: str
    alt: Texts
    files: Mapping[str, str]
    """SVG text by file name."""

    def file_for(self, language: str) -> str:
        """Name of the file that a reader of this language sees."""
        own = self.name.removesuffix(".svg") + f".{language}.svg"
        return own if own in self.files else self.name


@dataclass(frozen=True, kw_only=True)
class Section:
    """One reading step."""

    title: str
    markdown: str


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """The text of a unit in one language."""

    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A part of a module. Until it is written it has a title and hours, and no lessons."""

    code: str
    titles: Texts
    hours: int
    is_reserve_track: bool
    """Part of the 36-hour track for members of the personnel reserve."""
    lessons: Mapping[str, Lesson]
    outcomes: Mapping[str, tuple[str, ...]]
    key_terms: tuple[Texts, ...]
    sources: tuple[Source, ...]
    review: Mapping[str, str]
    to_verify: tuple[str, ...]
    figures: tuple[Figure, ...]
    questions: tuple[Question, ...]

    @property
    def slug(self) -> str:
        """How the unit is named in addresses."""
        return self.code.lower()

    @property
    def is_published(self) -> bool:
        """Whether it can be read."""
        return bool(self.lessons)

    @property
    def section_count(self) -> int:
        """Number of reading steps, the same in every language."""
        return len(next(iter(self.lessons.values())).sections) if self.lessons else 0


@dataclass(frozen=True, kw_only=True)
class PassRule:
    """What has to be reached, in percent, and how the result is put together; the weights add up to 100."""

    tests_percent: int
    assignment_percent: int
    tests_weight: int
    assignment_weight: int


@dataclass(frozen=True, kw_only=True)
class Level:
    """One step of a criterion."""

    points: int
    text: Texts


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One line of a rubric; the weights of all lines add up to 100."""

    id: str
    weight: int
    title: Texts
    levels: tuple[Level, ...]

    @property
    def most_points(self) -> int:
        """Points of the best level."""
        return max(level.points for level in self.levels)


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """The written task of a module, marked by an instructor."""

    id: str
    title: Texts
    prompt: Texts
    minimum_words: int
    maximum_words: int
    rubric: tuple[Criterion, ...]
    quick_comments: tuple[Texts, ...]


@dataclass(frozen=True, kw_only=True)
class ModuleOutline:
    """One version of a module, whole."""

    slug: str
    code: str
    series: str
    """Which register of certificates it belongs to."""
    titles: Texts
    summary: Texts
    hours: int
    """Academic hours when all units are written."""
    pass_rule: PassRule
    units: tuple[Unit, ...]
    assignment: Assignment | None

    @property
    def published_units(self) -> tuple[Unit, ...]:
        """The units that can be read."""
        return tuple(unit for unit in self.units if unit.is_published)

    @property
    def published_hours(self) -> int:
        """Academic hours of the units that can be read: what a certificate may state."""
        return sum(unit.hours for unit in self.published_units)

    def unit_at(self, slug: str) -> Unit | None:
        """The published unit with this name in addresses."""
        return next((unit for unit in self.published_units if unit.slug == slug.lower()), None)


def to_document(outline: ModuleOutline) -> dict[str, Any]:
    """The outline as plain JSON values; numbers of questions as text, so that 0.1 stays 0.1."""
    document: dict[str, Any] = _plain(asdict(outline))
    return document


def from_document(document: Mapping[str, Any]) -> ModuleOutline:
    """The outline of a stored document."""
    values = dict(document)
    values["pass_rule"] = PassRule(**values["pass_rule"])
    values["units"] = tuple(_unit(unit) for unit in values["units"])
    values["assignment"] = _assignment(values["assignment"]) if values["assignment"] else None
    return ModuleOutline(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value


def _unit(document: Mapping[str, Any]) -> Unit:
    values = dict(document)
    values["lessons"] = {language: _lesson(lesson) for language, lesson in values["lessons"].items()}
    values["outcomes"] = {language: tuple(texts) for language, texts in values["outcomes"].items()}
    values["sources"] = tuple(Source(**source) for source in values["sources"])
    values["figures"] = tuple(Figure(**figure) for figure in values["figures"])
    values["questions"] = tuple(_question(question) for question in values["questions"])
    for name in ("key_terms", "to_verify"):
        values[name] = tuple(values[name])
    return Unit(**values)


def _lesson(document: Mapping[str, Any]) -> Lesson:
    sections = tuple(Section(**section) for section in document["sections"])
    return Lesson(title=document["title"], sections=sections)


def _question(document: Mapping[str, Any]) -> Question:
    values = dict(document)
    values["options"] = tuple(Option(**option) for option in values["options"])
    values["answer"] = Decimal(values["answer"]) if values["answer"] is not None else None
    values["tolerance"] = Decimal(values["tolerance"])
    return Question(**values)


def _assignment(document: Mapping[str, Any]) -> Assignment:
    values = dict(document)
    values["rubric"] = tuple(_criterion(criterion) for criterion in values["rubric"])
    values["quick_comments"] = tuple(values["quick_comments"])
    return Assignment(**values)


def _criterion(document: Mapping[str, Any]) -> Criterion:
    values = dict(document)
    values["levels"] = tuple(Level(**level) for level in values["levels"])
    return Criterion(**values)
