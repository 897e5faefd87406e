"""The code on the leader's page: one for each half minute, from a secret of the session. Pure.

A code is a time-based one-time password (RFC 6238, section 4, with HMAC-SHA-1 and six digits, RFC 4226, section 5.3). So it
is also a moment of *our* clock: whoever knows it late has seen it, or somebody who saw it, within its half minute. That is
all a late code says, and no clock of a phone is asked.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

STEP_SECONDS = 30
"""How long a code is shown (RFC 6238, section 5.2 recommends it)."""
DIGITS = 6
LIVE_STEPS = 3
"""The code that is shown and the two before it: typing on a phone and a slow network take their time."""
LIVE = timedelta(seconds=STEP_SECONDS * LIVE_STEPS)
LATE = timedelta(hours=24)
"""How long after it was shown a code may come that had to wait for a network: until the evening in the hotel, and the
breakfast after it."""
LONGEST = timedelta(hours=12)
"""Codes end by themselves then, if the leader forgets to close."""

How = Literal["code", "late-code"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """When codes of a session are shown."""

    opened_at: datetime
    closed_at: datetime | None

    @property
    def ends_at(self) -> datetime:
        """When the last code is shown."""
        end = self.opened_at + LONGEST
        return min(self.closed_at, end) if self.closed_at else end

    def is_open(self, now: datetime) -> bool:
        """Whether codes are shown at this moment."""
        return self.opened_at <= now < self.ends_at


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A code that holds."""

    how: How
    step: int

    @property
    def shown_at(self) -> datetime:
        """When this code began to be shown."""
        return moment_of(self.step)


def step_of(moment: datetime) -> int:
    """Half minutes since 1970."""
    return int(moment.timestamp()) // STEP_SECONDS


def moment_of(step: int) -> datetime:
    """When a step begins."""
    return datetime.fromtimestamp(step * STEP_SECONDS, UTC)


def code_of(secret: bytes, step: int) -> str:
    """Six digits (RFC 4226, section 5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def codes_until(secret: bytes, first: int, end: datetime) -> list[str]:
    """The codes from a step on until a moment; what a leader's page needs when it loses its network."""
    return [code_of(secret, step) for step in range(first, step_of(end) + 1)]


def judge(
    secret: bytes, typed: str, *, window: Window, arrived_at: datetime, page_opened_at: datetime, has_waited: bool
) -> Accepted | None:
    """What a typed code is worth; None if it is worth nothing.

    :param page_opened_at: when we gave out the page that sends it. A code that waited must have been shown after that:
        a page of the evening takes no code of the morning.
    :param has_waited: the page says that there was no network; only then an old code is looked at.
    """
    now = step_of(arrived_at)
    first, last = step_of(window.opened_at), step_of(window.ends_at)
    if (step := _found(secret, typed, max(first, now - LIVE_STEPS + 1), min(last, now))) is not None:
        return Accepted(how="code", step=step)
    if not has_waited:
        return None
    earliest = max(first, step_of(page_opened_at), step_of(arrived_at - LATE))
    step = _found(secret, typed, earliest, min(last, now))
    return Accepted(how="late-code", step=step) if step is not None else None


def _found(secret: bytes, typed: str, first: int, last: int) -> int | None:
    """The newest step of these whose code it is. Every one is computed, so that time tells nothing."""
    found = [step for step in range(first, last + 1) if hmac.compare_digest(code_of(secret, step), typed)]
    return found[-1] if found else None


def as_digits(typed: str) -> str:
    """What somebody typed, without spaces and hyphens; empty if it cannot be a code."""
    plain = "".join(typed.split()).replace("-", "")
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdigit() else ""
