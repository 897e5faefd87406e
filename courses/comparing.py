"""A unit in two languages, text by text, for whoever reads one beside the other. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from courses.outline import Option, Question, Texts, Unit

LONG = 20
"""Characters from which two languages are not expected to have the same text; names and numbers are shorter."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One text in both languages, as Markdown."""

    kind: str
    """``outcome``, ``section``, ``term``; of a question ``text``, ``option``, ``feedback``, ``item``, ``side``, ``step`` or
    ``explanation``."""
    name: str
    """Its number, or its id."""
    left: str
    right: str

    @property
    def lacks(self) -> bool:
        """Whether one of them is not there."""
        return not self.left.strip() or not self.right.strip()

    @property
    def is_same(self) -> bool:
        """Whether a text was probably taken over without being translated."""
        return self.left == self.right and len(self.left) >= LONG and any(sign.isalpha() for sign in self.left)


def lesson(unit: Unit, left: str, right: str) -> list[Pair]:
    """The lesson: outcomes, sections, key terms."""
    return [
        *_lists("outcome", unit.outcomes.get(left, ()), unit.outcomes.get(right, ())),
        *_lists("section", _sections(unit, left), _sections(unit, right)),
        *_lists(
            "term",
            tuple(term.get(left, "") for term in unit.key_terms),
            tuple(term.get(right, "") for term in unit.key_terms),
        ),
    ]


def questions(unit: Unit, left: str, right: str) -> list[Pair]:
    """The questions with their options and explanations."""
    return [pair for question in unit.questions for pair in _question(question, left, right)]


def _sections(unit: Unit, language: str) -> tuple[str, ...]:
    lesson = unit.lessons.get(language)
    return tuple(f"**{one.title}**\n\n{one.markdown}" for one in lesson.sections) if lesson else ()


def _lists(what: str, left: tuple[str, ...], right: tuple[str, ...]) -> Iterator[Pair]:
    for number in range(max(len(left), len(right))):
        yield Pair(
            kind=what,
            name=str(number + 1),
            left=left[number] if number < len(left) else "",
            right=right[number] if number < len(right) else "",
        )


def _question(question: Question, left: str, right: str) -> Iterator[Pair]:
    for kind, name, text in _texts(question):
        yield Pair(kind=kind, name=f"{question.id} {name}".strip(), left=text.get(left, ""), right=text.get(right, ""))


def _texts(question: Question) -> Iterator[tuple[str, str, Texts]]:
    yield "text", "", question.text
    yield from _options("", question.options)
    yield from (("item", item.id, item.text) for item in question.items)
    for pair in question.pairs:
        yield "side", pair.id, pair.left
        yield "side", pair.id, pair.right
    for step in question.steps:
        yield "step", step.id, step.text
        yield from _options(f"{step.id} ", step.options)
    yield "explanation", "", question.explanation


def _options(before: str, options: tuple[Option, ...]) -> Iterator[tuple[str, str, Texts]]:
    for option in options:
        yield "option", before + option.id, option.text
        yield "feedback", before + option.id, option.feedback
