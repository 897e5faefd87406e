from datetime import UTC, datetime, timedelta

import pytest

from courses import presence
from courses.presence import Entry, Held

BEGINS = datetime(2027, 5, 12, 1, 0, tzinfo=UTC)
ENDS = BEGINS + timedelta(minutes=90)


def entries(*hows: str) -> list[Entry]:
    return [Entry(number=n, how=how, happened_at=BEGINS, entered_at=BEGINS) for n, how in enumerate(hows, 1)]


@pytest.mark.parametrize(
    ("hows", "state"),
    [
        ((), "absent"),
        (("code",), "present"),
        (("sheet",), "present"),
        (("late-code",), "waiting"),
        (("late-code", "code"), "present"),
        (("late-code", "confirmed"), "present"),
        (("code", "struck"), "struck"),
        (("code", "struck", "code"), "struck"),
        (("code", "struck", "sheet"), "present"),
        (("sheet", "struck"), "struck"),
    ],
)
def test_what_entries_make_of_a_person(hows: tuple[str, ...], state: str) -> None:
    assert presence.state_of(entries(*hows)) == state


def test_the_order_of_entries_is_their_number_and_not_how_they_are_read() -> None:
    assert presence.state_of(reversed(entries("code", "struck"))) == "struck"


def test_hours_count_from_sessions_attended_and_from_no_other() -> None:
    sessions = [Held(id=name, hours=hours, ends_at=ENDS) for name, hours in (("a", 2), ("b", 1), ("c", 2), ("d", 4))]

    assert presence.hours_of(sessions, {"a": "present", "b": "waiting", "c": "struck", "d": "present"}) == 6
    assert presence.hours_of(sessions, {}) == 0


@pytest.mark.parametrize(
    ("how", "entered_at", "later"),
    [
        ("code", ENDS + timedelta(minutes=20), False),
        ("late-code", BEGINS, True),
        ("sheet", ENDS, False),
        ("sheet", ENDS + timedelta(seconds=1), True),
    ],
)
def test_what_was_written_down_after_the_session_is_entered_later(how: str, entered_at: datetime, later: bool) -> None:
    entry = Entry(number=1, how=how, happened_at=BEGINS, entered_at=entered_at)

    assert presence.is_entered_later(entry, ENDS) is later
