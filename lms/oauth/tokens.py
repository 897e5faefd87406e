"""Access tokens: signed JWTs of RFC 9068 that end within the hour and can be revoked before.

A token is accepted if it is ours, meant for our API and in time - and if the row of its ``jti`` says that nobody revoked
it. Authlib's own validator lets a token without ``typ`` pass, and its revocation endpoint refuses JWTs; both are ours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry
from sqlalchemy import delete

from lms.core import clock, keys, settings
from lms.core.db import db, new_id
from lms.core.errors import Unauthorized
from lms.core.i18n import _l
from lms.oauth import clients, scopes
from lms.oauth.models import Client, IssuedToken

KEY_USE = "oauth"
ALGORITHM = "RS256"
TYPES = ("at+jwt", "application/at+jwt")
LIFETIME = timedelta(hours=1)
KEPT_AFTER_END = timedelta(days=1)


@dataclass(frozen=True)
class AccessToken:
    """What an accepted token says."""

    jti: str
    client_id: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime


def issuer() -> str:
    """Who signs: this service."""
    return settings.current().public_url


def audience() -> str:
    """Whom tokens are for: our API (RFC 9068, section 3)."""
    return f"{settings.current().public_url}/api"


def mint(client: Client, scope: str) -> str:
    """A signed token for this client, and the row that it can be revoked by."""
    key = keys.private_part(keys.ensure(KEY_USE, ALGORITHM))
    issued = _recorded_now(client, scope)
    claims: dict[str, Any] = {
        "iss": issuer(),
        "aud": audience(),
        "sub": client.id,
        "client_id": client.id,
        "scope": scope,
        "jti": issued.jti,
        "iat": int(issued.issued_at.timestamp()),
        "exp": int(issued.expires_at.timestamp()),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def accept(text: str) -> AccessToken:
    """What the token says, if it may be used now.

    :raises Unauthorized: ``token-invalid``, ``token-revoked``.
    """
    issued = find(text)
    if issued is None:
        raise invalid()
    if issued.revoked_at is not None or clients.enabled(issued.client_id) is None:
        raise Unauthorized(
            "token-revoked", _l("This access token was revoked. Ask for a new one."), spec="RFC 6750 section 3.1"
        )
    return AccessToken(
        jti=issued.jti,
        client_id=issued.client_id,
        scopes=scopes.split(issued.scope),
        issued_at=issued.issued_at,
        expires_at=issued.expires_at,
    )


def find(text: str) -> IssuedToken | None:
    """The row of a token that is ours, meant for us and in time; None for anything else."""
    try:
        token = jwt.decode(text, _published_keys(), algorithms=[ALGORITHM])
        _refuse_other_types(token.header)
        _claims_registry().validate(token.claims)
    except (JoseError, ValueError):
        return None
    return db.session.get(IssuedToken, token.claims["jti"])


def forget_old() -> None:
    """Drop tokens that ended more than a day ago, in the caller's transaction."""
    db.session.execute(delete(IssuedToken).where(IssuedToken.expires_at < clock.now() - KEPT_AFTER_END))


def invalid() -> Unauthorized:
    """The one answer to every token that is not accepted: why it is not is nobody else's business."""
    return Unauthorized(
        "token-invalid",
        _l("The access token is not valid or has expired. Ask for a new one."),
        spec="RFC 6750 section 3.1",
    )


def _recorded_now(client: Client, scope: str) -> IssuedToken:
    now = clock.now()
    client.last_token_at = now
    issued = IssuedToken(
        jti=new_id(), client_id=client.id, scope=scope, issued_at=now, expires_at=now + LIFETIME, revoked_at=None
    )
    db.session.add(issued)
    return issued


def _published_keys() -> KeySet:
    return KeySet.import_key_set({"keys": keys.published(KEY_USE)})


def _refuse_other_types(header: dict[str, Any]) -> None:
    """A token of another kind is no access token, whoever signed it (RFC 9068, section 4)."""
    if str(header.get("typ", "")).lower() not in TYPES:
        raise ValueError("not an access token")


def _claims_registry() -> JWTClaimsRegistry:
    return JWTClaimsRegistry(
        now=lambda: int(clock.now().timestamp()),
        iss={"essential": True, "value": issuer()},
        aud={"essential": True, "value": audience()},
        exp={"essential": True},
        jti={"essential": True},
    )
