"""What a platform lists is written down: a page of members takes the same few statements, however many they are.

Somebody who never opened us becomes a platform user all the same, so that a later launch finds the same person. The
caller holds the transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Insert, Table, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.core import clock
from lms.core.db import Base, db, new_id
from lms.lti.groups import Group
from lms.lti.memberships import CourseGroup, GroupMember, Membership, Standing
from lms.lti.models import PlatformUser, table
from lms.lti.nrps import Member
from lms.people.models import Person

AT_ONCE = 500
"""Both databases take a limited number of values in one statement."""
_GROUPS, _IN_GROUPS, _MEMBERS = table(CourseGroup), table(GroupMember), table(Membership)
_PEOPLE, _USERS = table(Person), table(PlatformUser)


def keep_members(registration_id: str, context_id: str, members: Sequence[Member], *, at: datetime) -> None:
    """Write a page of members as seen at this moment."""
    by_number = {member.user_id: member for member in members}
    for start in range(0, len(by_number), AT_ONCE):
        part = list(by_number.values())[start : start + AT_ONCE]
        users = _users(registration_id, [member.user_id for member in part])
        _keep_memberships(registration_id, context_id, part, users=users, at=at)
        _keep_enrollments(context_id, part, users=users, at=at)


def keep_enrollments(context_id: str, group_ids: Mapping[str, Collection[str]], *, at: datetime) -> None:
    """Write who is in which group, where the platform tells it apart from the members.

    :param group_ids: by id of our platform user.
    """
    _keep_groups_named(context_id, {group_id for ids in group_ids.values() for group_id in ids}, at=at)
    _enrol(context_id, [(user_id, group_id) for user_id, ids in group_ids.items() for group_id in ids], at=at)


def name_groups(context_id: str, groups: Sequence[Group], *, at: datetime) -> None:
    """Write the groups with their names, and forget those that the platform has not any more."""
    rows = [
        {
            "id": new_id(),
            "context_row_id": context_id,
            "group_id": group.id,
            "name": group.name,
            "set_name": group.set_name,
            "seen_at": at,
        }
        for group in groups
    ]
    _upsert(CourseGroup, rows, unique=("context_row_id", "group_id"), changing=("name", "set_name", "seen_at"))
    here = select(_GROUPS.c.id).where(_GROUPS.c.context_row_id == context_id)
    gone = here.where(_GROUPS.c.seen_at < at)
    db.session.execute(delete(_IN_GROUPS).where(_IN_GROUPS.c.group_row_id.in_(here), _IN_GROUPS.c.seen_at < at))
    db.session.execute(delete(_IN_GROUPS).where(_IN_GROUPS.c.group_row_id.in_(gone)))
    db.session.execute(delete(_GROUPS).where(_GROUPS.c.context_row_id == context_id, _GROUPS.c.seen_at < at))


def set_inactive(context_id: str, *, not_seen_since: datetime) -> None:
    """Whoever is listed no more is not in the course any more; the row stays."""
    db.session.execute(
        update(_MEMBERS)
        .where(
            _MEMBERS.c.context_row_id == context_id,
            _MEMBERS.c.seen_at < not_seen_since,
            _MEMBERS.c.status == Standing.ACTIVE,
        )
        .values(status=Standing.INACTIVE)
    )


def _users(registration_id: str, numbers: list[str]) -> Mapping[str, str]:
    """Ids of our platform users by the platform's number; those who are new are made."""
    known = _known(registration_id, numbers)
    new = [number for number in numbers if number not in known]
    if not new:
        return known
    now = clock.now()
    people = {number: new_id() for number in new}
    _send(insert(_PEOPLE), _PEOPLE, [{"id": person_id, "created_at": now} for person_id in people.values()])
    rows = [
        {
            "id": new_id(),
            "registration_id": registration_id,
            "sub": number,
            "person_id": people[number],
            "created_at": now,
        }
        for number in sorted(new)
    ]
    if _upsert(PlatformUser, rows, unique=("registration_id", "sub"), changing=()) < len(rows):
        _take_back(list(people.values()))
        return _known(registration_id, numbers)
    return known | {str(row["sub"]): str(row["id"]) for row in rows}


def _known(registration_id: str, numbers: list[str]) -> dict[str, str]:
    found = select(_USERS.c.sub, _USERS.c.id).where(
        _USERS.c.registration_id == registration_id, _USERS.c.sub.in_(numbers)
    )
    return {row.sub: row.id for row in db.session.execute(found)}


def _take_back(people: list[str]) -> None:
    """Somebody's first launch at the same moment was faster: the person made here is nobody."""
    is_somebody = exists().where(_USERS.c.person_id == _PEOPLE.c.id)
    db.session.execute(delete(_PEOPLE).where(_PEOPLE.c.id.in_(people), ~is_somebody))


def _keep_memberships(
    registration_id: str, context_id: str, members: list[Member], *, users: Mapping[str, str], at: datetime
) -> None:
    rows = [
        {
            "id": new_id(),
            "registration_id": registration_id,
            "context_row_id": context_id,
            "platform_user_id": users[member.user_id],
            "role_names": list(member.role_names),
            "is_learner": member.is_learner,
            "status": Standing.ACTIVE if member.is_active else Standing.INACTIVE,
            "name": member.name,
            "seen_at": at,
        }
        for member in members
    ]
    changing = ("role_names", "is_learner", "status", "name", "seen_at")
    _upsert(Membership, rows, unique=("context_row_id", "platform_user_id"), changing=changing)


def _keep_enrollments(context_id: str, members: list[Member], *, users: Mapping[str, str], at: datetime) -> None:
    group_ids = {users[member.user_id]: member.group_ids for member in members if member.group_ids}
    if group_ids:
        keep_enrollments(context_id, group_ids, at=at)


def _keep_groups_named(context_id: str, group_ids: set[str], *, at: datetime) -> None:
    """A group of which we know only the id is called by it, until its name is read."""
    rows = [
        {"id": new_id(), "context_row_id": context_id, "group_id": each, "name": each, "set_name": "", "seen_at": at}
        for each in sorted(group_ids)
    ]
    _upsert(CourseGroup, rows, unique=("context_row_id", "group_id"), changing=("seen_at",))


def _enrol(context_id: str, pairs: Sequence[tuple[str, str]], *, at: datetime) -> None:
    listed = select(_GROUPS.c.group_id, _GROUPS.c.id).where(_GROUPS.c.context_row_id == context_id)
    rows_of = {row.group_id: row.id for row in db.session.execute(listed)}
    rows = [
        {"id": new_id(), "group_row_id": rows_of[group_id], "platform_user_id": user_id, "seen_at": at}
        for user_id, group_id in pairs
    ]
    _upsert(GroupMember, rows, unique=("group_row_id", "platform_user_id"), changing=("seen_at",))


def _upsert(
    model: type[Base], rows: list[dict[str, Any]], *, unique: tuple[str, ...], changing: tuple[str, ...]
) -> int:
    """One statement for all rows: written, or where they are there already, changed in these columns.

    :returns: how many were written or changed.
    """
    if not rows:
        return 0
    dialect = postgresql if _is_postgresql() else sqlite
    rows_of = table(model)
    statement = dialect.insert(rows_of)
    if not changing:
        return _send(statement.on_conflict_do_nothing(index_elements=unique), rows_of, rows)
    new = {name: getattr(statement.excluded, name) for name in changing}
    if "name" in new:  # a name that is not told again stays
        new["name"] = func.coalesce(new["name"], rows_of.c.name)
    return _send(statement.on_conflict_do_update(index_elements=unique, set_=new), rows_of, rows)


def _send(statement: Insert, rows_of: Table, rows: list[dict[str, Any]]) -> int:
    """How many rows were written.

    Returning the ids makes SQLAlchemy send the rows to PostgreSQL together instead of one by one; SQLite is in this
    process, where many values in one statement cost more than the statement many times.
    """
    if _is_postgresql():
        return len(db.session.execute(statement.returning(rows_of.c.id), rows).all())
    return cast(CursorResult[Any], db.session.execute(statement, rows)).rowcount


def _is_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"
