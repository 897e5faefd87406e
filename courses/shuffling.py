"""In which order things are shown. Pure: it follows from the seed of the attempt, so that it is the same after a reload and
on another device, and differs between neighbours in a classroom.
"""

import hashlib
from collections.abc import Iterable
from typing import Protocol, TypeVar

from courses.outline import Item, Option, Pair, Question


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Thing = TypeVar("Thing", bound=_Named)


def by_seed(things: Iterable[Thing], *, seed: str, place: str) -> tuple[Thing, ...]:
    """The things in an order that follows from seed and place; by a hash, which no release of Python changes.

    :param place: where they are shown, so that not every question is shuffled alike.
    """
    return tuple(sorted(things, key=lambda thing: hashlib.sha256(f"{seed}:{place}:{thing.id}".encode()).digest()))


def options(question: Question, *, seed: str, step: str = "") -> tuple[Option, ...]:
    """The options of a question, or of one step of a scenario. Attempts without a seed began before there were seeds."""
    shown = next((each.options for each in question.steps if each.id == step), question.options)
    return by_seed(shown, seed=seed, place=f"{question.id}/{step}") if seed else shown


def items(question: Question, *, seed: str) -> tuple[Item, ...]:
    """What is to be put in order, never shown in the right order."""
    return _moved(by_seed(question.items, seed=seed, place=question.id), question.items)


def rights(question: Question, *, seed: str) -> tuple[Pair, ...]:
    """The right sides to choose from, never beside their left sides all at once."""
    return _moved(by_seed(question.pairs, seed=seed, place=question.id), question.pairs)


def _moved(shown: tuple[Thing, ...], right: tuple[Thing, ...]) -> tuple[Thing, ...]:
    return (*shown[1:], shown[0]) if shown == right and shown else shown
