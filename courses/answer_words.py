"""An answer in words, as its reader would say it: for pages that show an answer without its question's form."""

from courses import questions
from courses.outline import Option, Question
from courses.questions import Given
from lms.core.i18n import pick


def of(question: Question, given: Given) -> list[str]:
    """One line for each part of the answer; none for an empty answer."""
    if question.type in questions.TYPED:
        return list(given)
    if question.type in questions.PAIRED:
        return _parts(question, questions.chosen(given))
    return [pick(option.text) for option in question.options if option.id in given]


def _parts(question: Question, parts: dict[str, str]) -> list[str]:
    rights = {pair.id: pick(pair.right) for pair in question.pairs}
    placed = sorted((parts[item.id], pick(item.text)) for item in question.items if item.id in parts)
    return [
        *(f"{place}. {text}" for place, text in placed),
        *(f"{pick(pair.left)} – {rights[parts[pair.id]]}" for pair in question.pairs if pair.id in parts),
        *(pick(_option(step.options, parts[step.id]).text) for step in question.steps if step.id in parts),
    ]


def _option(options: tuple[Option, ...], option_id: str) -> Option:
    return next(option for option in options if option.id == option_id)
