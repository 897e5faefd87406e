"""Members of staff and their roles: made, changed, turned off. Each change stands in the audit, which names nobody."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lms.core import audit, clock, settings
from lms.core.db import db
from lms.core.errors import Invalid, NotFound
from lms.core.i18n import _l
from lms.organisations.models import Organisation
from lms.signin import roles, sessions
from lms.signin.models import StaffGrant, StaffMember
from lms.signin.roles import Role


@dataclass(frozen=True)
class Post:
    """A role to be given: where, and until when."""

    role: Role
    organisation_id: str | None
    ends_at: datetime | None


def admit(name: str, *, actor: str, issuer: str | None = None, subject: str | None = None) -> StaffMember:
    """A new member of staff, without any role yet."""
    member = StaffMember(name=name, issuer=issuer, subject=subject)
    db.session.add(member)
    db.session.flush()
    audit.record("staff.admitted", subject=f"staff:{member.id}", actor=actor)
    return member


def give(member: StaffMember, post: Post, *, actor: str) -> None:
    """Give a role, or move the end of one that is held already."""
    grant = _held(member.id, post.role, post.organisation_id)
    if grant is None:
        db.session.add(
            StaffGrant(
                staff_id=member.id,
                role=post.role,
                organisation_id=post.organisation_id,
                granted_at=clock.now(),
                expires_at=post.ends_at,
            )
        )
        db.session.flush()
        db.session.expire(member, ["grants"])
    else:
        grant.expires_at = post.ends_at
    _note("staff.role-given", member.id, post.role, post.organisation_id, actor=actor)


def withdraw(grant: StaffGrant, *, actor: str) -> None:
    """Take a role away, from the next request on."""
    _note("staff.role-withdrawn", grant.staff_id, Role(grant.role), grant.organisation_id, actor=actor)
    db.session.delete(grant)


def disable(member: StaffMember, *, actor: str) -> None:
    """Turn an account off; its sessions end at once."""
    if member.disabled_at is None:
        member.disabled_at = clock.now()
        sessions.end_all(member.id)
        audit.record("staff.disabled", subject=f"staff:{member.id}", actor=actor)


def enable(member: StaffMember, *, actor: str) -> None:
    """Turn an account on again, with the roles it had."""
    if member.disabled_at is not None:
        member.disabled_at = None
        audit.record("staff.enabled", subject=f"staff:{member.id}", actor=actor)


def find(staff_id: str) -> StaffMember:
    """:raises NotFound: ``staff-unknown``."""
    member = db.session.get(StaffMember, staff_id)
    if member is None:
        raise NotFound("staff-unknown", _l("There is no such member of staff."))
    return member


def known_as(issuer: str, subject: str) -> StaffMember | None:
    """The member whom the provider calls by this number."""
    return db.session.scalar(select(StaffMember).filter_by(issuer=issuer, subject=subject))


def end_of(last_day: date) -> datetime:
    """The moment at which a role ends that is held through this day, by the calendar of the academy."""
    midnight = datetime.combine(last_day + timedelta(days=1), time.min, ZoneInfo(settings.current().time_zone))
    return midnight.astimezone(UTC)


def refuse_wrong_post(post: Post) -> None:
    """A role stands where it means something, and a guest's role has an end that is still to come.

    :raises Invalid: ``post-not-valid`` with the field at fault.
    """
    faults: dict[str, object] = {}
    if post.role in roles.OF_ONE_ORGANISATION and post.organisation_id is None:
        faults["organisation"] = _l("Choose the organisation in which this role is held.")
    if post.role is roles.PLATFORM_ADMINISTRATOR and post.organisation_id is not None:
        faults["organisation"] = _l("A platform administrator is one for every organisation.")
    if post.organisation_id is not None and db.session.get(Organisation, post.organisation_id) is None:
        faults["organisation"] = _l("There is no such organisation.")
    if post.role in roles.GUESTS and post.ends_at is None:
        faults["ends_on"] = _l("A guest's role always has a last day.")
    if post.ends_at is not None and post.ends_at <= clock.now():
        faults["ends_on"] = _l("The last day is over already.")
    if faults:
        raise Invalid("post-not-valid", _l("This role cannot be given in this way."), fields=faults)


def _held(staff_id: str, role: Role, organisation_id: str | None) -> StaffGrant | None:
    return db.session.scalar(
        select(StaffGrant).filter_by(staff_id=staff_id, role=role, organisation_id=organisation_id)
    )


def _note(action: str, staff_id: str, role: Role, organisation_id: str | None, *, actor: str) -> None:
    audit.record(action, subject=f"staff:{staff_id}", actor=actor, role=str(role), organisation=organisation_id)
