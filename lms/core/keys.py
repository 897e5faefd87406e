"""Signing keys with a history: made, published, active, retired - and published for as long as signatures are checked.

Each use (``lti``, ``oauth``, ...) has keys of its own. A new key is published before it signs, so that platforms that
cache our key set know it in time. A retired key stays published until it is withdrawn: for uses whose signatures end soon
:func:`keep_fresh` does that, for others (certificates) never. The private part is encrypted at rest.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from joserfc.jwk import ECKey, KeyParameters, RSAKey
from sqlalchemy import String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import audit, clock, secret_key, vault
from lms.core.db import Base, can_keep, db, new_id, transaction

SigningJwk = RSAKey | ECKey
PUBLISHED_BEFORE_USE = timedelta(hours=24)
"""Longer than a platform keeps our key set (our cache header says one hour)."""


class SigningKey(Base):
    """One key pair and the span of its life."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    use: Mapped[str] = mapped_column(String(40), index=True)
    algorithm: Mapped[str] = mapped_column(String(10))
    private_encrypted: Mapped[bytes]
    public_jwk: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    active_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    """From then on it is not published any more, and nothing signed with it is believed by whoever looks."""


secret_key.register(SigningKey.private_encrypted, lambda row: f"signing-key:{row.use}")


def ensure(use: str, algorithm: str = "RS256") -> SigningKey:
    """The key that signs now; made, and active at once, if this use never had one."""
    return _newest_active(use) or add(use, algorithm, active_from=clock.now())


def active(use: str) -> SigningJwk:
    """The private key that signs now, with its kid.

    :raises LookupError: if this use has no key yet (``flask lti rotate-keys`` or start-up makes it).
    """
    row = _newest_active(use)
    if row is None:
        raise LookupError(f"no signing key for {use}")
    return private_part(row)


def signing_now(use: str) -> str | None:
    """The id of the key that signs, if this use has one."""
    row = _newest_active(use)
    return row.kid if row else None


def private_part(row: SigningKey) -> SigningJwk:
    """The key itself, decrypted."""
    pem = vault.decrypt(row.private_encrypted, f"signing-key:{row.use}")
    return _read(pem, row.algorithm, row.kid)


@lru_cache(maxsize=32)
def _read(pem: bytes, algorithm: str, kid: str) -> SigningJwk:
    """Once for each key and process: OpenSSL proves the numbers of an RSA key anew each time, which takes longer than a launch."""
    kind = RSAKey if algorithm.startswith("RS") else ECKey
    return kind.import_key(pem, {"kid": kid, "use": "sig", "alg": algorithm})


def published(use: str) -> list[dict[str, Any]]:
    """Public keys that anybody may need to check one of our signatures, newest first."""
    return [row.public_jwk for row in history(use) if row.withdrawn_at is None]


def find(kid: str, use: str) -> SigningKey | None:
    """The key of this use that a stranger's token names, whatever became of it; any text may stand there."""
    row = db.session.get(SigningKey, kid) if can_keep(kid) else None
    return row if row is not None and row.use == use else None


def history(use: str) -> list[SigningKey]:
    """All keys that this use ever had, newest first."""
    return list(db.session.scalars(select(SigningKey).filter_by(use=use).order_by(SigningKey.created_at.desc())))


def rotate(use: str, algorithm: str = "RS256") -> SigningKey:
    """Publish the next key now and let it sign from a day later; until then the present one signs."""
    return add(use, algorithm, active_from=clock.now() + PUBLISHED_BEFORE_USE)


def keep_fresh(use: str, *, period: timedelta, published_after: timedelta, algorithm: str = "RS256") -> list[str]:
    """One step of rotation by the calendar: publish the next key in time, retire the last, withdraw what nobody needs.

    Done every day, or twice a day, or late: the result is the same.

    :param period: for how long a key signs; the next is published a day before its end.
    :param published_after: for how long a key stays published when it signs no more; longer than its signatures live.
    :returns: what was done, a word for each key.
    """
    now = clock.now()
    present = ensure(use, algorithm)
    done = []
    is_next_there = any(row.active_from > now and row.retired_at is None for row in history(use))
    if not is_next_there and present.active_from + period - PUBLISHED_BEFORE_USE <= now:
        done.append(f"published {rotate(use, algorithm).kid}")
    for row in history(use):
        if row.active_from < present.active_from and row.retired_at is None:
            row.retired_at = present.active_from
            done.append(f"retired {row.kid}")
        if row.retired_at and row.withdrawn_at is None and row.retired_at + published_after <= now:
            row.withdrawn_at = now
            done.append(f"withdrew {row.kid}")
    return done


def rotate_by_calendar(use: str, *, days: int, published_after: timedelta, algorithm: str = "RS256") -> None:
    """One step of :func:`keep_fresh` in a transaction of its own, noted in the audit. For daily jobs.

    :param days: for how long a key signs.
    """
    with transaction():
        done = keep_fresh(use, period=timedelta(days=days), published_after=published_after, algorithm=algorithm)
        for what, kid in (each.split() for each in done):
            audit.record(f"{use}.key-{what}", subject=kid, actor="calendar")


def publish_next(use: str, *, actor: str, algorithm: str = "RS256") -> SigningKey:
    """Publish the next key now, because a person wants it; noted in the audit."""
    ensure(use, algorithm)
    key = rotate(use, algorithm)
    audit.record(f"{use}.key-rotated", subject=key.kid, actor=actor)
    return key


def withdraw(kid: str) -> SigningKey:
    """A key whose private part is in other hands: it signs no more and is published no more, from now on.

    If it was the one that signs, a new one signs at once: platforms that cached our key set learn of it by its id.

    :raises LookupError: for a key that is not there.
    """
    row = db.session.get(SigningKey, kid)
    if row is None:
        raise LookupError(kid)
    now = clock.now()
    row.retired_at, row.withdrawn_at = row.retired_at or now, now
    db.session.flush()
    ensure(row.use, row.algorithm)
    return row


def add(use: str, algorithm: str, *, active_from: datetime) -> SigningKey:
    """A new key. Its kid is never used for another."""
    kid = f"{use}-{new_id()}"
    parameters: KeyParameters = {"kid": kid, "use": "sig", "alg": algorithm}
    key = (
        RSAKey.generate_key(2048, parameters) if algorithm.startswith("RS") else ECKey.generate_key("P-256", parameters)
    )
    row = SigningKey(
        kid=kid,
        use=use,
        algorithm=algorithm,
        private_encrypted=vault.encrypt(key.as_pem(private=True), f"signing-key:{use}"),
        public_jwk={**key.as_dict(private=False), **parameters},
        created_at=clock.now(),
        active_from=active_from,
    )
    db.session.add(row)
    return row


def _newest_active(use: str) -> SigningKey | None:
    now = clock.now()
    return db.session.scalar(
        select(SigningKey)
        .where(
            SigningKey.use == use,
            SigningKey.active_from <= now,
            or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > now),
        )
        .order_by(SigningKey.active_from.desc())
        .limit(1)
    )
