"""What the sandbox remembers: launches on their way, tokens it gave, grades, and what was switched for a test."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

from lms.core.db import UtcDateTime


class Base(DeclarativeBase):
    """Tables of the sandbox's own file; they are no part of the product's migrations."""

    registry = registry(metadata=MetaData(), type_annotation_map={datetime: UtcDateTime, dict[str, object]: JSON})


class PlatformKey(Base):
    """A signing key of the platform. The newest signs; all are published."""

    __tablename__ = "platform_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(unique=True)
    private_jwk: Mapped[dict[str, object]]


class PendingLaunch(Base):
    """A launch that a person began; ``lti_message_hint`` leads back to it."""

    __tablename__ = "pending_launch"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    module_slug: Mapped[str]
    document_target: Mapped[str]
    began_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SeenAssertion(Base):
    """A client assertion that was used; its ``jti`` is never taken again before it expires (RFC 7523, section 3)."""

    __tablename__ = "seen_assertion"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class AccessToken(Base):
    """A token the tool was given, stored hashed."""

    __tablename__ = "access_token"

    hashed: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    """Granted scopes, separated by spaces."""
    expires_at: Mapped[datetime]


class LineItem(Base):
    """A column of the gradebook."""

    __tablename__ = "line_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    module_slug: Mapped[str | None]
    """The activity to which the column is coupled."""
    label: Mapped[str]
    score_maximum: Mapped[float]
    resource_id: Mapped[str | None]
    tag: Mapped[str | None]
    extras: Mapped[dict[str, object]]
    """Start, end, release and review as the tool sent them; shown again, used for nothing."""


class Result(Base):
    """What one person has in one column, and the last score that was accepted for it."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("line_item_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id", ondelete="CASCADE"))
    person_id: Mapped[str]
    score: Mapped[float | None]
    """On the scale of the column; nothing if not graded or cleared."""
    comment: Mapped[str | None]
    activity_progress: Mapped[str]
    grading_progress: Mapped[str]
    scoring_user_id: Mapped[str | None]
    scored_at: Mapped[datetime]
    """The ``timestamp`` that the tool sent."""
    received_at: Mapped[datetime]


class Departure(Base):
    """A person who takes no part in the course."""

    __tablename__ = "departure"

    person_id: Mapped[str] = mapped_column(primary_key=True)


class ChosenProfile(Base):
    """Which platform the sandbox imitates; one row at most."""

    __tablename__ = "chosen_profile"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]


class ArmedFault(Base):
    """Something that goes wrong on purpose, so many times more."""

    __tablename__ = "armed_fault"

    name: Mapped[str] = mapped_column(primary_key=True)
    remaining: Mapped[int]
