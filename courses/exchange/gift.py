"""GIFT: questions that teachers type (https://docs.moodle.org/en/GIFT_format), as Moodle's own reader takes them.

Two habits of real files are taken that Moodle refuses: an empty line between the answers of a question, and no empty line
between two questions of which the second begins with ``::``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from courses.exchange import fitting, markup
from courses.exchange.fitting import FULL, NOTHING, Weighted
from courses.exchange.items import Draft, Found, Remarks, found
from courses.exchange.wording import Refused

ESCAPE = re.compile(r"\\([\\:#={}~n])")
SIGNS = "\\:#={}~n"
FIRST_PLACEHOLDER = 0xE000
PLACEHOLDERS = {sign: chr(FIRST_PLACEHOLDER + place) for place, sign in enumerate(SIGNS)}
WRITTEN = {ord(mark): "\n" if sign == "n" else sign for sign, mark in PLACEHOLDERS.items()}
PRIVATE = re.compile(r"[\ue000-\uf8ff]")
WEIGHT = re.compile(r"%\s*(-?\d{1,3}(?:[.,]\d{1,10})?)\s*%")
FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
IDENTIFIER = re.compile(r"\[id:([^\]\n]{1,120})\]")
TRUE, FALSE = ("T", "TRUE"), ("F", "FALSE")
GAP = "_____"


def read(text: str) -> Iterator[Found]:
    """One entry for each question; categories, comments and texts between questions are none."""
    for line, block in _blocks(PRIVATE.sub("", text)):
        comments, body = _without_comments(block)
        if body and not body.startswith("$CATEGORY:"):
            yield _found(line, body, comments)


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """What belongs together, with its first line from 1."""
    block = _Block()
    for number, line in enumerate(text.split("\n"), 1):
        yield from block.parted_by(number, line)
        if line.strip() or block.lines:
            block.add(number, line)
    if block.lines:
        yield block.first, "\n".join(block.lines)


@dataclass
class _Block:
    """The lines of a question as far as they are known."""

    lines: list[str] = field(default_factory=list)
    first: int = 1
    gap: int = 0
    """How many lines stand before the last empty one inside the answers."""
    is_open: bool = False

    def parted_by(self, number: int, line: str) -> Iterator[tuple[int, str]]:
        """What is complete when this line comes."""
        bare = line.strip()
        if self.is_open and self.gap and "{" in ESCAPE.sub("", line):
            yield self._taken(self.gap, number - len(self.lines) + self.gap)  # the } was forgotten
        elif self.lines and (
            (not bare and not self.is_open)
            or (bare.startswith(("::", "$CATEGORY:")) and _holds_more_than_comments(self.lines))
            or self.lines[-1].lstrip().startswith("$CATEGORY:")
        ):
            yield self._taken(len(self.lines), number)

    def add(self, number: int, line: str) -> None:
        """One line more."""
        if not self.lines:
            self.first = number
        if not line.strip():
            self.gap = len(self.lines)
        self.lines.append(line)
        self.is_open = _is_open(line, self.is_open)

    def _taken(self, count: int, next_line: int) -> tuple[int, str]:
        taken = self.first, "\n".join(self.lines[:count])
        self.lines, self.first = [line for line in self.lines[count:] if line.strip()], next_line
        self.gap, self.is_open = 0, False
        return taken


def _is_open(line: str, was_open: bool) -> bool:
    """Whether the answers go on behind this line."""
    if line.lstrip().startswith("//"):
        return was_open
    bare = ESCAPE.sub("", line)
    opening, closing = bare.rfind("{"), bare.rfind("}")
    return was_open if opening == closing else opening > closing


def _holds_more_than_comments(lines: list[str]) -> bool:
    """A line that begins with a name begins a question, unless there were only comments before."""
    return any(line.strip() and not line.lstrip().startswith("//") for line in lines)


def _without_comments(block: str) -> tuple[str, str]:
    lines = block.split("\n")
    comments = "\n".join(line for line in lines if line.lstrip().startswith("//"))
    return comments, "\n".join(line for line in lines if not line.lstrip().startswith("//")).strip()


def _found(line: int, body: str, comments: str) -> Found:
    hidden = ESCAPE.sub(lambda escaped: PLACEHOLDERS[escaped[1]], body)
    name, rest = "", hidden
    if hidden.startswith("::") and (end := hidden.find("::", 2)) > 0:
        name, rest = _shown(hidden[2:end]).strip(), hidden[end + 2 :].strip()
    identifier = IDENTIFIER.search(comments)
    key = identifier[1].strip() if identifier else ""
    return found(f"line {line}", name or _shown(rest)[:80], key, lambda remarks: _draft(rest, remarks))


def _draft(body: str, remarks: Remarks) -> Draft:
    opening, closing = body.find("{"), body.find("}")
    if opening < 0 and closing < 0:
        raise Refused("type-not-here", type="description (text without a question)")
    if not 0 <= opening < closing:
        raise Refused("broken", what="there is no { with a } behind it")
    answers, _, general = body[opening + 1 : closing].strip().partition("####")
    kind = _format_of(body)
    text = _text(_question(body, opening, closing, remarks), remarks, kind)
    explanation = _text(general, remarks, kind)
    return _answered(text, explanation, answers.strip(), remarks, kind)


def _question(body: str, opening: int, closing: int, remarks: Remarks) -> str:
    """Words behind the answers make the answers a gap of the text."""
    before, behind = body[:opening], body[closing + 1 :]
    if not behind.strip(' \n\t";'):
        return before
    remarks.add("gap")
    return f"{before.rstrip()} {GAP} {behind.lstrip()}" if before.strip() else f"{GAP} {behind}"


def _answered(text: str, explanation: str, answers: str, remarks: Remarks, kind: str) -> Draft:
    statement, _, comment = answers.partition("#")
    if not answers:
        raise Refused("type-not-here", type="essay")
    if answers.startswith("#"):
        return _numeric(text, explanation, answers[1:], remarks)
    if "~" in answers:
        options = [_weighted(part, remarks, kind) for part in _parts(answers.replace("=", "~="), "~")]
        return fitting.choice(text, explanation, options, remarks, is_single="=" in answers)
    if "=" in answers and "->" in answers:
        return fitting.match(text, explanation, [_pair(part, remarks, kind) for part in _parts(answers, "=")], remarks)
    if statement.strip() in TRUE + FALSE:
        return _truth(text, explanation, statement.strip() in TRUE, _feedbacks(comment, remarks, kind))
    accepted = [_weighted(part, remarks, kind, full=FULL) for part in _parts(answers, "=")]
    return fitting.short(text, explanation, accepted, remarks)


def _feedbacks(comment: str, remarks: Remarks, kind: str) -> tuple[str, str]:
    """What is said to a wrong answer, then to a right one."""
    wrong, _, right = comment.partition("#")
    return _text(wrong, remarks, kind), _text(right, remarks, kind)


def _truth(text: str, explanation: str, is_true: bool, said: tuple[str, str]) -> Draft:
    wrong, right = said
    return fitting.truth(text, explanation, is_true=is_true, feedback=(right, wrong) if is_true else (wrong, right))


def _parts(answers: str, sign: str) -> list[str]:
    parts = [part.strip() for part in answers.split(sign)]
    return fitting.few(parts[1:] if not parts[0] else parts)


def _weighted(part: str, remarks: Remarks, kind: str, full: Decimal = NOTHING) -> Weighted:
    """``=yes``, ``%50%half#That is half of it.``"""
    share, rest = _share(part.removeprefix("="), FULL if part.startswith("=") else full)
    answer, _, feedback = rest.partition("#")
    return _text(answer, remarks, kind), _text(feedback, remarks, kind), share


def _share(part: str, unless: Decimal) -> tuple[Decimal, str]:
    weight = WEIGHT.match(part.strip())
    if weight is None:
        return unless, part
    return Decimal(weight[1].replace(",", ".")), part.strip()[weight.end() :]


def _pair(part: str, remarks: Remarks, kind: str) -> tuple[str, str]:
    left, arrow, right = part.partition("->")
    if not arrow:
        raise Refused("broken", what="a pair without ->")
    right = right.partition("#")[0] if "#" in right else right
    return markup.line_of(_text(left, remarks, kind)), markup.line_of(_text(right, remarks, kind))


def _numeric(text: str, explanation: str, answers: str, remarks: Remarks) -> Draft:
    """``#3:0.1``, ``#1..5``, ``#=%100%3:0.1#Right. =%50%3:1``"""
    right, _, wrong = answers.partition("~")
    read = [_number(part, remarks) for part in _parts(right, "=")]
    if "#" in right or "#" in wrong:
        remarks.add("feedback")
    return fitting.numeric(text, explanation, read, remarks)


def _number(part: str, remarks: Remarks) -> tuple[Decimal, Decimal, Decimal]:
    share, rest = _share(part, FULL)
    value = _shown(rest.partition("#")[0]).strip()
    if ".." in value:
        lowest, _, highest = value.partition("..")
        remarks.add("range")
        return _middle(fitting.number(lowest), fitting.number(highest), share)
    answer, _, tolerance = value.partition(":")
    return fitting.number(answer), fitting.number(tolerance) if tolerance.strip() else NOTHING, share


def _middle(lowest: Decimal, highest: Decimal, share: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    middle = fitting.number(str((highest + lowest) / 2))
    return middle, fitting.number(str(highest - middle)), share


def _format_of(body: str) -> str:
    named = FORMAT.match(body)
    return named[1] if named else "moodle"


def _text(written: str, remarks: Remarks, kind: str) -> str:
    """A text in its own format, or in that of the question."""
    named = FORMAT.match(written)
    kind, written = (named[1], written[named.end() :]) if named else (kind, written)
    shown = _shown(written)
    if kind == "html":
        return markup.from_html(shown, remarks)
    return markup.from_either(shown, remarks) if kind == "moodle" else markup.plain(shown, remarks)


def _shown(hidden: str) -> str:
    return hidden.translate(WRITTEN)
