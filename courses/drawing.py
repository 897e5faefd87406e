"""Which questions an attempt asks. Pure: it follows from the seed of the attempt and the day on which it began.

Questions about the law wait for a review after their date, and are not asked until their text is published anew.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from courses.outline import Question, Unit
from courses.shuffling import by_seed


def is_waiting(question: Question, day: date) -> bool:
    """Whether a question waits for its review."""
    return question.review_by is not None and date.fromisoformat(question.review_by) < day


def waiting(unit: Unit, day: date) -> tuple[Question, ...]:
    """The questions of a unit that are not asked until somebody has looked at them."""
    return tuple(question for question in unit.questions if is_waiting(question, day))


def drawn(unit: Unit, *, seed: str, day: date) -> tuple[str, ...]:
    """Ids of the questions to ask, in the order of the authors. As many as the unit's test draws, or fewer if fewer can be asked.

    Each learning outcome gives the same number of questions, as far as it has them; who gives one more, the seed says.
    """
    possible = [question for question in unit.questions if not is_waiting(question, day)]
    most = unit.test.draw or len(possible)
    picked = {question.id for question in _in_turns(possible, seed=seed)[:most]}
    return tuple(question.id for question in unit.questions if question.id in picked)


def _in_turns(questions: Iterable[Question], *, seed: str) -> list[Question]:
    """One question of each outcome, then the second of each, and so on; outcomes and questions in an order by the seed."""
    by_outcome: defaultdict[int, int] = defaultdict(int)
    turns = []
    for place, question in enumerate(by_seed(questions, seed=seed, place="draw")):
        turns.append((by_outcome[question.outcome], place, question))
        by_outcome[question.outcome] += 1
    return [question for _turn, _place, question in sorted(turns, key=lambda turn: turn[:2])]
