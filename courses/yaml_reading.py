"""Reads YAML written by authors and remembers every mistake with its file and line, instead of stopping at the first.

A value that is wrong is reported once and replaced by a harmless one, so that reading can go on; the caller must not use
anything that was read while :attr:`Faults.found` is not empty.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml
from yaml import CollectionEndEvent, CollectionStartEvent, MappingNode, Node, ScalarNode, SequenceNode

from courses.file_reading import Faults, read_text
from lms.core.i18n import LANGUAGES

TEXT, NOTHING, FLAG = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
"""What an id or the name of a file may be."""
DEEPEST = 20
LONGEST_NUMBER = 20
"""Digits before or behind the point; answers are compared exactly, and an exponent can say more digits than fit."""
FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def read_mapping(path: Path, faults: Faults) -> "Mapping":
    """The mapping that a file holds, empty if it cannot be read."""
    node = _compose(path, faults)
    return Mapping(path, faults, node)


def read_list(path: Path, faults: Faults) -> Iterator["Mapping"]:
    """The mappings of the list that a file holds."""
    node = _compose(path, faults)
    if node is not None and not isinstance(node, SequenceNode):
        faults.add(path, _line(node), "a list is expected here (lines that begin with '- ')")
    elif node is not None:
        yield from (Mapping(path, faults, item) for item in node.value)


class Mapping:
    """One mapping. What is read from it is checked; :meth:`close` reports keys that nobody asked for."""

    def __init__(self, path: Path, faults: Faults, node: Node | None) -> None:
        self.path = path
        self.faults = faults
        self.is_missing = node is None
        self.line = _line(node) if node is not None else 1
        self._faults_before = len(faults.found)
        self._asked: set[str] = set()
        self._lines: dict[str, int] = {}
        self._values = self._read_keys(node)

    @property
    def is_clean(self) -> bool:
        """Whether nothing wrong was found since reading began here, so that comparing values makes sense."""
        return not self.is_missing and len(self.faults.found) == self._faults_before

    def line_of(self, key: str) -> int:
        """Where the key stands, or should stand."""
        return self._lines.get(key, self.line)

    def complain(self, key: str, mistake: str) -> None:
        """Report a mistake in a value."""
        self.faults.add(self.path, self.line_of(key), f"{key}: {mistake}")

    def has(self, key: str) -> bool:
        """Whether there is a value that is not null."""
        self._asked.add(key)
        return key in self._values and self._values[key].tag != NOTHING

    def text(self, key: str) -> str:
        """A text that is not empty."""
        node = self._value(key)
        if node is None:
            return ""
        if not isinstance(node, ScalarNode) or node.tag != TEXT:
            self.complain(key, "must be text (put it in quotes)")
            return ""
        if not node.value.strip():
            self.complain(key, "must not be empty")
        return str(node.value).strip()

    def text_or_none(self, key: str) -> str | None:
        """A text, or nothing when the key is null or missing."""
        return self.text(key) if self.has(key) else None

    def scalar(self, key: str) -> str:
        """Any single value as it was written: a year, a date, a number that is used as a name."""
        node = self._value(key)
        if node is not None and not isinstance(node, ScalarNode):
            self.complain(key, "must be a single value")
            return ""
        return str(node.value) if node is not None else ""

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """One of the allowed words."""
        word = self.text(key)
        if word and word not in allowed:
            self.complain(key, f"must be one of {', '.join(allowed)}")
            return allowed[0]
        return word or allowed[0]

    def whole(self, key: str, *, lowest: int, highest: int) -> int:
        """A whole number between two limits, both allowed."""
        value = self.decimal(key)
        if value is None:
            return lowest
        if value != value.to_integral_value() or not lowest <= value <= highest:
            self.complain(key, f"must be a whole number from {lowest} to {highest}")
            return lowest
        return int(value)

    def decimal(self, key: str) -> Decimal | None:
        """A number, exactly as it was written."""
        node = self._value(key)
        if node is None:
            return None
        if isinstance(node, ScalarNode) and node.tag in NUMBERS and len(node.value) <= LONGEST_NUMBER:
            try:
                value = Decimal(node.value.replace("_", ""))
                if abs(value.adjusted()) <= LONGEST_NUMBER:
                    return value
            except InvalidOperation:
                pass
        self.complain(key, "must be a number")
        return None

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """True or false."""
        if default is not None and not self.has(key):
            return default
        node = self._value(key)
        if node is None:
            return False
        if not isinstance(node, ScalarNode) or node.tag != FLAG:
            self.complain(key, "must be true or false")
            return False
        return FLAGS[node.value.lower()]

    def texts(self, key: str) -> dict[str, str]:
        """The same text in all our languages."""
        inner = self.mapping(key)
        return inner.all_languages() if not inner.is_missing else {}

    def all_languages(self) -> dict[str, str]:
        """This mapping as one text in all our languages."""
        texts = {language: self.text(language) for language in LANGUAGES}
        self.close()
        return texts

    def mapping(self, key: str) -> "Mapping":
        """The mapping below a key."""
        return Mapping(self.path, self.faults, self._value(key))

    def mappings(self, key: str) -> list["Mapping"]:
        """The mappings of a list below a key."""
        return [Mapping(self.path, self.faults, node) for node in self._items(key)]

    def text_list(self, key: str) -> tuple[str, ...]:
        """The texts of a list below a key."""
        texts = []
        for node in self._items(key):
            if isinstance(node, ScalarNode) and node.tag == TEXT and node.value.strip():
                texts.append(node.value.strip())
            else:
                self.faults.add(self.path, _line(node), f"{key}: every line must be text (put it in quotes)")
        return tuple(texts)

    def keys(self) -> list[str]:
        """All keys, for mappings whose keys are names."""
        return list(self._values)

    def close(self) -> None:
        """Report every key that nobody asked for: it is misspelt, or stands in the wrong place."""
        for key in self._values:
            if key not in self._asked:
                self.complain(key, "this key is not known here")

    def refuse_wrong_sum(self, key: str, parts: list[int], expected: int, what: str) -> None:
        """Report numbers that do not add up."""
        if parts and self.is_clean and sum(parts) != expected:
            self.complain(key, f"{what} must add up to {expected}, not {sum(parts)}")

    def refuse_repeated(self, key: str, names: list[str]) -> None:
        """Report names that are used twice."""
        for name in sorted({name for name in names if name and names.count(name) > 1}):
            self.complain(key, f"{name} is used more than once")

    def _value(self, key: str) -> Node | None:
        if self.is_missing:
            return None  # reported where it is missing
        if not self.has(key):
            self.complain(key, "is missing")
            return None
        return self._values[key]

    def _items(self, key: str) -> list[Node]:
        node = self._value(key)
        if node is None:
            return []
        if not isinstance(node, SequenceNode):
            self.complain(key, "must be a list (lines that begin with '- ')")
            return []
        return list(node.value)

    def _read_keys(self, node: Node | None) -> dict[str, Node]:
        if node is None:
            return {}
        if not isinstance(node, MappingNode):
            self.faults.add(self.path, _line(node), "keys with values are expected here")
            self.is_missing = True
            return {}
        values: dict[str, Node] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.faults.add(self.path, _line(key), "a key must be a single word")
                continue
            name = str(key.value)
            if name in values:
                self.faults.add(self.path, _line(key), f"{name}: stands here twice")
            values.setdefault(name, value)
            self._lines.setdefault(name, _line(key))
        return values


def _compose(path: Path, faults: Faults) -> Node | None:
    before = len(faults.found)
    text = read_text(path, faults)
    if len(faults.found) > before:
        return None
    try:
        if line := _line_too_deep(text):
            faults.add(path, line, f"this is nested deeper than {DEEPEST} levels")
            return None
        node: Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        line = min(line, len(text.splitlines()))  # an unclosed bracket is noticed behind the end
        faults.add(path, line, f"this is not YAML: {error.problem or error.context}")
        return None
    except yaml.YAMLError:
        faults.add(path, 1, "this is not YAML: it holds a character that is not allowed")
        return None
    if node is None:
        faults.add(path, 1, "this file is empty")
    return node


def _line_too_deep(text: str) -> int | None:
    """Where nesting goes too deep: composing follows it in C and would overrun the stack of the process."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            return event.start_mark.line + 1 if event.start_mark else 1
    return None


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
