"""Numbers as people of the region type them. Pure."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

LONGEST_NUMBER = 40
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?|[+-]?[.,]\d+")
SPACES = re.compile(r"[\s\u00a0\u2009\u202f]")
"""People write 1 250 000 with plain, no-break or narrow spaces."""


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


def measured(text: str, units: Iterable[str]) -> Decimal | None:
    """The number in a text that may end with its unit, written in any of the languages and in any case: ``12,5 км``.

    Another unit than these makes the text unclear: a kilometre is no metre.
    """
    if (plain := number(text)) is not None:
        return plain
    typed = _compact(text)
    endings = {_compact(unit) for unit in units}
    read = (number(typed.removesuffix(ending)) for ending in endings if ending and typed.endswith(ending))
    return next((value for value in read if value is not None), None)


def _compact(text: str) -> str:
    return SPACES.sub("", text).casefold().rstrip(".")
