"""QTI 1.2 as Canvas exports its classic quizzes (IMS QTI ASI 1.2): choice, statement, short answer, number, pairs."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from courses.exchange import fitting, markup
from courses.exchange.fitting import FULL, NOTHING
from courses.exchange.items import Draft, Found, Remarks, found
from courses.exchange.wording import Refused
from courses.exchange.xml_tree import Element

ROOT = "questestinterop"
TYPE_LABELS = ("question_type", "qmd_itemtype", "cc_profile")
EMPTY = Element("", {}, 0)


def read(root: Element, place: str) -> Iterator[Found]:
    """One entry for each item."""
    for number, item in enumerate(root.every("item"), 1):
        yield _found(item, f"{place}, item {number}")


def _found(item: Element, place: str) -> Found:
    title, key = item.attributes.get("title", ""), item.attributes.get("ident", "")
    return found(place, title or key, key, lambda remarks: _draft(item, remarks))


def _draft(item: Element, remarks: Remarks) -> Draft:
    presentation = item.first("presentation")
    kind = _type(item, presentation or EMPTY)
    if presentation is None or kind not in _READERS:
        raise Refused("type-not-here", type=kind[:40] or "unknown")
    flow = presentation.first("flow") or presentation
    text = "\n".join(part for part in (_material(flow, remarks),) if part)
    return _READERS[kind](_Item(item, flow), text, remarks)


class _Item:
    """An item with what its processing says: conditions, and comments by their names."""

    def __init__(self, item: Element, flow: Element) -> None:
        self.flow = flow
        processing = item.first("resprocessing") or EMPTY
        self.conditions = processing.elements("respcondition")
        self.comments = {each.attributes.get("ident", ""): each for each in item.elements("itemfeedback")}

    def right(self, response: str) -> list[str]:
        """What is compared where points are given, and not denied."""
        return [
            equal.text.strip()
            for condition in self.conditions
            if _points(condition) > 0
            for equal in _affirmed(condition)
            if equal.name == "varequal" and equal.attributes.get("respident", response) == response
        ]

    def comment(self, name: str, remarks: Remarks) -> str:
        """What is said to somebody who chose this."""
        for condition in self.conditions:
            equals = [each.text.strip() for each in _affirmed(condition) if each.name == "varequal"]
            if equals == [name] and (shown := condition.first("displayfeedback")):
                return _material(self.comments.get(shown.attributes.get("linkrefid", ""), EMPTY), remarks)
        return ""

    def explanation(self, remarks: Remarks) -> str:
        """What is said to everybody."""
        return _material(self.comments.get("general_fb", EMPTY), remarks)


def _choice(item: _Item, text: str, remarks: Remarks) -> Draft:
    asked = list(item.flow.every("response_lid"))
    if len(asked) != 1:
        raise Refused("several-interactions", count=len(asked))
    right = item.right(asked[0].attributes.get("ident", ""))
    answers = []
    for label in fitting.few(list(asked[0].every("response_label"))):
        name = label.attributes.get("ident", "")
        answers.append((_material(label, remarks), item.comment(name, remarks), FULL if name in right else NOTHING))
    is_single = asked[0].attributes.get("rcardinality", "Single").casefold() == "single"
    return fitting.choice(text, item.explanation(remarks), answers, remarks, is_single=is_single)


def _short(item: _Item, text: str, remarks: Remarks) -> Draft:
    asked = list(item.flow.every("response_str"))
    if len(asked) != 1:
        raise Refused("several-interactions", count=len(asked))
    right = item.right(asked[0].attributes.get("ident", ""))
    answers = [(markup.line_of(markup.plain(one, remarks)).replace("*", "\\*"), "", FULL) for one in right]
    return fitting.short(text, item.explanation(remarks), answers, remarks)


def _numeric(item: _Item, text: str, remarks: Remarks) -> Draft:
    """Exact, or between two limits; Canvas writes both: the number, and what is near enough."""
    answers = [_number(condition) for condition in item.conditions if _points(condition) > 0]
    return fitting.numeric(text, item.explanation(remarks), [one for one in answers if one], remarks)


def _number(condition: Element) -> tuple[Decimal, Decimal, Decimal]:
    compared = {each.name: fitting.number(each.text) for each in _affirmed(condition)}
    lowest = compared.get("vargte", compared.get("vargt"))
    highest = compared.get("varlte", compared.get("varlt"))
    if lowest is not None and highest is not None:
        middle = compared.get("varequal", (lowest + highest) / 2)
        if not lowest <= middle <= highest:
            raise Refused("several-numbers", count=2)
        return fitting.number(str(middle)), fitting.number(str(min(middle - lowest, highest - middle))), FULL
    if "varequal" not in compared:
        raise Refused("not-declared")
    return compared["varequal"], NOTHING, FULL


def _match(item: _Item, text: str, remarks: Remarks) -> Draft:
    pairs, used = [], set()
    labels: dict[str, str] = {}
    for asked in fitting.few(list(item.flow.every("response_lid"))):
        labels = {each.attributes.get("ident", ""): _material(each, remarks) for each in asked.every("response_label")}
        right = item.right(asked.attributes.get("ident", ""))
        if len(right) != 1 or right[0] not in labels:
            raise Refused("not-one-to-one")
        used.add(right[0])
        pairs.append((markup.line_of(_own_material(asked, remarks)), markup.line_of(labels[right[0]])))
    if len(used) < len(labels):
        remarks.add("extra-sides")
    return fitting.match(text, item.explanation(remarks), pairs, remarks)


_READERS: dict[str, Callable[[_Item, str, Remarks], Draft]] = {
    "multiple_choice_question": _choice,
    "multiple_answers_question": _choice,
    "true_false_question": _choice,
    "short_answer_question": _short,
    "numerical_question": _numeric,
    "matching_question": _match,
    "cc.multiple_choice.v0p1": _choice,
    "cc.multiple_response.v0p1": _choice,
    "cc.true_false.v0p1": _choice,
    "cc.fib.v0p1": _short,
    "multiple choice": _choice,
    "true/false": _choice,
}


def _type(item: Element, presentation: Element) -> str:
    """What the metadata calls it, or what it looks like."""
    for each in item.every("qtimetadatafield"):
        if each.text_of("fieldlabel") in TYPE_LABELS:
            return each.text_of("fieldentry").casefold()
    for label in item.every("qmd_itemtype"):
        return label.text.strip().casefold()
    asked = [
        each.name
        for each in presentation.every("response_lid", "response_str", "response_num", "response_xy", "response_grp")
    ]
    return "multiple choice" if asked == ["response_lid"] else "cc.fib.v0p1" if asked == ["response_str"] else ""


def _points(condition: Element) -> Decimal:
    most = NOTHING
    for each in condition.elements("setvar"):
        try:
            most = max(most, fitting.number(each.text))
        except Refused:
            continue
    return most


def _affirmed(condition: Element) -> list[Element]:
    """The comparisons that are not inside a ``not``."""
    compared: list[Element] = []
    waiting = [condition.first("conditionvar") or EMPTY]
    while waiting:
        here = waiting.pop(0)
        if here.name.startswith("var"):
            compared.append(here)
        elif here.name != "not":
            waiting.extend(here.elements())
    return compared


def _material(element: Element, remarks: Remarks) -> str:
    """All texts inside, but not those of what is asked below."""
    if element.name in ("response_label", "itemfeedback"):
        return _texts(list(element.every("mattext", "matimage")), remarks)
    return _own_material(element, remarks)


def _own_material(element: Element, remarks: Remarks) -> str:
    return _texts(
        [text for each in element.elements("material") for text in each.every("mattext", "matimage")], remarks
    )


def _texts(elements: list[Element], remarks: Remarks) -> str:
    if any(each.name == "matimage" for each in elements):
        remarks.add("picture")
    texts = (_text(each, remarks) for each in elements if each.name == "mattext")
    return "\n".join(text for text in texts if text)


def _text(element: Element, remarks: Remarks) -> str:
    if element.attributes.get("texttype", "text/plain") == "text/html":
        return markup.from_html(element.text, remarks)
    return markup.from_either(element.text, remarks)
