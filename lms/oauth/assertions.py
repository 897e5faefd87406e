"""Programs that prove themselves by a signed assertion (RFC 7523; ``private_key_jwt`` of OpenID Connect Core, section 9)."""

import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode
from sqlalchemy import delete

from lms.core import audit, clock, settings, vault
from lms.core.db import db, insert_once, reading
from lms.oauth import client_keys, clients
from lms.oauth.models import PRIVATE_KEY_JWT, Client, UsedAssertion

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = 8192
LEEWAY = timedelta(seconds=30)
LONGEST_LIFE = timedelta(minutes=10)
"""Further ahead nobody needs to sign, and for so long we have to remember each."""

log = structlog.get_logger()


def prepare(form: Mapping[str, str]) -> None:
    """Have the keys of the program that a form names, before any transaction: its server may have to be asked."""
    claims, header = _unverified(form)
    client_id = claims.get("sub")
    if not isinstance(client_id, str):
        return
    with reading():
        client = clients.enabled(client_id)
    if client is not None and client.auth_method == PRIVATE_KEY_JWT:
        kid = header.get("kid")
        client_keys.refresh(client, kid=kid if isinstance(kid, str) else None)


def authenticate(form: Mapping[str, str]) -> Client | None:
    """The client that signed the assertion in a form; None if there is none, or anything about it is wrong."""
    claims, _header = _unverified(form)
    client_id = claims.get("sub")
    client = clients.enabled(client_id) if isinstance(client_id, str) else None
    if client is None or client.auth_method != PRIVATE_KEY_JWT:
        return None
    fault = _fault(client, form)
    if fault is None:
        return client
    audit.record("client-refused", subject=f"client:{client.id}", actor="unknown", reason=fault)
    log.info("assertion-refused", client=client.id, reason=fault)
    return None


def forget_old() -> None:
    """Drop what could not be used again anyway, in the caller's transaction."""
    db.session.execute(delete(UsedAssertion).where(UsedAssertion.expires_at < clock.now()))


def _fault(client: Client, form: Mapping[str, str]) -> str | None:
    """What is wrong, as a code for the audit; None if nothing is. A good one is used up."""
    keys = client_keys.known(client)
    if keys is None:
        return "keys-missing"
    try:
        claims = jwt.decode(form["client_assertion"], keys, algorithms=list(client_keys.ALGORITHMS)).claims
    except (JoseError, ValueError):
        return "signature-wrong"
    if form.get("client_id", client.id) != client.id:
        return "client-id-differs"
    return _fault_in_claims(client, claims)


def _fault_in_claims(client: Client, claims: Mapping[str, Any]) -> str | None:
    """RFC 7523, section 3, in its order."""
    now = clock.now()
    ends_at, begins_at, made_at = (_moment(claims.get(name)) for name in ("exp", "nbf", "iat"))
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        return "issuer-differs"
    if not _is_for_us(claims.get("aud")):
        return "audience-differs"
    if ends_at is None or ends_at + LEEWAY <= now:
        return "expired"
    if ends_at > now + LONGEST_LIFE + LEEWAY:
        return "lives-too-long"
    if any(moment is not None and moment - LEEWAY > now for moment in (begins_at, made_at)):
        return "not-yet-valid"
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 255:
        return "jti-missing"
    values = {"expires_at": ends_at + LEEWAY}
    _row, is_new = insert_once(UsedAssertion, {"client_id": client.id, "jti_hash": vault.hashed(jti)}, values)
    return None if is_new else "used-before"


def _is_for_us(audience: object) -> bool:
    """Ours and nobody else's: one that is for another server too could be carried over from there."""
    issuer = settings.current().public_url
    ours = {issuer, f"{issuer}/oauth/token"}
    named = audience if isinstance(audience, list) else [audience]
    return bool(named) and all(isinstance(each, str) and each in ours for each in named)


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _unverified(form: Mapping[str, str]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What an assertion says of itself, by which its keys are found; nothing of it is believed."""
    text = form.get("client_assertion", "")
    if form.get("client_assertion_type") != TYPE or len(text) > LONGEST or text.count(".") != 2:
        return {}, {}
    try:
        header, claims, _signature = (urlsafe_b64decode(part.encode("ascii")) for part in text.split("."))
        said = json.loads(claims), json.loads(header)
    except (ValueError, RecursionError, binascii.Error):
        return {}, {}
    return said if all(isinstance(part, dict) for part in said) else ({}, {})
