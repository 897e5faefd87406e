"""What is kept of plans, calls, nominations, cohorts, rosters and of who is who."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, new_id
from lms.organisations.models import Organisation
from lms.people.models import Person
from lms.people.number_keys import ROOT

LONGEST_NAME = 120


class Plan(Base):
    """Places of a programme in a year, planned by a bureau."""

    __tablename__ = "bureau_plan"
    __table_args__ = (UniqueConstraint("organisation_id", "programme", "year"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey(Organisation.id))
    """The bureau that answers for it."""
    programme: Mapped[str] = mapped_column(String(80))
    """A code, such as ``china-72``."""
    title: Mapped[str]
    modules: Mapped[list[Any]]
    """Slugs, in their order."""
    year: Mapped[int]
    offered: Mapped[int]
    """Places that the host offered first."""
    places: Mapped[int]
    """Places that are to be filled."""
    least_women: Mapped[int] = mapped_column(default=0)
    """Places kept for women."""
    funded_by: Mapped[str] = mapped_column(default="", server_default="")
    """Who pays for it, such as a donor; empty if it is the budget."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Quota(Base):
    """At most so many places of a plan for one region, agency or level."""

    __tablename__ = "bureau_quota"
    __table_args__ = (UniqueConstraint("plan_id", "dimension", "share"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey(Plan.id))
    dimension: Mapped[str] = mapped_column(String(10))
    """``region``, ``agency`` or ``level``."""
    share: Mapped[str] = mapped_column(String(36))
    """Which one: a code of a region or level, the id of an agency."""
    places: Mapped[int]


class Call(Base):
    """Nominations are asked for, between two days, by criteria that are fixed before."""

    __tablename__ = "bureau_call"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey(Plan.id), index=True)
    title: Mapped[str]
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    """The last day."""
    criteria: Mapped[dict[str, Any]]
    """See :class:`courses.cohorts.criteria.Criteria`."""
    seed_commitment: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the seed of the draw, published with the call."""
    seed_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    seed: Mapped[str | None] = mapped_column(String(64))
    """Once it is revealed."""
    limits: Mapped[dict[str, Any] | None]
    """What was left of the plan when people were selected."""
    published_at: Mapped[datetime]
    selected_at: Mapped[datetime | None]
    order_number: Mapped[str | None] = mapped_column(String(60))
    ordered_on: Mapped[date | None]


class Trainee:
    """What is kept of somebody who is to be trained."""

    name: Mapped[str] = mapped_column(String(LONGEST_NAME), info={"personal": "name, as the office writes it"})
    latin_name: Mapped[str | None] = mapped_column(
        String(LONGEST_NAME), info={"personal": "name in Latin letters, as in the passport"}
    )
    gender: Mapped[str] = mapped_column(String(1), info={"personal": "woman or man, for the quota"})
    region: Mapped[str] = mapped_column(String(5))
    level: Mapped[str] = mapped_column(String(10))
    agency_id: Mapped[str] = mapped_column(ForeignKey(Organisation.id))
    email: Mapped[str | None] = mapped_column(String(254), info={"personal": "e-mail address at work"})
    number_encrypted: Mapped[bytes | None] = mapped_column(
        LargeBinary, info={"personal": "national personal number with its country and scheme, encrypted"}
    )
    person_key: Mapped[str] = mapped_column(
        String(64), info={"personal": "keyed hash of the personal number, or of e-mail and name"}
    )
    number_key: Mapped[str] = mapped_column(String(8), default=ROOT, server_default=ROOT)
    """With which key of ``lms.people.number_keys`` the above and a passport are written."""


class Nomination(Trainee, Base):
    """An agency puts somebody forward, who has agreed."""

    __tablename__ = "bureau_nomination"
    __table_args__ = (UniqueConstraint("call_id", "number"), UniqueConstraint("call_id", "person_key"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey(Call.id))
    number: Mapped[int]
    """Within the call, from 1: what the protocol names people by."""
    service_years: Mapped[int] = mapped_column(info={"personal": "years of service"})
    post_group: Mapped[str] = mapped_column(String(20), info={"personal": "group of the post"})
    languages: Mapped[list[Any]] = mapped_column(info={"personal": "languages that the nominee speaks"})
    last_training_on: Mapped[date | None] = mapped_column(info={"personal": "day of the last training abroad"})
    consent_version: Mapped[str] = mapped_column(String(20))
    consent_language: Mapped[str] = mapped_column(String(2))
    consented_on: Mapped[date]
    made_by: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    rank: Mapped[int | None]
    points: Mapped[int | None] = mapped_column(info={"personal": "points in a selection"})
    outcome: Mapped[str | None] = mapped_column(String(12), info={"personal": "outcome of a selection"})
    protocol: Mapped[dict[str, Any] | None] = mapped_column(
        info={"personal": "each condition and each point of a selection with its ground"}
    )


class SelectionDecision(Base):
    """After the order, a place changes hands only by one of these. Lines are added, never changed."""

    __tablename__ = "bureau_selection_decision"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    nomination_id: Mapped[str] = mapped_column(ForeignKey(Nomination.id), index=True)
    before: Mapped[str] = mapped_column(String(12))
    after: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(500), info={"personal": "why a place was given up or taken"})
    act: Mapped[str] = mapped_column(String(60))
    """Number of the order that says so."""
    decided_by: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)


class Cohort(Base):
    """People who are trained together."""

    __tablename__ = "bureau_cohort"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(ForeignKey(Plan.id), index=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey(Call.id), unique=True)
    academy_id: Mapped[str | None] = mapped_column(ForeignKey(Organisation.id))
    host_id: Mapped[str | None] = mapped_column(ForeignKey(Organisation.id))
    title: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    places: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Member(Trainee, Base):
    """Somebody on the roster of a cohort."""

    __tablename__ = "bureau_member"
    __table_args__ = (UniqueConstraint("cohort_id", "person_key"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    cohort_id: Mapped[str] = mapped_column(ForeignKey(Cohort.id))
    nomination_id: Mapped[str | None] = mapped_column(ForeignKey(Nomination.id))
    passport_encrypted: Mapped[bytes | None] = mapped_column(
        LargeBinary, info={"personal": "number of the passport for travel, encrypted"}
    )
    passport_until: Mapped[date | None] = mapped_column(info={"personal": "last day of the passport"})
    left_at: Mapped[datetime | None]
    """When the place was given up; who left is counted and listed no more."""


class RosterImport(Base):
    """A spreadsheet of people for a cohort, and what became of its rows. No row half-written, no import half-done."""

    __tablename__ = "bureau_roster_import"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    cohort_id: Mapped[str] = mapped_column(ForeignKey(Cohort.id), index=True)
    made_by: Mapped[str]
    is_trial: Mapped[bool]
    """A dry run: the report and nothing else."""
    stored_as: Mapped[str | None]
    """The upload, until it is read."""
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]
    rows: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[dict[str, Any] | None]
    """Why nothing at all was taken: a code and its numbers."""
    faults: Mapped[list[Any]] = mapped_column(default=list)
    """Row, column and code of each row that was left out; nothing that stood in it."""


class Binding(Base):
    """Somebody whom a platform sends is, or is not, a person on a roster. Undone by another line's moment, never deleted."""

    __tablename__ = "bureau_binding"
    __table_args__ = tuple(
        Index(
            f"uq_bureau_binding_{name}",
            *columns,
            unique=True,
            sqlite_where=text("undone_at IS NULL AND verdict = 'same'"),
            postgresql_where=text("undone_at IS NULL AND verdict = 'same'"),
        )
        for name, columns in (("member", ("member_id",)), ("person", ("cohort_id", "person_id")))
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    cohort_id: Mapped[str] = mapped_column(ForeignKey(Cohort.id))
    member_id: Mapped[str] = mapped_column(ForeignKey(Member.id), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id), index=True)
    verdict: Mapped[str] = mapped_column(String(10))
    """``same`` or ``different``."""
    ground: Mapped[str] = mapped_column(String(20))
    """``confirmed-address`` or ``decision``."""
    decided_by: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
