"""How an answer is scored. Pure: the same answer to the same question always gets the same score.

An answer is what was given, as a tuple of texts: ids of the chosen options, or the one number as it was typed.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from courses.outline import Option, Question

Given = tuple[str, ...]
LONGEST_NUMBER = 40
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?|[+-]?[.,]\d+")
SPACES = re.compile(r"[\s\u00a0\u2009\u202f]")
"""People write 1 250 000 with plain, no-break or narrow spaces."""


def score(question: Question, given: Given) -> Fraction:
    """How much of the question is right, from 0 to 1.

    *single*: 1 for the right option, else 0. *multiple*: right choices less wrong choices, over the number of right
    options, never below 0; so choosing everything earns nothing when as many options are wrong as right, and one
    missed option of three still earns two thirds. *numeric*: 1 within the tolerance (inclusive), else 0.
    """
    if question.type == "numeric":
        return Fraction(int(_is_near(question, given)))
    chosen = set(given)
    if question.type == "single":
        return Fraction(int(len(chosen) == 1 and chosen <= _right_ids(question)))
    return _share(question, chosen)


def score_percent(questions: tuple[Question, ...], given: Mapping[str, Given]) -> int:
    """Result of a test in whole percent, rounded half up: the percent that is shown is the percent that counts."""
    if not questions:
        return 0
    total = sum((score(question, given.get(question.id, ())) for question in questions), Fraction(0))
    return rounded(total * 100 / len(questions))


def rounded(percent: Fraction) -> int:
    """Whole percent, half up (Python's own ``round`` sends 62.5 to 62)."""
    exact = Decimal(percent.numerator) / Decimal(percent.denominator)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def number(text: str) -> Decimal | None:
    """The number that a person typed, with comma or dot as decimal sign and spaces between thousands; None if unclear.

    A text with both signs is unclear: 1,234.5 means different things to different readers.
    """
    compact = SPACES.sub("", text).replace("\u2212", "-")
    if len(compact) > LONGEST_NUMBER or not NUMBER.fullmatch(compact):
        return None
    try:
        return Decimal(compact.replace(",", "."))
    except InvalidOperation:
        return None


def accepted(question: Question, given: list[str]) -> Given | None:
    """What is kept of an answer that arrives in a form: known options, or one readable number; None if it is neither.

    An empty answer is accepted: a person may take a choice back.
    """
    texts = tuple(text.strip() for text in given if text.strip())
    if question.type == "numeric":
        return texts if not texts or (len(texts) == 1 and number(texts[0]) is not None) else None
    known = tuple(option.id for option in question.options if option.id in texts)
    if len(known) != len(set(texts)) or (question.type == "single" and len(known) > 1):
        return None
    return known


def verdict(option: Option, given: Given) -> str:
    """How an option is marked afterwards: ``right``, ``wrong``, ``missed``, or nothing."""
    if option.id in given:
        return "right" if option.is_correct else "wrong"
    return "missed" if option.is_correct else ""


def _is_near(question: Question, given: Given) -> bool:
    typed = number(given[0]) if len(given) == 1 else None
    return typed is not None and question.answer is not None and abs(typed - question.answer) <= question.tolerance


def _right_ids(question: Question) -> set[str]:
    return {option.id for option in question.options if option.is_correct}


def _share(question: Question, chosen: set[str]) -> Fraction:
    right = _right_ids(question)
    known = {option.id for option in question.options}
    wrong = chosen & known - right
    return max(Fraction(0), Fraction(len(chosen & right) - len(wrong), len(right)))
