"""The questions of a unit with what the first attempts of a course say about them; a fixed number of queries.

Only first attempts count: afterwards people have read what was right, and each person would count more than once. An
answer is scored by the question as it was when it was asked; a question whose id is not taught any more is left out.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from courses import catalogue, enrolment, grouping, item_statistics
from courses.catalogue import Edition
from courses.item_statistics import Figures, Response
from courses.models import Answer, Attempt, Enrolment
from courses.outline import Question, Unit
from courses.questions import Given, score
from lms.core.db import db
from lms.lti.models import LaunchSession


@dataclass(frozen=True)
class Item:
    """One question and its figures."""

    question: Question
    figures: Figures


@dataclass(frozen=True)
class _Answered:
    given: Given
    language: str | None


def of_unit(launch: LaunchSession, edition: Edition, unit: Unit, *, group_id: str | None = None) -> list[Item]:
    """Each question of the unit as it is taught now."""
    attempts = _attempts(launch, edition, unit, group_id)
    answers = _answers([row.id for row in attempts]) if attempts else {}
    versions = catalogue.editions({(edition.module_id, row.version_id) for row in attempts})
    responses: defaultdict[str, list[Response]] = defaultdict(list)
    for row in attempts:
        asked = _asked(versions[row.version_id], unit.code, row.asked)
        for question_id, response in _responses(asked, answers.get(row.id, {})):
            responses[question_id].append(response)
    return [Item(question, item_statistics.figures(responses[question.id])) for question in unit.questions]


def _attempts(launch: LaunchSession, edition: Edition, unit: Unit, group_id: str | None) -> list[Row[Any]]:
    here = [*enrolment.seen_from(launch, edition), *grouping.in_group(group_id)]
    chosen = select(Attempt.id, Attempt.version_id, Attempt.asked).join(Enrolment, Enrolment.id == Attempt.enrolment_id)
    first = chosen.where(Attempt.unit_code == unit.code, Attempt.number == 1, Attempt.finished_at.is_not(None))
    return list(db.session.execute(first.where(*here)).all())


def _answers(attempt_ids: list[str]) -> dict[str, dict[str, _Answered]]:
    found: defaultdict[str, dict[str, _Answered]] = defaultdict(dict)
    columns = select(Answer.attempt_id, Answer.question_id, Answer.given, Answer.language)
    for row in db.session.execute(columns.where(Answer.attempt_id.in_(attempt_ids))):
        found[row.attempt_id][row.question_id] = _Answered(tuple(row.given), row.language)
    return found


def _asked(version: Edition, unit_code: str, asked: list[str] | None) -> list[Question]:
    questions = next((unit.questions for unit in version.outline.units if unit.code == unit_code), ())
    return [question for question in questions if asked is None or question.id in asked]


def _responses(asked: list[Question], answers: Mapping[str, _Answered]) -> list[tuple[str, Response]]:
    nothing = _Answered((), None)
    scores = {question.id: float(score(question, answers.get(question.id, nothing).given)) for question in asked}
    total, others = sum(scores.values()), max(len(asked) - 1, 1)
    return [
        (
            question.id,
            Response(
                scores[question.id],
                (total - scores[question.id]) / others,
                answers.get(question.id, nothing).given,
                answers.get(question.id, nothing).language,
            ),
        )
        for question in asked
    ]
