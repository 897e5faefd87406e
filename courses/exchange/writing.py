"""Questions of ours for other systems, in one language: as GIFT and as Moodle XML. What a format cannot hold is said.

Points are those of Bilim: in *multiple* each right choice brings its share and each wrong one takes as much away.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from xml.sax.saxutils import escape, quoteattr

from courses.exchange.gift import FORMAT, SIGNS, WEIGHT
from courses.outline import Option, Question

FORMATS = ("gift", "moodle-xml")
ESCAPED = {ord(sign): f"\\{sign}" for sign in SIGNS if sign != "n"} | {ord("\n"): "\\n", ord("\r"): ""}


@dataclass(frozen=True)
class Written:
    """A file for another system."""

    text: str
    count: int
    said: tuple[str, ...]
    """Questions that are not in it, and what of the others is not, each with its id."""


class NotHeld(Exception):
    """The format has no place for this."""


def write(questions: Iterable[Question], language: str, *, form: str) -> Written:
    """The questions in one language as GIFT or Moodle XML."""
    one, around = _FORMS[form]
    pieces, said = [], []
    for question in questions:
        try:
            pieces.append(one(question, language))
        except NotHeld as reason:
            said.append(f"{question.id}: left out: {reason}")
        else:
            said.extend(f"{question.id}: {lost}" for lost in _lost(question, language, form))
    return Written(around("".join(pieces)), len(pieces), tuple(said))


def _lost(question: Question, language: str, form: str) -> list[str]:
    lost = []
    if form == "gift" and question.unit:
        lost.append(f"the unit ({question.unit[language]}) is not in GIFT")
    if form == "gift" and question.type in ("match", "short") and "->" in str((question.pairs, question.accepted)):
        lost.append("-> became →")
    if any(texts != question.accepted[language] for texts in question.accepted.values()):
        lost.append("answers accepted in other languages are not in it")
    return lost


def _gift(question: Question, language: str) -> str:
    head = f"// [id:{question.id}]\n::{_escaped(question.id)}::[plain]{question.text[language].translate(ESCAPED)}{{\n"
    answers = "".join(f"\t{line}\n" for line in _gift_answers(question, language))
    explanation = question.explanation[language]
    general = f"\t####{_escaped(explanation)}\n" if explanation else ""
    return f"{head}{answers}{general}}}\n\n"


def _gift_answers(question: Question, language: str) -> list[str]:
    if question.type in ("single", "multiple"):
        return [_gift_option(option, share, question, language) for option, share in _shares(question)]
    if question.type == "numeric":
        return [f"#{_plain(question.answer)}:{_plain(question.tolerance)}"]
    if question.type == "match":
        return [f"={_arrowless(pair.left[language])} -> {_arrowless(pair.right[language])}" for pair in question.pairs]
    if question.type == "short":
        return [f"=%100%{_arrowless(text.replace('*', chr(92) + '*'))}#" for text in question.accepted[language]]
    raise NotHeld(f"GIFT has no questions of the type {question.type}")


def _gift_option(option: Option, share: Decimal, question: Question, language: str) -> str:
    text = option.text[language]
    if WEIGHT.match(text):
        raise NotHeld("an answer begins like a weight of GIFT")
    mark = "=" if question.type == "single" and option.is_correct else "~"
    weight = "" if question.type == "single" else f"%{share}%"
    return f"{mark}{weight}{_escaped(text)}#{_escaped(option.feedback[language])}"


def _escaped(text: str) -> str:
    """A text that begins with the name of a format gets one of its own before it."""
    return f"{'[plain]' if FORMAT.match(text) else ''}{text.translate(ESCAPED)}"


def _arrowless(text: str) -> str:
    """An arrow is what parts the sides, and cannot be escaped."""
    return _escaped(text.replace("->", "→"))


def _gift_file(pieces: str) -> str:
    return pieces


def _moodle(question: Question, language: str) -> str:
    kind, answers = _moodle_answers(question, language)
    return (
        f"  <question type={quoteattr(kind)}>\n"
        f"    <name>{_text(question.id)}</name>\n"
        f'    <questiontext format="plain_text">{_text(question.text[language])}</questiontext>\n'
        f'    <generalfeedback format="plain_text">{_text(question.explanation[language])}</generalfeedback>\n'
        f"    <defaultgrade>1</defaultgrade>\n    <penalty>0</penalty>\n    <hidden>0</hidden>\n"
        f"    <idnumber>{_clean(question.id)}</idnumber>\n{answers}  </question>\n"
    )


def _moodle_answers(question: Question, language: str) -> tuple[str, str]:
    if question.type in ("single", "multiple"):
        return "multichoice", _moodle_options(question, language)
    if question.type == "numeric":
        return "numerical", _moodle_number(question, language)
    if question.type == "match":
        pairs = "".join(
            f'    <subquestion format="plain_text">{_text(pair.left[language])}'
            f"<answer>{_text(pair.right[language])}</answer></subquestion>\n"
            for pair in question.pairs
        )
        return "matching", f"    <shuffleanswers>true</shuffleanswers>\n{pairs}"
    if question.type == "short":
        accepted = (_answer(Decimal(100), text.replace("*", "\\*"), "") for text in question.accepted[language])
        return "shortanswer", "    <usecase>0</usecase>\n" + "".join(accepted)
    if question.type == "order":
        return "ordering", _moodle_order(question, language)
    raise NotHeld(f"Moodle has no questions of the type {question.type}")


def _moodle_options(question: Question, language: str) -> str:
    is_single = str(question.type == "single").lower()
    head = f"    <single>{is_single}</single>\n    <shuffleanswers>true</shuffleanswers>\n    <answernumbering>abc</answernumbering>\n"
    shares = _shares(question)
    return head + "".join(_answer(share, option.text[language], option.feedback[language]) for option, share in shares)


def _moodle_number(question: Question, language: str) -> str:
    tolerance = f"      <tolerance>{_plain(question.tolerance)}</tolerance>\n"
    answer = _answer(Decimal(100), _plain(question.answer), "").replace("    </answer>", f"{tolerance}    </answer>")
    if not question.unit:
        return answer
    name = _clean(question.unit[language])
    unit = f"<unit><multiplier>1</multiplier><unit_name>{name}</unit_name></unit>"
    # 0: the unit need not be written (unitgradingtype of Moodle's numerical question).
    return f"{answer}    <unitgradingtype>0</unitgradingtype>\n    <units>{unit}</units>\n"


def _moodle_order(question: Question, language: str) -> str:
    settings = {
        "layouttype": "VERTICAL",
        "selecttype": "ALL",
        "selectcount": "0",
        "gradingtype": "RELATIVE_ALL_PREVIOUS_AND_NEXT",
        "showgrading": "HIDE",
        "numberingstyle": "none",
        "shownumcorrect": "0",
    }
    head = "".join(f"    <{name}>{value}</{name}>\n" for name, value in settings.items())
    places = (_answer(Decimal(place), item.text[language], "") for place, item in enumerate(question.items, 1))
    return head + "".join(places)


def _answer(share: Decimal, text: str, feedback: str) -> str:
    said = f'      <feedback format="plain_text">{_text(feedback)}</feedback>\n'
    return f'    <answer fraction="{share}" format="plain_text">\n      {_text(text)}\n{said}    </answer>\n'


def _text(text: str) -> str:
    return f"<text>{_clean(text)}</text>"


def _clean(text: str) -> str:
    return escape(text)


def _moodle_file(pieces: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{pieces}</quiz>\n'


def _shares(question: Question) -> list[tuple[Option, Decimal]]:
    """Options with their points in percent, as Moodle knows them: 33.33333."""
    if question.type == "single":
        return [(option, Decimal(100 if option.is_correct else 0)) for option in question.options]
    right = sum(option.is_correct for option in question.options)
    share = (Decimal(100) / right).quantize(Decimal("1.00000"), rounding=ROUND_HALF_UP)
    plain = Decimal(_plain(share))
    return [(option, plain if option.is_correct else -plain) for option in question.options]


def _plain(number: Decimal | None) -> str:
    text = format(number or Decimal(0), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_FORMS: dict[str, tuple[Callable[[Question, str], str], Callable[[str], str]]] = {
    "gift": (_gift, _gift_file),
    "moodle-xml": (_moodle, _moodle_file),
}
