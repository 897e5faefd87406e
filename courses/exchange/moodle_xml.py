"""Moodle XML: the whole of a question bank (https://docs.moodle.org/en/Moodle_XML_format)."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from courses.exchange import fitting, markup
from courses.exchange.fitting import FULL, NOTHING, Weighted
from courses.exchange.items import Draft, Found, Remarks, found, refused
from courses.exchange.wording import Refused
from courses.exchange.xml_tree import Element, Tree

NO_QUESTION = "category"
EMPTY = Element("", {}, 0)
Answer = tuple[Decimal, Decimal, Decimal]


def read(tree: Tree) -> Iterator[Found]:
    """One entry for each question; a category is none."""
    questions = [each for each in tree.root.elements("question") if each.attributes.get("type") != NO_QUESTION]
    for number, question in enumerate(questions, 1):
        yield _found(number, question)
    if tree.broken_line:
        yield refused(f"line {tree.broken_line}", "", "cut-off", line=tree.broken_line)


def _found(number: int, question: Element) -> Found:
    name = _inner(question, "name")
    key = question.text_of("idnumber")
    return found(f"question {number}, line {question.line}", name, key, lambda remarks: _draft(question, remarks))


def _draft(question: Element, remarks: Remarks) -> Draft:
    kind = question.attributes.get("type", "")
    if kind not in _READERS:
        raise Refused("type-not-here", type=kind[:40] or "without a name")
    if any(each.text.strip() for each in question.elements("hint")):
        remarks.add("hints")
    text = _text(question, "questiontext", remarks)
    return _READERS[kind](question, text, _text(question, "generalfeedback", remarks), remarks)


def _choice(question: Element, text: str, explanation: str, remarks: Remarks) -> Draft:
    is_single = question.text_of("single").lower() in ("true", "1")
    if question.text_of("shuffleanswers").lower() in ("false", "0"):
        remarks.add("shuffle")
    _note_combined_feedback(question, remarks)
    return fitting.choice(text, explanation, _answers(question, remarks), remarks, is_single=is_single)


def _all_or_nothing(question: Element, text: str, explanation: str, remarks: Remarks) -> Draft:
    remarks.add("all-or-nothing")
    return fitting.choice(text, explanation, _answers(question, remarks), remarks, is_single=False)


def _truth(question: Element, text: str, explanation: str, remarks: Remarks) -> Draft:
    answers = {answer.lower(): (said, share) for answer, said, share in _answers(question, remarks)}
    if set(answers) != {"true", "false"}:
        raise Refused("broken", what="a statement without the answers true and false")
    if answers["true"][1] == answers["false"][1]:
        raise Refused("no-answer")
    is_true = answers["true"][1] > answers["false"][1]
    return fitting.truth(text, explanation, is_true=is_true, feedback=(answers["true"][0], answers["false"][0]))


def _short(question: Element, text: str, explanation: str, remarks: Remarks) -> Draft:
    if question.text_of("usecase") in ("1", "true"):
        remarks.add("case")
    return fitting.short(text, explanation, _answers(question, remarks), remarks)


def _numeric(question: Element, text: str, explanation: str, remarks: Remarks) -> Draft:
    elements = [each for each in question.elements("answer") if _own(each).strip() != "*"]
    if any(_inner(each, "feedback") for each in question.elements("answer")):
        remarks.add("feedback")
    return fitting.numeric(
        text, explanation, [_number(each) for each in elements], remarks, unit=_unit(question, remarks)
    )


def _number(answer: Element) -> Answer:
    share = _share(answer)
    if share < FULL:
        return NOTHING, NOTHING, share
    tolerance = answer.text_of("tolerance")
    return fitting.number(_own(answer)), fitting.number(tolerance) if tolerance else NOTHING, share


def _unit(question: Element, remarks: Remarks) -> str:
    units = [unit for group in question.elements("units") for unit in group.elements("unit")]
    plain = [unit.text_of("unit_name") for unit in units if _is_one(unit.text_of("multiplier"))]
    if len(units) > 1:
        remarks.add("units")
    return markup.line_of(markup.plain(plain[0], remarks)) if plain else ""


def _is_one(multiplier: str) -> bool:
    try:
        return not multiplier or fitting.number(multiplier) == 1
    except Refused:
        return False


def _match(question: Element, text: str, explanation: str, remarks: Remarks) -> Draft:
    _note_combined_feedback(question, remarks)
    pairs = []
    for each in fitting.few(question.elements("subquestion")):
        right = _inner(each.first("answer") or EMPTY)
        pairs.append((markup.line_of(_shown(each, remarks)), markup.line_of(markup.from_either(right, remarks))))
    return fitting.match(text, explanation, [pair for pair in pairs if any(pair)], remarks)


def _order(question: Element, text: str, explanation: str, remarks: Remarks) -> Draft:
    _note_combined_feedback(question, remarks)
    items = tuple(markup.line_of(_shown(each, remarks)) for each in fitting.few(question.elements("answer")))
    return fitting.checked(Draft(type="order", text=text, explanation=explanation, items=items))


_READERS: dict[str, Callable[[Element, str, str, Remarks], Draft]] = {
    "multichoice": _choice,
    "multichoiceset": _all_or_nothing,
    "truefalse": _truth,
    "shortanswer": _short,
    "numerical": _numeric,
    "matching": _match,
    "match": _match,
    "ordering": _order,
}


def _answers(question: Element, remarks: Remarks) -> list[Weighted]:
    found_ones = []
    for each in fitting.few(question.elements("answer")):
        feedback = each.first("feedback")
        said = _shown(feedback, remarks) if feedback else ""
        found_ones.append((_shown(each, remarks), said, _share(each)))
    return found_ones


def _share(answer: Element) -> Decimal:
    written = answer.attributes.get("fraction", "") or answer.text_of("fraction")
    try:
        return Decimal(written.strip().replace(",", ".") or 0) if len(written) < 30 else NOTHING
    except ArithmeticError:
        raise Refused("broken", what=f"the points of an answer, {written[:20]!r}") from None


def _note_combined_feedback(question: Element, remarks: Remarks) -> None:
    """What is said to everybody who was right. Moodle writes a sentence of its own there, so only others are remarked."""
    for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
        said = markup.plain(_inner(question, name), Remarks())
        if said and not said.startswith(
            ("Your answer is", "Ваш ответ", "<p>Your answer", "<p>Ваш ответ", "Die Antwort ist")
        ):
            remarks.add("feedback")


def _text(question: Element, name: str, remarks: Remarks) -> str:
    element = question.first(name)
    return _shown(element, remarks) if element else ""


def _shown(element: Element, remarks: Remarks) -> str:
    """The text of an element in its format; pictures lie beside it as files."""
    if element.elements("file"):
        remarks.add("picture")
    written, kind = _own(element), element.attributes.get("format", "")
    if kind == "html":
        return markup.from_html(written, remarks)
    if kind in ("plain_text", "markdown"):
        return markup.plain(written, remarks)
    return markup.from_either(written, remarks)


def _inner(element: Element, name: str = "") -> str:
    inner = element.first(name) if name else element
    return _own(inner).strip() if inner else ""


def _own(element: Element) -> str:
    """What stands in ``<text>``; the oldest exports put it into the element itself, and raw markup sometimes stands there."""
    text = element.first("text")
    return text.text if text else "".join(child for child in element.children if isinstance(child, str))
