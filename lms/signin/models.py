"""Tables of staff. Secrets that travel - of a session, a link, an invitation, a question - are kept as hashes only."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core import clock
from lms.core.db import Base, new_id
from lms.organisations.models import Organisation

LONGEST_SUBJECT = 255
"""OpenID Connect core, 2: ``sub`` is at most 255 ASCII characters."""


class StaffMember(Base):
    """Somebody who administers. Known by ``sub`` below the issuer, never by an e-mail address."""

    __tablename__ = "staff_member"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    issuer: Mapped[str | None]
    """The provider that answers for this person; none for an account that comes in by one-time links only."""
    subject: Mapped[str | None] = mapped_column(
        String(LONGEST_SUBJECT), info={"personal": "the sign-in provider's own number for a member of staff"}
    )
    name: Mapped[str] = mapped_column(info={"personal": "name of a member of staff, as the provider last sent it"})
    email: Mapped[str | None] = mapped_column(
        info={"personal": "e-mail address of a member of staff, as the provider last sent it"}
    )
    language: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    disabled_at: Mapped[datetime | None]
    """From then on no session of theirs is good and nobody signs in as them."""

    grants: Mapped[list["StaffGrant"]] = relationship(
        back_populates="member", cascade="all, delete-orphan", order_by="StaffGrant.granted_at, StaffGrant.id"
    )


class StaffGrant(Base):
    """One role of one member of staff. Taking it away deletes the row; the audit keeps that it was there."""

    __tablename__ = "staff_grant"
    __table_args__ = (
        Index(
            "uq_staff_grant_everywhere",
            "staff_id",
            "role",
            unique=True,
            sqlite_where=text("organisation_id IS NULL"),
            postgresql_where=text("organisation_id IS NULL"),
        ),
        UniqueConstraint("staff_id", "role", "organisation_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff_member.id"))
    role: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey(Organisation.id))
    """None means every organisation."""
    granted_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
    """From then on the role is not held; guests' roles always have it."""

    member: Mapped[StaffMember] = relationship(back_populates="grants")
    organisation: Mapped[Organisation | None] = relationship()


class Invitation(Base):
    """A link by which one person takes up one role, once."""

    __tablename__ = "staff_invitation"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_name: Mapped[str] = mapped_column(info={"personal": "name of the invited, as the inviter wrote it"})
    """So that the inviter knows which link is whose; the account takes its name from the provider."""
    role: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey(Organisation.id))
    role_ends_at: Mapped[datetime | None]
    invited_by: Mapped[str]
    """``staff:<id>`` or ``operator:command-line``."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(ForeignKey("staff_member.id"))
    withdrawn_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()


class SignInQuestion(Base):
    """One question to the provider: who is this? Its answer is taken once, from the browser that asked."""

    __tablename__ = "staff_sign_in_question"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(64))
    """The secret half of PKCE (RFC 7636); worthless without the code that comes back."""
    browser_hash: Mapped[str] = mapped_column(String(64))
    next_path: Mapped[str] = mapped_column(Text)
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey("staff_invitation.id"))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    consumed_at: Mapped[datetime | None]


class OneTimeLink(Base):
    """A way in without the provider, made by the operator: short-lived, used once."""

    __tablename__ = "staff_one_time_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff_member.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """One sign-in. It stays as a line of the list of last sign-ins after it has ended."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_staff_id_started_at", "staff_id", "started_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff_member.id"))
    method: Mapped[str] = mapped_column(String(10))
    """``provider`` or ``link``."""
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime] = mapped_column(default=clock.now)
    """The last time it was seen, within a minute."""
    ended_at: Mapped[datetime | None]

    member: Mapped[StaffMember] = relationship()
