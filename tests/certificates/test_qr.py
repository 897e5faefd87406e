"""QR codes are those of the library, module by module."""

import random
import time
from typing import Any

import pytest
import segno

from certificates import qr

DIGITS = "".join(random.Random(7).choice("0123456789") for _ in range(2500))


def by_the_library(segments: list[qr.Segment], level: str) -> tuple[str, ...]:
    modes = {"numeric": 1, "alphanumeric": 2, "byte": 4}  # ISO/IEC 18004, table 2
    content: Any = [(part.text, modes[part.mode]) for part in segments]
    drawn = segno.make(
        content,
        error=level, micro=False, boost_error=False, mask=3,
    )  # fmt: skip
    return tuple("".join(map(str, row)) for row in drawn.matrix)


@pytest.mark.parametrize("level", ["m", "q"])
@pytest.mark.parametrize("length", [1, 2, 3, 50, 333, 650, 900, 2500])
def test_a_code_has_the_modules_that_the_library_draws(length: int, level: str) -> None:
    segments = [qr.Segment.of(text) for text in ("HTTPS://VERIFY.EXAMPLE.KG/OFFLINE", "#", DIGITS[:length])]

    assert [segment.mode for segment in segments] == ["alphanumeric", "byte", "numeric"]
    assert qr.code(segments, level=level).rows == by_the_library(segments, level)


@pytest.mark.parametrize("text", [f"HTTPS://VERIFY.EXAMPLE.KG/V/{'7' * length}" for length in range(8)] + ["ө", "a_b"])
def test_an_address_of_any_length_has_the_modules_that_the_library_draws(text: str) -> None:
    segments = [qr.Segment.of(text)]

    assert qr.code(segments, level="q").rows == by_the_library(segments, "q")


def test_more_than_the_largest_code_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="too much"):
        qr.code([qr.Segment.of("8" * 6000)], level="m")


def test_a_large_code_takes_a_few_milliseconds() -> None:
    segments = [qr.Segment.of("HTTPS://VERIFY.EXAMPLE.KG/OFFLINE#"), qr.Segment.of(DIGITS[:650])]
    qr.code(segments, level="m")  # the tables of its size are made once

    started = time.process_time()
    qr.code(segments, level="m")

    assert time.process_time() - started < 0.01
