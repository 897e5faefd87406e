"""The tool proves who it is: a signed client assertion (RFC 7523, section 3; security framework 1.0, section 4.1.1)."""

from collections.abc import Mapping
from datetime import timedelta

from lms.sandbox import registrations, tool_signatures
from lms.sandbox.models import Tool
from lms.sandbox.refusals import MessageRefused, TokenRefused

LONGEST_LIFE = timedelta(hours=1)
"""The framework calls five minutes typical; an assertion that lives a day is a password."""


def accept(assertion: str, *, audience: str) -> Tool:
    """The tool that signed an assertion in which every claim is right.

    :raises TokenRefused: ``invalid_client``, with the first thing that is missing or wrong.
    """
    try:
        return _accepted(assertion, audience)
    except MessageRefused as refusal:
        raise TokenRefused("invalid_client", refusal.reason) from refusal


def _accepted(assertion: str, audience: str) -> Tool:
    tool = registrations.find(tool_signatures.unverified_text(assertion, "iss"))
    if tool is None:
        raise MessageRefused("iss is no client_id that is registered here")
    claims = tool_signatures.claims_of(assertion, tool)
    _refuse_other_client(claims, tool.client_id)
    _refuse_other_audience(claims, audience)
    expires_at = tool_signatures.refuse_other_time(claims, longest_life=LONGEST_LIFE)
    tool_signatures.refuse_replay(claims.get("jti"), "jti", expires_at)
    return tool


def _refuse_other_client(claims: Mapping[str, object], client_id: str) -> None:
    """LTI 1.3 core, section 6.1: the tool is issuer and subject, both by its ``client_id``."""
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise MessageRefused("iss and sub must both be the client_id")


def _refuse_other_audience(claims: Mapping[str, object], audience: str) -> None:
    named = claims.get("aud")
    if audience not in (named if isinstance(named, list) else [named]):
        raise MessageRefused(f"aud must be {audience}")
