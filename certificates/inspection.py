"""Is this uploaded PDF one that we issued, byte for byte or by its seal? A verdict with reasons, never an exception.

The register is asked first, through a function: a file that it holds is never parsed. Any other file is taken apart in
a process apart, under caps (``certificates.capped``); what happens there is told in ``certificates.examining``.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Protocol

from certificates import capped
from certificates.verdicts import TrustedSeal as TrustedSeal
from certificates.verdicts import Verdict as Verdict
from certificates.verdicts import VerdictCode as VerdictCode

LIMIT_BYTES = 10 * 1024 * 1024


class Examine(Protocol):
    """How a file that the register does not hold is taken apart."""

    def __call__(self, data: bytes, *, seals: Sequence[TrustedSeal], time_roots: Sequence[bytes]) -> Verdict:
        """The verdict as far as the file itself can tell."""


def inspect(
    data: bytes,
    *,
    seals: Iterable[TrustedSeal],
    is_registered: Callable[[str], bool],
    time_roots: Sequence[bytes] = (),
    examine: Examine = capped.examine,
) -> Verdict:
    """The verdict on a file.

    :param seals: every seal that we answer for. A matching name in a certificate is worth nothing.
    :param is_registered: whether the register holds a file with this SHA-256 in hexadecimal.
    :param time_roots: DER of the roots of the time-stamping authorities that we trust.
    :param examine: ``examining.examine`` for bytes that we have made ourselves; anything else belongs into a cage.
    """
    digest = sha256(data).hexdigest()
    if reason := _no_pdf(data):
        return Verdict(VerdictCode.UNREADABLE, (reason,), digest)
    if is_registered(digest):
        return Verdict(VerdictCode.AUTHENTIC_EXACT, ("registered-file",), digest)
    return examine(data, seals=tuple(seals), time_roots=time_roots)


def _no_pdf(data: bytes) -> str | None:
    """What can be refused without a parser."""
    if len(data) > LIMIT_BYTES:
        return "too-large"
    return None if b"%PDF-" in data[:1024] else "not-a-pdf"
