"""Organisations with their successors, their signers with spans of office, and the series of numbers they keep."""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Base, new_id
from lms.organisations.kinds import Kind


class Organisation(Base):
    """A body that issues certificates, or did. It is never deleted: certificates refer to it for decades."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    country: Mapped[str] = mapped_column(String(2))
    """ISO 3166-1 alpha-2."""
    names: Mapped[dict[str, Any]]
    """By language: ky, ru, zh, en."""
    kind: Mapped[str] = mapped_column(String(20), default=Kind.ACADEMY, server_default=Kind.ACADEMY)
    """A value of :class:`lms.organisations.kinds.Kind`."""
    successor_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    """The body that answers for its certificates today."""
    succession_act: Mapped[str | None]
    succession_date: Mapped[date | None]


class Signer(Base):
    """An official whose name stands under certificates for a span of time, both days included."""

    __tablename__ = "signer"
    __table_args__ = (UniqueConstraint("organisation_id", "valid_from"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[dict[str, Any]] = mapped_column(info={"personal": "name of an official, as printed"})
    post: Mapped[dict[str, Any]]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    signature_sha256: Mapped[str | None] = mapped_column(
        String(64), info={"personal": "which picture is the signature of an official, as printed"}
    )
    """Names the picture of the signature in the file store."""


class Series(Base):
    """Which organisation numbers the certificates of a series in a country."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("country", "code"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    country: Mapped[str] = mapped_column(String(2))
    code: Mapped[str] = mapped_column(String(10))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    valid_for_months: Mapped[int | None]
    """How long its certificates are valid; None means without end."""
    has_transcript: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its certificates have a second page with units, hours and results."""


class PlatformIssuer(Base):
    """Which organisation answers for the learners of a platform. Needed where several number the same series."""

    __tablename__ = "platform_issuer"

    registration_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Of ``lms.lti``, which stands above; so no foreign key."""
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))


class JointIssuer(Base):
    """An organisation that issues the certificates of a series together with the one that numbers it."""

    __tablename__ = "joint_issuer"

    series_id: Mapped[str] = mapped_column(ForeignKey("series.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
