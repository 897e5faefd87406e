"""Who gets a place, by the published criteria alone: points, lots among equals, quotas. Pure, so that anybody can repeat it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from courses.cohorts import criteria, draws
from courses.cohorts.criteria import Candidate, Criteria, Ground, Rule

SELECTED, RESERVE, NOT_ELIGIBLE = "selected", "reserve", "not-eligible"
DIMENSIONS = ("region", "agency", "level")
WOMAN = "f"

Share = tuple[str, str]
"""A dimension and its key: ``("region", "KG-B")``."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is left of the plan."""

    places: int
    shares: Mapping[Share, int] = field(default_factory=dict)
    """At most so many; a share that is not named has no limit of its own."""
    least_women: int = 0


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """What becomes of one nomination, and why."""

    number: int
    rules: tuple[Rule, ...]
    grounds: tuple[Ground, ...]
    points: int
    lot: str
    rank: int | None
    """Among those who may take part, from 1."""
    outcome: str
    why: str
    """``selected``, ``not-eligible``, ``places-full``, ``region-full``, ``agency-full``, ``level-full``."""


def choose(
    candidates: Sequence[Candidate], published: Criteria, limits: Limits, *, seed: str, on: date
) -> tuple[Ranked, ...]:
    """Everybody with rank and outcome: those who may take part by rank, then the others by number."""
    judged = [_judged(each, published, seed=seed, on=on) for each in candidates]
    by_number = {each.number: each for each in candidates}
    able = sorted((each for each in judged if criteria.is_eligible(each.rules)), key=_order)
    taken = _filled([by_number[each.number] for each in able], limits)
    ranked = [
        _placed(each, rank, by_number[each.number], taken=taken, limits=limits) for rank, each in enumerate(able, 1)
    ]
    others = sorted((each for each in judged if not criteria.is_eligible(each.rules)), key=lambda each: each.number)
    return (*ranked, *others)


def _judged(candidate: Candidate, published: Criteria, *, seed: str, on: date) -> Ranked:
    found = criteria.grounds(candidate, published)
    return Ranked(
        number=candidate.number,
        rules=criteria.eligibility(candidate, published, on=on),
        grounds=found,
        points=sum(ground.points for ground in found),
        lot=draws.lot(seed, candidate.number),
        rank=None,
        outcome=NOT_ELIGIBLE,
        why=NOT_ELIGIBLE,
    )


def _order(each: Ranked) -> tuple[int, str]:
    return (-each.points, each.lot)


@dataclass
class _Taken:
    """Who has a place so far, and how full each share is."""

    numbers: set[int] = field(default_factory=set)
    shares: Counter[Share] = field(default_factory=Counter)

    def add(self, candidate: Candidate) -> None:
        self.numbers.add(candidate.number)
        self.shares.update(_shares(candidate))


def _filled(able: Sequence[Candidate], limits: Limits) -> _Taken:
    """Women first as far as the plan keeps places for them, then everybody, both by rank."""
    taken = _Taken()
    women = [each for each in able if each.gender == WOMAN]
    for group, most in ((women, min(limits.least_women, limits.places)), (able, limits.places)):
        for each in group:
            free = len(taken.numbers) < most and _full_share(each, taken, limits) is None
            if free and each.number not in taken.numbers:
                taken.add(each)
    return taken


def _placed(each: Ranked, rank: int, candidate: Candidate, *, taken: _Taken, limits: Limits) -> Ranked:
    is_in = each.number in taken.numbers
    return Ranked(
        number=each.number,
        rules=each.rules,
        grounds=each.grounds,
        points=each.points,
        lot=each.lot,
        rank=rank,
        outcome=SELECTED if is_in else RESERVE,
        why=SELECTED if is_in else _full_share(candidate, taken, limits) or "places-full",
    )


def _full_share(candidate: Candidate, taken: _Taken, limits: Limits) -> str | None:
    for share in _shares(candidate):
        if share in limits.shares and taken.shares[share] >= limits.shares[share]:
            return f"{share[0]}-full"
    return None


def _shares(candidate: Candidate) -> tuple[Share, ...]:
    return (("region", candidate.region), ("agency", candidate.agency), ("level", candidate.level))
