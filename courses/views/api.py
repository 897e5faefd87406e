"""For the own servers of course modules: they report that a person completed a module."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import fields
from marshmallow.validate import OneOf, Range

from courses import completion, tracks
from lms.core.api import Blueprint
from lms.core.schemas import Request, View, line
from lms.oauth import guard, reach, repeats
from lms.oauth.scopes import COMPLETIONS_WRITE

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

blueprint = Blueprint("completions", __name__, description="Modules that people completed.")


class CompletionReport(Request):
    """Who completed which module, named as the platform and the module's server know them."""

    issuer = line("Issuer of the platform, as in its LTI launches.", example="https://lms.academy.example")
    client_id = line("Our client id at that platform.", example="bilim-tool")
    user_id = line("The platform's id of the person: sub of its LTI launches.", example="4f1c9a")
    module = line("The module's slug.", example="public-management", longest=64)
    track = fields.String(
        allow_none=True,
        load_default=None,
        validate=OneOf(tracks.TRACKS),
        metadata={
            "description": "The whole module, or its short way of the 36-hour programme; without it, what the person is on.",
            "example": "whole",
        },
    )
    score_percent = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=Range(min=0, max=100),
        metadata={"description": "Result in percent, if the server knows one.", "example": 86},
    )
    completed_at = fields.AwareDateTime(
        required=True,
        validate=Range(min=EARLIEST),
        metadata={
            "description": "When, with its offset from UTC; not in the future.",
            "example": "2026-03-02T17:40:00+06:00",
        },
    )


class CompletionView(View):
    """A completion as it is recorded. A second report gets the first one's values."""

    id = fields.String(required=True)
    issuer = fields.String(required=True)
    client_id = fields.String(required=True)
    user_id = fields.String(required=True)
    module = fields.String(required=True)
    track = fields.String(required=True, metadata={"description": "whole or reserve: what is recorded as completed."})
    score_percent = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "As it was reported; null if it follows from tests and marks."},
    )
    completed_at = fields.AwareDateTime(required=True, metadata={"description": "In UTC."})
    recorded_at = fields.AwareDateTime(required=True, metadata={"description": "When we first heard of it, in UTC."})


@blueprint.route("/completions", methods=["POST"])
@guard.bearer(COMPLETIONS_WRITE)
@repeats.safely
@blueprint.refuses(403, "platform-not-bound, module-not-bound: the program was admitted for others")
@blueprint.refuses(409, "enrolment-is-trial: an instructor or test user only looked around")
@blueprint.refuses(404, "platform-unknown, person-unknown, module-unknown, enrolment-unknown")
@blueprint.refuses(422, "track-not-offered: this module has no short way")
@blueprint.takes(CompletionReport)
@blueprint.also_answers(200, CompletionView, "It was recorded before; nothing changed.")
@blueprint.answers(201, CompletionView, "Recorded now. The grade and the certificate follow by themselves.")
def report_completion(asked: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Report that a person completed a module

    Reporting the same again changes nothing and answers what was recorded first, so a server may safely try again.
    """
    client = guard.client()
    reach.refuse_other_platform(client, completion.platform_id(asked["issuer"], asked["client_id"]))
    reach.refuse_other_module(client, asked["module"])
    recorded, is_new = completion.report(
        issuer=asked["issuer"],
        client_id=asked["client_id"],
        user_id=asked["user_id"],
        module_slug=asked["module"],
        score_percent=asked["score_percent"],
        completed_at=asked["completed_at"],
        source=guard.actor(),
        track=asked["track"],
    )
    values = {name: asked[name] for name in ("issuer", "client_id", "user_id", "module")}
    values |= {
        "id": recorded.id,
        "track": recorded.track,
        "score_percent": recorded.reported_percent,
        "completed_at": recorded.completed_at,
        "recorded_at": recorded.recorded_at,
    }
    return values, 201 if is_new else 200
