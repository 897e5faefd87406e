"""For what somebody may look at the records of a person: one of a short list, and always some words of one's own."""

from collections.abc import Mapping

from lms.core.errors import Invalid, Sentence
from lms.core.i18n import _l

SHORTEST_WORDS, LONGEST_WORDS = 5, 300

PURPOSES: Mapping[str, Sentence] = {
    "competition": _l("Competition for a post"),
    "reserve": _l("Reserve of personnel"),
    "attestation": _l("Attestation or class rank"),
    "nomination": _l("Nomination for training"),
    "report": _l("Report required by law"),
    "request": _l("Request or complaint of the person"),
    "inspection": _l("Inspection or audit"),
}

WORK = "work"
"""Of lines from before a purpose was asked for everywhere; nobody may choose it."""
_WORDS: Mapping[str, Sentence] = {**PURPOSES, WORK: _l("Work of the academy or the bureau with the learner")}


def stated(code: str, words: str) -> str:
    """A purpose as it is kept: the code, then the words.

    :raises Invalid: ``purpose-missing`` for a code that is not in the list, or words that say nothing.
    """
    said = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    if code not in PURPOSES or not SHORTEST_WORDS <= len(said) <= LONGEST_WORDS:
        raise Invalid(
            "purpose-missing",
            _l("Choose for what you need this, and write the case in a few words. The person will read it."),
        )
    return f"{code}: {said}"


def in_words(purpose: str) -> tuple[Sentence | str, str]:
    """The kind of purpose for the reader, and what was written beside it; a purpose that is not in the list as it is."""
    code, _colon, said = purpose.partition(": ")
    if code not in _WORDS:
        return purpose, ""
    return _WORDS[code], said
