"""QTI 2.1, 2.2 and 3: one item with one thing to answer (1EdTech, "Assessment, Section and Item Information Model").

The versions differ in spelling, which :mod:`courses.exchange.xml_tree` evens out. Points follow ``responseDeclaration``: its
``correctResponse``, else its ``mapping``; what ``responseProcessing`` computes beyond that is not followed.
"""

from collections.abc import Callable
from decimal import Decimal

from courses.exchange import fitting, markup
from courses.exchange.fitting import FULL, NOTHING, Weighted
from courses.exchange.items import Draft, Found, Remarks, found
from courses.exchange.qti_text import GAP, shown
from courses.exchange.wording import Refused
from courses.exchange.xml_tree import Element

ROOT = "assessmentitem"
NUMBERS = ("integer", "float")
NO_ANSWER = ("endattemptinteraction", "mediainteraction")
"""Asks for a hint, or plays a film."""
EMPTY = Element("", {}, 0)


def read(item: Element, place: str) -> Found:
    """The entry of one item."""
    identifier = item.attributes.get("identifier", "")
    title = item.attributes.get("title", "") or identifier
    return found(place, title, identifier, lambda remarks: _draft(item, remarks))


def _draft(item: Element, remarks: Remarks) -> Draft:
    if any(item.every("templatedeclaration", "templateprocessing")):
        raise Refused("not-declared")
    interaction = _interaction(item, remarks)
    if interaction.name not in _READERS:
        raise Refused("type-not-here", type=interaction.name.removesuffix("interaction") or "unknown")
    if any(item.every("modalfeedback", "feedbackblock")):
        remarks.add("feedback")
    body = shown(item.first("itembody") or EMPTY, remarks)
    prompt = shown(interaction.first("prompt") or EMPTY, remarks)
    text = "\n".join(part for part in (body.removesuffix(GAP).strip(), prompt) if part)
    if GAP in text:
        remarks.add("gap")
    return _READERS[interaction.name](interaction, _Declared(item, interaction), text, remarks)


def _interaction(item: Element, remarks: Remarks) -> Element:
    body = item.first("itembody")
    every = [each for each in _elements(body) if each.name.endswith("interaction")] if body else []
    asked = [each for each in every if each.name not in NO_ANSWER]
    if len(asked) < len(every):
        remarks.add("media" if any(each.name == "mediainteraction" for each in every) else "hints")
    if not asked:
        raise Refused("no-interaction")
    if len(asked) > 1:
        raise Refused("several-interactions", count=len(asked))
    return asked[0]


def _elements(within: Element) -> list[Element]:
    every, waiting = [], [within]
    while waiting:
        here = waiting.pop()
        every.append(here)
        waiting.extend(reversed(here.elements()))
    return every


class _Declared:
    """What an item declares to be right."""

    def __init__(self, item: Element, interaction: Element) -> None:
        wanted = interaction.attributes.get("responseidentifier", "")
        declarations = item.elements("responsedeclaration")
        here = next((each for each in declarations if each.attributes.get("identifier") == wanted), EMPTY)
        self.item = item
        self.cardinality = here.attributes.get("cardinality", "")
        self.base_type = here.attributes.get("basetype", "")
        correct = here.first("correctresponse") or EMPTY
        self.correct = [" ".join(value.text.split()) for value in correct.elements("value") if value.text.strip()]
        mapping = here.first("mapping") or EMPTY
        self.entries = mapping.elements("mapentry")
        self.mapped = [(each.attributes.get("mapkey", "").strip(), _points(each)) for each in self.entries]

    def shares(self) -> dict[str, Decimal]:
        """How much of the points each response brings, in percent."""
        if self.correct:
            return dict.fromkeys(self.correct, FULL)
        most = max((points for _key, points in self.mapped), default=NOTHING)
        if most <= 0:
            raise Refused("not-declared")
        return {key: points * 100 / most for key, points in self.mapped if points > 0}

    def right(self) -> list[str]:
        """The right responses in their order."""
        if not self.correct and not self.mapped:
            raise Refused("not-declared")
        return self.correct or [key for key, points in self.mapped if points > 0]


def _points(entry: Element) -> Decimal:
    """A float of the schema, which Decimal would keep to any length."""
    try:
        return fitting.number(entry.attributes.get("mappedvalue", "0"))
    except Refused:
        raise Refused("broken", what="the points of a mapping") from None


def _choice(interaction: Element, declared: _Declared, text: str, remarks: Remarks) -> Draft:
    is_single = declared.cardinality == "single"
    shares = declared.shares()
    answers = [
        (*_answer(each, remarks), shares.get(each.attributes.get("identifier", ""), NOTHING))
        for each in fitting.few(interaction.elements("simplechoice", "inlinechoice"))
    ]
    if interaction.attributes.get("shuffle", "false") != "true" and interaction.name == "choiceinteraction":
        remarks.add("shuffle")
    return fitting.choice(text, "", answers, remarks, is_single=is_single)


def _answer(choice: Element, remarks: Remarks) -> tuple[str, str]:
    said = [shown(each, remarks) for each in choice.every("feedbackinline")]
    return shown(choice, remarks), "\n".join(one for one in said if one)


def _order(interaction: Element, declared: _Declared, text: str, remarks: Remarks) -> Draft:
    names = {
        each.attributes.get("identifier", ""): _line(each, remarks)
        for each in fitting.few(interaction.elements("simplechoice"))
    }
    right = declared.correct
    if not right:
        raise Refused("not-declared")
    if sorted(right) != sorted(names):
        raise Refused("broken", what="the right order names other things than there are")
    return fitting.checked(Draft(type="order", text=text, items=tuple(names[name] for name in right)))


def _match(interaction: Element, declared: _Declared, text: str, remarks: Remarks) -> Draft:
    left, right = ([*_sets(interaction, remarks), {}, {}])[:2]
    joined = [tuple(pair.split()) for pair in declared.right()]
    if any(len(pair) != 2 or pair[0] not in left or pair[1] not in right for pair in joined):
        raise Refused("broken", what="a right pair names what there is not")
    if len({one for one, _other in joined}) < len(joined) or set(left) != {one for one, _other in joined}:
        raise Refused("not-one-to-one")
    if len({other for _one, other in joined}) < len(joined):
        raise Refused("not-one-to-one")
    if len(right) > len(joined):
        remarks.add("extra-sides")
    return fitting.match(text, "", [(left[one], right[other]) for one, other in joined], remarks)


def _sets(interaction: Element, remarks: Remarks) -> list[dict[str, str]]:
    return [
        {
            each.attributes.get("identifier", ""): _line(each, remarks)
            for each in fitting.few(one.elements("simpleassociablechoice"))
        }
        for one in interaction.elements("simplematchset")
    ]


def _typed(_interaction: Element, declared: _Declared, text: str, remarks: Remarks) -> Draft:
    if declared.base_type in NUMBERS:
        return _numeric(_interaction, declared, text, remarks)
    if declared.base_type != "string":
        raise Refused("not-declared")
    if any(entry.attributes.get("casesensitive") == "true" for entry in declared.entries):
        remarks.add("case")
    shares: dict[str, Decimal] = {**(declared.shares() if declared.correct else {})}
    most = max((points for _key, points in declared.mapped), default=NOTHING)
    for key, points in declared.mapped:
        shares.setdefault(key, points * 100 / most if most > 0 else NOTHING)
    answers: list[Weighted] = [(markup.line_of(markup.plain(key, remarks)), "", share) for key, share in shares.items()]
    if not answers:
        raise Refused("not-declared")
    # A star is a star here; only Moodle's formats have patterns.
    return fitting.short(text, "", [(key.replace("*", "\\*"), said, share) for key, said, share in answers], remarks)


def _numeric(_interaction: Element, declared: _Declared, text: str, remarks: Remarks) -> Draft:
    values = [(fitting.number(value), share) for value, share in declared.shares().items()]
    answers = [(value, _tolerance(declared.item, value), share) for value, share in values]
    return fitting.numeric(text, "", answers, remarks)


def _tolerance(item: Element, value: Decimal) -> Decimal:
    """What ``<equal toleranceMode>`` of the response processing allows on either side; the smaller one if they differ."""
    for equal in item.every("equal"):
        sides = [fitting.number(side) for side in equal.attributes.get("tolerance", "").split()]
        mode = equal.attributes.get("tolerancemode", "exact")
        if sides and mode == "absolute":
            return min(sides)
        if sides and mode == "relative":
            return fitting.number(str(abs(value) * min(sides) / 100))
    return NOTHING


def _line(element: Element, remarks: Remarks) -> str:
    return markup.line_of(shown(element, remarks))


_READERS: dict[str, Callable[[Element, _Declared, str, Remarks], Draft]] = {
    "choiceinteraction": _choice,
    "inlinechoiceinteraction": _choice,
    "orderinteraction": _order,
    "matchinteraction": _match,
    "textentryinteraction": _typed,
    "sliderinteraction": _numeric,
}
