"""Signing keys with a history: made, published, active, retired - and published for as long as signatures are checked.

Each use (``lti``, ``oauth``, ...) has keys of its own. A new key is published before it signs, so that platforms that
cache our key set know it in time; a retired key stays published. The private part is encrypted at rest.
"""

from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey, KeyParameters, RSAKey
from sqlalchemy import String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock, vault
from lms.core.db import Base, db, new_id

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


def private_part(row: SigningKey) -> SigningJwk:
    """The key itself, decrypted."""
    pem = vault.decrypt(row.private_encrypted, f"signing-key:{row.use}")
    kind = RSAKey if row.algorithm.startswith("RS") else ECKey
    return kind.import_key(pem, {"kid": row.kid, "use": "sig", "alg": row.algorithm})


def published(use: str) -> list[dict[str, Any]]:
    """Public keys that anybody may need to check one of our signatures, newest first."""
    rows = db.session.scalars(select(SigningKey).filter_by(use=use).order_by(SigningKey.created_at.desc()))
    return [row.public_jwk for row in rows]


def rotate(use: str, algorithm: str = "RS256") -> SigningKey:
    """Publish the next key now and let it sign from a day later; until then the present one signs."""
    return add(use, algorithm, active_from=clock.now() + PUBLISHED_BEFORE_USE)


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
