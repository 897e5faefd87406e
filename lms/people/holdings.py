"""What each package keeps about a person, and what of it can be deleted. Packages register; this room knows none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lms.core.errors import Sentence

Shown = Callable[[str], Any]
"""From a person's id to plain JSON values."""
Erased = Callable[[str], int]
"""Deletes what may be deleted of a person; says how many rows."""


class StoredFile(NamedTuple):
    """A file that belongs to a person."""

    name: str
    """As the person knows it."""
    stored_as: str
    """Its name in the file store."""


Files = Callable[[str], list[StoredFile]]
"""From a person's id to files that the person takes along."""


def no_files(_person_id: str) -> list[StoredFile]:
    """Most packages keep rows only."""
    return []


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One kind of thing that is kept."""

    title: Sentence
    shown: Shown
    erased: Erased | None
    """None for what stays by law or because others depend on it; then ``why`` says so."""
    why: Sentence
    files: Files = no_files


_known: dict[str, Holding] = {}


def register(name: str, holding: Holding) -> None:
    """Let a package say what it keeps. The name is that of the member in the export."""
    _known[name] = holding


def known() -> Mapping[str, Holding]:
    """Everything that is kept, by name."""
    return dict(sorted(_known.items()))


def export(person_id: str) -> dict[str, Any]:
    """All that is kept about a person, as plain JSON values."""
    return {name: holding.shown(person_id) for name, holding in known().items()}


def files(person_id: str) -> dict[str, list[StoredFile]]:
    """Files that a person takes along, by the name of what they belong to."""
    return {name: found for name, holding in known().items() if (found := holding.files(person_id))}


def erase(person_id: str) -> dict[str, int]:
    """Delete what may be deleted; how many rows of each kind."""
    return {name: holding.erased(person_id) for name, holding in known().items() if holding.erased}
