"""What a tool signs: is the signature its own, is it the time, was it used before? For assertions and for messages."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert

from lms.core import clock
from lms.sandbox import store, tool_keys
from lms.sandbox.models import SeenAssertion, Tool
from lms.sandbox.refusals import MessageRefused
from lms.sandbox.tool_keys import ToolKeysUnavailable

LEEWAY = timedelta(seconds=60)


def unverified_text(token: str, claim: str) -> str:
    """A claim read before the signature is checked, only to know whose key to check it with.

    :raises MessageRefused: if there is no such text.
    """
    try:
        part = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError, RecursionError) as error:
        raise MessageRefused("This is not a JWT") from error
    value = claims.get(claim) if isinstance(claims, dict) else None
    if not isinstance(value, str):
        raise MessageRefused(f"{claim} must be a text")
    return value


def claims_of(token: str, tool: Tool) -> dict[str, object]:
    """The claims of what this tool has signed with RS256. Its keys may have to be fetched, so nothing is held meanwhile.

    :raises MessageRefused: if it did not.
    """
    try:
        header: Mapping[str, object] = extract_compact(token.encode()).headers()
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid:
            raise MessageRefused("The header names no key (kid)")
        url = tool.jwks_url
        store.let_go()
        key = tool_keys.of(url).find(kid)
        if key is None:
            raise MessageRefused("The tool publishes no key with this kid")
        return dict(jwt.decode(token, key, algorithms=["RS256"]).claims)
    except ToolKeysUnavailable as error:
        raise MessageRefused("The tool's key set cannot be fetched") from error
    except (JoseError, ValueError) as error:
        raise MessageRefused("This is not a JWT signed by the tool with RS256") from error


def refuse_other_time(claims: Mapping[str, object], *, longest_life: timedelta) -> datetime:
    """When it expires.

    :raises MessageRefused: if ``iat`` or ``exp`` is no number, or if now is not between them.
    """
    issued_at, expires_at = _moment(claims, "iat"), _moment(claims, "exp")
    now = clock.now()
    if issued_at > now + LEEWAY:
        raise MessageRefused("iat is in the future")
    if expires_at <= now - LEEWAY:
        raise MessageRefused("Expired token")
    if expires_at > issued_at + longest_life:
        raise MessageRefused(f"It lives longer than {int(longest_life.total_seconds())} seconds")
    return expires_at


def refuse_replay(value: object, name: str, expires_at: datetime) -> None:
    """:raises MessageRefused: if ``jti`` or ``nonce`` is missing or was used before."""
    if not isinstance(value, str) or not value:
        raise MessageRefused(f"{name} is missing")
    session = store.session()
    session.execute(delete(SeenAssertion).where(SeenAssertion.expires_at < clock.now() - LEEWAY))
    seen = insert(SeenAssertion).values(jti=f"{name}:{value}", expires_at=expires_at)
    if session.scalar(seen.on_conflict_do_nothing().returning(SeenAssertion.jti)) is None:
        raise MessageRefused(f"{name} was used before")


def _moment(claims: Mapping[str, object], name: str) -> datetime:
    """RFC 7519, section 2: a NumericDate is a number, not a text."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MessageRefused(f"{name} must be a number of seconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise MessageRefused(f"{name} is no moment") from error
