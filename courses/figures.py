"""SVG pictures of lessons: what they may contain. They are our authors' files, and still cannot run or fetch anything."""

import re
import xml.etree.ElementTree as ElementTree

LARGEST_BYTES = 40_000
REFUSED_TAGS = frozenset({"script", "foreignObject", "iframe", "object", "embed", "image", "animate", "set", "handler"})
FOREIGN = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(", re.IGNORECASE)


def mistake_in(svg: str) -> str | None:
    """Why the picture cannot be used, or None if it can."""
    if len(svg.encode()) > LARGEST_BYTES:
        return f"the picture is larger than {LARGEST_BYTES} bytes"
    if "<!DOCTYPE" in svg or "<!ENTITY" in svg:
        return "the picture must not have a DOCTYPE or entities"
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314  entities are refused above
    except ElementTree.ParseError as error:
        return f"the picture is not well-formed XML (line {error.position[0]})"
    if _local(root.tag) != "svg":
        return "the picture must be an <svg>"
    return next((mistake for element in root.iter() if (mistake := _mistake_in_element(element))), None)


def _mistake_in_element(element: ElementTree.Element) -> str | None:
    if _local(element.tag) in REFUSED_TAGS:
        return f"the picture must not contain <{_local(element.tag)}>"
    if FOREIGN.search(element.text or "") and _local(element.tag) == "style":
        return "the picture must not load anything"
    for name, value in element.attrib.items():
        if _local(name).lower().startswith("on"):
            return f"the picture must not have the attribute {_local(name)}"
        if _local(name) == "href" and not value.startswith("#"):
            return "the picture must not refer to anything outside itself"
        if FOREIGN.search(value):
            return "the picture must not load anything"
    return None


def _local(name: str) -> str:
    return name.rpartition("}")[2]
