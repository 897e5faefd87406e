"""How an answer is scored. Pure: the same answer to the same question always gets the same score.

An answer is what was given, as a tuple of texts:

- *single*, *multiple*: ids of the chosen options;
- *numeric*, *short*: the one text as it was typed;
- *order*: ``ITEM=PLACE``, places from 1; *match*: ``LEFT=RIGHT``, ids of pairs; *scenario*: ``STEP=OPTION``.
  What is not chosen yet is left out.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations

from courses import short_answers
from courses.numbers import measured
from courses.outline import Option, Question

Given = tuple[str, ...]
TYPED = ("numeric", "short")
"""Types that are answered by writing."""
PAIRED = ("order", "match", "scenario")
"""Types whose answer has one part for each item, pair or step."""
NOTHING, ALL = Fraction(0), Fraction(1)


def score(question: Question, given: Given) -> Fraction:
    """How much of the question is right, from 0 to 1. An empty answer earns nothing.

    *single*: 1 for the right option, else 0. *multiple*: right choices less wrong choices, over the number of right
    options, never below 0; so choosing everything earns nothing when as many options are wrong as right, and one
    missed option of three still earns two thirds. *numeric*: 1 within the tolerance (inclusive), else 0. *short*: 1 for
    an accepted answer in any language, else 0.

    *order*: of all pairs of items, those in the right order less those in the wrong order, over the number of pairs,
    never below 0: two neighbours in the wrong order cost little, the reverse order earns nothing, and neither does
    guessing, most of the time (docs/adr/0029). *match*: the share of right pairs. *scenario*: the share of right decisions.
    """
    return _SCORES[question.type](question, given)


def score_percent(questions: tuple[Question, ...], given: Mapping[str, Given]) -> int:
    """Result of a test in whole percent, rounded half up: the percent that is shown is the percent that counts."""
    if not questions:
        return 0
    total = sum((score(question, given.get(question.id, ())) for question in questions), NOTHING)
    return rounded(total * 100 / len(questions))


def rounded(percent: Fraction) -> int:
    """Whole percent, half up (Python's own ``round`` sends 62.5 to 62)."""
    exact = Decimal(percent.numerator) / Decimal(percent.denominator)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def accepted(question: Question, given: list[str]) -> Given | None:
    """What is kept of an answer that arrives in a form: known options, a readable number; None if it is neither.

    An empty answer is accepted: a person may take a choice back. So is one of which parts are missing.
    """
    texts = tuple(text.strip() for text in given if text.strip())
    if question.type in TYPED:
        return texts if not texts or (len(texts) == 1 and _is_readable(question, texts[0])) else None
    if question.type in PAIRED:
        return _accepted_parts(question, texts)
    known = tuple(option.id for option in question.options if option.id in texts)
    if len(known) != len(set(texts)) or (question.type == "single" and len(known) > 1):
        return None
    return known


def chosen(given: Given) -> dict[str, str]:
    """The parts of an answer to a question of a paired type: ``{"a": "2"}``."""
    return dict(part.split("=", 1) for part in given if "=" in part)


def is_whole(question: Question, given: Given) -> bool:
    """Whether nothing of an answer is missing: every item has a place of its own, every pair and step a choice."""
    if question.type not in PAIRED:
        return bool(given)
    parts = chosen(given)
    is_clear = question.type != "order" or len(set(parts.values())) == len(parts)
    return is_clear and len(parts) == len(_choices(question))


def verdict(option: Option, given: Given) -> str:
    """How an option is marked afterwards: ``right``, ``wrong``, ``missed``, or nothing."""
    if option.id in given:
        return "right" if option.is_correct else "wrong"
    return "missed" if option.is_correct else ""


def _is_readable(question: Question, text: str) -> bool:
    if question.type == "numeric":
        return measured(text, (question.unit or {}).values()) is not None
    return len(text) <= short_answers.LONGEST


def _accepted_parts(question: Question, texts: Given) -> Given | None:
    choices = _choices(question)
    parts = [tuple(text.partition("=")[::2]) for text in texts]
    filled = {part: choice for part, choice in parts if choice}
    is_known = all(part in choices and (not choice or choice in choices[part]) for part, choice in parts)
    if not is_known or len({part for part, _choice in parts}) < len(parts):
        return None
    return tuple(f"{part}={filled[part]}" for part in choices if part in filled)


def _choices(question: Question) -> dict[str, tuple[str, ...]]:
    """What each part of an answer may be."""
    places = tuple(str(place) for place in range(1, len(question.items) + 1))
    rights = tuple(pair.id for pair in question.pairs)
    return {
        **{item.id: places for item in question.items},
        **{pair.id: rights for pair in question.pairs},
        **{step.id: tuple(option.id for option in step.options) for step in question.steps},
    }


def _single(question: Question, given: Given) -> Fraction:
    return Fraction(int(len(set(given)) == 1 and set(given) <= _right_ids(question)))


def _multiple(question: Question, given: Given) -> Fraction:
    picked, right = set(given), _right_ids(question)
    wrong = picked & {option.id for option in question.options} - right
    return max(NOTHING, Fraction(len(picked & right) - len(wrong), len(right)))


def _numeric(question: Question, given: Given) -> Fraction:
    typed = measured(given[0], (question.unit or {}).values()) if len(given) == 1 else None
    is_near = typed is not None and question.answer is not None and abs(typed - question.answer) <= question.tolerance
    return Fraction(int(is_near))


def _short(question: Question, given: Given) -> Fraction:
    right = {short_answers.normalised(text) for texts in question.accepted.values() for text in texts}
    return Fraction(int(len(given) == 1 and short_answers.normalised(given[0]) in right))


def _order(question: Question, given: Given) -> Fraction:
    """A place that is given twice counts for nobody: it would be two answers at once."""
    parts = chosen(given)
    taken = list(parts.values())
    places = {item: int(place) for item, place in parts.items() if place.isdecimal() and taken.count(place) == 1}
    pairs = list(combinations([item.id for item in question.items], 2))
    known = [(places[one], places[other]) for one, other in pairs if one in places and other in places]
    right = sum(one < other for one, other in known)
    return max(NOTHING, Fraction(2 * right - len(known), max(len(pairs), 1)))


def _match(question: Question, given: Given) -> Fraction:
    parts = chosen(given)
    return Fraction(sum(parts.get(pair.id) == pair.id for pair in question.pairs), max(len(question.pairs), 1))


def _scenario(question: Question, given: Given) -> Fraction:
    parts = chosen(given)
    right = sum(
        option.is_correct and parts.get(step.id) == option.id for step in question.steps for option in step.options
    )
    return Fraction(right, max(len(question.steps), 1))


def _right_ids(question: Question) -> set[str]:
    return {option.id for option in question.options if option.is_correct}


_SCORES: dict[str, Callable[[Question, Given], Fraction]] = {
    "single": _single,
    "multiple": _multiple,
    "numeric": _numeric,
    "short": _short,
    "order": _order,
    "match": _match,
    "scenario": _scenario,
}
