"""The text of a part of a QTI item: what is asked beside it, or said after it, is no text."""

from html import escape

from courses.exchange import markup
from courses.exchange.items import Remarks
from courses.exchange.xml_tree import Element

GAP = "_____"
INLINE = ("textentryinteraction", "inlinechoiceinteraction")
LEFT_OUT = frozenset(
    (
        "feedbackinline",
        "feedbackblock",
        "modalfeedback",
        "rubricblock",
        "stylesheet",
        "prompt",
        "templateblock",
        "templateinline",
    )
)


def shown(element: Element, remarks: Remarks) -> str:
    """The text inside an element. A gap that is filled in the text is shown as one."""
    pieces: list[str] = []
    waiting: list[Element | str] = list(reversed(_inside(element)))
    while waiting:
        here = waiting.pop()
        if isinstance(here, Element):
            waiting.extend(reversed(_opened(here, remarks)))
        else:
            pieces.append(here)
    return markup.from_html("".join(pieces), remarks)


def _opened(element: Element, remarks: Remarks) -> list[Element | str]:
    """An element as its tags, which are text already, around what is inside."""
    if element.name in INLINE:
        return [f" {GAP} "]
    if element.name.endswith("interaction") or element.name in LEFT_OUT:
        return []
    if element.name == "math":
        remarks.add("tex")
        return [escape(" ".join(element.text.split()))]
    inside = _inside(element)
    tag = "img" if element.name == "object" else element.name
    if tag not in markup.KEPT:
        return inside
    return [f"<{tag}{_attributes(element)}>", *inside, f"</{tag}>"]


def _inside(element: Element) -> list[Element | str]:
    return [escape(child, quote=False) if isinstance(child, str) else child for child in element.children]


def _attributes(element: Element) -> str:
    kept = {key: element.attributes[key] for key in ("alt", "href") if key in element.attributes}
    return "".join(f' {key}="{escape(value)}"' for key, value in kept.items())
