"""What a trial of a template finds, and the sentences for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from lms.core.errors import Sentence
from lms.core.i18n import _l

SMALLEST_QR_MM = 28
SMALLEST_OFFLINE_QR_MM = 40


@dataclass(frozen=True)
class Finding:
    """Why a template cannot be used."""

    code: str
    found: str = ""
    line: int | None = None


SENTENCES: Mapping[str, Sentence] = {
    "page-syntax": _l("The page is not well-formed."),
    "page-too-large": _l("The page is too large."),
    "page-statement": _l("The page may print placeholders, and use if and for; nothing else."),
    "page-filter": _l("The page uses a filter that templates may not use."),
    "page-loops": _l("Loops stand too deep inside each other."),
    "page-declaration": _l("The page may not hold declarations."),
    "page-tag": _l("The page uses an element that templates may not use."),
    "page-attribute": _l("The page uses an attribute that templates may not use."),
    "placeholder-unknown": _l("There is no such placeholder."),
    "glyph-missing": _l("Our fonts cannot draw every character."),
    "certificate-too-long": _l("It does not fit the page, not even in the smallest size."),
    "certificate-not-clean": _l("The page or its style has a fault."),
    "signature-missing": _l("The picture of a signature is missing."),
    "number-not-printed": _l("The register number is not printed."),
    "code-not-printed": _l("The verification code is not printed."),
    "address-not-printed": _l("The address for verification is not printed."),
    "name-not-printed": _l("The name of the holder is not printed."),
    "title-missing": _l("The page has no title."),
    "qr-missing": _l("There is no QR code."),
    "qr-too-small": _l("The QR code is smaller than 28 mm."),
    "offline-qr-too-small": _l("The QR code for checking without a network is smaller than 40 mm."),
    "trial-too-long": _l("Laying it out takes too long. Make it simpler."),
    "trial-too-heavy": _l("Laying it out takes too much memory, or broke the layout engine. Make it simpler."),
}


def sentence_of(finding: Finding) -> Sentence:
    """What an administrator reads; the code itself where a newer finding has no sentence yet."""
    return SENTENCES.get(finding.code, finding.code)
