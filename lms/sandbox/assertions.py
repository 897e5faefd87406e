"""The tool proves who it is: a signed client assertion (RFC 7523, section 3; security framework 1.0, section 4.1.1)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert

from lms.core import clock
from lms.sandbox import store
from lms.sandbox.models import SeenAssertion
from lms.sandbox.refusals import TokenRefused
from lms.sandbox.tool_keys import ToolKeys, ToolKeysUnavailable

LEEWAY = timedelta(seconds=60)
LONGEST_LIFE = timedelta(hours=1)
"""The framework calls five minutes typical; an assertion that lives a day is a password."""


def claims_of(assertion: str, tool_keys: ToolKeys) -> dict[str, object]:
    """The claims of an assertion whose signature is the tool's.

    :raises TokenRefused: ``invalid_client``.
    """
    try:
        header: Mapping[str, object] = extract_compact(assertion.encode()).headers()
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid:
            raise _refused("The header of the assertion names no key (kid)")
        key = tool_keys.find(kid)
        if key is None:
            raise _refused("The tool publishes no key with the kid of the assertion")
        return dict(jwt.decode(assertion, key, algorithms=["RS256"]).claims)
    except ToolKeysUnavailable as error:
        raise _refused("The tool's key set cannot be fetched") from error
    except (JoseError, ValueError) as error:
        raise _refused("The assertion is not a JWT signed by the tool with RS256") from error


def refuse_wrong_claims(claims: Mapping[str, object], *, client_id: str, audience: str) -> None:
    """:raises TokenRefused: at the first claim that is missing or wrong."""
    _refuse_other_client(claims, client_id)
    _refuse_other_audience(claims, audience)
    issued_at, expires_at = _moment(claims, "iat"), _moment(claims, "exp")
    _refuse_other_time(issued_at, expires_at)
    _refuse_replay(claims.get("jti"), expires_at)


def _refuse_other_client(claims: Mapping[str, object], client_id: str) -> None:
    """LTI 1.3 core, section 6.1: the tool is issuer and subject, both by its ``client_id``."""
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise _refused("iss and sub must both be the client_id")


def _refuse_other_audience(claims: Mapping[str, object], audience: str) -> None:
    named = claims.get("aud")
    if audience not in (named if isinstance(named, list) else [named]):
        raise _refused("aud must be the address of the token endpoint")


def _refuse_other_time(issued_at: datetime, expires_at: datetime) -> None:
    now = clock.now()
    if issued_at > now + LEEWAY:
        raise _refused("iat is in the future")
    if expires_at <= now - LEEWAY:
        raise _refused("Expired token")
    if expires_at > issued_at + LONGEST_LIFE:
        raise _refused("The assertion lives for more than an hour")


def _refuse_replay(jti: object, expires_at: datetime) -> None:
    if not isinstance(jti, str) or not jti:
        raise _refused("jti is missing")
    session = store.session()
    session.execute(delete(SeenAssertion).where(SeenAssertion.expires_at < clock.now() - LEEWAY))
    seen = insert(SeenAssertion).values(jti=jti, expires_at=expires_at)
    if session.scalar(seen.on_conflict_do_nothing().returning(SeenAssertion.jti)) is None:
        raise _refused("jti was used before")


def _moment(claims: Mapping[str, object], name: str) -> datetime:
    """RFC 7519, section 2: a NumericDate is a number, not a text."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"{name} must be a number of seconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise _refused(f"{name} is no moment") from error


def _refused(reason: str) -> TokenRefused:
    return TokenRefused("invalid_client", reason)
