"""Templates of organisations, each version a row. A version that was published stays as it is for as long as we exist."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, new_id


class VersionState(StrEnum):
    """A draft can change; a published version is used for new certificates; a retired one was."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class TemplateVersion(Base):
    """One version of an organisation's template. The database refuses to change what a published one looks like."""

    __tablename__ = "template_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        Index(
            "uq_template_version_in_use",
            "organisation_id",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[int | None]
    """Given when it is published; the certificate names it."""
    title: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default=VersionState.DRAFT)
    page: Mapped[str] = mapped_column(Text)
    style: Mapped[str] = mapped_column(Text)
    frame: Mapped[str] = mapped_column(Text)
    pictures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """SHA-256 by file name; the bytes are in the file store."""
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the whole layout, from the moment it is published."""
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    published_by: Mapped[str | None]
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
