"""What a certificate is today: a fold of what happened to it. Nothing here is kept; pure.

An event never disappears: a certificate that was suspended and reinstated is valid again and both events stay. Expiry is no
event, because nobody does anything: it follows from the last day of validity.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What can happen to a certificate."""

    RESERVED = "reserved"
    """A number and a code were given."""
    ISSUED = "issued"
    VOID = "void"
    """The number was given up before a file was made; the reason says why there is a gap."""
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    """Another certificate has taken its place: a correction, a renewal."""


class State(StrEnum):
    """Where the events have led."""

    RESERVED = "reserved"
    """Has a number and a code, and no file yet. Answers to nobody."""
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    VOID = "void"


class ReasonCode(StrEnum):
    """Why a certificate was suspended or revoked."""

    ISSUED_IN_ERROR = "issued-in-error"
    WRONG_DATA = "wrong-data"
    COURSE_INVALIDATED = "course-invalidated"
    FRAUD = "fraud-or-cheating"
    HOLDER_REQUEST = "holder-request"
    AUTHORITY_DECISION = "authority-decision"
    KEY_COMPROMISE = "key-compromise"
    UNDER_REVIEW = "under-review"
    OTHER = "other"


class Replacing(StrEnum):
    """Why another certificate took its place."""

    CORRECTION = "correction"
    RENEWAL = "renewal"
    REISSUE = "reissue"


TOLD_TO_ALL = frozenset(
    {
        ReasonCode.ISSUED_IN_ERROR,
        ReasonCode.WRONG_DATA,
        ReasonCode.COURSE_INVALIDATED,
        ReasonCode.HOLDER_REQUEST,
        ReasonCode.KEY_COMPROMISE,
        ReasonCode.UNDER_REVIEW,
    }
)
"""Reasons that accuse nobody. The others are told to the holder and to the bureau only."""

POSSIBLE_FROM: Mapping[Kind, frozenset[State]] = {
    Kind.ISSUED: frozenset({State.RESERVED}),
    Kind.VOID: frozenset({State.RESERVED}),
    Kind.SUSPENDED: frozenset({State.VALID}),
    Kind.REINSTATED: frozenset({State.SUSPENDED}),
    Kind.REVOKED: frozenset({State.VALID, State.SUSPENDED, State.SUPERSEDED}),
    Kind.SUPERSEDED: frozenset({State.VALID, State.SUSPENDED, State.REVOKED}),
}
"""From which stored state an event may follow. A state that is kept never is ``expired``: that is ``valid``, later."""

_LEADS_TO = {
    Kind.RESERVED: State.RESERVED,
    Kind.ISSUED: State.VALID,
    Kind.VOID: State.VOID,
    Kind.SUSPENDED: State.SUSPENDED,
    Kind.REINSTATED: State.VALID,
    Kind.REVOKED: State.REVOKED,
    Kind.SUPERSEDED: State.SUPERSEDED,
}


@dataclass(frozen=True)
class Happening:
    """One event, as far as the state depends on it."""

    kind: Kind
    at: datetime
    reason_code: str | None = None
    replaced_by: str | None = None
    """Register number of the certificate that took its place, for ``superseded``."""


@dataclass(frozen=True)
class Standing:
    """What holds today, since when, and why."""

    state: State
    since: datetime | None
    """When the last event that matters happened; None for what has expired, see ``valid_until``."""
    reason_code: str | None = None
    replaced_by: str | None = None
    valid_until: date | None = None
    """The last day on which it is valid, the day itself included; None means without end."""

    @property
    def is_issued(self) -> bool:
        """Whether there is a certificate that anybody can ask about."""
        return self.state not in (State.RESERVED, State.VOID)

    @property
    def public_reason(self) -> str | None:
        """The reason, if it may be told to everybody who has the code."""
        return self.reason_code if self.reason_code in TOLD_TO_ALL else None


def after(state: State, kind: Kind) -> State:
    """Where an event leads from a state. What was revoked stays revoked, also when it is replaced."""
    if kind is Kind.SUPERSEDED and state is State.REVOKED:
        return State.REVOKED
    return _LEADS_TO[kind]


def fold(happenings: Iterable[Happening], *, valid_until: date | None = None, today: date) -> Standing:
    """What the events, oldest first, and the calendar make of a certificate.

    :param today: the civil date in the issuer's zone.
    """
    standing = Standing(State.RESERVED, None, valid_until=valid_until)
    for happening in happenings:
        standing = _step(standing, happening)
    if standing.state is State.VALID and valid_until is not None and today > valid_until:
        return Standing(State.EXPIRED, None, valid_until=valid_until)
    return standing


def _step(before: Standing, happening: Happening) -> Standing:
    replaced_by = happening.replaced_by or before.replaced_by
    state = after(before.state, happening.kind)
    if state is before.state is State.REVOKED:  # replaced after it was revoked: when and why it was revoked stays
        return Standing(state, before.since, before.reason_code, replaced_by, before.valid_until)
    return Standing(state, happening.at, happening.reason_code, replaced_by, before.valid_until)
