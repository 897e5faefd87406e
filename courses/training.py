"""The second door, for those who count: plans, nominees, people on rosters and their work, as rows to group.

What leaves here are selectables of SQLAlchemy with named columns, not lists of people: a hundred thousand are counted where
they are kept (docs/adr/0047). The columns ``region``, ``agency_id``, ``level``, ``gender``, ``plan_id``, ``cohort_id`` and
``year`` are in each of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import aliased

from courses import catalogue, tracks
from courses.cohorts.binding import SAME
from courses.cohorts.models import Binding, Call, Cohort, Member, Nomination, Plan, Quota
from courses.cohorts.selection import SELECTED, WOMAN
from courses.cohorts.wording import GENDERS, LEVELS, REGIONS
from courses.models import Completion, Enrolment, Module, ModuleVersion, TrackRecord
from courses.outline import Texts
from courses.track_records import RECORD_ID
from lms.core import settings
from lms.core.db import db

__all__ = [
    "GENDERS",
    "LEVELS",
    "REGIONS",
    "SELECTED",
    "WOMAN",
    "Period",
    "Scope",
    "Share",
    "TrainingCohort",
    "TrainingPlan",
    "academies",
    "cohorts",
    "members",
    "module_titles",
    "nominated_people",
    "nominees",
    "plans",
    "shares",
    "work",
    "worth",
]


@dataclass(frozen=True)
class Period:
    """Days on the calendar of the academy, both included."""

    first: date
    last: date

    def moments(self) -> tuple[datetime, datetime]:
        """When it begins, and when what follows begins (UTC)."""
        zone = ZoneInfo(settings.current().time_zone)
        begin = datetime.combine(self.first, time(), zone)
        end = datetime.combine(self.last + timedelta(days=1), time(), zone)
        return begin.astimezone(UTC), end.astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whom to count. None means everybody."""

    organisations: frozenset[str] | None
    """The bureaus whose plans may be seen."""
    academies: frozenset[str] | None = None
    """Only cohorts of these, and plans that have such a cohort."""
    year: int | None = None
    """Of the plan."""
    region: str | None = None
    agency: str | None = None
    level: str | None = None
    gender: str | None = None
    cohort: str | None = None
    module: str | None = None
    period: Period | None = None
    """Only what happened then, whatever the year of its plan."""


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """A plan, as far as it is counted."""

    id: str
    organisation_id: str
    programme: str
    title: str
    year: int
    modules: tuple[str, ...]
    """Slugs."""
    offered: int
    places: int
    least_women: int


@dataclass(frozen=True)
class Share:
    """Places of a plan for a region, an agency or a level."""

    plan_id: str
    dimension: str
    key: str
    places: int


@dataclass(frozen=True, kw_only=True)
class TrainingCohort:
    """A cohort, as far as it is counted."""

    id: str
    plan_id: str
    title: str
    year: int
    starts_on: date
    places: int


def plans(scope: Scope) -> list[TrainingPlan]:
    """Plans of the bureaus of a scope, by year and programme; its year is not looked at. One query."""
    wanted = select(Plan).order_by(Plan.year, Plan.programme, Plan.id)
    if scope.organisations is not None:
        wanted = wanted.where(Plan.organisation_id.in_(scope.organisations))
    if scope.academies is not None:
        wanted = wanted.where(Plan.id.in_(select(Cohort.plan_id).where(Cohort.academy_id.in_(scope.academies))))
    return [
        TrainingPlan(
            id=row.id,
            organisation_id=row.organisation_id,
            programme=row.programme,
            title=row.title,
            year=row.year,
            modules=tuple(row.modules),
            offered=row.offered,
            places=row.places,
            least_women=row.least_women,
        )
        for row in db.session.scalars(wanted)
    ]


def shares(plan_ids: Iterable[str]) -> list[Share]:
    """Shares of these plans; one query."""
    rows = db.session.scalars(select(Quota).where(Quota.plan_id.in_(tuple(plan_ids))))
    return [Share(row.plan_id, row.dimension, row.share, row.places) for row in rows]


def academies() -> frozenset[str]:
    """Every academy that has a cohort."""
    wanted = select(Cohort.academy_id).where(Cohort.academy_id.is_not(None)).distinct()
    return frozenset(each for each in db.session.scalars(wanted) if each)


def cohorts(plans_of: Iterable[TrainingPlan], *, academies: frozenset[str] | None = None) -> list[TrainingCohort]:
    """Cohorts of these plans, by their first day; with ``academies`` only theirs. One query."""
    years = {plan.id: plan.year for plan in plans_of}
    wanted = select(Cohort).where(Cohort.plan_id.in_(years)).order_by(Cohort.starts_on, Cohort.title, Cohort.id)
    if academies is not None:
        wanted = wanted.where(Cohort.academy_id.in_(academies))
    return [
        TrainingCohort(
            id=row.id,
            plan_id=row.plan_id,
            title=row.title,
            year=years[row.plan_id],
            starts_on=row.starts_on,
            places=row.places,
        )
        for row in db.session.scalars(wanted)
    ]


def nominees(scope: Scope) -> Select[Any]:
    """A row for each nomination of a scope: ``nomination_id``, ``call_id``, ``number``, ``name``, ``outcome``,
    ``closes_on``, ``ordered_on``."""
    columns: list[ColumnElement[Any]] = [
        Nomination.id.label("nomination_id"),
        Nomination.number.label("number"),
        Nomination.name.label("name"),
        Nomination.outcome.label("outcome"),
        Call.id.label("call_id"),
        Call.closes_on.label("closes_on"),
        Call.ordered_on.label("ordered_on"),
        Plan.id.label("plan_id"),
        Plan.year.label("year"),
        Cohort.id.label("cohort_id"),
    ]
    return (
        select(*columns, *_traits(Nomination))
        .select_from(Nomination)
        .join(Call, Call.id == Nomination.call_id)
        .join(Plan, Plan.id == Call.plan_id)
        .outerjoin(Cohort, Cohort.call_id == Call.id)
        .where(*_conditions(scope, Nomination))
    )


def nominated_people(nomination_ids: Iterable[str]) -> list[str]:
    """People of the learning system that some nominees are, where it is known of them; one query."""
    is_bound = and_(Binding.member_id == Member.id, Binding.verdict == SAME, Binding.undone_at.is_(None))
    wanted = select(Binding.person_id).join(Member, is_bound).where(Member.nomination_id.in_(tuple(nomination_ids)))
    return list(db.session.scalars(wanted))


def members(scope: Scope) -> Select[Any]:
    """A row for everybody on a roster of a scope: ``member_id``, ``name``, ``starts_on``, and ``person_id`` where it is
    known who of the learning system that is."""
    return _members(scope, Member.name.label("name"), Cohort.starts_on.label("starts_on"))


def work(scope: Scope, plans_of: Iterable[TrainingPlan]) -> Select[Any]:
    """A row for each module that somebody on a roster began, among those of the plan.

    ``member_id``, ``name``, ``module`` (slug), ``started_at``, ``record_id``; and where it is completed ``completed_at``,
    ``recorded_at``, ``track``, ``version_id``. Whoever completed a module whole and the short way is one row: the whole.
    """
    is_short = TrackRecord.enrolment_id == Completion.enrolment_id
    return (
        _members(
            scope,
            Member.name.label("name"),
            Module.slug.label("module"),
            Enrolment.started_at.label("started_at"),
            Completion.completed_at.label("completed_at"),
            Completion.recorded_at.label("recorded_at"),
            Completion.track.label("track"),
            Completion.version_id.label("version_id"),
            RECORD_ID.label("record_id"),
        )
        .join(Enrolment, and_(Enrolment.person_id == Binding.person_id, Enrolment.is_trial.is_(False)))
        .join(Module, Module.id == Enrolment.module_id)
        .outerjoin(Completion, and_(Completion.enrolment_id == Enrolment.id, _is_the_one()))
        .outerjoin(TrackRecord, and_(is_short, TrackRecord.track == Completion.track))
        .where(_is_planned(scope, plans_of))
    )


def worth(slugs: Iterable[str]) -> dict[tuple[str, str], int]:
    """Academic hours of each version of these modules, by version and track."""
    rows = db.session.execute(
        select(Module.id, ModuleVersion.id)
        .join(ModuleVersion, ModuleVersion.slug == Module.slug)
        .where(Module.slug.in_(tuple(slugs)))
    ).all()
    found = catalogue.editions((module_id, version_id) for module_id, version_id in rows)
    return {
        (version_id, track): edition.on(track).outline.published_hours
        for version_id, edition in found.items()
        for track in tracks.TRACKS
        if tracks.is_offered(edition.outline, track)
    }


def module_titles() -> Mapping[str, Texts]:
    """Titles of the modules that are taught, by slug."""
    return {each.outline.slug: each.outline.titles for each in catalogue.everything()}


def _members(scope: Scope, *further: ColumnElement[Any]) -> Select[Any]:
    is_bound = and_(Binding.member_id == Member.id, Binding.verdict == SAME, Binding.undone_at.is_(None))
    return (
        select(
            Member.id.label("member_id"),
            Binding.person_id.label("person_id"),
            Plan.id.label("plan_id"),
            Plan.year.label("year"),
            Cohort.id.label("cohort_id"),
            *_traits(Member),
            *further,
        )
        .select_from(Member)
        .join(Cohort, Cohort.id == Member.cohort_id)
        .join(Plan, Plan.id == Cohort.plan_id)
        .outerjoin(Binding, is_bound)
        .where(Member.left_at.is_(None), *_conditions(scope, Member))
    )


def _traits(of: type[Member] | type[Nomination]) -> list[ColumnElement[Any]]:
    return [
        of.region.label("region"),
        of.agency_id.label("agency_id"),
        of.level.label("level"),
        of.gender.label("gender"),
    ]


def _conditions(scope: Scope, of: type[Member] | type[Nomination]) -> list[ColumnElement[bool]]:
    equal = (
        (Plan.year, scope.year),
        (Cohort.id, scope.cohort),
        (of.region, scope.region),
        (of.agency_id, scope.agency),
        (of.level, scope.level),
        (of.gender, scope.gender),
    )
    found: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    if scope.organisations is not None:
        found.append(Plan.organisation_id.in_(scope.organisations))
    if scope.academies is not None:
        found.append(Cohort.academy_id.in_(scope.academies))
    return found


def _is_planned(scope: Scope, plans_of: Iterable[TrainingPlan]) -> ColumnElement[bool]:
    """The module belongs to the plan of the cohort. Plans with the same modules share a condition."""
    by_modules: dict[tuple[str, ...], list[str]] = {}
    for plan in plans_of:
        slugs = tuple(slug for slug in plan.modules if scope.module in (None, slug))
        if slugs:
            by_modules.setdefault(slugs, []).append(plan.id)
    return or_(false(), *(and_(Plan.id.in_(ids), Module.slug.in_(slugs)) for slugs, ids in by_modules.items()))


def _is_the_one() -> ColumnElement[bool]:
    whole = aliased(Completion)
    is_whole_done = select(whole.id).where(whole.enrolment_id == Enrolment.id, whole.track == tracks.WHOLE).exists()
    return or_(Completion.track == tracks.WHOLE, ~is_whole_done)
