"""Credentials as they were signed, what they are about, and which of them their holders share."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base


class Credential(Base):
    """The credential of one certificate. Signed once; a second try of issuing finds it and embeds the same bytes."""

    __tablename__ = "certificate_credential"
    __table_args__ = (UniqueConstraint("organisation_id", "list_number", "position"),)

    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    list_number: Mapped[int]
    """Which of the organisation's status lists it stands in, from 1."""
    position: Mapped[int]
    """Its bit in that list, from 0; drawn at random, so that neighbours in a list have nothing in common."""
    kid: Mapped[str] = mapped_column(String(64))
    jwt: Mapped[str] = mapped_column(
        Text, info={"personal": "the signed credential: name, module, hours, result, dates"}
    )
    made_at: Mapped[datetime] = mapped_column(default=clock.now)


class Achievement(Base):
    """What credentials are about, named by the hash of what it says. It outlives the module that it describes."""

    __tablename__ = "certificate_achievement"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    facts: Mapped[dict[str, Any]]
    """See ``certificates.badges.achievement``."""


class Share(Base):
    """The holder lets everybody with a link see the certificate. No row: nobody may."""

    __tablename__ = "certificate_share"

    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    """Random; another one each time, so that a link that was taken back never works again."""
    shared_at: Mapped[datetime] = mapped_column(default=clock.now)
