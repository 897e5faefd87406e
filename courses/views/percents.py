"""A percentage as people write it into a form."""

import re

_WHOLE = re.compile(r"0*(?:100|[0-9]{1,2})", re.ASCII)


def read(written: str) -> int | None:
    """``85`` or ``85 %``; None for anything that is not a whole number from 0 to 100."""
    plain = written.strip().removesuffix("%").strip()
    return int(plain) if _WHOLE.fullmatch(plain) else None
