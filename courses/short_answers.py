"""When two short texts are the same answer. Pure."""

import re
import unicodedata

SPACES = re.compile(r"\s+")
LONGEST = 200
"""Characters of an answer that are kept; the field takes no more."""


def normalised(text: str) -> str:
    """A text as it is compared: without case, accents of ``ё``, spaces and signs around it, or doubled spaces in it.

    Full-width and other compatibility forms are made one (NFKC), so that what a Chinese keyboard types is recognised;
    so are the kinds of hyphen and apostrophe. Signs inside stay: ``e-Kyzmat`` is not ``eKyzmat``.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).replace("ё", "е")
    for sign, plain in (("\u2010", "-"), ("\u2011", "-"), ("\u2013", "-"), ("\u2014", "-"), ("\u2212", "-")):
        folded = folded.replace(sign, plain)
    folded = folded.replace("\u2019", "'").replace("\u00ad", "")
    spaced = SPACES.sub(" ", folded)
    kept = [place for place, sign in enumerate(spaced) if not _is_outer(sign)]
    return spaced[kept[0] : kept[-1] + 1] if kept else ""


def _is_outer(sign: str) -> bool:
    """Spaces and punctuation; a percent sign or a currency is part of an answer."""
    return sign.isspace() or (unicodedata.category(sign)[0] in "PC" and sign not in "%‰")
