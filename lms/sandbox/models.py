"""What the sandbox remembers: courses, activities, tools, launches on their way, tokens, grades, and what was switched."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

from lms.core.db import UtcDateTime

SHAPE = 4
"""Number of the shape of these tables; a store of another shape is made anew, because nothing in it is worth keeping."""


class Base(DeclarativeBase):
    """Tables of the sandbox's own file; they are no part of the product's migrations."""

    registry = registry(
        metadata=MetaData(),
        type_annotation_map={
            datetime: UtcDateTime,
            dict[str, object]: JSON,
            dict[str, str]: JSON,
            list[str]: JSON,
            list[int]: JSON,
            list[object]: JSON,
        },
    )


class PlatformKey(Base):
    """A signing key of the platform. The newest signs; all are published."""

    __tablename__ = "platform_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(unique=True)
    private_jwk: Mapped[dict[str, object]]


class Tool(Base):
    """A registration: a tool with its client."""

    __tablename__ = "tool"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    login_url: Mapped[str]
    redirect_uris: Mapped[list[str]]
    jwks_url: Mapped[str]
    target_url: Mapped[str]
    """Where a launch goes that names no other address."""
    deep_link_url: Mapped[str]
    privacy_url: Mapped[str]
    scope: Mapped[str]
    """What it may ask tokens for, separated by spaces."""
    claims: Mapped[list[str]]
    """Claims about people that it asked for."""
    custom: Mapped[dict[str, str]]
    registration: Mapped[dict[str, object]]
    """What it sent when it registered itself; empty for one that was typed in."""
    access_token_hash: Mapped[str | None]
    """Of the token with which it may read and change its registration (RFC 7592)."""
    registered_at: Mapped[datetime]


class Deployment(Base):
    """A place in which a registered tool is deployed."""

    __tablename__ = "deployment"

    client_id: Mapped[str] = mapped_column(ForeignKey("tool.client_id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)


class RegistrationToken(Base):
    """Allows one tool to register, once."""

    __tablename__ = "registration_token"

    hashed: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Context(Base):
    """A course. ``titles`` and ``language``: it names itself to tools in that language."""

    __tablename__ = "context"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    language: Mapped[str]
    titles: Mapped[dict[str, str]]
    history: Mapped[list[int]]
    """The courses of which this is a copy, the newest first."""


class Link(Base):
    """A resource link: an activity of a course that opens a tool."""

    __tablename__ = "link"
    __table_args__ = ({"sqlite_autoincrement": True},)
    """The number of one that is gone is never given to another."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    client_id: Mapped[str | None]
    """The registration to which it belongs; nothing: the one that is switched on."""
    deployment_id: Mapped[str | None]
    titles: Mapped[dict[str, str]]
    summaries: Mapped[dict[str, str]]
    url: Mapped[str | None]
    """The content item's address; nothing: the tool's own."""
    custom: Mapped[dict[str, str]]
    item: Mapped[dict[str, object]]
    """The content item as it was taken; empty for an activity of the beginning."""
    history: Mapped[list[int]]
    """The links of which this is a copy, the newest first."""
    by_deep_linking: Mapped[bool]


class PendingLaunch(Base):
    """A launch that a person began; ``lti_message_hint`` leads back to it."""

    __tablename__ = "pending_launch"

    id: Mapped[str] = mapped_column(primary_key=True)
    message: Mapped[str]
    person_id: Mapped[str]
    client_id: Mapped[str]
    deployment_id: Mapped[str]
    link_id: Mapped[int | None]
    context_id: Mapped[int | None]
    line_item_id: Mapped[int | None]
    """The column, when a submission is reviewed."""
    for_person_id: Mapped[str | None]
    """The person whom the message is about."""
    deep_linking_id: Mapped[str | None]
    document_target: Mapped[str]
    began_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DeepLinking(Base):
    """A request for content, and what came of it."""

    __tablename__ = "deep_linking"

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str]
    context_id: Mapped[int]
    client_id: Mapped[str]
    deployment_id: Mapped[str]
    settings: Mapped[dict[str, object]]
    """``deep_linking_settings`` as they were sent."""
    began_at: Mapped[datetime]
    outcome: Mapped[str | None]
    """``accepted``, ``refused``, or nothing while no answer has come."""
    reason: Mapped[str]
    """Why it was refused."""
    messages: Mapped[dict[str, str]]
    """``msg``, ``log``, ``errormsg`` and ``errorlog`` that came along."""
    made: Mapped[list[str]]
    """The slugs of the activities that were made."""


class SeenAssertion(Base):
    """A client assertion or a message of a tool that was used: its ``jti`` or ``nonce`` is never taken again."""

    __tablename__ = "seen_assertion"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class AccessToken(Base):
    """A token a tool was given, stored hashed."""

    __tablename__ = "access_token"

    hashed: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    scope: Mapped[str]
    """Granted scopes, separated by spaces."""
    expires_at: Mapped[datetime]


class LineItem(Base):
    """A column of the gradebook."""

    __tablename__ = "line_item"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("link.id", ondelete="SET NULL"))
    """The activity to which the column is coupled."""
    label: Mapped[str]
    score_maximum: Mapped[float]
    resource_id: Mapped[str | None]
    tag: Mapped[str | None]
    extras: Mapped[dict[str, object]]
    """Start, end, release and review as the tool sent them; shown again."""


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
    submitted_at: Mapped[datetime | None]
    attempts: Mapped[int]
    """How many scores were taken as attempts."""
    history: Mapped[list[object]]
    """Every result that stood here, in the order in which the scores arrived."""


class Departure(Base):
    """A person who takes no part in the courses."""

    __tablename__ = "departure"

    person_id: Mapped[str] = mapped_column(primary_key=True)


class MembershipChange(Base):
    """That somebody left or came back, for the differences of the roster."""

    __tablename__ = "membership_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str]


class NoticeHandler(Base):
    """Where a tool wants to hear of something."""

    __tablename__ = "notice_handler"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    deployment_id: Mapped[str] = mapped_column(primary_key=True)
    notice_type: Mapped[str] = mapped_column(primary_key=True)
    handler: Mapped[str]


class SentNotice(Base):
    """A notice that was sent, and what the tool answered."""

    __tablename__ = "sent_notice"

    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    deployment_id: Mapped[str]
    notice_type: Mapped[str]
    handler: Mapped[str]
    context_id: Mapped[int | None]
    sent_at: Mapped[datetime]
    status: Mapped[int | None]
    """The HTTP status of the answer; nothing if none came."""


class ChosenProfile(Base):
    """Which platform the sandbox imitates; one row at most."""

    __tablename__ = "chosen_profile"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]


class ChangedQuirk(Base):
    """A habit that is switched on or off whatever the profile says."""

    __tablename__ = "changed_quirk"

    name: Mapped[str] = mapped_column(primary_key=True)
    is_on: Mapped[bool]


class ChosenOption(Base):
    """An option that was set."""

    __tablename__ = "chosen_option"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ArmedFault(Base):
    """Something that goes wrong on purpose, so many times more."""

    __tablename__ = "armed_fault"

    name: Mapped[str] = mapped_column(primary_key=True)
    remaining: Mapped[int]
