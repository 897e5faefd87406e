"""Makes drafts of what a format says, and refuses what no question of ours can hold. The same limits as for authors."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from courses.exchange.items import Choice, Draft, Remarks
from courses.exchange.wording import Refused
from courses.question_reading import LONGEST_ACCEPTED
from courses.short_answers import normalised
from courses.yaml_reading import LONGEST_NUMBER

LONGEST_TEXT = 8000
MOST_ANSWERS = 100
TRUTH = (
    {"ky": "Туура", "ru": "Верно", "zh": "正确", "en": "True"},
    {"ky": "Туура эмес", "ru": "Неверно", "zh": "错误", "en": "False"},
)
"""How we call the two options of a statement."""
ABOVE = re.compile(r"\b(of the above|above answers)\b|\bвыше|жогоруда|以上", re.IGNORECASE)
FULL, NOTHING = Decimal(100), Decimal(0)

Part = TypeVar("Part")
Weighted = tuple[str, str, Decimal]
"""An answer, what is said to it, and how much of the points it brings, in percent."""


def choice(text: str, explanation: str, answers: Sequence[Weighted], remarks: Remarks, *, is_single: bool) -> Draft:
    """*single* or *multiple*, from answers with points as Moodle gives them."""
    if len(answers) < 2:
        raise Refused("few-options")
    if any(not answer for answer, _feedback, _share in answers):
        raise Refused("empty-answer")
    if any(ABOVE.search(answer) for answer, _feedback, _share in answers):
        remarks.add("above")
    right = _right_ones(answers, remarks, is_single=is_single)
    options = tuple(
        Choice(text=answer, is_correct=is_right, feedback=feedback)
        for (answer, feedback, _share), is_right in zip(answers, right, strict=True)
    )
    return checked(
        Draft(type="single" if is_single else "multiple", text=text, explanation=explanation, options=options)
    )


def _right_ones(answers: Sequence[Weighted], remarks: Remarks, *, is_single: bool) -> list[bool]:
    shares = [share for _answer, _feedback, share in answers]
    if not is_single:
        if len({share for share in shares if share > NOTHING}) > 1:
            remarks.add("equal-weights")
        right = [share > NOTHING for share in shares]
    else:
        right = [share >= FULL for share in shares]
        if any(NOTHING < share < FULL for share in shares):
            remarks.add("partly-right")
        if sum(right) > 1:
            raise Refused("several-right", count=sum(right))
    if not any(right):
        raise Refused("no-answer")
    return right


def few(parts: list[Part]) -> list[Part]:
    """The answers of one question, before they are looked at.

    :raises Refused: ``many-answers``.
    """
    if len(parts) > MOST_ANSWERS:
        raise Refused("many-answers", most=MOST_ANSWERS)
    return parts


def truth(text: str, explanation: str, *, is_true: bool, feedback: tuple[str, str] = ("", "")) -> Draft:
    """Whether something is true: *single* with two options.

    :param feedback: to somebody who chose true, and who chose false.
    """
    options = tuple(
        Choice(text=names["en"], is_correct=is_right, feedback=said)
        for names, is_right, said in zip(TRUTH, (is_true, not is_true), feedback, strict=True)
    )
    return checked(Draft(type="single", text=text, explanation=explanation, options=options, is_truth=True))


def short(text: str, explanation: str, answers: Sequence[Weighted], remarks: Remarks) -> Draft:
    """*short*: the fully right answers, without patterns."""
    full = [answer for answer, _feedback, share in answers if share >= FULL]
    if not full:
        raise Refused("no-answer")
    _note_the_rest(answers, remarks)
    plain = tuple(dict.fromkeys(answer for answer in full if "*" not in answer.replace("\\*", "")))
    if not plain:
        raise Refused("only-patterns")
    if len(plain) < len(set(full)):
        remarks.add("patterns")
    accepted = tuple(answer.replace("\\*", "*") for answer in plain)
    return checked(Draft(type="short", text=text, explanation=explanation, accepted=accepted))


def numeric(
    text: str,
    explanation: str,
    answers: Sequence[tuple[Decimal, Decimal, Decimal]],
    remarks: Remarks,
    *,
    unit: str = "",
) -> Draft:
    """*numeric*, from numbers with their tolerance and their points in percent."""
    right = {(value, tolerance) for value, tolerance, share in answers if share >= FULL}
    if not right:
        raise Refused("no-answer")
    if len(right) > 1:
        raise Refused("several-numbers", count=len(right))
    if any(NOTHING < share < FULL for _value, _tolerance, share in answers):
        remarks.add("partly-right")
    value, tolerance = right.pop()
    made = Draft(
        type="numeric", text=text, explanation=explanation, answer=value, tolerance=abs(tolerance), unit=unit or None
    )
    return checked(made)


def match(text: str, explanation: str, pairs: Sequence[tuple[str, str]], remarks: Remarks) -> Draft:
    """*match*, from pairs of which some may have no left side: those only mislead."""
    whole = tuple((left, right) for left, right in pairs if left)
    if len(whole) < len(pairs):
        remarks.add("extra-sides")
    return checked(Draft(type="match", text=text, explanation=explanation, pairs=whole))


def number(text: str) -> Decimal:
    """A number of a file, which an author could write too.

    :raises Refused: ``not-a-number``.
    """
    compact = "".join(text.split()).replace("\u2212", "-").replace(",", ".")
    try:
        value = Decimal(compact)
        if value.is_finite() and abs(value.adjusted()) <= LONGEST_NUMBER:
            plain = format(value, "f")
            shortened = plain.rstrip("0").rstrip(".") if "." in plain else plain
            if len(shortened) <= LONGEST_NUMBER:
                return Decimal(shortened or "0")
    except InvalidOperation:
        pass
    raise Refused("not-a-number", value=repr(text[:40]))


def checked(draft: Draft) -> Draft:
    """The draft, if a question can hold it."""
    if not draft.text:
        raise Refused("no-text")
    if any(len(text) > LONGEST_TEXT for text in _texts(draft)):
        raise Refused("too-long", most=LONGEST_TEXT)
    if draft.type == "match":
        _check_pairs(draft)
    if draft.type == "order" and not 3 <= len(draft.items) <= 6:
        raise Refused("count-of-items", count=len(draft.items))
    if not all((*draft.items, *(side for pair in draft.pairs for side in pair))):
        raise Refused("empty-answer")
    if any(len(text) > LONGEST_ACCEPTED or not normalised(text) for text in draft.accepted):
        raise Refused("long-answer", most=LONGEST_ACCEPTED)
    return draft


def _note_the_rest(answers: Sequence[Weighted], remarks: Remarks) -> None:
    if any(NOTHING < share < FULL for _answer, _feedback, share in answers):
        remarks.add("partly-right")
    if any(feedback for _answer, feedback, _share in answers):
        remarks.add("feedback")


def _check_pairs(draft: Draft) -> None:
    if not 3 <= len(draft.pairs) <= 5:
        raise Refused("count-of-pairs", count=len(draft.pairs))
    for side in (0, 1):
        if len({pair[side].casefold() for pair in draft.pairs}) < len(draft.pairs):
            raise Refused("sides-repeated")


def _texts(draft: Draft) -> list[str]:
    sides = [side for pair in draft.pairs for side in pair]
    options = [text for option in draft.options for text in (option.text, option.feedback)]
    return [draft.text, draft.explanation, draft.unit or "", *options, *draft.items, *sides]
