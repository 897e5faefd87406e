import base64

import pytest

from lms.core import cursors
from lms.core.errors import BadRequest


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_place_is_read_as_it_was_written() -> None:
    word = cursors.written(7, "id-1")

    assert word.isascii()
    assert "=" not in word
    assert cursors.read(word, int, str) == (7, "id-1")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "!!!!",
        encoded('[7, "\\ud83d"]'),
        encoded('[7, "\\u0000"]'),
        encoded("7"),
        encoded("[7]"),
        encoded('["7", "a"]'),
        encoded("[true, 1]"),
        encoded("[-1]"),
    ],
)
def test_what_was_not_written_here_is_refused(cursor: str) -> None:
    with pytest.raises(BadRequest, match="cursor-not-valid"):
        cursors.read(cursor, int, str)


@pytest.mark.parametrize("text", ["[-1]", "[4294967296]", "[1.5]", "[" * 5000])
def test_places_that_no_database_has_are_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="cursor-not-valid"):
        cursors.read(encoded(text), int)
