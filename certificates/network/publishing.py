"""Our own list: the bodies that issue here, and every key that ever signed a credential, for nodes that trust us."""

from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from sqlalchemy import select

from certificates.badges import signing
from certificates.badges.models import Credential
from certificates.network import issuer_list
from lms.core import audit, clock, keys, settings
from lms.core.db import db
from lms.core.keys import SigningKey
from lms.organisations import issuers
from lms.organisations.models import Organisation

USE = "node"
GOOD_FOR = timedelta(days=30)
"""Longer than any outage; a node that could not be asked for longer is told with a warning."""
ANNOUNCED_BEFORE_USE = timedelta(days=30)
"""So long other nodes have to read in our list which key will sign the next ones."""


def composed() -> str:
    """The list as of now, signed. Its key is made at the first call, in the caller's transaction."""
    keys.ensure(USE, issuer_list.ALGORITHM)
    key, now = keys.active(USE), clock.now()
    claims = {
        "iss": settings.current().public_url,
        "iat": int(now.timestamp()),
        "exp": int((now + GOOD_FOR).timestamp()),
        "node_keys": keys.published(USE),
        "keys": [_key(row) for row in signing.history()],
        "bodies": [_body(row) for row in _bodies()],
    }
    header = {"alg": issuer_list.ALGORITHM, "kid": key.kid, "typ": issuer_list.TYPE}
    return jwt.encode(header, claims, key, algorithms=[issuer_list.ALGORITHM])


def fingerprint() -> str:
    """Of the key that signs our list: what we tell the people of another node by another way than the network."""
    return issuer_list.fingerprint(keys.ensure(USE, issuer_list.ALGORITHM).public_jwk)


def announce_next_key(*, actor: str) -> str:
    """Another key signs our list in a month; until then it is announced under the present one. Gives its fingerprint."""
    keys.ensure(USE, issuer_list.ALGORITHM)
    row = keys.add(USE, issuer_list.ALGORITHM, active_from=clock.now() + ANNOUNCED_BEFORE_USE)
    audit.record("network.key-announced", subject=row.kid, actor=actor)
    return issuer_list.fingerprint(row.public_jwk)


def _key(row: SigningKey) -> dict[str, Any]:
    return {"kid": row.kid, "jwk": row.public_jwk, "compromised_at": _moment(row.withdrawn_at)}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _bodies() -> list[Organisation]:
    """Those that ever issued a credential here."""
    issuing = select(Credential.organisation_id).distinct()
    return list(
        db.session.scalars(select(Organisation).where(Organisation.id.in_(issuing)).order_by(Organisation.code))
    )


def _body(row: Organisation) -> dict[str, Any]:
    today = issuers.succession_of(row.id)
    return {
        "id": row.id,
        "names": dict(row.names),
        "country": row.country,
        "today": today and {"names": dict(today.names), "act": today.act, "day": today.day and today.day.isoformat()},
    }
