"""No pattern of the code can be kept busy by a text: each is tried with texts made of its own parts, repeated, that fail at the end.

For every repetition in a pattern: what stands before it, once; what it repeats, thousands of times; and a sign that ends the match. A pattern
whose time grows with the square of the text passes at this length, one that grows faster does not. What comes from outside is longer nowhere
without being cut into lines, cells or words before.
"""

import ast
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from tests.architecture.test_house import ROOT, modules

LENGTH = 2000
MOST_SECONDS = 0.25
"""Of the processor; the slowest pattern needs a tenth of it."""
ENDS = ("", "\0", "!", "\n", "a", "0 ")
USED = ("compile", "match", "fullmatch", "search", "split", "sub", "findall", "finditer")
AS_A_TEXT = {
    op.CATEGORY_DIGIT: "0",
    op.CATEGORY_NOT_DIGIT: "x",
    op.CATEGORY_SPACE: " ",
    op.CATEGORY_NOT_SPACE: "x",
    op.CATEGORY_WORD: "w",
    op.CATEGORY_NOT_WORD: "-",
}


def example(parsed: Any) -> str:
    """A text that the parts match, one after the other; repetitions as short as they may be."""
    return "".join(_of(kind, value) for kind, value in parsed)


def _of(kind: Any, value: Any) -> str:
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.NOT_LITERAL:
        return "x" if value != ord("x") else "y"
    if kind is op.ANY:
        return "x"
    if kind is op.IN:
        return _of_class(value)
    if kind is op.BRANCH:
        return example(value[1][0])
    if kind is op.SUBPATTERN:
        return example(value[-1])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return example(value[2]) * int(value[0])
    return ""


def _of_class(parts: Any) -> str:
    if parts[0][0] is op.NEGATE:
        pattern = {chr(value) for kind, value in parts[1:] if kind is op.LITERAL}
        return next((sign for sign in "xy0 -~" if sign not in pattern), "\u0431")
    kind, value = parts[0]
    if kind is op.CATEGORY:
        return str(AS_A_TEXT.get(value, "x"))
    return chr(value[0] if kind is op.RANGE else value)


def repetitions(parsed: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """What stands before each repetition, and what it repeats; also in repetitions, groups and branches."""
    for kind, value in parsed:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            if value[1] > 20:
                yield before, example(value[2]) or "x"
                yield before, "".join(_of(*part) * (2 if part[0] is op.LITERAL else 1) for part in value[2]) or "x"
            yield from repetitions(value[2], before)
        elif kind is op.SUBPATTERN:
            yield from repetitions(value[-1], before)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from repetitions(branch, before)
        before += _of(kind, value)


ANYWHERE = ("search", "split", "sub", "subn", "findall", "finditer")
"""Where a match may begin anywhere, each place of a text is tried."""


def written() -> Iterator[tuple[str, str | bytes, int, bool]]:
    """Every pattern of the code: where it stands, itself, its flags, and whether it is looked for anywhere in a text."""
    used: dict[str, set[str]] = {}
    for path in modules():
        for name, method in re.findall(r"\b(_?[A-Z][A-Z_]*)\.([a-z]+)\(", path.read_text("utf-8")):
            used.setdefault(name, set()).add(method)
    for path in modules():
        tree = ast.parse(path.read_text("utf-8"))
        place = str(path.relative_to(ROOT))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if ast.unparse(node.func) in {f"re.{name}" for name in USED} and isinstance(node.args[0], ast.Constant):
                pattern = node.args[0].value
                assert isinstance(pattern, str | bytes)
                if node.func.attr != "compile":
                    yield f"{place}:{node.lineno}", pattern, 0, node.func.attr in ANYWHERE
        if "re.compile(" in path.read_text("utf-8"):
            for name, made in vars(import_module(_module(path))).items():
                if isinstance(made, re.Pattern):
                    is_anywhere = name not in used or not used[name].isdisjoint(ANYWHERE)
                    yield f"{place}:{name}", made.pattern, made.flags & ~re.UNICODE, is_anywhere


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


class TooLong(Exception):
    """The time is over."""


@contextmanager
def limited() -> Iterator[None]:
    """So that a pattern without end ends; the engine looks at signals now and then."""

    def over(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slow(pattern: str | bytes, flags: int, *, is_anywhere: bool = True) -> str | None:
    """A text on which it takes too long."""
    made = re.compile(pattern, flags)
    for before, repeated in set(repetitions(parser.parse(pattern, flags))):
        for end in ENDS:
            text = before + repeated * (LENGTH // len(repeated)) + end
            given = text.encode("latin-1", "replace") if isinstance(pattern, bytes) else text
            try:
                with limited():
                    made.fullmatch(given)  # type: ignore[arg-type]
                    made.match(given)  # type: ignore[arg-type]
                    if is_anywhere:
                        made.search(given)  # type: ignore[arg-type]
            except TooLong:
                return f"{before!r} + {repeated!r} * n + {end!r}"
    return None


def test_no_pattern_of_the_code_is_kept_busy_by_a_text() -> None:
    tried = {(pattern, flags, is_anywhere): place for place, pattern, flags, is_anywhere in written()}

    found = {
        place: text
        for (pattern, flags, is_anywhere), place in tried.items()
        if (text := slow(pattern, flags, is_anywhere=is_anywhere))
    }

    assert found == {}
    assert len(tried) > 70


@pytest.mark.parametrize(
    "pattern",
    [r"(a+)+$", r"(a|a)*b", r"(\w+\s?)*:", r"([a-z]+-?)*$", r"\s*\s*\s*\s*\s*x", r"(x+x+)+y", r"^(\d+)*,$", r"(.*)*="],
)
def test_a_pattern_that_can_be_kept_busy_is_found(pattern: str) -> None:
    assert slow(pattern, 0) is not None
