from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates import standing
from certificates.standing import Happening, Kind, State

DAYS = [datetime(2026, 3, day, 9, 0, tzinfo=UTC) for day in range(1, 10)]
TODAY = date(2026, 4, 1)


def folded(*kinds: Kind, valid_until: date | None = None, today: date = TODAY) -> standing.Standing:
    happenings = [Happening(kind, at) for kind, at in zip(kinds, DAYS, strict=False)]
    return standing.fold(happenings, valid_until=valid_until, today=today)


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ([], "reserved"),
        ([Kind.RESERVED], "reserved"),
        ([Kind.RESERVED, Kind.VOID], "void"),
        ([Kind.RESERVED, Kind.ISSUED], "valid"),
        ([Kind.RESERVED, Kind.ISSUED, Kind.SUSPENDED], "suspended"),
        ([Kind.RESERVED, Kind.ISSUED, Kind.SUSPENDED, Kind.REINSTATED], "valid"),
        ([Kind.RESERVED, Kind.ISSUED, Kind.REVOKED], "revoked"),
        ([Kind.RESERVED, Kind.ISSUED, Kind.SUPERSEDED], "superseded"),
        ([Kind.RESERVED, Kind.ISSUED, Kind.SUPERSEDED, Kind.REVOKED], "revoked"),
        ([Kind.RESERVED, Kind.ISSUED, Kind.REVOKED, Kind.SUPERSEDED], "revoked"),
    ],
)
def test_a_state_follows_from_what_happened(kinds: list[Kind], state: str) -> None:
    assert folded(*kinds).state == state


def test_a_state_knows_since_when_and_why() -> None:
    happenings = [
        Happening(Kind.RESERVED, DAYS[0]),
        Happening(Kind.ISSUED, DAYS[1]),
        Happening(Kind.REVOKED, DAYS[2], "fraud-or-cheating"),
        Happening(Kind.SUPERSEDED, DAYS[3], "reissue", "2026-KG-PM000009"),
    ]

    found = standing.fold(happenings, today=TODAY)

    assert (found.since, found.reason_code) == (DAYS[2], "fraud-or-cheating")
    assert found.replaced_by == "2026-KG-PM000009"


def test_the_last_day_of_validity_still_counts_and_the_next_does_not() -> None:
    issued = [Kind.RESERVED, Kind.ISSUED]

    assert folded(*issued, valid_until=date(2026, 4, 1)).state == "valid"
    assert folded(*issued, valid_until=date(2026, 3, 31)).state == "expired"
    assert folded(*issued, valid_until=date(2026, 3, 31)).since is None


@pytest.mark.parametrize("kind", [Kind.SUSPENDED, Kind.REVOKED, Kind.SUPERSEDED])
def test_what_was_decided_is_told_rather_than_that_it_has_expired_since(kind: Kind) -> None:
    assert folded(Kind.RESERVED, Kind.ISSUED, kind, valid_until=date(2026, 1, 1)).state == kind.value


def test_reasons_that_accuse_somebody_are_not_told_to_all() -> None:
    told = {
        code
        for code in standing.ReasonCode
        if standing.fold([Happening(Kind.REVOKED, DAYS[0], code)], today=TODAY).public_reason
    }

    assert set(standing.ReasonCode) - told == {"fraud-or-cheating", "authority-decision", "other"}


@given(st.lists(st.sampled_from([Kind.SUSPENDED, Kind.REINSTATED, Kind.REVOKED, Kind.SUPERSEDED])))
def test_however_many_things_happen_in_an_allowed_order_revoked_never_becomes_valid(kinds: list[Kind]) -> None:
    state, was_revoked = State.VALID, False
    for kind in kinds:
        if state in standing.POSSIBLE_FROM[kind]:
            state = standing.after(state, kind)
        was_revoked = was_revoked or state is State.REVOKED
        assert not was_revoked or state is State.REVOKED
