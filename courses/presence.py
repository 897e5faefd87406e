"""Who was there, from what was recorded. Pure.

Entries are added and never changed. The newest one that decides, counts; a code that came late decides nothing by itself,
because nobody can tell it from a code that was passed on: the leader looks at it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

How = Literal["code", "late-code", "sheet", "confirmed", "struck"]
State = Literal["present", "waiting", "struck", "absent"]
DECIDED: Mapping[str, State] = {
    "code": "present",
    "late-code": "waiting",
    "sheet": "present",
    "confirmed": "present",
    "struck": "struck",
}
BY_LEADER = ("sheet", "confirmed", "struck")
REASONS = ("not-there", "left-early", "code-passed-on", "mistake")
"""Why a leader strikes somebody out. Chosen and not written: entries cannot be erased."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that was recorded about one person in one session."""

    number: int
    how: str
    happened_at: datetime
    """When the code was shown; for what a leader enters, when the session began."""
    entered_at: datetime
    by_name: str = ""
    """The leader, where one entered it."""
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Held:
    """A session as counting needs it."""

    id: str
    hours: int
    ends_at: datetime


def state_of(entries: Iterable[Entry]) -> State:
    """Whether the person was there. A leader's word holds against a code, whichever came first."""
    in_order = sorted(entries, key=lambda entry: entry.number)
    said = [entry for entry in in_order if entry.how in BY_LEADER] or in_order
    return DECIDED[said[-1].how] if said else "absent"


def is_entered_later(entry: Entry, ends_at: datetime) -> bool:
    """Whether it was written down after it happened. A code of the moment never was, however late the session ran."""
    return entry.how == "late-code" or (entry.how in BY_LEADER and entry.entered_at > ends_at)


def hours_of(sessions: Iterable[Held], states: Mapping[str, State]) -> int:
    """Academic hours of the sessions at which the person was present."""
    return sum(held.hours for held in sessions if states.get(held.id) == "present")
