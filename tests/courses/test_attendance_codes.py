from datetime import UTC, datetime, timedelta

import pytest

from courses import attendance_codes
from courses.attendance_codes import Accepted, Window, code_of, step_of

SECRET = b"12345678901234567890"
"""The one of RFC 6238, appendix B."""
OPENED = datetime(2027, 5, 12, 1, 0, tzinfo=UTC)
WINDOW = Window(opened_at=OPENED, closed_at=None)


def shown_at(moment: datetime) -> str:
    return code_of(SECRET, step_of(moment))


def judged(
    typed: str,
    *,
    after_seconds: float,
    page_after_seconds: float = 0,
    has_waited: bool = False,
    window: Window = WINDOW,
) -> Accepted | None:
    return attendance_codes.judge(
        SECRET,
        typed,
        window=window,
        arrived_at=OPENED + timedelta(seconds=after_seconds),
        page_opened_at=OPENED + timedelta(seconds=page_after_seconds),
        has_waited=has_waited,
    )


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_rfc_6238_appendix_b(seconds: int, eight_digits: str) -> None:
    assert code_of(SECRET, seconds // 30) == eight_digits[2:]


def test_a_code_changes_every_half_minute() -> None:
    assert step_of(OPENED + timedelta(seconds=29)) == step_of(OPENED)
    assert step_of(OPENED + timedelta(seconds=30)) == step_of(OPENED) + 1


@pytest.mark.parametrize("after_seconds", [0, 29, 30, 59, 89])
def test_a_code_holds_while_it_is_shown_and_for_a_minute_more(after_seconds: int) -> None:
    accepted = judged(shown_at(OPENED), after_seconds=after_seconds)

    assert accepted == Accepted(how="code", step=step_of(OPENED))
    assert accepted is not None
    assert accepted.shown_at == OPENED


def test_a_code_passed_on_is_dead_after_a_minute_and_a_half() -> None:
    assert judged(shown_at(OPENED), after_seconds=90) is None


def test_a_code_that_waited_for_a_network_is_late() -> None:
    accepted = judged(shown_at(OPENED + timedelta(minutes=10)), after_seconds=8 * 3600, has_waited=True)

    assert accepted == Accepted(how="late-code", step=step_of(OPENED) + 20)


def test_a_page_opened_in_the_evening_takes_no_code_of_the_morning() -> None:
    morning = shown_at(OPENED + timedelta(minutes=10))

    assert judged(morning, after_seconds=8 * 3600, page_after_seconds=7 * 3600, has_waited=True) is None


def test_a_code_that_waited_longer_than_a_day_comes_too_late() -> None:
    code = shown_at(OPENED + timedelta(minutes=10))
    day = 24 * 3600

    assert judged(code, after_seconds=600 + day, has_waited=True) is not None
    assert judged(code, after_seconds=600 + day + 30, has_waited=True) is None


def test_a_code_that_waited_and_is_still_shown_is_not_late() -> None:
    accepted = judged(shown_at(OPENED), after_seconds=40, has_waited=True)

    assert accepted is not None
    assert accepted.how == "code"


def test_no_code_from_before_the_opening_or_after_the_closing_holds() -> None:
    closed = Window(opened_at=OPENED, closed_at=OPENED + timedelta(minutes=5))
    before, after = OPENED - timedelta(seconds=30), OPENED + timedelta(minutes=6)

    assert judged(shown_at(before), after_seconds=1) is None
    assert judged(shown_at(before), after_seconds=3600, page_after_seconds=-3600, has_waited=True) is None
    assert judged(shown_at(after), after_seconds=360, window=closed) is None
    assert judged(shown_at(after), after_seconds=3600, has_waited=True, window=closed) is None


def test_the_last_code_before_closing_still_arrives() -> None:
    closed = Window(opened_at=OPENED, closed_at=OPENED + timedelta(minutes=5))

    accepted = judged(shown_at(OPENED + timedelta(minutes=5)), after_seconds=340, window=closed)

    assert accepted is not None


def test_codes_end_by_themselves_after_twelve_hours() -> None:
    assert WINDOW.is_open(OPENED + timedelta(hours=12, seconds=-1))
    assert not WINDOW.is_open(OPENED + timedelta(hours=12))


def test_the_leaders_page_has_every_code_until_the_end() -> None:
    codes = attendance_codes.codes_until(SECRET, step_of(OPENED), OPENED + timedelta(minutes=2))

    assert codes == [shown_at(OPENED + timedelta(seconds=30 * number)) for number in range(5)]


@pytest.mark.parametrize(
    ("typed", "read"),
    [("123 456", "123456"), (" 123-456\n", "123456"), ("12345", ""), ("1234567", ""), ("12345a", ""), ("١٢٣٤٥٦", "")],
)
def test_what_was_typed_is_read_kindly_and_strictly(typed: str, read: str) -> None:
    assert attendance_codes.as_digits(typed) == read


def test_nothing_typed_is_nothing() -> None:
    assert judged("", after_seconds=1) is None
