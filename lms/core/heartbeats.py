"""Signs of life that processes leave in the database for each other."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, db, transaction

WORKER, PROBE = "worker", "probe"


class Heartbeat(Base):
    """When something was last alive."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]


def beat(name: str) -> None:
    """Say that it is alive, now and for good."""
    now = clock.now()
    with transaction():
        insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        statement = insert(Heartbeat).values(name=name, at=now)
        db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def age_seconds(name: str) -> float | None:
    """How long ago it last said so; None if it never did. In the caller's transaction."""
    row = db.session.get(Heartbeat, name)
    return None if row is None else max(0.0, (clock.now() - row.at).total_seconds())
