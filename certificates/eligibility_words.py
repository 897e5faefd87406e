"""Why there is no certificate yet, as sentences: for its future holder, and for the academy."""

from collections.abc import Iterable

from certificates.eligibility import ReasonCode
from lms.core.errors import Sentence
from lms.core.i18n import _l

_NOT_YET: dict[ReasonCode, Sentence] = {
    ReasonCode.NOT_COMPLETED: _l("The module is not completed yet."),
    ReasonCode.SCORE_BELOW_PASS: _l("A mark was changed and is now below what is needed to pass."),
    ReasonCode.NAME_NOT_CONFIRMED: _l("You have not confirmed yet how your name is written."),
    ReasonCode.TEST_USER: _l("You only look around here. Certificates are for learners."),
    ReasonCode.GLYPH_MISSING: _l("Our fonts cannot draw a character of your certificate."),
    ReasonCode.TEXT_MISSING: _l("A text of your certificate is not written in all four languages yet."),
    ReasonCode.NO_SERIES: _l("No organisation issues certificates for this module yet."),
    ReasonCode.NO_SIGNER: _l("Nobody may sign for the organisation today."),
}

_FOR_THE_ACADEMY: dict[ReasonCode, Sentence] = {
    ReasonCode.NAME_NOT_CONFIRMED: _l("The holder has not confirmed yet how the name is written."),
    ReasonCode.TEST_USER: _l("Somebody who only looks around."),
}


def of_missing(code: str | None) -> Sentence:
    """Why a record of a batch got no certificate; what only operators know is shown by its code."""
    if code in frozenset(ReasonCode):
        return _FOR_THE_ACADEMY.get(ReasonCode(code), _NOT_YET[ReasonCode(code)])
    return code or ""


def of_not_yet(code: ReasonCode) -> Sentence:
    """Why there is no certificate yet, for its future holder."""
    return _NOT_YET[code]


def of_characters(characters: Iterable[str]) -> str:
    """Characters with their code points: the reader's own fonts often cannot draw them either."""
    return ", ".join(f"{character} (U+{ord(character):04X})" for character in sorted(characters))
