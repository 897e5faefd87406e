"""XML of a stranger as a small tree. No entity is ever expanded, nothing outside is loaded, and depth and size have limits.

A file that breaks off keeps what was whole before the break: one bad question does not stop the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from xml.parsers import expat

from courses.exchange.wording import Unreadable

DEEPEST = 100
MOST_ELEMENTS = 400_000


@dataclass(eq=False)
class Element:
    """An element by its local name; names of elements and attributes are told alike in QTI 2 and 3, see :func:`_told`."""

    name: str
    attributes: dict[str, str]
    line: int
    children: "list[Element | str]" = field(default_factory=list)

    def elements(self, *names: str) -> "list[Element]":
        """The children that are elements, of these names or of any."""
        return [child for child in self.children if isinstance(child, Element) and (not names or child.name in names)]

    def first(self, *names: str) -> "Element | None":
        """The first child of one of these names."""
        return next(iter(self.elements(*names)), None)

    def every(self, *names: str) -> "Iterator[Element]":
        """This element and all below it, in the order of the file, of these names."""
        waiting = [self]
        while waiting:
            here = waiting.pop()
            if here.name in names:
                yield here
            waiting.extend(reversed(here.elements()))

    @property
    def text(self) -> str:
        """All characters inside."""
        pieces: list[str] = []
        waiting: list[Element | str] = [self]
        while waiting:
            here = waiting.pop()
            if isinstance(here, str):
                pieces.append(here)
            else:
                waiting.extend(reversed(here.children))
        return "".join(pieces)

    def text_of(self, *names: str) -> str:
        """The characters of the first child of these names, without the spaces around them."""
        child = self.first(*names)
        return child.text.strip() if child else ""


@dataclass(frozen=True)
class Tree:
    """What could be read of a file."""

    root: Element
    broken_line: int | None
    """Where the file breaks off."""


def parse(data: bytes) -> Tree:
    """The tree of a file.

    :raises Unreadable: ``xml-damaged``, ``xml-entities``, ``xml-too-large``.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        line = getattr(error, "lineno", 1)
        if reader.root is None or not reader.root.elements():
            raise Unreadable("xml-damaged", f"this is not XML that can be read: line {line}") from error
        reader.drop_what_is_not_closed()
        return Tree(reader.root, line)
    if reader.root is None:
        raise Unreadable("xml-damaged", "there is nothing in this XML")
    return Tree(reader.root, None)


class _Reader:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = _refuse_entities
        self.parser.SkippedEntityHandler = self._skipped

    def drop_what_is_not_closed(self) -> None:
        """The item in which the file broke off is not whole."""
        for outer, inner in zip(self._open, self._open[1:], strict=False):
            if inner in outer.children:
                outer.children.remove(inner)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= DEEPEST or self._count > MOST_ELEMENTS:
            raise Unreadable("xml-too-large", f"more than {DEEPEST} levels or {MOST_ELEMENTS} elements")
        told = {_told(key): value for key, value in attributes.items()}
        element = Element(_told(name), told, self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, data: str) -> None:
        self._open[-1].children.append(data)

    def _skipped(self, name: str, _is_parameter: bool) -> None:
        """``&nbsp;`` of a document type that is not loaded."""
        if self._open:
            self._open[-1].children.append(unescape(f"&{name};"))


def _refuse_entities(*_declared: object) -> None:
    raise Unreadable("xml-entities", "this XML declares entities; no system exports such files")


def _told(name: str) -> str:
    """``qti-simple-choice`` and ``simpleChoice``, ``response-identifier`` and ``responseIdentifier``: without prefix, signs and case."""
    return name.rpartition(":")[2].removeprefix("qti-").replace("-", "").lower()
