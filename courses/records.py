"""The door for others: what a person completed, as frozen values. Certificates read this and nothing else of courses.

The whole of a module and its short way are two records of one person, over the same work (docs/adr/0033).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from courses import catalogue, facts, progress, rules, track_records, tracks
from courses.catalogue import Edition
from courses.cohorts.identity import is_personal_number
from courses.cohorts.wording import REGIONS
from courses.completed import Completed, completed_records
from courses.completed import page as completed_page
from courses.models import Completion, Enrolment, Module, TrackRecord
from courses.outline import Texts
from courses.plans import all_programmes, packs
from courses.programmes import Programme
from courses.record_help import review_again, score_of, seen_by_instructor, send_score_again
from courses.roster import Delivery
from courses.rule_packs import USUAL_MINUTES, Pack, Rule
from courses.rules import RuleState
from courses.trained import (
    Trained,
    Trainees,
    trained_agencies,
    trained_between,
    trained_count,
    trained_page,
    trained_programmes,
    trained_summary,
)
from courses.trained_question import TrainedQuestion
from courses.wording import rule_evidence, rule_title, score_trouble
from lms.core.db import db
from lms.lti.models import Context, Registration
from lms.organisations import issuers

__all__ = [
    "REGIONS",
    "USUAL_MINUTES",
    "Cohort",
    "Completed",
    "CourseRecord",
    "Delivery",
    "Pack",
    "Part",
    "Programme",
    "Rule",
    "RuleState",
    "Trained",
    "TrainedQuestion",
    "Trainees",
    "all_programmes",
    "at",
    "cohort_of",
    "cohorts",
    "completed_in",
    "completed_page",
    "completed_records",
    "is_personal_number",
    "of_person",
    "packs",
    "record_of",
    "records_of",
    "review_again",
    "rule_evidence",
    "rule_title",
    "score_of",
    "score_trouble",
    "seen_by_instructor",
    "send_score_again",
    "trained_agencies",
    "trained_between",
    "trained_count",
    "trained_page",
    "trained_programmes",
    "trained_summary",
]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One unit of what was completed."""

    code: str
    titles: Texts
    hours: int
    """Academic hours."""
    score_percent: int | None
    """The best result of its test; None without one."""


@dataclass(frozen=True, kw_only=True)
class CourseRecord:
    """What one person has done on one track of one module."""

    id: str
    """Of the enrolment for the whole module; see :class:`courses.models.TrackRecord` for the short way."""
    enrolment_id: str
    person_id: str
    is_test_user: bool
    """Made to look around, by a platform's test user or an instructor: nothing is certified."""
    module_slug: str
    module_code: str
    track: str
    """See :mod:`courses.tracks`."""
    series: str
    titles: Texts
    """Of the module and, on the short way, of that."""
    hours: int
    """Academic hours of the units that could be read in the version that was completed."""
    score_percent: int | None
    started_at: datetime
    completed_at: datetime | None
    rules: tuple[RuleState, ...]
    stuck_in: tuple[str, ...] = ()
    """Codes of units whose test has no attempt left."""
    parts: tuple[Part, ...] = ()
    """The units that could be read, in their order."""
    organisation_code: str | None
    """The organisation that answers for the learners of the platform; None where it is not assigned to one."""

    @property
    def address(self) -> str:
        """How it is named in addresses."""
        return tracks.address(self.module_slug, self.track)


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """The people of one course of a platform in one module. ``id`` is the course's."""

    id: str
    title: str
    """As the platform calls its course; its label or empty if it has none."""
    platform: str
    module_slug: str
    series: str
    titles: Texts
    organisation_code: str | None
    learners: int
    completed: int


def record_of(record_id: str) -> CourseRecord | None:
    """One record."""
    return records_of([record_id]).get(record_id)


def records_of(record_ids: Collection[str]) -> dict[str, CourseRecord]:
    """Many records, in a fixed number of queries."""
    rows = _rows(Enrolment.id.in_(track_records.enrolments_of(record_ids)))
    return {record.id: record for record in _records([row for row in rows if row.record_id in record_ids])}


def of_person(person_id: str) -> list[CourseRecord]:
    """All records of one person, in the order they were begun: what is completed, and each track that the person is on."""
    rows = _rows(Enrolment.person_id == person_id)
    return _records([row for row in rows if row.completion or row.track == row.enrolment.track])


def at(own: Collection[CourseRecord], address: str) -> CourseRecord | None:
    """The one of these records that an address names; the module's name alone is enough where there is but one."""
    named = [record for record in own if record.address == address]
    return next(iter([*named, *(record for record in own if record.module_slug == address)]), None)


def cohorts() -> list[Cohort]:
    """Every course of a platform in which somebody completed a module, by its title. A fixed number of queries."""
    rows = db.session.execute(
        select(
            Context.id,
            Context.title,
            Context.label,
            Registration.id.label("registration_id"),
            Registration.name.label("platform"),
            Module.id.label("module_id"),
            Module.current_version_id,
            func.count(Enrolment.id.distinct()).label("learners"),
            func.count(Completion.id).label("completed"),
        )
        .join(Enrolment, Enrolment.context_row_id == Context.id)
        .join(Registration, Registration.id == Enrolment.registration_id)
        .join(Module, Module.id == Enrolment.module_id)
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .where(Enrolment.is_trial.is_(False))
        .group_by(Context.id, Registration.id, Module.id)
        .having(func.count(Completion.id) > 0)
        .order_by(Context.title, Context.id)
    ).all()
    editions = catalogue.editions({(row.module_id, row.current_version_id) for row in rows})
    codes = issuers.codes_by_platform({row.registration_id for row in rows})
    return [
        Cohort(
            id=row.id,
            title=row.title or row.label,
            platform=row.platform,
            module_slug=editions[row.current_version_id].outline.slug,
            series=editions[row.current_version_id].outline.series,
            titles=editions[row.current_version_id].outline.titles,
            organisation_code=codes.get(row.registration_id),
            learners=row.learners,
            completed=row.completed,
        )
        for row in rows
    ]


def cohort_of(cohort_id: str, module_slug: str) -> Cohort | None:
    """One of them; None if nobody there completed the module."""
    return next((each for each in cohorts() if (each.id, each.module_slug) == (cohort_id, module_slug)), None)


def completed_in(cohort_id: str, module_slug: str) -> list[str]:
    """Ids of the records of a cohort that are completed, in the order they were begun."""
    rows = db.session.execute(
        select(Enrolment.id, Completion.track, TrackRecord.id.label("track_record_id"))
        .join(Module, Module.id == Enrolment.module_id)
        .join(Completion, Completion.enrolment_id == Enrolment.id)
        .outerjoin(
            TrackRecord,
            and_(TrackRecord.enrolment_id == Completion.enrolment_id, TrackRecord.track == Completion.track),
        )
        .where(Enrolment.context_row_id == cohort_id, Module.slug == module_slug, Enrolment.is_trial.is_(False))
        .order_by(Enrolment.started_at, Enrolment.id, Completion.track)
    )
    return [row.id if row.track == tracks.WHOLE else row.track_record_id for row in rows]


def _rows(condition: ColumnElement[bool]) -> list["_Found"]:
    """A row for the whole of each module, and one for each short way that was begun; one query."""
    found = db.session.execute(
        select(Enrolment, Completion, TrackRecord, Module.current_version_id)
        .join(Module, Module.id == Enrolment.module_id)
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .outerjoin(TrackRecord, TrackRecord.enrolment_id == Enrolment.id)
        .where(condition)
        .order_by(Enrolment.started_at, Enrolment.id)
    ).all()
    completions = {(row[1].enrolment_id, row[1].track): row[1] for row in found if row[1]}
    begun = {
        record_id: _Found(enrolment, track, record_id, completions.get((enrolment.id, track)), version_id)
        for enrolment, _completion, short, version_id in found
        for record_id, track in _named(enrolment, short)
    }
    return list(begun.values())


def _named(enrolment: Enrolment, short: TrackRecord | None) -> list[tuple[str, str]]:
    """Id and track of each record of an enrolment."""
    whole = (enrolment.id, tracks.WHOLE)
    return [(short.id, short.track), whole] if short else [whole]


def _records(rows: list["_Found"]) -> list[CourseRecord]:
    done = progress.of_many({row.enrolment.id for row in rows})
    editions = catalogue.editions({(row.enrolment.module_id, row.version_id) for row in rows})
    codes = issuers.codes_by_platform({row.enrolment.registration_id for row in rows})
    taken = [(row, editions[row.version_id].on(row.track)) for row in rows]
    asked = facts.gathered((row.enrolment, edition.outline) for row, edition in taken)
    return [_record(row, edition, done[row.enrolment.id], codes, asked) for row, edition in taken]


@dataclass(frozen=True)
class _Found:
    enrolment: Enrolment
    track: str
    record_id: str
    completion: Completion | None
    current_version_id: str

    @property
    def version_id(self) -> str:
        """A completed module is judged by the version that was completed."""
        return self.completion.version_id if self.completion else self.current_version_id


def _record(
    found: _Found, edition: Edition, done: rules.Done, codes: Mapping[str, str], asked: facts.Gathered
) -> CourseRecord:
    outline, enrolment, completion = edition.outline, found.enrolment, found.completion
    reported = completion.reported_percent if completion else None
    return CourseRecord(
        id=found.record_id,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        is_test_user=enrolment.is_trial,
        module_slug=outline.slug,
        module_code=outline.code,
        track=found.track,
        series=outline.series,
        titles=tracks.titles_of(outline, found.track),
        hours=outline.published_hours,
        score_percent=reported if reported is not None else rules.result_percent(outline, done),
        started_at=enrolment.started_at,
        completed_at=completion.completed_at if completion else None,
        rules=rules.evaluate(outline, done, facts.of(enrolment, outline, completion, known=asked)),
        stuck_in=rules.stuck_in(outline, done, enrolment.extra_attempts),
        parts=tuple(
            Part(code=unit.code, titles=unit.titles, hours=unit.hours, score_percent=done.result_of(unit))
            for unit in outline.published_units
        ),
        organisation_code=codes.get(enrolment.registration_id),
    )
