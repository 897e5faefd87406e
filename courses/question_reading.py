"""Reads ``questions.yaml``. Each type of question has keys of its own; any other key is a mistake."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from courses.file_reading import Faults
from courses.lesson_reading import Known
from courses.outline import Decision, Item, Option, Pair, Question, QuestionType
from courses.short_answers import normalised
from courses.yaml_reading import NAME, Mapping, read_list
from lms.core.i18n import LANGUAGES

TYPES: tuple[str, ...] = get_args(QuestionType)
KEYS = {
    "single": ("options",),
    "multiple": ("options",),
    "numeric": ("answer", "tolerance", "unit"),
    "order": ("items",),
    "match": ("pairs",),
    "short": ("accepted",),
    "scenario": ("steps",),
}
"""What a question of each type has, beside what all have."""
LONGEST_ACCEPTED = 120


def read_questions(path: Path, known: Known, outcomes: int, faults: Faults) -> tuple[Question, ...]:
    """The questions of a unit.

    :param outcomes: how many learning outcomes the unit has.
    """
    return tuple(_question(read, known, outcomes) for read in read_list(path, faults))


def _question(read: Mapping, known: Known, outcomes: int) -> Question:
    kind = read.choice("type", TYPES)
    is_known = read.is_clean
    question = Question(
        id=read.text("id"),
        type=kind,  # type: ignore[arg-type]
        difficulty=read.whole("difficulty", lowest=1, highest=3),
        outcome=read.whole("outcome", lowest=1, highest=max(outcomes, 1)),
        source=read.text_or_none("source"),
        review_by=_date_or_none(read, "review_by"),
        text=read.texts("text"),
        explanation=read.texts("explanation"),
        **(_READERS[kind](read) if is_known else {}),
    )
    _refuse_bad_name(read, question.id)
    if question.source and question.source not in known.sources:
        read.complain("source", "unit.yaml has no source with this id")
    for key in sorted({key for keys in KEYS.values() for key in keys}):
        if read.has(key) and is_known and key not in KEYS[kind]:
            read.complain(key, f"not for a question of the type {kind}")
    if read.is_clean:
        _CHECKS[kind](read, question)
    read.close()
    return question


def _choice(read: Mapping) -> dict[str, Any]:
    return {"options": _options(read)}


def _numeric(read: Mapping) -> dict[str, Any]:
    return {
        "answer": read.decimal("answer"),
        "tolerance": (read.decimal("tolerance") if read.has("tolerance") else None) or Decimal(0),
        "unit": read.texts("unit") if read.has("unit") else None,
    }


def _order(read: Mapping) -> dict[str, Any]:
    return {"items": tuple(_item(each) for each in read.mappings("items"))}


def _match(read: Mapping) -> dict[str, Any]:
    return {"pairs": tuple(_pair(each) for each in read.mappings("pairs"))}


def _short(read: Mapping) -> dict[str, Any]:
    inner = read.mapping("accepted")
    accepted = {language: inner.text_list(language) for language in LANGUAGES}
    for language, texts in accepted.items():
        if inner.is_clean and not texts:
            inner.complain(language, "at least one accepted answer is needed")
        for text in texts:
            if not normalised(text) or len(text) > LONGEST_ACCEPTED:
                inner.complain(language, f"an accepted answer has letters or digits, at most {LONGEST_ACCEPTED}")
    inner.close()
    return {"accepted": accepted}


def _scenario(read: Mapping) -> dict[str, Any]:
    return {"steps": tuple(_decision(each) for each in read.mappings("steps"))}


_READERS: dict[str, Callable[[Mapping], dict[str, Any]]] = {
    "single": _choice,
    "multiple": _choice,
    "numeric": _numeric,
    "order": _order,
    "match": _match,
    "short": _short,
    "scenario": _scenario,
}


def _options(read: Mapping) -> tuple[Option, ...]:
    return tuple(_option(item) for item in read.mappings("options"))


def _option(read: Mapping) -> Option:
    option = Option(
        id=read.text("id"), text=read.texts("text"), is_correct=read.flag("correct"), feedback=read.texts("feedback")
    )
    _refuse_bad_name(read, option.id)
    read.close()
    return option


def _item(read: Mapping) -> Item:
    item = Item(id=read.text("id"), text=read.texts("text"))
    _refuse_bad_name(read, item.id)
    read.close()
    return item


def _pair(read: Mapping) -> Pair:
    pair = Pair(id=read.text("id"), left=read.texts("left"), right=read.texts("right"))
    _refuse_bad_name(read, pair.id)
    read.close()
    return pair


def _decision(read: Mapping) -> Decision:
    decision = Decision(id=read.text("id"), text=read.texts("text"), options=_options(read))
    _refuse_bad_name(read, decision.id)
    if read.is_clean:
        _check_count(read, "options", len(decision.options), lowest=3, highest=4)
        _check_one_right(read, decision.options)
        read.refuse_repeated("options", [option.id for option in decision.options])
    read.close()
    return decision


def _check_single(read: Mapping, question: Question) -> None:
    _check_options(read, question)
    if len(question.options) > 1:
        _check_one_right(read, question.options)


def _check_multiple(read: Mapping, question: Question) -> None:
    _check_options(read, question)
    if len(question.options) > 1 and not any(option.is_correct for option in question.options):
        read.complain("options", "at least one option must be correct")


def _check_numeric(read: Mapping, question: Question) -> None:
    if question.tolerance < 0:
        read.complain("tolerance", "must not be below zero")


def _check_order(read: Mapping, question: Question) -> None:
    _check_count(read, "items", len(question.items), lowest=3, highest=6)
    read.refuse_repeated("items", [item.id for item in question.items])


def _check_match(read: Mapping, question: Question) -> None:
    _check_count(read, "pairs", len(question.pairs), lowest=3, highest=5)
    read.refuse_repeated("pairs", [pair.id for pair in question.pairs])
    for language in LANGUAGES:
        for side in ("left", "right"):
            texts = [getattr(pair, side)[language].casefold() for pair in question.pairs]
            if len(set(texts)) < len(texts):
                read.complain("pairs", f"the {side} sides must all be different ({language})")


def _check_short(_read: Mapping, _question: Question) -> None:
    """All of it was checked while it was read."""


def _check_scenario(read: Mapping, question: Question) -> None:
    _check_count(read, "steps", len(question.steps), lowest=2, highest=4)
    read.refuse_repeated("steps", [step.id for step in question.steps])


_CHECKS: dict[str, Callable[[Mapping, Question], None]] = {
    "single": _check_single,
    "multiple": _check_multiple,
    "numeric": _check_numeric,
    "order": _check_order,
    "match": _check_match,
    "short": _check_short,
    "scenario": _check_scenario,
}


def _check_options(read: Mapping, question: Question) -> None:
    if len(question.options) < 2:
        read.complain("options", "at least two options are needed")
    read.refuse_repeated("options", [option.id for option in question.options])


def _check_one_right(read: Mapping, options: tuple[Option, ...]) -> None:
    right = sum(option.is_correct for option in options)
    if right != 1:
        read.complain("options", f"exactly one option must be correct, not {right}")


def _check_count(read: Mapping, key: str, count: int, *, lowest: int, highest: int) -> None:
    if not lowest <= count <= highest:
        read.complain(key, f"from {lowest} to {highest} are needed, not {count}")


def _refuse_bad_name(read: Mapping, name: str) -> None:
    if name and not NAME.fullmatch(name):
        read.complain("id", "must be Latin letters, digits and hyphens")


def _date_or_none(read: Mapping, key: str) -> str | None:
    if not read.has(key):
        return None
    text = read.scalar(key)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        read.complain(key, "must be a date like 2027-01-31")
        return None
