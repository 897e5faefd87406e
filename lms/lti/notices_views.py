"""Where platforms send their notices. Open to all, because a notice proves itself."""

import json
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from lms.core.errors import BadRequest
from lms.core.i18n import _l
from lms.core.web import csrf, limiter
from lms.lti import notices
from lms.lti.refusals import LaunchRefused

MOST_AT_ONCE = 100
MOST_CALLS = "300/minute"

blueprint = Blueprint("lti_notices", __name__)
csrf.exempt(blueprint)


@blueprint.post("/notices")
@limiter.limit(lambda: MOST_CALLS)
def take() -> ResponseReturnValue:
    """Each notice for itself: a wrong one does not undo the others, and sending all again does nothing twice.

    200 if nothing was refused; else the status of the first refusal, with a code for each notice in their order.
    """
    taken = [_taken(token) for token in _tokens()]
    status = next((said["status"] for said in taken if said["status"] != 200), 200)
    return jsonify(notices=taken), status


def _tokens() -> list[str]:
    try:
        body = json.loads(request.get_data())
        tokens = [notice["jwt"] for notice in body["notices"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _malformed() from error
    if not tokens or len(tokens) > MOST_AT_ONCE or not all(isinstance(token, str) for token in tokens):
        raise _malformed()
    return tokens


def _malformed() -> BadRequest:
    return BadRequest("notices-malformed", _l("This is no list of notices."), spec="LTI PNS 1.0")


def _taken(token: str) -> dict[str, Any]:
    try:
        is_new = notices.accept(token)
    except LaunchRefused as refused:
        return {"status": refused.status, "code": refused.code}
    return {"status": 200, "code": "taken" if is_new else "known"}
