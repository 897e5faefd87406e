"""What we know about platforms, and what they sent us.

A registration is (issuer, client_id). Deployment, context, resource link and user ids mean something only below it:
contexts and resource links below a deployment, users below the registration (core 5.3).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core import clock
from lms.core.db import Base, new_id
from lms.lti import roles
from lms.people.models import Person

LONGEST_ID = 255
"""Of all ids that a platform sends (core 5.3)."""


def table(model: type[Base]) -> Table:
    """A model's table, for statements on the path of every launch, which make no objects."""
    return cast(Table, model.__table__)


class State(StrEnum):
    """Whether a platform may launch us. Rows stay in every state: people's records hang on them (docs/adr/0011)."""

    PENDING = "pending"
    """It registered by itself, and no administrator has confirmed it."""
    ACTIVE = "active"
    DISABLED = "disabled"
    DELETED = "deleted"
    """Closed for good, until the same issuer and client id are registered again."""


class Invitation(Base):
    """One platform may register by itself, once, at an address that holds a secret."""

    __tablename__ = "lti_invitation"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    note: Mapped[str] = mapped_column(default="")
    """For whom it is, in the words of who made it: a platform, not a person."""
    deployment_policy: Mapped[str] = mapped_column(String(10), default="approve")
    """What the new registration will have."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Registration(Base):
    """A platform that may launch us, under one client id. All tenants of a cloud platform can share an issuer."""

    __tablename__ = "lti_registration"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(default="")
    issuer: Mapped[str]
    client_id: Mapped[str]
    auth_url: Mapped[str] = mapped_column(Text)
    token_url: Mapped[str] = mapped_column(Text)
    token_audience: Mapped[str | None] = mapped_column(Text)
    """What a client assertion names as its audience, where that is not the token URL (D2L)."""
    jwks_url: Mapped[str] = mapped_column(String(500))
    algorithms: Mapped[str] = mapped_column(String(100), default="RS256")
    """By which this platform may sign, joined by spaces. A token chooses among these and no others."""
    deployment_policy: Mapped[str] = mapped_column(String(10), default="closed")
    """What an unknown deployment means: ``closed`` refuses it, ``approve`` lets a person decide, ``open`` takes it."""
    leeway_seconds: Mapped[int] = mapped_column(default=120)
    """By how much its clock may differ from ours (SEC 5.1.3, 7: "usually no more than a few minutes")."""
    allows_anonymous: Mapped[bool] = mapped_column(default=False)
    """Whether somebody whom the platform does not name may look (core 5.3.6.1). Nothing is recorded for them."""
    product_family_code: Mapped[str | None] = mapped_column(String(100))
    """As the platform calls its product, at the last launch; chooses its habits."""
    family_override: Mapped[str | None] = mapped_column(String(100))
    """As an administrator calls the product, where the platform says nothing or something wrong."""
    state: Mapped[State] = mapped_column(String(10), default=State.ACTIVE)
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    """What it granted when it registered by itself; the claims of a launch and its token answers are what counts."""
    messages: Mapped[list[Any]] = mapped_column(default=list)
    """What we offered it when it registered by itself."""
    proposed: Mapped[dict[str, Any] | None]
    """New addresses, said by the platform itself, that wait for an administrator."""
    configuration_url: Mapped[str | None] = mapped_column(Text)
    """Where the platform described itself, if it registered by itself."""
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey(Invitation.id))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def family(self) -> str | None:
        """The product whose habits count."""
        return self.family_override or self.product_family_code


class Deployment(Base):
    """One place in a platform where the tool was put."""

    __tablename__ = "lti_deployment"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("lti_registration.id"))
    deployment_id: Mapped[str]
    is_approved: Mapped[bool]
    refused_at: Mapped[datetime | None]
    """When an administrator said no. Neither approved nor refused: it waits."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Context(Base):
    """A course of the platform."""

    __tablename__ = "lti_context"
    __table_args__ = (UniqueConstraint("deployment_id", "context_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("lti_deployment.id"))
    context_id: Mapped[str]
    label: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")


class ResourceLink(Base):
    """A link in a course of the platform that opens us."""

    __tablename__ = "lti_resource_link"
    __table_args__ = (UniqueConstraint("deployment_id", "resource_link_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("lti_registration.id"))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("lti_deployment.id"))
    context_id: Mapped[str | None] = mapped_column(ForeignKey("lti_context.id"))
    resource_link_id: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    module_slug: Mapped[str | None] = mapped_column(String(80))
    """The module that this link opens, bound by ``courses`` at the first launch."""
    part: Mapped[str | None] = mapped_column(String(80))
    """The unit or the written task that alone is graded by this link; None for the whole module. Bound as the module."""
    line_item_url: Mapped[str | None] = mapped_column(Text)
    """Where scores of this link go; only if the platform made exactly one line item for it (AGS 2.0, claim)."""
    line_items_url: Mapped[str | None] = mapped_column(Text)
    ags_scopes: Mapped[list[Any]] = mapped_column(default=list)
    """What the last launch allowed us to ask for; never more is asked."""


class PlatformUser(Base):
    """A person as one platform knows them. ``sub`` is case-sensitive and unique below the issuer only."""

    __tablename__ = "lti_platform_user"
    __table_args__ = (UniqueConstraint("registration_id", "sub"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("lti_registration.id"))
    sub: Mapped[str] = mapped_column(info={"personal": "the platform's own number for the person"})
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id), index=True)
    name: Mapped[str | None] = mapped_column(Text, info={"personal": "name as the platform last sent it"})
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class LoginState(Base):
    """One question to a platform: who is this? Its answer is taken once, from the browser that asked (SEC 5.1.1)."""

    __tablename__ = "lti_login_state"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    registration_id: Mapped[str] = mapped_column(ForeignKey("lti_registration.id"))
    browser_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    consumed_at: Mapped[datetime | None]
    launch_id: Mapped[str | None] = mapped_column(String(36))
    """The launch that used it, so that a reload finds its way. No foreign key: a refused launch has no row."""


class LaunchSession(Base):
    """One launch, named in the path of every page it opens, and bound to the browser that made it."""

    __tablename__ = "lti_launch_session"
    __table_args__ = (Index("ix_lti_launch_session_again", "platform_user_id", "resource_link_row_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey(Person.id))
    registration_id: Mapped[str] = mapped_column(ForeignKey("lti_registration.id"))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("lti_deployment.id"))
    platform_user_id: Mapped[str] = mapped_column(ForeignKey("lti_platform_user.id"))
    context_row_id: Mapped[str | None] = mapped_column(ForeignKey("lti_context.id"))
    resource_link_row_id: Mapped[str | None] = mapped_column(ForeignKey("lti_resource_link.id"))
    """Every launch of a link has one; other messages may come without."""
    message_type: Mapped[str] = mapped_column(String(40), default="LtiResourceLinkRequest")
    asked: Mapped[dict[str, Any]] = mapped_column(
        default=dict, info={"personal": "the platform's own number for the person whose work or data is asked for"}
    )
    """What a message says that opens no link; see :mod:`lms.lti.messages`. Addresses in it may hold keys: not for logs."""
    role_names: Mapped[list[Any]]
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    locale: Mapped[str | None] = mapped_column(String(35))
    return_url: Mapped[str | None] = mapped_column(Text)
    """May hold a session key of the platform (Moodle): not for logs."""
    landing_path: Mapped[str] = mapped_column(Text)
    """Path and query, below the session's own prefix, of the page on which the launch begins."""
    frame_ancestors: Mapped[list[Any]]
    """Origins that may show these pages in a frame."""
    browser_hash: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]

    linked: Mapped[ResourceLink | None] = relationship(lazy="joined")
    context: Mapped[Context | None] = relationship(lazy="joined")

    @property
    def resource_link(self) -> ResourceLink:
        """The link that was opened. The guard of its pages sees to it that there is one."""
        if self.linked is None:
            raise LookupError(f"a launch by {self.message_type} opened no link")
        return self.linked

    @property
    def roles(self) -> frozenset[str]:
        """Our names of the roles; see :mod:`lms.lti.roles`."""
        return frozenset(self.role_names)

    @property
    def is_instructor(self) -> bool:
        """Whether this person teaches in this context."""
        return roles.INSTRUCTOR in self.roles

    @property
    def is_test_user(self) -> bool:
        """Whether the platform made this person up to try things: no certificate, no statistics."""
        return roles.TEST_USER in self.roles

    @property
    def line_item_url(self) -> str | None:
        """Where scores of this link go, if anywhere."""
        return self.resource_link.line_item_url

    @property
    def ags_scopes(self) -> frozenset[str]:
        """What we may ask of the gradebook."""
        return frozenset(self.resource_link.ags_scopes)


class PlatformKeySet(Base):
    """A platform's public keys, as last fetched; several registrations may share one address."""

    __tablename__ = "lti_platform_key_set"

    jwks_url: Mapped[str] = mapped_column(String(500), primary_key=True)
    jwks: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime]
    tried_at: Mapped[datetime]
    """The last time we asked, whether or not we got an answer."""


class ServiceToken(Base):
    """An access token for a platform's services, good for one set of scopes and perhaps for one deployment only."""

    __tablename__ = "lti_service_token"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id", "scopes"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("lti_registration.id"))
    deployment_id: Mapped[str] = mapped_column(default="")
    """As the platform calls it (core 6.2.1); empty if the token was asked for without one."""
    scopes: Mapped[str] = mapped_column(String(1000))
    """Sorted, joined by spaces."""
    token_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]


class LastScoreTime(Base):
    """The newest score timestamp used for one person in one line item; the next must be later (AGS 2.0, timestamp)."""

    __tablename__ = "lti_last_score_time"
    __table_args__ = (UniqueConstraint("registration_id", "line_item_hash", "sub"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("lti_registration.id"))
    line_item_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the address, which can be longer than an index takes."""
    sub: Mapped[str] = mapped_column(info={"personal": "the platform's own number for the person"})
    used_at: Mapped[datetime]
    has_grade: Mapped[bool] = mapped_column(default=False)
    """Whether a final grade was sent, which a later report of progress would wipe (Moodle)."""
