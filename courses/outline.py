"""What a module consists of, as frozen values: units, sections, questions, sources, figures; its task is :mod:`courses.written_task`.

A module version is stored as one JSON document, see :mod:`courses.documents`. Nothing here knows a database or a request,
so that rules can be tested by themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from courses.written_task import Assignment
from courses.written_task import Texts as Texts

QuestionType = Literal["single", "multiple", "numeric", "order", "match", "short", "scenario"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of a question, with what is said to somebody who chose it."""

    id: str
    text: Texts
    is_correct: bool
    feedback: Texts


@dataclass(frozen=True, kw_only=True)
class Item:
    """One of the things to put in order."""

    id: str
    text: Texts


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two sides that belong together; its id names either side."""

    id: str
    left: Texts
    right: Texts


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One step of a scenario: what happens now, and what to do about it."""

    id: str
    text: Texts
    options: tuple[Option, ...]
    """Exactly one is correct."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question has the same id in every language. Which of the last fields are filled depends on its type."""

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
    explanation: Texts
    options: tuple[Option, ...] = ()
    """Of *single* and *multiple*."""
    answer: Decimal | None = None
    """Of *numeric*."""
    tolerance: Decimal = Decimal(0)
    """How far a right answer may lie from ``answer``, in the unit of the question."""
    unit: Texts | None = None
    items: tuple[Item, ...] = ()
    """Of *order*, in the right order."""
    pairs: tuple[Pair, ...] = ()
    """Of *match*."""
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of *short*: every spelling that is right, by language; an answer in any of them counts."""
    steps: tuple[Decision, ...] = ()
    """Of *scenario*, one after the other."""


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
class AttemptRule:
    """How the test of a unit is taken."""

    draw: int | None = None
    """How many of the questions an attempt asks; None for all."""
    attempts: int = 3
    """Unless an instructor allows more."""
    counts: Literal["best", "last"] = "best"
    """Which of the attempts is the result."""
    minutes: int | None = None
    """How long an attempt may take; None for as long as it takes."""


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
    test: AttemptRule = AttemptRule()
    teacher_notes: Texts = field(default_factory=dict)
    """What instructors alone are told, as Markdown with the title in its first line; empty where there is nothing to tell."""

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

    @property
    def asked_count(self) -> int:
        """How many questions an attempt asks, when none of them waits for a review."""
        return min(self.test.draw or len(self.questions), len(self.questions))


@dataclass(frozen=True, kw_only=True)
class PassRule:
    """What completes a module, and how the result is put together; percent, and weights that add up to 100."""

    tests_percent: int
    assignment_percent: int
    tests_weight: int
    assignment_weight: int
    asks_reading: bool = True
    """Whether every section has to be read."""
    attendance_hours: int = 0
    """Academic hours to be attended at study visits and seminars; none are asked for with 0."""
    reserve_attendance_hours: int = 0
    """The same on the short way."""
    diary_percent: int = 0
    """Mark that the diary of a study visit needs; none is asked for with 0."""
    reserve_diary_percent: int = 0
    """The same on the short way."""
    within_days: int | None = None
    """After the module was first opened; None without an end."""


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
