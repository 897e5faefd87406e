"""A task that people write and an instructor marks, as frozen values: its rubric, and the rules of its marks.

The written task of a module is one, and so is the diary of a visit. Nothing here knows a database or a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Texts = Mapping[str, str]
"""The same text by language: ky, ru, zh, en."""


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
class FileRule:
    """Which files may be handed in with the text."""

    types: tuple[str, ...]
    """See :mod:`courses.file_kinds`."""
    most: int = 3
    largest_mb: int = 5


@dataclass(frozen=True, kw_only=True)
class LateRule:
    """Until when the first text is in time, and what becomes of a later one. The end of a link's own window goes first."""

    days: int | None = None
    """After the module was first opened; None where only links have an end."""
    is_accepted: bool = True
    """Whether a late text is taken, with a mark "late"; else it is refused."""


@dataclass(frozen=True, kw_only=True)
class SecondMarkerRule:
    """Which marks a second instructor has to confirm without seeing them; both ends of the span belong to it."""

    lowest_percent: int
    highest_percent: int
    within: int = 5
    """Percentage points by which two marks may differ so that their mean is the mark."""
    administrator_decides: bool = False
    """Whether the mark of an administrator of the course needs no third where it differs by more."""

    def asks_for(self, percent: int) -> bool:
        """Whether this mark needs a second marker."""
        return self.lowest_percent <= percent <= self.highest_percent


@dataclass(frozen=True, kw_only=True)
class AppealRule:
    """How long a mark may be appealed, and how long the answer may take."""

    days: int = 7
    """Calendar days after the mark."""
    answer_days: int = 5
    """Working days after the appeal."""


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
    files: FileRule | None = None
    late: LateRule = LateRule()
    second_marker: SecondMarkerRule | None = None
    appeal: AppealRule = AppealRule()
