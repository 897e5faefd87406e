"""Criteria of a call as data: who may be nominated, and what brings how many points, each with its ground. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What the criteria look at, and nothing else: no name, no number of a person."""

    number: int
    region: str
    agency: str
    level: str
    gender: str
    service_years: int
    post_group: str
    languages: frozenset[str]
    last_training_on: date | None


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """As they were published with the call."""

    least_service_years: int = 0
    post_groups: tuple[str, ...] = ()
    """Empty: every group."""
    languages: tuple[str, ...] = ()
    """All of them are needed."""
    months_since_training: int = 0
    points_per_service_year: int = 0
    most_service_points: int = 0
    language_points: Mapping[str, int] = field(default_factory=dict)
    level_points: Mapping[str, int] = field(default_factory=dict)
    never_trained_points: int = 0

    def document(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "post_groups": list(self.post_groups), "languages": list(self.languages)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Criteria":
        """What :meth:`document` gave."""
        named = {"post_groups": tuple(document["post_groups"]), "languages": tuple(document["languages"])}
        return cls(**{**document, **named})


@dataclass(frozen=True)
class Rule:
    """One condition of the call, and whether it is met."""

    code: str
    is_met: bool
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Ground:
    """Points, and what they were given for."""

    code: str
    points: int
    facts: Mapping[str, Any]


def eligibility(candidate: Candidate, criteria: Criteria, *, on: date) -> tuple[Rule, ...]:
    """Each condition, met or unmet, on the day on which nominations close."""
    rules = [
        Rule(
            "service-years",
            candidate.service_years >= criteria.least_service_years,
            {"years": candidate.service_years, "least": criteria.least_service_years},
        )
    ]
    if criteria.post_groups:
        among = candidate.post_group in criteria.post_groups
        rules.append(Rule("post-group", among, {"group": candidate.post_group, "among": list(criteria.post_groups)}))
    for language in criteria.languages:
        rules.append(Rule("language", language in candidate.languages, {"language": language}))
    if criteria.months_since_training:
        rules.append(_training_rule(candidate, criteria, on))
    return tuple(rules)


def is_eligible(rules: tuple[Rule, ...]) -> bool:
    """Whether every condition is met."""
    return all(rule.is_met for rule in rules)


def grounds(candidate: Candidate, criteria: Criteria) -> tuple[Ground, ...]:
    """Every point with its ground; what brings nothing is not in it."""
    years = min(candidate.service_years * criteria.points_per_service_year, criteria.most_service_points)
    found = [
        Ground("service-years", years, {"years": candidate.service_years}),
        *(
            Ground("language", points, {"language": language})
            for language, points in sorted(criteria.language_points.items())
            if language in candidate.languages
        ),
        Ground("level", criteria.level_points.get(candidate.level, 0), {"level": candidate.level}),
    ]
    if candidate.last_training_on is None:
        found.append(Ground("never-trained", criteria.never_trained_points, {}))
    return tuple(ground for ground in found if ground.points)


def months_between(earlier: date, later: date) -> int:
    """Whole months; negative if the days are the other way round."""
    months = (later.year - earlier.year) * MONTHS_OF_A_YEAR + later.month - earlier.month
    return months - (later.day < earlier.day)


def _training_rule(candidate: Candidate, criteria: Criteria, on: date) -> Rule:
    least, last = criteria.months_since_training, candidate.last_training_on
    if last is None:
        return Rule("last-training", True, {"months": None, "least": least})
    months = months_between(last, on)
    return Rule("last-training", months >= least, {"months": months, "least": least})
