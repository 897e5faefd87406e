"""Attendance, results and return as the host tells them, and how it receives a cohort."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from courses.cohorts import groups, stays
from courses.cohorts.hosting_models import HostPlan, Stay
from courses.cohorts.models import Cohort, Member
from courses.cohorts.stays import Reading, Told
from lms.core import audit, clock
from lms.core.db import db, insert_once
from lms.core.workbooks import Cell


@dataclass(frozen=True)
class Tally:
    """How many of a cohort were told of so far."""

    people: int
    told: int
    came_back: int


def plan_of(cohort: Cohort) -> HostPlan:
    """How the host receives it; an empty one before it said anything."""
    found = db.session.get(HostPlan, cohort.id)
    return found or HostPlan(cohort_id=cohort.id, lodging="", faculty="", offered="", changed_by="")


def keep_plan(cohort: Cohort, values: Mapping[str, str], *, actor: str) -> None:
    """In the caller's transaction."""
    facts = {**values, "changed_by": actor, "changed_at": clock.now()}
    row, is_new = insert_once(HostPlan, {"cohort_id": cohort.id}, facts)
    if not is_new:
        for name, value in facts.items():
            setattr(row, name, value)
    audit.record("cohort.host-plan", subject=f"cohort:{cohort.id}", actor=actor)


def sheet(cohort: Cohort) -> list[list[Cell]]:
    """The spreadsheet to fill in, with what was told before."""
    told = _told(cohort)
    return [list(stays.HEADING), *(_line(member, told.get(member.id)) for member in groups.members(cohort))]


def take(cohort: Cohort, data: bytes, *, actor: str) -> Reading:
    """Write the rows that are right, and tell of the others. In the caller's transaction; again changes nothing.

    :raises NotRead: as :func:`courses.cohorts.stays.read`.
    """
    reading = stays.read(data, {member.id: _name(member) for member in groups.members(cohort)})
    for member_id, told in reading.told.items():
        _keep(member_id, told)
    subject = f"cohort:{cohort.id}"
    audit.record("cohort.results", subject=subject, actor=actor, rows=reading.rows, taken=len(reading.told))
    return reading


def tally(cohort: Cohort) -> Tally:
    """How far the host's word goes."""
    told = _told(cohort).values()
    people = len(groups.members(cohort))
    return Tally(people, len(told), sum(row.came_back_on is not None for row in told))


def _keep(member_id: str, told: Told) -> None:
    given = {"hours": told.hours, "result": told.result, "came_back_on": told.came_back_on}
    said = {name: value for name, value in given.items() if value is not None}
    if not said:
        return
    row, is_new = insert_once(Stay, {"member_id": member_id}, {**said, "told_at": clock.now()})
    if not is_new:
        for name, value in said.items():
            setattr(row, name, value)
        row.told_at = clock.now()


def _told(cohort: Cohort) -> dict[str, Stay]:
    wanted = select(Stay).join(Member, Member.id == Stay.member_id)
    rows = db.session.scalars(wanted.where(Member.cohort_id == cohort.id, Member.left_at.is_(None)))
    return {row.member_id: row for row in rows}


def _name(member: Member) -> str:
    """As it stands in the travel list; whoever has no Latin form yet is known by the other."""
    return member.latin_name or member.name


def _line(member: Member, told: Stay | None) -> list[Cell]:
    if told is None:
        return [member.id, _name(member), None, None, None]
    back = told.came_back_on.isoformat() if told.came_back_on else None
    return [member.id, _name(member), told.hours, told.result, back]
