"""The sandbox's own small store: one SQLite file under the instance, made when first opened.

A request has one session; :class:`lms.sandbox.wiring.SandboxLms` commits it at the edge. Every transaction is a writing
one (``BEGIN IMMEDIATE``): this is a toy for a few people, and so it cannot lose an update.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import current_app, g
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from lms.sandbox.models import SHAPE, Base

BUSY_TIMEOUT_SECONDS = 10


class Store:
    """The file and its sessions."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(path)
        self.new_session = sessionmaker(self.engine, expire_on_commit=False)

    def create_tables(self) -> bool:
        """Make the tables, anew if they are of another shape; whether the store is empty now."""
        with self.engine.begin() as connection:
            is_known = connection.exec_driver_sql("PRAGMA user_version").scalar() == SHAPE
            if not is_known:
                _drop_all(connection)
            Base.metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {SHAPE}")
        return not is_known

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def current() -> Store:
    """The store of the sandbox at work."""
    store: Store = current_app.extensions["bilim.sandbox.store"]
    return store


def session() -> Session:
    """The session of the present request; its transaction begins with the first question asked."""
    if "sandbox_session" not in g:
        g.sandbox_session = current().new_session()
    found: Session = g.sandbox_session
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """The present session, committed at the end or rolled back on any error."""
    work = session()
    try:
        yield work
        work.commit()
    except BaseException:
        work.rollback()
        raise


def let_go() -> None:
    """Make true what was done so far, so that no transaction is held while another service is asked."""
    session().commit()


def close_session() -> None:
    """Give back the connection of the present request."""
    found: Session | None = g.pop("sandbox_session", None)
    if found is not None:
        found.close()


def _drop_all(connection: Connection) -> None:
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_SECONDS})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
