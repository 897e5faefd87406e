"""The gradebook as people read it: each trainee, each activity, and what arrived from the tool."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lms.sandbox import courses, demo, scores
from lms.sandbox.demo import COURSE, PEOPLE, Person, Role
from lms.sandbox.models import LineItem, Link, Result


@dataclass(frozen=True)
class Row:
    """One person in one column."""

    person: Person
    link: Link | None
    """The activity; nothing for a column that the tool made beside the activities."""
    column: str
    score: float | None
    maximum: float
    comment: str | None
    activity_progress: str
    grading_progress: str
    scored_at: datetime
    submitted_at: datetime | None
    attempts: int
    history: list[object]
    """Every score that stood here, the present one last."""
    item: LineItem


def rows(people: Iterable[Person] | None = None) -> list[Row]:
    """What these people have, or everybody, by column."""
    wanted = None if people is None else {person.id for person in people}
    links = {link.id: link for link in courses.all_links()}
    return [
        _row(item, result, links)
        for item, result in scores.of_everyone()
        if wanted is None or result.person_id in wanted
    ]


def table() -> list[tuple[Person, list[tuple[Link, Row | None]]]]:
    """Every trainee with every activity of the first course, graded or not, and with graded ones of the others."""
    found = {(row.person.id, row.link.id): row for row in rows() if row.link}
    trainees = [person for person in PEOPLE if person.role is Role.LEARNER]
    links = courses.all_links()
    return [
        (
            person,
            [
                (link, found.get((person.id, link.id)))
                for link in links
                if link.context_id == COURSE.number or (person.id, link.id) in found
            ],
        )
        for person in trainees
    ]


def further() -> list[Row]:
    """What stands in columns beside the activities."""
    return [row for row in rows() if row.link is None]


def of(person: Person) -> dict[str, Row]:
    """One person's results by activity."""
    return {row.link.slug: row for row in rows([person]) if row.link}


def _row(item: LineItem, result: Result, links: Mapping[int, Link]) -> Row:
    person = demo.person(result.person_id)
    if person is None:
        raise LookupError(result.person_id)
    return Row(
        person=person,
        link=links.get(item.link_id) if item.link_id is not None else None,
        column=item.label,
        score=result.score,
        maximum=item.score_maximum,
        comment=result.comment,
        activity_progress=result.activity_progress,
        grading_progress=result.grading_progress,
        scored_at=result.scored_at,
        submitted_at=result.submitted_at,
        attempts=result.attempts,
        history=result.history,
        item=item,
    )
