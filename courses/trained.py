"""Who was trained in what, for the register of training: completed records with what rosters and plans know of the person.

Others read this through :mod:`courses.records`. Region, agency and donor are those of the roster on which a person stands by
a decision of the bureau (``courses.cohorts.binding``); somebody on no roster is in the register all the same.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select

from courses import catalogue, tracks
from courses.catalogue import Edition
from courses.cohorts.binding import SAME
from courses.cohorts.models import Binding, Cohort, Member, Plan
from courses.models import Completion, Enrolment, Module, TrackRecord
from courses.outline import Texts
from courses.plans import all_programmes
from courses.programmes import Programme
from courses.track_records import RECORD_ID
from courses.trained_question import TrainedQuestion, conditions, is_seen_in, usual_issuers
from lms.core.db import db
from lms.organisations.models import Organisation, PlatformIssuer

Place = tuple[datetime, str]
"""When it was recorded, and the record's id."""
_Row = Select[Completion, Enrolment, str, str, str]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """One person completed one module, or its short way."""

    record_id: str
    person_id: str
    module: str
    track: str
    titles: Texts
    hours: int
    """Academic hours of the version that was completed, on this track."""
    completed_at: datetime
    recorded_at: datetime
    organisation_id: str | None
    """The body that answers for the learners of the platform today."""
    roster_name: str | None
    region: str | None
    agency_id: str | None
    programme: str | None
    """Code of the plan, or slug of a programme of study that holds the module."""
    cohort: str | None
    host_id: str | None
    funded_by: str


@dataclass(frozen=True, kw_only=True)
class Trainees:
    """How many completed one module on one track."""

    module: str
    track: str
    titles: Texts
    people: int
    """A person completes a track once."""
    hours: int
    """Academic hours of all of them together."""


def trained_page(
    question: TrainedQuestion,
    *,
    seen_in: Collection[str] | None,
    after: Place | None = None,
    offset: int = 0,
    limit: int,
) -> list[Trained]:
    """Lines in the order in which they were recorded; a fixed number of queries.

    :param seen_in: organisations of whoever asks; None means every one. Seen is what one of them answers for, and who is on a
        roster of one of its plans, in the modules of that plan.
    """
    wanted = _rows(question, seen_in).order_by(Completion.recorded_at, RECORD_ID)
    if after is not None:
        at, record_id = after
        later = and_(Completion.recorded_at == at, record_id < RECORD_ID)
        wanted = wanted.where(or_(Completion.recorded_at > at, later))
    return _read(wanted.offset(offset).limit(limit), question, seen_in)


def trained_count(question: TrainedQuestion, *, seen_in: Collection[str] | None) -> int:
    """How many lines there are in all."""
    counted = _rows(question, seen_in).with_only_columns(func.count(), maintain_column_froms=True)
    return db.session.scalar(counted) or 0


def trained_summary(question: TrainedQuestion) -> list[Trainees]:
    """Lines counted by module and track, without anybody's name; one query."""
    by_version = (Module.slug, Completion.track, Enrolment.module_id, Completion.version_id)
    counts = func.count(), func.count(Enrolment.person_id.distinct())
    counted = _rows(question, None).with_only_columns(*by_version, *counts, maintain_column_froms=True)
    rows = db.session.execute(counted.group_by(*by_version).order_by(*by_version)).all()
    editions = catalogue.editions({(row[2], row[3]) for row in rows})
    found: dict[tuple[str, str], Trainees] = {}
    for slug, track, _module_id, version_id, completions, people in rows:
        edition = editions[version_id]
        before = found.get((slug, track))
        found[slug, track] = Trainees(
            module=slug,
            track=track,
            titles=tracks.titles_of(edition.outline, track),
            people=people + (before.people if before else 0),
            hours=completions * edition.on(track).outline.published_hours + (before.hours if before else 0),
        )
    return list(found.values())


def trained_between(question: TrainedQuestion) -> tuple[datetime, datetime] | None:
    """The first and the last completion; None without any."""
    ends = func.min(Completion.completed_at), func.max(Completion.completed_at)
    first, last = db.session.execute(_rows(question, None).with_only_columns(*ends, maintain_column_froms=True)).one()
    return (first, last) if first else None


def trained_programmes(seen_in: Collection[str] | None) -> list[tuple[str, str | Texts]]:
    """Code and title of each plan's programme and of each programme of study, to choose from."""
    wanted = select(Plan.programme, func.max(Plan.title)).group_by(Plan.programme).order_by(Plan.programme)
    if seen_in is not None:
        wanted = wanted.where(Plan.organisation_id.in_(seen_in))
    planned: list[tuple[str, str | Texts]] = [(code, title) for code, title in db.session.execute(wanted)]
    return planned + [(each.slug, each.titles) for each in all_programmes()]


def trained_agencies(seen_in: Collection[str] | None) -> list[Organisation]:
    """Bodies from which people on rosters come."""
    on_rosters = select(Member.agency_id).join(Cohort, Cohort.id == Member.cohort_id)
    if seen_in is not None:
        on_rosters = on_rosters.join(Plan, Plan.id == Cohort.plan_id).where(Plan.organisation_id.in_(seen_in))
    wanted = select(Organisation).where(Organisation.id.in_(on_rosters)).order_by(Organisation.code)
    return list(db.session.scalars(wanted))


def _rows(question: TrainedQuestion, seen_in: Collection[str] | None) -> _Row:
    is_its_record = and_(TrackRecord.enrolment_id == Enrolment.id, TrackRecord.track == Completion.track)
    wanted = (
        select(Completion, Enrolment, RECORD_ID, Module.slug, PlatformIssuer.organisation_id)
        .join(Enrolment, Enrolment.id == Completion.enrolment_id)
        .outerjoin(TrackRecord, is_its_record)
        .join(Module, Module.id == Enrolment.module_id)
        .outerjoin(PlatformIssuer, PlatformIssuer.registration_id == Enrolment.registration_id)
        .where(Enrolment.is_trial.is_(False), *conditions(question))
    )
    return wanted if seen_in is None else wanted.where(is_seen_in(seen_in))


class _OnRoster(NamedTuple):
    """Where somebody stands by a decision of the bureau."""

    member: Member
    cohort: Cohort
    plan: Plan


def _read(wanted: _Row, question: TrainedQuestion, seen_in: Collection[str] | None) -> list[Trained]:
    rows = db.session.execute(wanted).all()
    editions = catalogue.editions({(row[1].module_id, row[0].version_id) for row in rows})
    rosters = _rosters({row[1].person_id for row in rows}, seen_in)
    studied, usual = all_programmes(), usual_issuers()
    return [
        _trained(row, editions, rosters[row[1].person_id], studied, usual.get(row[3]), question.programme)
        for row in rows
    ]


def _rosters(person_ids: set[str], seen_in: Collection[str] | None) -> Mapping[str, list[_OnRoster]]:
    """Where these people stand, the latest cohort first, as far as it is the asker's business; one query."""
    wanted = (
        select(Binding.person_id, Member, Cohort, Plan)
        .join(Member, Member.id == Binding.member_id)
        .join(Cohort, Cohort.id == Binding.cohort_id)
        .join(Plan, Plan.id == Cohort.plan_id)
        .where(Binding.person_id.in_(person_ids), Binding.verdict == SAME, Binding.undone_at.is_(None))
        .order_by(Cohort.starts_on.desc(), Cohort.id)
    )
    if seen_in is not None:
        wanted = wanted.where(or_(Plan.organisation_id.in_(seen_in), Cohort.academy_id.in_(seen_in)))
    found: defaultdict[str, list[_OnRoster]] = defaultdict(list)
    for person_id, member, cohort, plan in db.session.execute(wanted):
        found[person_id].append(_OnRoster(member, cohort, plan))
    return found


def _trained(
    row: Any,
    editions: Mapping[str, Edition],
    rosters: Sequence[_OnRoster],
    studied: Sequence[Programme],
    usual_issuer: str | None,
    asked: str | None,
) -> Trained:
    completion, enrolment, record_id, slug, organisation_id = row
    edition = editions[completion.version_id]
    place = _place(rosters, slug, completion.completed_at, asked)
    member = place.member if place else next((each.member for each in rosters), None)
    programme = _programme(studied, (slug, completion.track), asked)
    return Trained(
        record_id=record_id,
        person_id=enrolment.person_id,
        module=slug,
        track=completion.track,
        titles=tracks.titles_of(edition.outline, completion.track),
        hours=edition.on(completion.track).outline.published_hours,
        completed_at=completion.completed_at,
        recorded_at=completion.recorded_at,
        organisation_id=organisation_id or usual_issuer,
        roster_name=member.name if member else None,
        region=member.region if member else None,
        agency_id=member.agency_id if member else None,
        programme=place.plan.programme if place else programme.slug if programme else None,
        cohort=place.cohort.title if place else None,
        host_id=place.cohort.host_id if place else None,
        funded_by=(place.plan.funded_by if place else "") or (programme.funded_by if programme else ""),
    )


def _place(rosters: Sequence[_OnRoster], slug: str, at: datetime, asked: str | None) -> _OnRoster | None:
    """The cohort in which a module was taken: of the programme that was asked for, then the last that had begun by then."""
    fitting = [each for each in rosters if slug in each.plan.modules]
    in_order = sorted(fitting, key=lambda each: (each.plan.programme != asked, each.cohort.starts_on > at.date()))
    return in_order[0] if in_order else None


def _programme(studied: Sequence[Programme], taken: tuple[str, str], asked: str | None) -> Programme | None:
    """The programme of study that holds this module on this track, the one that was asked for before others."""
    holding = [each for each in studied if taken in {(one.slug, one.track) for one in each.modules}]
    return next((each for each in holding if each.slug == asked), holding[0] if holding else None)
