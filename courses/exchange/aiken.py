"""Aiken: one question in a line, its answers A to Z, and the right one (https://docs.moodle.org/en/Aiken_format)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from courses.exchange import fitting, markup
from courses.exchange.fitting import FULL, NOTHING
from courses.exchange.items import Draft, Found, Remarks, found
from courses.exchange.wording import Refused

ANSWER = re.compile(r"\s*(?:ANSWER|ОТВЕТ)\s*:\s*(.*)", re.IGNORECASE)
OPTION = re.compile(r"\s*([A-ZА-Я])\s?[.)]\s*(\S.*)")
SAME_LETTER = str.maketrans("АВСЕ", "ABCE")
"""Cyrillic letters that look like the Latin ones of the format."""


@dataclass
class _Block:
    line: int
    question: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    twice: str = ""


def read(text: str) -> Iterator[Found]:
    """One entry for each question; a question without its answer is refused where the next begins."""
    block: _Block | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        block = block or _Block(number)
        if answer := ANSWER.fullmatch(line):
            yield _found(block, answer[1])
            block = None
        elif option := OPTION.fullmatch(line):
            letter = option[1].translate(SAME_LETTER)
            block.twice = block.twice or (letter if letter in block.options else "")
            block.options[letter] = option[2]
        elif block.options:
            yield _found(block, "")
            block = _Block(number, [line])
        else:
            block.question.append(line)
    if block:
        yield _found(block, "")


def _found(block: _Block, answer: str) -> Found:
    name = " ".join(block.question)
    return found(f"line {block.line}", name, "", lambda remarks: _draft(block, answer, remarks))


def _draft(block: _Block, answer: str, remarks: Remarks) -> Draft:
    letter = answer.strip().rstrip(".)").upper().translate(SAME_LETTER)
    if not letter:
        raise Refused("no-answer")
    if block.twice:
        raise Refused("broken", what=f"two answers {block.twice}")
    if letter not in block.options:
        raise Refused(
            "broken",
            what=f"the right answer {answer.strip()[:20]!r} is none of {', '.join(block.options) or 'nothing'}",
        )
    answers = [
        (markup.line_of(markup.plain(text, remarks)), "", FULL if name == letter else NOTHING)
        for name, text in block.options.items()
    ]
    text = markup.plain("\n".join(block.question), remarks)
    return fitting.choice(text, "", answers, remarks, is_single=True)
