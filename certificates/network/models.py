"""The nodes that an administrator trusts, and the lists of bits that were fetched from them. Nothing here names a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, new_id


class Node(Base):
    """Another installation, as its own signed list describes it."""

    __tablename__ = "network_node"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    address: Mapped[str] = mapped_column(unique=True)
    """``https://host``, without a slash at its end: the beginning of every address in its credentials."""
    keys: Mapped[list[Any]]
    """Public keys (JWK) that may sign its list: the first was compared by a person, the next were announced under it."""
    list_text: Mapped[str] = mapped_column(Text)
    list_issued_at: Mapped[datetime]
    """As the list says. An older one is never taken in the place of a newer."""
    fetched_at: Mapped[datetime]
    fault: Mapped[str | None] = mapped_column(String(60))
    """Code of what went wrong at the last try; None if nothing did."""
    tried_at: Mapped[datetime]
    added_at: Mapped[datetime] = mapped_column(default=clock.now)


class NodeStatusList(Base):
    """A status list of a node, kept for as long as it says that it is good."""

    __tablename__ = "network_status_list"

    address: Mapped[str] = mapped_column(String(500), primary_key=True)
    node_id: Mapped[str] = mapped_column(ForeignKey("network_node.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime]
