"""The door for others: what a person completed, as frozen values. Certificates read this and nothing else of courses."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from courses import catalogue, progress, rules
from courses.catalogue import Edition
from courses.models import Completion, Enrolment, Module
from courses.outline import Texts
from courses.rules import RuleState
from lms.core.db import db

__all__ = ["CourseRecord", "RuleState", "of_person", "record_of", "records_of"]


@dataclass(frozen=True, kw_only=True)
class CourseRecord:
    """What one person has done in one module. ``id`` is the enrolment's."""

    id: str
    person_id: str
    is_test_user: bool
    """Made to look around, by a platform's test user or an instructor: nothing is certified."""
    module_slug: str
    module_code: str
    series: str
    titles: Texts
    hours: int
    """Academic hours of the units that could be read in the version that was completed."""
    score_percent: int | None
    completed_at: datetime | None
    rules: tuple[RuleState, ...]
    organisation_code: str | None
    """The organisation that answers for the programme; None where a platform is not yet assigned to one."""


def record_of(enrolment_id: str) -> CourseRecord | None:
    """The record of one enrolment."""
    return records_of([enrolment_id]).get(enrolment_id)


def records_of(enrolment_ids: Collection[str]) -> dict[str, CourseRecord]:
    """The records of many enrolments, in a fixed number of queries."""
    return {record.id: record for record in _records(Enrolment.id.in_(enrolment_ids))}


def of_person(person_id: str) -> list[CourseRecord]:
    """All records of one person, in the order they were begun."""
    return _records(Enrolment.person_id == person_id)


def _records(condition: ColumnElement[bool]) -> list[CourseRecord]:
    rows = [
        _Found(*row)
        for row in db.session.execute(
            select(Enrolment, Completion, Module.current_version_id)
            .join(Module, Module.id == Enrolment.module_id)
            .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
            .where(condition)
            .order_by(Enrolment.started_at)
        )
    ]
    done = progress.of_many([row.enrolment.id for row in rows])
    editions = catalogue.editions({(row.enrolment.module_id, row.version_id) for row in rows})
    return [_record(row.enrolment, row.completion, editions[row.version_id], done[row.enrolment.id]) for row in rows]


@dataclass(frozen=True)
class _Found:
    enrolment: Enrolment
    completion: Completion | None
    current_version_id: str

    @property
    def version_id(self) -> str:
        """A completed module is judged by the version that was completed."""
        return self.completion.version_id if self.completion else self.current_version_id


def _record(enrolment: Enrolment, completion: Completion | None, edition: Edition, done: rules.Done) -> CourseRecord:
    outline = edition.outline
    reported = completion.reported_percent if completion else None
    return CourseRecord(
        id=enrolment.id,
        person_id=enrolment.person_id,
        is_test_user=enrolment.is_trial,
        module_slug=outline.slug,
        module_code=outline.code,
        series=outline.series,
        titles=outline.titles,
        hours=outline.published_hours,
        score_percent=reported if reported is not None else rules.result_percent(outline, done),
        completed_at=completion.completed_at if completion else None,
        rules=rules.evaluate(outline, done),
        organisation_code=None,
    )
