"""Two markers for one text, the second one blind. Pure: what a further mark means, and who may see which.

A text goes through rounds. A mark that nobody has to confirm settles its round alone. One that the rule asks about is
*first*, and held back; another instructor gives the *second* one without seeing it. If both are near, their *mean* settles the
round; if not, a third person's *moderation* does. A mark that two people settled is only ever replaced by another one
that two people settle, or on *appeal*, after which nothing is changed any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from courses.questions import rounded
from courses.written_task import SecondMarkerRule
from lms.core.errors import Conflict
from lms.core.i18n import _l

MARK, FIRST, SECOND, MEAN, MODERATION, APPEAL = "mark", "first", "second", "mean", "moderation", "appeal"
State = Literal["unmarked", "second-wanted", "moderation-wanted", "settled"]


@dataclass(frozen=True)
class Given:
    """One mark of the history."""

    marker_id: str
    percent: int
    role: str


@dataclass(frozen=True)
class Placed:
    """What a further mark means."""

    role: str
    mean_percent: int | None = None
    """The mark that follows from two; None while there is none."""

    @property
    def is_held(self) -> bool:
        """Whether this mark itself is kept back."""
        return self.role in (FIRST, SECOND)


def state(given: Sequence[Given]) -> State:
    """What a text waits for.

    :param given: its marks, the oldest first.
    """
    if not given:
        return "unmarked"
    if given[-1].role == FIRST:
        return "second-wanted"
    return "moderation-wanted" if given[-1].role == SECOND else "settled"


def took_part(given: Sequence[Given]) -> frozenset[str]:
    """Who has marked in the round that is not settled."""
    return frozenset(mark.marker_id for mark in _open_round(given))


def may_mark(given: Sequence[Given], marker_id: str) -> bool:
    """Whether somebody has a mark to give now that brings the text further, or may change one that is settled."""
    if state(given) == "settled":
        return given[-1].role != APPEAL
    return marker_id not in took_part(given)


def visible(given: Sequence[Given], viewer_id: str) -> list[bool]:
    """Which marks an instructor may see: of an open round only one's own, but all of them before a moderation."""
    is_moderator = state(given) == "moderation-wanted" and viewer_id not in took_part(given)
    settled = len(given) - len(_open_round(given))
    return [index < settled or is_moderator or mark.marker_id == viewer_id for index, mark in enumerate(given)]


def placed(
    rule: SecondMarkerRule | None,
    given: Sequence[Given],
    *,
    marker_id: str,
    percent: int,
    is_administrator: bool = False,
) -> Placed:
    """What it means that somebody gives this mark now.

    :raises Conflict: ``marker-took-part`` if a third person has to decide; ``mark-final`` after an appeal.
    """
    now = state(given)
    if now == "settled" and given[-1].role == APPEAL:
        raise Conflict("mark-final", _l("This mark was decided on appeal. It cannot be changed any more."))
    if now == "moderation-wanted":
        if marker_id in took_part(given):
            raise Conflict("marker-took-part", _l("You have marked this text already. Another instructor decides now."))
        return Placed(MODERATION)
    if now == "second-wanted" and marker_id != given[-1].marker_id:
        return _second(rule, given[-1], percent, is_administrator)
    return Placed(FIRST if _needs_second(rule, given, percent) else MARK)


def _second(rule: SecondMarkerRule | None, first: Given, percent: int, is_administrator: bool) -> Placed:
    within = rule.within if rule else 0
    if abs(percent - first.percent) <= within:
        return Placed(SECOND, rounded(Fraction(percent + first.percent, 2)))
    decides = bool(rule and rule.administrator_decides and is_administrator)
    return Placed(MODERATION if decides else SECOND)


def _needs_second(rule: SecondMarkerRule | None, given: Sequence[Given], percent: int) -> bool:
    was_settled_by_two = any(mark.role in (MEAN, MODERATION) for mark in given)
    return rule is not None and (rule.asks_for(percent) or was_settled_by_two)


def _open_round(given: Sequence[Given]) -> Sequence[Given]:
    """The held marks at the end: each round that is settled ends with a mark that is not."""
    start = len(given)
    while start and given[start - 1].role in (FIRST, SECOND):
        start -= 1
    return given[start:]
