"""Figures as frozen values: a line for each region, agency and so on, and how many days things took. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

STAGES = ("planned", "nominated", "selected", "enrolled", "begun", "completed", "certified")
"""What becomes of a place, in its order."""
FIGURES = (*STAGES, "hours")
DIMENSIONS = ("year", "region", "agency", "level", "gender", "module", "cohort")
ALL = "all"
Place = tuple[str, str]
"""Dimension and key; ``("all", "")`` is everybody."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """Numbers of one line. None: nothing of the kind is known there."""

    by: str
    key: str
    planned: int | None = None
    nominated: int | None = 0
    selected: int | None = 0
    enrolled: int = 0
    begun: int = 0
    completed: int = 0
    certified: int = 0
    hours: int = 0
    """Academic hours of what was completed, of everybody together."""

    def figure(self, name: str) -> int | None:
        """One of :data:`FIGURES`."""
        value: int | None = getattr(self, name)
        return value


@dataclass(frozen=True)
class Spread:
    """How many days it took, and how often."""

    days: Mapping[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How often it happened."""
        return sum(self.days.values())

    def quantile(self, percent: int) -> int | None:
        """So many days or fewer for this share of all; None if it never happened."""
        reached = 0
        for days, number in sorted(self.days.items()):
            reached += number
            if reached * 100 >= self.total * percent:
                return days
        return None

    def between(self, low: int, high: int | None) -> int:
        """How often it took from ``low`` to ``high`` days, both included; None is without end."""
        return sum(number for days, number in self.days.items() if low <= days and (high is None or days <= high))


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Everything that was counted."""

    lines: Mapping[Place, Line]
    offered: int
    """Places that hosts offered first."""
    waiting: Spread
    """Days from the recorded completion of a module to its certificate."""
    learning: Spread
    """Days from the first opening of a module to its completion."""

    @property
    def everybody(self) -> Line:
        """The line of all."""
        return self.lines.get((ALL, ""), Line(by=ALL, key=""))

    def of(self, dimension: str, order: Iterable[str] = ()) -> list[Line]:
        """Lines of a dimension: in this order of keys as far as it goes, then by key."""
        places = {key: place for place, key in enumerate(order)}
        found = [line for (by, _key), line in self.lines.items() if by == dimension]
        return sorted(found, key=lambda line: (places.get(line.key, len(places)), line.key))
