"""What answers say about a question: how hard it is, whether it tells those who know from those who do not, and whether its
language versions are equally hard. Pure.

*Difficulty* is the mean score. *Discrimination* is the correlation of the question's score with that of the rest of the attempt
(point-biserial, where a question is right or wrong): without the rest, a question would agree with itself. Two language
versions are compared by the test of two proportions with a pooled share; each person counts once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import erfc, sqrt

FEWEST = 10
"""Answers below which no number is given for the discrimination: it would be chance."""
FEWEST_EXPECTED = 5
"""Right and wrong answers to expect in each language for the test of two proportions to hold."""
SIGNIFICANT = 0.01
"""How likely a difference may be by chance and still be reported. One question in a hundred is reported wrongly."""
GOOD_DISCRIMINATION = 0.2
"""Below it a question tells little; below zero it points the wrong way."""
_NO_SPREAD = 1e-12


@dataclass(frozen=True)
class Response:
    """What one person did with the question, at the first attempt."""

    score: float
    """0 to 1."""
    rest: float
    """Mean score of the other questions of the attempt, 0 to 1."""
    given: tuple[str, ...]
    """Empty where it was left out."""
    language: str | None


@dataclass(frozen=True)
class Share:
    """How many of those who read the question in one language answered it wholly right."""

    language: str
    right: int
    of: int

    @property
    def percent(self) -> int:
        """In whole percent."""
        return round(100 * self.right / self.of) if self.of else 0


@dataclass(frozen=True)
class Difference:
    """Two language versions that are not equally hard."""

    harder: Share
    easier: Share
    chance: float
    """How likely a difference as large is by chance alone, 0 to 1."""


@dataclass(frozen=True)
class Figures:
    """What is said about one question."""

    answered: int
    """People whose first attempt asked it."""
    difficulty: float | None
    """Mean score, 0 (nobody) to 1 (everybody); None without answers."""
    discrimination: float | None
    """-1 to 1; None below ``FEWEST`` or where all did alike."""
    chosen: Counter[str]
    """How often each part of an answer was given."""
    left_out: int
    shares: tuple[Share, ...]
    """By language."""
    differences: tuple[Difference, ...]


def figures(responses: Sequence[Response]) -> Figures:
    """Everything that is said about one question."""
    scores = [response.score for response in responses]
    shares = _shares(responses)
    return Figures(
        answered=len(responses),
        difficulty=sum(scores) / len(scores) if scores else None,
        discrimination=correlation(scores, [response.rest for response in responses]),
        chosen=Counter(part for response in responses for part in response.given),
        left_out=sum(not response.given for response in responses),
        shares=shares,
        differences=tuple(filter(None, (difference(one, other) for one, other in combinations(shares, 2)))),
    )


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's, -1 to 1; None for fewer than ``FEWEST`` pairs or where one side does not vary."""
    count = len(first)
    if count < FEWEST:
        return None
    mean_first, mean_second = sum(first) / count, sum(second) / count
    spread_first = sum((value - mean_first) ** 2 for value in first)
    spread_second = sum((value - mean_second) ** 2 for value in second)
    if min(spread_first, spread_second) < _NO_SPREAD:
        return None
    together = sum((one - mean_first) * (other - mean_second) for one, other in zip(first, second, strict=True))
    return max(-1.0, min(1.0, together / sqrt(spread_first * spread_second)))


def difference(one: Share, other: Share) -> Difference | None:
    """The two in order if they differ by more than chance explains; None also where there are too few to tell."""
    chance = chance_of_difference(one, other)
    if chance is None or chance >= SIGNIFICANT:
        return None
    harder, easier = sorted((one, other), key=lambda share: share.right / share.of)
    return Difference(harder, easier, chance)


def chance_of_difference(one: Share, other: Share) -> float | None:
    """Probability of a difference at least as large if both were equally hard (two-sided test of two proportions).

    None where fewer than ``FEWEST_EXPECTED`` right or wrong answers are expected in either language.
    """
    count = one.of + other.of
    if not one.of or not other.of:
        return None
    pooled = (one.right + other.right) / count
    if min(one.of, other.of) * min(pooled, 1 - pooled) < FEWEST_EXPECTED:
        return None
    error = sqrt(pooled * (1 - pooled) * (1 / one.of + 1 / other.of))
    return erfc(abs(one.right / one.of - other.right / other.of) / error / sqrt(2))


def _shares(responses: Iterable[Response]) -> tuple[Share, ...]:
    """Those who left the question out read it in no language that we know of."""
    told = [response for response in responses if response.language]
    right = Counter(response.language for response in told if response.score == 1)
    of = Counter(response.language for response in told)
    return tuple(Share(str(language), right[language], of[language]) for language in sorted(of, key=str))
