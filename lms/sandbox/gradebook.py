"""The gradebook as people read it: each trainee, each activity, and what arrived from the tool."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lms.sandbox import demo, scores
from lms.sandbox.demo import MODULES, PEOPLE, Module, Person, Role
from lms.sandbox.models import LineItem, Result


@dataclass(frozen=True)
class Row:
    """One person in one column."""

    person: Person
    module: Module | None
    """The activity; nothing for a column that the tool made beside the activities."""
    column: str
    score: float | None
    maximum: float
    comment: str | None
    activity_progress: str
    grading_progress: str
    scored_at: datetime


def rows(people: Iterable[Person] = PEOPLE) -> list[Row]:
    """What these people have, by column."""
    wanted = {person.id: person for person in people}
    return [
        _row(wanted[result.person_id], item, result)
        for item, result in scores.of_everyone()
        if result.person_id in wanted
    ]


def table() -> list[tuple[Person, list[tuple[Module, Row | None]]]]:
    """Every trainee with every activity, whether graded or not."""
    found = {(row.person.id, row.module.slug): row for row in rows() if row.module}
    trainees = [person for person in PEOPLE if person.role is Role.LEARNER]
    return [(person, [(module, found.get((person.id, module.slug))) for module in MODULES]) for person in trainees]


def further() -> list[Row]:
    """What stands in columns beside the activities."""
    return [row for row in rows() if row.module is None]


def of(person: Person) -> dict[str, Row]:
    """One person's results by activity."""
    return {row.module.slug: row for row in rows([person]) if row.module}


def _row(person: Person, item: LineItem, result: Result) -> Row:
    return Row(
        person=person,
        module=demo.module(item.module_slug),
        column=item.label,
        score=result.score,
        maximum=item.score_maximum,
        comment=result.comment,
        activity_progress=result.activity_progress,
        grading_progress=result.grading_progress,
        scored_at=result.scored_at,
    )
