"""What people have done, read from the database in a fixed number of queries however many people there are."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, and_, select

from courses.models import Attempt, Grade, StepRead, Submission
from courses.rules import Done, Work
from lms.core.db import db


def of(enrolment_id: str) -> Done:
    """What one person has done."""
    return of_many([enrolment_id])[enrolment_id]


def of_many(enrolment_ids: Collection[str]) -> dict[str, Done]:
    """What each person has done; three queries."""
    gathered = {enrolment_id: _Gathered() for enrolment_id in enrolment_ids}
    for step in _rows(select(StepRead.enrolment_id, StepRead.unit_code, StepRead.section), StepRead, enrolment_ids):
        gathered[step.enrolment_id].read.add((step.unit_code, step.section))
    for attempt in _attempts(enrolment_ids):
        gathered[attempt.enrolment_id].add_attempt(attempt)
    for work in _works(enrolment_ids):
        gathered[work.enrolment_id].works[work.id] = _work(work)
    return {enrolment_id: each.done() for enrolment_id, each in gathered.items()}


@dataclass
class _Gathered:
    read: set[tuple[str, int]] = field(default_factory=set)
    tests: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    open_tests: set[str] = field(default_factory=set)
    works: dict[str, Work] = field(default_factory=dict)

    def add_attempt(self, attempt: Row[Any]) -> None:
        if attempt.finished_at is None:
            self.open_tests.add(attempt.unit_code)
        else:
            self.tests[attempt.unit_code].append(attempt.score_percent or 0)

    def done(self) -> Done:
        return Done(
            read=frozenset(self.read),
            tests={code: tuple(results) for code, results in self.tests.items()},
            open_tests=frozenset(self.open_tests),
            works=tuple(self.works.values()),
        )


def _rows(statement: Any, model: Any, enrolment_ids: Collection[str]) -> list[Row[Any]]:
    return list(db.session.execute(statement.where(model.enrolment_id.in_(enrolment_ids))).all())


def _attempts(enrolment_ids: Collection[str]) -> list[Row[Any]]:
    columns = select(Attempt.enrolment_id, Attempt.unit_code, Attempt.finished_at, Attempt.score_percent)
    return _rows(columns.order_by(Attempt.number), Attempt, enrolment_ids)


def _works(enrolment_ids: Collection[str]) -> list[Row[Any]]:
    """Each submission with each mark that is not held back, the newest last, so that it is the one that stays."""
    columns = select(
        Submission.id, Submission.enrolment_id, Submission.number, Submission.submitted_at, Grade.percent, Grade.comment
    )
    joined = columns.outerjoin(Grade, and_(Grade.submission_id == Submission.id, Grade.is_held.is_(False)))
    texts = joined.where(Submission.is_text).order_by(Submission.number, Grade.number)
    return _rows(texts, Submission, enrolment_ids)


def _work(row: Row[Any]) -> Work:
    return Work(
        submission_id=row.id,
        number=row.number,
        submitted_at=row.submitted_at,
        mark_percent=row.percent,
        comment=row.comment or "",
    )
