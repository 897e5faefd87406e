"""Drafts become entries of ``imported.yaml``, which an author completes and moves into ``questions.yaml``.

Whatever is not known stands there empty: texts in the other languages, difficulty, learning outcome. So a question that is
moved too early is named by ``flask courses check``. What an author has written is never overwritten.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from courses.exchange.fitting import TRUTH
from courses.exchange.items import Choice, Draft, Found
from courses.yaml_reading import NAME
from lms.core.i18n import LANGUAGES

Entry = dict[str, Any]
State = Literal["taken", "second-language", "known", "in-questions", "refused"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HAS_LETTER = re.compile(r"[A-Za-z]")


@dataclass(frozen=True)
class Outcome:
    """What became of one item."""

    found: Found
    state: State
    id: str | None


@dataclass(frozen=True)
class Drafted:
    """The entries of the file afterwards."""

    entries: list[Entry]
    """Those that were there come first, in their order."""
    outcomes: list[Outcome]
    added: int
    is_rewritten: bool
    """Whether an entry that was there has changed."""


def draft(found: Sequence[Found], language: str, *, entries: list[Entry], used: set[str]) -> Drafted:
    """Add what was found. The same file once more changes nothing.

    :param entries: what stands in ``imported.yaml``; entries that get a language are changed in place.
    :param used: ids of ``questions.yaml``, whose questions are left alone.
    """
    known = {entry.get("id"): entry for entry in entries if isinstance(entry, dict)}
    outcomes = []
    for each in found:
        state, entry = _state(each, language, known, used)
        if state == "taken" and entry:
            known[entry["id"]] = entry
        outcomes.append(Outcome(each, state, entry["id"] if entry else None))
    new = [known[outcome.id] for outcome in outcomes if outcome.state == "taken"]
    is_rewritten = any(outcome.state == "second-language" for outcome in outcomes)
    return Drafted([*entries, *new], outcomes, len(new), is_rewritten)


def _state(found: Found, language: str, known: dict[Any, Entry], used: set[str]) -> tuple[State, Entry | None]:
    if found.draft is None:
        return "refused", None
    entry = entry_of(found.draft, question_id(found.key), language)
    if entry["id"] in used:
        return "in-questions", entry
    if entry["id"] not in known:
        return "taken", entry
    before = known[entry["id"]]
    is_filled = _has_same_shape(before, entry) and _fill(before, entry, language)
    return ("second-language" if is_filled else "known"), entry


def question_id(key: str) -> str:
    """The same for the same key, always. A key that could be an id of ours is one, so that our own export comes home."""
    if NAME.fullmatch(key) and HAS_LETTER.search(key):
        return key
    return f"imported-{sha256(key.encode('utf-8', 'replace')).hexdigest()[:10]}"


def entry_of(draft: Draft, name: str, language: str) -> Entry:
    """A question as ``questions.yaml`` writes it, in one language; the keys in the order of our own files."""

    def texts(text: str) -> dict[str, str]:
        return {each: text if each == language else "" for each in LANGUAGES}

    return {
        "id": name,
        "type": draft.type,
        "difficulty": None,
        "outcome": None,
        "source": None,
        "review_by": None,
        "text": texts(draft.text),
        **_answers(draft, texts, language),
        "explanation": texts(draft.explanation),
    }


def _answers(draft: Draft, texts: Any, language: str) -> Entry:
    if draft.type == "numeric":
        return {
            "answer": draft.answer,
            "tolerance": draft.tolerance,
            "unit": texts(draft.unit) if draft.unit else None,
        }
    if draft.type == "order":
        return {"items": [{"id": f"i{place}", "text": texts(text)} for place, text in enumerate(draft.items, 1)]}
    if draft.type == "match":
        pairs = enumerate(draft.pairs, 1)
        return {
            "pairs": [{"id": f"p{place}", "left": texts(left), "right": texts(right)} for place, (left, right) in pairs]
        }
    if draft.type == "short":
        return {"accepted": {each: list(draft.accepted) if each == language else [] for each in LANGUAGES}}
    options = enumerate(draft.options)
    return {"options": [_option(place, option, texts, is_truth=draft.is_truth) for place, option in options]}


def _option(place: int, option: Choice, texts: Any, *, is_truth: bool) -> Entry:
    return {
        "id": LETTERS[place] if place < len(LETTERS) else f"o{place + 1}",
        "text": dict(TRUTH[place]) if is_truth else texts(option.text),
        "correct": option.is_correct,
        "feedback": texts(option.feedback),
    }


def _has_same_shape(before: Entry, now: Entry) -> bool:
    """Whether it is the same question in another language: the type, the number of parts, and which are right."""
    return before.get("type") == now["type"] and all(_parts(before, key) == _parts(now, key) for key in _PARTS)


_PARTS = ("options", "items", "pairs", "answer", "tolerance")


def _parts(entry: Entry, key: str) -> Any:
    value = entry.get(key)
    if isinstance(value, list):
        return [part.get("correct") if isinstance(part, dict) else None for part in value]
    return value


def _fill(before: Any, now: Any, language: str) -> bool:
    """Put texts where there are none; whether there were any to put."""
    if isinstance(before, dict) and isinstance(now, dict):
        if set(now) == set(LANGUAGES):
            if before.get(language) or not now[language]:
                return False
            before[language] = now[language]
            return True
        return sum(_fill(before[key], now[key], language) for key in now if key in before) > 0
    if isinstance(before, list) and isinstance(now, list):
        return sum(_fill(one, other, language) for one, other in zip(before, now, strict=False)) > 0
    return False
