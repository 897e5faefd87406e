"""The addresses that our Security Server calls. None of them ever answers with a redirect, and none sets an X-Road header."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request

from certificates.training import looking
from certificates.training.looking import Asker
from certificates.training.search import Question
from certificates.xroad import answers, description, door, rights
from certificates.xroad.rights import Service
from certificates.xroad.schemas import ChangesQuery, RecordsQuery, beginning_of
from lms.core import cursors, problems
from lms.core.errors import BadRequest, Forbidden, NotFound
from lms.core.i18n import _l
from lms.core.schemas import load
from lms.core.web import writes
from lms.people.accesses import AccessKind

PREFIX = "/xroad"
SERVICE = "xroad-training-records"
BEGINNING = 0

blueprint = Blueprint("xroad", __name__)
described = Blueprint("xroad_description", __name__)


@described.get("/openapi.json")
def openapi() -> Response:
    """What the service is, for whoever connects to it."""
    return jsonify(description.document())


@blueprint.get("/v1/certificates/<number>")
@door.serves(Service.CERTIFICATES)
def certificate(number: str) -> Response:
    """How a certificate stands, by its register number."""
    return jsonify(answers.certificate(number, seen_in=rights.seen_by(door.right())))


@blueprint.post("/v1/training-records/query")
@door.serves(Service.TRAINING_RECORDS)
def training_records() -> Response:
    """What one person completed. The person can read that it was asked, by whom and for what."""
    asked = load(RecordsQuery(), _body())
    if asked["purpose"] not in door.right().purposes:
        raise Forbidden("xroad-purpose-not-allowed", _l("This client may not ask for this purpose."))
    seen_in = rights.seen_by(door.right())
    found = answers.of_person(asked["pin"], since=beginning_of(asked["since"]), seen_in=seen_in)
    looking.note(found, _asker(asked["purpose"]), Question(personal_number=asked["pin"]))
    return jsonify(answers.training_records(found))


@blueprint.get("/v1/organizations/<code>/summary")
@door.serves(Service.ORGANIZATIONS)
def summary(code: str) -> Response:
    """People and hours of a body, by year and module."""
    return jsonify(answers.summary(code, seen_in=rights.seen_by(door.right())))


@blueprint.get("/v1/changes")
@writes
@door.serves(Service.CHANGES)
def changes() -> Response:
    """What became of certificates since; the first who reads a change numbers it, so this writes."""
    asked = load(ChangesQuery(), request.args.to_dict())
    position = int(cursors.read(asked["cursor"], int)[0]) if asked["cursor"] else BEGINNING
    told, reached, has_more = answers.changes(position, seen_in=rights.seen_by(door.right()), limit=asked["limit"])
    return jsonify({"changes": told, "next_cursor": cursors.written(reached), "has_more": has_more})


def refuse_redirects(answer: Response) -> Response:
    """A router that would send the asker on (two slashes, for one) says that nothing is there instead (PR-REST, section 4.4)."""
    if request.path.startswith(PREFIX) and HTTPStatus.MULTIPLE_CHOICES <= answer.status_code < HTTPStatus.BAD_REQUEST:
        nothing = NotFound("page-not-found", _l("There is no page at this address. Check the address or go back."))
        return problems.problem_answer(nothing)
    return answer


def _asker(purpose: str) -> Asker:
    message = door.message()
    return Asker(
        actor=door.actor_of(message),
        kind=AccessKind.XROAD,
        purpose=f"{purpose}: {message.issue}" if message.issue else purpose,
        seen_in=None,
        service=SERVICE,
        reference=message.id or None,
    )


def _body() -> dict[str, Any]:
    """:raises BadRequest: ``body-not-json``."""
    try:
        body = request.get_json(force=True)
    except (ValueError, RecursionError) as error:
        raise BadRequest("body-not-json", _l("The body is not JSON in UTF-8.")) from error
    if not isinstance(body, dict):
        raise BadRequest("body-not-json", _l("The body is not JSON in UTF-8."))
    return body
