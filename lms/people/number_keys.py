"""Keys of personal numbers: they change without a restart, and both the old and the new one read meanwhile.

The first key follows from the secret key of the installation (``root``); each later one is made here, stored encrypted by that
secret key. What is encrypted names its key in front of itself; a keyed hash is looked for by every key that rows may still have.

Changing the key has three steps. A new key is made, and from then on everything new is written with it. Rooms that keep
personal numbers move their rows batch by batch (:func:`register`); stopped in the middle, the next run goes on. When no row
has an old key any more, and has had none for a day, the old key is destroyed: then backups alone can hold what it read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import audit, clock, jobs, secret_key, vault
from lms.core.db import Base, db, new_id, reading, transaction
from lms.core.errors import Unavailable
from lms.core.i18n import _l

ROOT = "root"
JOB = "people-keys"
BATCH = 500
"""People in one transaction."""
REST = timedelta(days=1)
"""Between the last row and the end of an old key: what began with it before has ended by then."""
_PURPOSE = "people-key"
_CACHE = "bilim.people-keys"
_SEPARATOR = b":"


class PeopleKey(Base):
    """One key after the first."""

    __tablename__ = "people_key"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    secret_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None once it is destroyed."""
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]
    """When no row had an older key any more."""


secret_key.register(PeopleKey.secret_encrypted, _PURPOSE)


@dataclass(frozen=True)
class Key:
    """A key that reads."""

    id: str
    secret: str | None
    """None: the secret key of the installation."""


Move = Callable[[Key, int], int]
"""Write rows of at most so many people anew with this key, in the caller's transaction; how many people had another."""

_moves: dict[str, Move] = {}


def register(name: str, move: Move) -> None:
    """Let a room that keeps personal numbers say how its rows change their key."""
    _moves[name] = move


def leave_root() -> int:
    """Let no row depend on the secret key of the installation any more, which is being changed; how many people were moved."""
    with reading():
        newest = _newest()
    if newest is None or newest.finished_at is None:
        return rotate(actor="operator:secret-key")[1]
    return sum(_all_moved(move, BATCH) for move in _moves.values())


def current() -> Key:
    """With which everything new is written."""
    return readable()[0]


def readable() -> list[Key]:
    """Every key that some row may have, the newest first. Read once in each session."""
    session = db.session()
    if _CACHE not in session.info:
        session.info[_CACHE] = _read()
    keys: list[Key] = session.info[_CACHE]
    return keys


def encrypt(text: str, purpose: str) -> bytes:
    """With the newest key, whose name stands in front."""
    key = current()
    encrypted = vault.encrypt(text.encode(), purpose, secret=key.secret)
    return encrypted if key.id == ROOT else key.id.encode() + _SEPARATOR + encrypted


def decrypt(data: bytes, purpose: str) -> str:
    """:raises Unavailable: ``people-key-missing`` if its key was destroyed; ``secret-key-changed``."""
    name, separator, encrypted = data.partition(_SEPARATOR)
    if not separator:
        return vault.decrypt(data, purpose).decode()
    for key in readable():
        if key.id.encode() == name:
            return vault.decrypt(encrypted, purpose, secret=key.secret).decode()
    raise Unavailable("people-key-missing", _l("The key of this personal number is not there any more."), key=str(name))


def hashes(value: str, purpose: str) -> list[str]:
    """By which a value is found, whichever key its row has; the first is the one to store."""
    made = [vault.keyed_hash(value, purpose, secret=key.secret) for key in readable() if key.secret]
    return made + vault.keyed_hashes(value, purpose)  # the root comes last


def rotate(*, actor: str, batch: int = BATCH) -> tuple[str, int]:
    """Change the key, or go on with a change that was stopped. The name of the key, and how many people were moved.

    Runs outside any transaction, and may run while others write.
    """
    key_id = _begun(actor)
    moved = 0
    for move in _moves.values():
        moved += _all_moved(move, batch)
    with transaction():
        row = db.session.get_one(PeopleKey, key_id)
        if row.finished_at is None:
            row.finished_at = clock.now()
        audit.record("people-key.changed", subject=f"people-key:{key_id}", actor=actor, people=moved)
    return key_id, moved


@jobs.daily(JOB)
def tidy(_subject: str) -> None:
    """Move what was written with an old key in between, then destroy old keys after their day of rest."""
    with reading():
        newest = _newest()
    if newest is None:
        return
    if newest.finished_at is None or any(_moved(move, BATCH) for move in _moves.values()):
        rotate(actor="operator:daily")
    elif newest.finished_at < clock.now() - REST:
        _destroy_older_than(newest)


def _all_moved(move: Move, batch: int) -> int:
    moved = 0
    while count := _moved(move, batch):
        moved += count
    return moved


def _moved(move: Move, batch: int) -> int:
    with transaction():
        return move(current(), batch)


def _begun(actor: str) -> str:
    """The key that is being changed to: the newest if its change has not ended, else a new one."""
    with transaction():
        newest = _newest()
        if newest is not None and newest.finished_at is None:
            return newest.id
        secret = vault.encrypt(vault.new_secret().encode(), _PURPOSE)
        made = PeopleKey(id=new_id()[:8], secret_encrypted=secret, made_at=clock.now())
        db.session.add(made)
        audit.record("people-key.made", subject=f"people-key:{made.id}", actor=actor)
        return made.id


def _newest() -> PeopleKey | None:
    return db.session.scalar(select(PeopleKey).order_by(PeopleKey.made_at.desc(), PeopleKey.id).limit(1))


def _read() -> list[Key]:
    rows = db.session.scalars(select(PeopleKey).order_by(PeopleKey.made_at.desc(), PeopleKey.id)).all()
    kept = [Key(row.id, vault.decrypt(row.secret_encrypted, _PURPOSE).decode()) for row in rows if row.secret_encrypted]
    return [*kept, Key(ROOT, None)]


def _destroy_older_than(newest: PeopleKey) -> None:
    with transaction():
        older = select(PeopleKey).where(PeopleKey.id != newest.id, PeopleKey.secret_encrypted.is_not(None))
        for row in db.session.scalars(older):
            row.secret_encrypted = None
            audit.record("people-key.destroyed", subject=f"people-key:{row.id}", actor="operator:daily")


secret_key.register_step("personal-numbers", leave_root)
