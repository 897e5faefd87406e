"""Many certificates from one laid-out page: of a cohort, only names, numbers and codes differ.

The first certificate is laid out and becomes a plate. For each further one the filled-in template is compared with that
of the plate; if only words on lines of their own differ (``certificates.lines``), those are drawn anew into the plate's
page by WeasyPrint's own functions, and the file is put together from the plate's objects. Anything else is laid out
anew. A plate is used only if it reproduces the very bytes of the certificate that it was made from (docs/adr/0028).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import pydyf  # type: ignore[import-untyped]
from weasyprint import Document

from certificates import finishing, redrawing
from certificates.finishing import Attachment, Encoded
from certificates.lines import Line, Node, Retyped, lines_of
from certificates.redrawing import CannotReprint, Drawn, DrawnPage

__all__ = ["CannotReprint", "Changes", "Plate", "Sheet"]


@dataclass(frozen=True)
class Changes:
    """How one filled-in page differs from another."""

    texts: Mapping[Node, str]
    attributes: Mapping[tuple[Any, str], str]

    @classmethod
    def between(cls, old: Any, new: Any) -> "Changes":
        """:raises CannotReprint: if they are built differently."""
        texts: dict[Node, str] = {}
        attributes: dict[tuple[Any, str], str] = {}
        olds, news = list(old.iter()), list(new.iter())
        if len(olds) != len(news):
            raise CannotReprint
        for before, after in zip(olds, news, strict=True):
            if before.tag != after.tag or len(before) != len(after) or before.keys() != after.keys():
                raise CannotReprint
            if before.text != after.text:
                texts[Node(before, "text")] = after.text or ""
            if before.tail != after.tail:
                texts[Node(before, "tail")] = after.tail or ""
            if before.attrib != after.attrib:
                differing = {name: value for name, value in after.items() if before.get(name) != value}
                attributes |= {(before, name): value for name, value in differing.items()}
        return cls(texts, attributes)


class Sheet:
    """A laid-out document and the lines in it that can be retyped."""

    def __init__(self, root: Any, document: Document) -> None:
        self.root = root
        self.lines = [line for page in document.pages for line in lines_of(page._page_box)]
        self._line_of = {node: line for line in self.lines for node in line.nodes}

    def retyped(self, changes: Changes) -> list[tuple[Line, list[Retyped]]]:
        """The lines that differ, with their new words.

        :raises CannotReprint: if a text differs that is not on a line of its own, or would not stand there.
        """
        lines = {}
        for node in changes.texts:
            if node.element.tag != "title":
                line = self._line_of.get(node)
                if line is None:
                    raise CannotReprint
                lines[id(line)] = line
        return [(line, _certain(line.retyped(changes.texts))) for line in lines.values()]


class Plate:
    """One certificate, ready to be printed with other names."""

    def __init__(self, root: Any, document: Document, pdf: pydyf.PDF) -> None:
        """Made when the file is finished and not yet encoded.

        :raises CannotReprint: if it holds what is not understood here.
        """
        self._sheet = Sheet(root, document)
        self._pdf = pdf
        self._pages = [DrawnPage(page) for page in document.pages]
        self._title = next(root.iter("title"))
        self._metadata = finishing.found(pdf, pdf.catalog["Metadata"])
        self._codes = finishing.codes_of(document, pdf)
        self._files = finishing.files_of(pdf)
        self._figures = redrawing.figures(document, pdf)
        self._links = redrawing.links(document)
        self._faces = list(redrawing.merged(self._pages, {}))
        resources = finishing.found(pdf, finishing.found(pdf, pdf.page_references[0])["Resources"])
        self._last_font_object = int(resources["Font"].split()[0])
        if (
            document.metadata.title != self._title.text
            or self._metadata.stream[0].count(_in_xml(self._title.text)) != 1
        ):
            raise CannotReprint
        self._objects = [item if item.free == "f" else Encoded.of(item) for item in pdf.objects]

    def proved(
        self, file: bytes, *, addresses: Mapping[str, str], identifier: bytes, attachments: Sequence[Attachment]
    ) -> "Plate":
        """Itself, after everything that could change was set anew and gave the same file.

        :raises CannotReprint: if it did not.
        """
        texts = {node: getattr(*node) or "" for line in self._sheet.lines for node in line.nodes}
        texts[Node(self._title, "text")] = self._title.text
        alternatives = {(element, "alt"): element.get("alt", "") for element in self._figures}
        targets = {(element, "href"): element.get("href") for element in self._links}
        if self._print(Changes(texts, alternatives | targets), addresses, identifier, attachments) != file:
            raise CannotReprint
        return self

    def print(
        self, root: Any, *, addresses: Mapping[str, str], identifier: bytes, attachments: Sequence[Attachment]
    ) -> bytes:
        """The file for another filled-in page.

        :param addresses: what each QR code says, by what stands in its place.
        :raises CannotReprint: if its layout could differ.
        """
        return self._print(Changes.between(self._sheet.root, root), addresses, identifier, attachments)

    def _print(
        self, changes: Changes, addresses: Mapping[str, str], identifier: bytes, attachments: Sequence[Attachment]
    ) -> bytes:
        retyped: dict[Any, Retyped] = {}
        for line, pieces in self._sheet.retyped(changes):
            retyped |= zip(line.pieces, pieces, strict=True)
        drawn = {box: Drawn.of(new.piece) for box, new in retyped.items()}
        replaced = [page.with_texts(drawn) for page in self._pages]
        replaced += self._fonts(drawn)
        replaced += self._changed_attributes(changes, retyped)
        replaced += [redrawing.code(addresses[place], code) for code, place in self._codes]
        replaced += [redrawing.file(old, new) for old, new in zip(self._files, attachments, strict=True)]
        info = pydyf.Dictionary(self._pdf.info)
        if title := changes.texts.get(Node(self._title, "text")):
            info["Title"] = pydyf.String(title)
            replaced.append(self._retitled(title))
        return self._written(replaced, info, identifier)

    def _fonts(self, drawn: Mapping[Any, Drawn]) -> list[Encoded]:
        fonts = redrawing.merged(self._pages, drawn)
        if list(fonts) != self._faces:
            raise CannotReprint
        return redrawing.font_objects(fonts, self._last_font_object)

    def _changed_attributes(self, changes: Changes, retyped: Mapping[Any, Retyped]) -> Iterator[pydyf.Object]:
        for element, name in changes.attributes:
            if name == "alt" and element in self._figures:
                yield redrawing.like(self._figures[element], Alt=pydyf.String(changes.attributes[element, name]))
            elif name != "href" or element not in self._links:
                raise CannotReprint
        moved = {new.holder.element: new.holder for new in retyped.values() if new.holder is not None}
        for element, (page, box) in self._links.items():
            if element in moved or (element, "href") in changes.attributes:
                address = changes.attributes.get((element, "href"), element.get("href"))
                yield redrawing.link(page, moved.get(element, box), box.link_annotation, address)

    def _retitled(self, title: str) -> pydyf.Stream:
        xml = self._metadata.stream[0].replace(_in_xml(self._title.text), _in_xml(title))
        stream = pydyf.Stream([xml], self._metadata.extra, self._metadata.compress)
        stream.number = self._metadata.number
        return stream

    def _written(self, replaced: Sequence[pydyf.Object], info: pydyf.Dictionary, identifier: bytes) -> bytes:
        pdf = pydyf.PDF()
        pdf.objects = list(self._objects)
        pdf.catalog, pdf.info = self._pdf.catalog, info
        for item in replaced:
            pdf.objects[item.number] = item if isinstance(item, Encoded) else Encoded.of(item)
        output = BytesIO()
        pdf.write(output, b"1.7", identifier, True)
        return output.getvalue()


def _in_xml(text: str) -> bytes:
    return escape(text).encode()


def _certain(pieces: list[Retyped] | None) -> list[Retyped]:
    if pieces is None:
        raise CannotReprint
    return pieces
