"""Groups of the platform's course, by which an instructor narrows lists. Only groups of the course that they came from."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from courses.models import Enrolment
from lms.core.db import db
from lms.lti.memberships import CourseGroup, GroupMember
from lms.lti.models import LaunchSession, PlatformUser


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """A group as lists name it."""

    id: str
    name: str
    """With its set, where it has one."""


def of_course(launch: LaunchSession) -> tuple[Grouping, ...]:
    """The groups of this course that were read last, by set and name."""
    rows = db.session.scalars(
        select(CourseGroup)
        .where(CourseGroup.context_row_id == launch.context_row_id)
        .order_by(CourseGroup.set_name, CourseGroup.name, CourseGroup.id)
    )
    return tuple(Grouping(id=row.id, name=f"{row.set_name}: {row.name}" if row.set_name else row.name) for row in rows)


def chosen(groups: tuple[Grouping, ...], asked: str | None) -> str | None:
    """The group that was asked for, if it is one of these; else everybody is shown."""
    return next((group.id for group in groups if group.id == asked), None)


def in_group(group_id: str | None) -> list[ColumnElement[bool]]:
    """Conditions for enrolments of people in this group; none for everybody."""
    if group_id is None:
        return []
    people = (
        select(PlatformUser.person_id)
        .join(GroupMember, GroupMember.platform_user_id == PlatformUser.id)
        .where(GroupMember.group_row_id == group_id)
    )
    return [Enrolment.person_id.in_(people)]
