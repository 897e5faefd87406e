"""Questions of every type, for tests of rules that need no database."""

from pathlib import Path

from courses.authoring import read_module
from courses.outline import Question

BRIDGES = Path(__file__).parent / "types" / "bridges"
CROSSING_UNIT = read_module(BRIDGES).published_units[0]
CROSSING = CROSSING_UNIT.questions
RIGHT: dict[str, tuple[str, ...]] = {
    "br1-q01": ("look=1", "measure=2", "write=3", "tell=4"),
    "br1-q02": ("pier=pier", "deck=deck", "rail=rail"),
    "br1-q03": ("Акт осмотра",),
    "br1-q04": ("s1=a", "s2=b"),
    "br1-q05": ("16 м",),
    "br1-q06": ("a", "b"),
    "br1-q07": ("a",),
}
"""The right answer to each question of the module, as it is kept."""


def asked(question_id: str) -> Question:
    """One question of the module."""
    return next(question for question in CROSSING if question.id == question_id)
