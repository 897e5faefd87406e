"""The signed ends of the register's chain, for everybody to keep: whoever has a copy notices if the past is rewritten.

They hold days, counts and hashes, and nothing about any certificate.
"""

from datetime import date

from flask import Blueprint, Response, jsonify, request

from certificates import chain
from lms.core import keys
from lms.core.errors import Invalid
from lms.core.i18n import _l
from lms.core.web import limiter

AT_ONCE = 400
"""More than a year of days."""
CACHED_SECONDS = 3600

blueprint = Blueprint("register_heads", __name__)


@blueprint.get("/verify/heads.json")
@limiter.limit("60/minute")
def heads() -> Response:
    """The heads after a day, or from the first one, oldest first. ``next`` says what to ask for the rest."""
    found = chain.signed_heads(after=_day(request.args.get("after", "")), limit=AT_ONCE + 1)
    told, has_more = found[:AT_ONCE], len(found) > AT_ONCE
    following = f"/verify/heads.json?after={told[-1].day}" if has_more else None
    return _open_to_programs({"heads": [chain.as_json(head) for head in told], "next": following})


@blueprint.get("/verify/heads/jwks.json")
def head_keys() -> Response:
    """Every public key that ever signed a head or a list of what holds, also one that signs no more."""
    return _open_to_programs({"keys": [key.public_jwk for key in keys.history(chain.KEY_USE)]})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("day-not-valid", _l("Write the day as in 2026-11-22.")) from error


def _open_to_programs(told: dict[str, object]) -> Response:
    answer = jsonify(told)
    answer.headers["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
