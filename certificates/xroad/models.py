"""What is kept of X-Road: who may ask for what, and every request that our Security Server brought."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certificates.xroad.identifiers import LONGEST
from lms.core import clock
from lms.core.db import Base
from lms.organisations.models import Organisation
from lms.people.number_keys import ROOT


class XroadRight(Base):
    """A body may ask for one service. Without a row it may not."""

    __tablename__ = "xroad_right"
    __table_args__ = (UniqueConstraint("client", "service"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    client: Mapped[str] = mapped_column(String(LONGEST))
    service: Mapped[str] = mapped_column(String(40))
    """See :class:`certificates.xroad.rights.Service`."""
    purposes: Mapped[list[Any]]
    """Kinds of ``lms.people.purposes`` that it may state; for services about people only."""
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey(Organisation.id))
    """Whose people and certificates it sees; None means everybody's."""
    ground: Mapped[str]
    """The act or agreement that allows it."""
    granted_at: Mapped[datetime] = mapped_column(default=clock.now)


class XroadRequest(Base):
    """One request that our Security Server brought, whatever became of it. Lines are added and never changed."""

    __tablename__ = "xroad_request"
    __table_args__ = (Index("ix_xroad_request_message_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    message_id: Mapped[str] = mapped_column(String(80))
    """The X-Road-Id: the same in the logs of both Security Servers."""
    client: Mapped[str] = mapped_column(String(LONGEST))
    service: Mapped[str] = mapped_column(String(40))
    is_allowed: Mapped[bool]
    issue: Mapped[str] = mapped_column(
        String(200), default="", info={"personal": "X-Road-Issue: the asking body's own case"}
    )
    """Without numbers that could be those of people."""


class XroadUser(Base):
    """Who of the asking body asked, beside a line that never changes: this one is written anew when the key changes."""

    __tablename__ = "xroad_user"

    request_id: Mapped[int] = mapped_column(ForeignKey(XroadRequest.id), primary_key=True, autoincrement=False)
    user_id_encrypted: Mapped[bytes] = mapped_column(
        LargeBinary, info={"personal": "X-Road-UserId: who of the asking body asked, encrypted"}
    )
    number_key: Mapped[str] = mapped_column(String(8), default=ROOT, server_default=ROOT, index=True)
    """With which key of ``lms.people.number_keys`` it is written."""
