"""Access tokens for the services: asked for with a client assertion, opaque, good for an hour."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from lms.core import clock
from lms.sandbox import store
from lms.sandbox.models import AccessToken
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import TokenRefused

LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ_ONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_READ_ONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
GRADE_SCOPES = (LINE_ITEM, LINE_ITEM_READ_ONLY, RESULT_READ_ONLY, SCORE)
MEMBERSHIP_READ_ONLY = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GROUP_READ_ONLY = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
NOTICE_HANDLERS = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
ALL_SCOPES = (*GRADE_SCOPES, MEMBERSHIP_READ_ONLY, GROUP_READ_ONLY, NOTICE_HANDLERS)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class Grant:
    """A new token and what it is good for."""

    access_token: str
    scope: str
    expires_in_seconds: int


@dataclass(frozen=True)
class Bearer:
    """Whom a token was given to, and what it is good for now."""

    client_id: str
    scopes: frozenset[str]


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


def grant(asked: str, *, client_id: str, allowed: str, profile: Profile) -> Grant:
    """A token for those of the scopes asked for that this tool may have.

    :raises TokenRefused: ``invalid_scope`` if none is left.
    """
    granted = " ".join(scope for scope in allowed.split() if scope in asked.split())
    if not granted and Quirk.EMPTY_SCOPE_IS_GRANTED not in profile:
        raise TokenRefused("invalid_scope", "None of these scopes can be granted")
    token = secrets.token_urlsafe(32)
    given = AccessToken(hashed=hashed(token), client_id=client_id, scope=granted, expires_at=clock.now() + LIFE)
    store.session().add(given)
    return Grant(access_token=token, scope=granted, expires_in_seconds=int(LIFE.total_seconds()))


def bearer_of(token: str) -> Bearer | None:
    """Whose token this is; nothing if it is unknown or has expired."""
    found = store.session().get(AccessToken, hashed(token))
    if found is None or found.expires_at <= clock.now():
        return None
    return Bearer(found.client_id, frozenset(found.scope.split()))


def hashed(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
