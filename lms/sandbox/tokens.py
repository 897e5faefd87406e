"""Access tokens for the grade services: asked for with a client assertion, opaque, good for an hour."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from lms.core import clock
from lms.sandbox import store
from lms.sandbox.models import AccessToken
from lms.sandbox.refusals import TokenRefused

LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ_ONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_READ_ONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
GRANTABLE_SCOPES = (LINE_ITEM, LINE_ITEM_READ_ONLY, RESULT_READ_ONLY, SCORE)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class Grant:
    """A new token and what it is good for."""

    access_token: str
    scope: str
    expires_in_seconds: int


def assertion_of(form: Mapping[str, str]) -> str:
    """The client assertion in a token request of the right form (RFC 6749, section 4.4; RFC 7521, section 4.2).

    :raises TokenRefused: ``unsupported_grant_type`` or ``invalid_request``.
    """
    if form.get("grant_type") != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRefused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
    if not form.get("client_assertion"):
        raise TokenRefused("invalid_request", "client_assertion is missing")
    return form["client_assertion"]


def grant(asked: str) -> Grant:
    """A token for those of the scopes asked for that this tool may have.

    :raises TokenRefused: ``invalid_scope`` if none is left.
    """
    granted = " ".join(scope for scope in GRANTABLE_SCOPES if scope in asked.split())
    if not granted:
        raise TokenRefused("invalid_scope", "None of these scopes can be granted")
    token = secrets.token_urlsafe(32)
    store.session().add(AccessToken(hashed=_hashed(token), scope=granted, expires_at=clock.now() + LIFE))
    return Grant(access_token=token, scope=granted, expires_in_seconds=int(LIFE.total_seconds()))


def scopes_of(token: str) -> frozenset[str] | None:
    """What a token is good for now; nothing if it is unknown or has expired."""
    found = store.session().get(AccessToken, _hashed(token))
    if found is None or found.expires_at <= clock.now():
        return None
    return frozenset(found.scope.split())


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
