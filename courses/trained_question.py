"""Which lines of the register of training are looked for, and which of them somebody may see, as conditions of a query.

The query joins completions, enrolments, modules and the body that answers for the learners of a platform
(:mod:`courses.trained`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, union

from courses import catalogue
from courses.cohorts import identity
from courses.cohorts.binding import SAME
from courses.cohorts.models import Binding, Cohort, Member, Plan
from courses.models import Completion, Enrolment, Module
from courses.plans import all_programmes
from courses.track_records import is_one_of
from lms.core.db import db
from lms.organisations import issuers
from lms.organisations.models import PlatformIssuer
from lms.people.models import Person


@dataclass(frozen=True, kw_only=True)
class TrainedQuestion:
    """Which lines are looked for; what is None does not matter."""

    person_ids: frozenset[str] | None = None
    """Of people whose names fit, as platforms and holders wrote them."""
    name: str | None = None
    """Part of a name on a roster; together with ``person_ids`` one of the two is enough."""
    personal_number: str | None = None
    record_ids: frozenset[str] | None = None
    programme: str | None = None
    """Code of a plan, or slug of a programme of study."""
    region: str | None = None
    agency_id: str | None = None
    organisation_ids: frozenset[str] | None = None
    """Of bodies that answer for the learners."""
    since: datetime | None = None
    until: datetime | None = None
    """Completed before this moment."""


def is_seen_in(organisation_ids: Collection[str]) -> ColumnElement[bool]:
    """One of these bodies answers for it, or the person is on a roster of one of their plans, in the modules of that."""
    planned = db.session.scalars(select(Plan).where(Plan.organisation_id.in_(organisation_ids)))
    return or_(_is_answered_for_by(organisation_ids), *map(_is_of_plan, planned))


def usual_issuers() -> dict[str, str]:
    """Which body answers for a module where the platform is assigned to none: the only one that numbers its series."""
    issuing = {each.outline.slug: issuers.issuer_of(each.outline.series) for each in catalogue.everything()}
    return {slug: body.id for slug, body in issuing.items() if body}


def conditions(question: TrainedQuestion) -> list[ColumnElement[bool]]:
    """What the question asks, one condition for each part of it."""
    found = [*_of_person(question), *_of_roster(question)]
    if question.record_ids is not None:
        found.append(is_one_of(question.record_ids))
    if question.organisation_ids is not None:
        found.append(_is_answered_for_by(question.organisation_ids))
    if question.since is not None:
        found.append(Completion.completed_at >= question.since)
    if question.until is not None:
        found.append(Completion.completed_at < question.until)
    if question.programme is not None:
        found.append(_is_in_programme(question.programme))
    return found


def bound() -> Select[str]:
    """Ids of people on rosters, to be narrowed."""
    return (
        select(Binding.person_id)
        .join(Member, Member.id == Binding.member_id)
        .join(Cohort, Cohort.id == Binding.cohort_id)
        .where(Binding.verdict == SAME, Binding.undone_at.is_(None))
    )


def _is_answered_for_by(organisation_ids: Collection[str]) -> ColumnElement[bool]:
    slugs = [slug for slug, body_id in usual_issuers().items() if body_id in organisation_ids]
    unassigned = and_(PlatformIssuer.organisation_id.is_(None), Module.slug.in_(slugs))
    return or_(PlatformIssuer.organisation_id.in_(organisation_ids), unassigned)


def _of_person(question: TrainedQuestion) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if question.name is not None:
        forms = {question.name, question.name.lower(), question.name.upper(), question.name.title()}
        is_like = or_(*(Member.name.contains(form, autoescape=True) for form in sorted(forms)))
        known = select(Person.id).where(Person.id.in_(question.person_ids or ()))
        found.append(Enrolment.person_id.in_(union(known, bound().where(is_like))))
    if question.personal_number is not None:
        keys = identity.keys_of(question.personal_number, email=None, name="")
        found.append(Enrolment.person_id.in_(bound().where(Member.person_key.in_(keys))))
    return found


def _of_roster(question: TrainedQuestion) -> list[ColumnElement[bool]]:
    wanted = [
        column == value
        for column, value in ((Member.region, question.region), (Member.agency_id, question.agency_id))
        if value is not None
    ]
    return [Enrolment.person_id.in_(bound().where(*wanted))] if wanted else []


def _is_in_programme(code: str) -> ColumnElement[bool]:
    """Of a plan the people on its rosters, in its modules; of a programme of study whoever took its modules so."""
    planned = [_is_of_plan(plan) for plan in db.session.scalars(select(Plan).filter_by(programme=code))]
    studied = [
        and_(Module.slug == taken.slug, Completion.track == taken.track)
        for programme in all_programmes()
        if programme.slug == code
        for taken in programme.modules
    ]
    return or_(false(), *planned, *studied)


def _is_of_plan(plan: Plan) -> ColumnElement[bool]:
    return and_(Module.slug.in_(plan.modules), Enrolment.person_id.in_(bound().where(Cohort.plan_id == plan.id)))
