"""Who is in a course, as its platform lists them: also people who never opened us.

Members are never deleted. Whoever the platform does not list any more is inactive, and active again when listed again.
Their e-mail addresses, pictures and numbers in other registers are not kept: nothing here needs them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Base, new_id
from lms.lti.models import Context, PlatformUser, Registration


class Standing(StrEnum):
    """Whether somebody is in the course now."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class Membership(Base):
    """A person in a course of the platform."""

    __tablename__ = "lti_membership"
    __table_args__ = (
        UniqueConstraint("context_row_id", "platform_user_id"),
        Index("ix_lti_membership_seen", "context_row_id", "seen_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey(Registration.id))
    context_row_id: Mapped[str] = mapped_column(ForeignKey(Context.id))
    platform_user_id: Mapped[str] = mapped_column(ForeignKey(PlatformUser.id), index=True)
    role_names: Mapped[list[Any]]
    """Our names; see :mod:`lms.lti.roles`. Moodle lists its assistants as learners here."""
    is_learner: Mapped[bool]
    """Whether the platform lists this person to learn, and not to teach."""
    status: Mapped[Standing] = mapped_column(String(10))
    name: Mapped[str | None] = mapped_column(Text, info={"personal": "name as the platform lists it in the course"})
    seen_at: Mapped[datetime]
    """When the platform listed this person last."""


class CourseGroup(Base):
    """A group of a course, as the platform made it."""

    __tablename__ = "lti_course_group"
    __table_args__ = (UniqueConstraint("context_row_id", "group_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    context_row_id: Mapped[str] = mapped_column(ForeignKey(Context.id))
    group_id: Mapped[str]
    name: Mapped[str]
    set_name: Mapped[str] = mapped_column(default="")
    """The set of groups that it belongs to, if any."""
    seen_at: Mapped[datetime]


class GroupMember(Base):
    """A person in a group."""

    __tablename__ = "lti_group_member"
    __table_args__ = (UniqueConstraint("group_row_id", "platform_user_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    group_row_id: Mapped[str] = mapped_column(ForeignKey(CourseGroup.id))
    platform_user_id: Mapped[str] = mapped_column(ForeignKey(PlatformUser.id), index=True)
    seen_at: Mapped[datetime]


class RosterUpdate(Base):
    """How far the newest update of a course's list is. The job holds whether it runs; this holds where it goes on."""

    __tablename__ = "lti_roster_update"

    context_row_id: Mapped[str] = mapped_column(ForeignKey(Context.id), primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    """When an update last came to its end; everything listed is as true as then."""
    members_read: Mapped[int] = mapped_column(default=0)
    next_url: Mapped[str | None] = mapped_column(Text)
    """The page on which an update that was interrupted goes on."""
    differences_url: Mapped[str | None] = mapped_column(Text)
    """Where the platform tells only what has changed since (NRPS 2.0, membership differences)."""
    is_partial: Mapped[bool] = mapped_column(default=False)
    """Whether the update that runs reads differences only, so that whoever is not listed stays."""
