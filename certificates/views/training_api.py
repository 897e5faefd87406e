"""The register of training for programs: the same answers as the bureau's pages, for a purpose that is said with each question."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from certificates.training import exports, looking
from certificates.training.looking import Asker
from certificates.training.search import Found, Question
from courses.records import REGIONS
from lms.core import cursors
from lms.core.api import Blueprint
from lms.core.schemas import MOST_AT_ONCE, READABLE, Message, PageQuestion, Request, View
from lms.oauth import guard, reach
from lms.oauth.scopes import REGISTER_READ
from lms.organisations import issuers
from lms.people import purposes
from lms.people.accesses import AccessKind

blueprint = Blueprint("training", __name__, description="The register of training.")

AT_ONCE = 50
_REFUSED = "question-empty, purpose-missing, values-not-valid"
_PURPOSE_HELP = f"One of: {', '.join(purposes.PURPOSES)}."


def _text(longest: int, description: str, *, least: int = 1) -> fields.String:
    return fields.String(
        load_default=None, validate=[Length(min=least, max=longest), READABLE], metadata={"description": description}
    )


class _Filters(PageQuestion):
    number = _text(40, "Register number of a certificate.")
    programme = _text(80, "Code of a plan's programme, or slug of a programme of study.")
    region = fields.String(load_default=None, validate=OneOf(list(REGIONS)), metadata={"description": "ISO 3166-2."})
    agency = _text(40, "Code of the body from which people were sent.")
    year = fields.Integer(
        load_default=None,
        validate=Range(2000, 2100),
        metadata={"description": "Of completion, by the academy's calendar."},
    )
    limit = fields.Integer(load_default=AT_ONCE, validate=Range(min=1, max=MOST_AT_ONCE))


class TrainingFilters(_Filters):
    """What may stand in an address: nothing about a person."""


class PurposeHeader(Message):
    """For what it is asked, as a header."""

    purpose = fields.String(
        required=True,
        data_key="Purpose",
        validate=[Length(min=8, max=1000), Regexp(r"^[a-z]+; ?[!-~ ]+$")],
        metadata={
            "description": f"`competition; Competition%2012`: a kind, a semicolon, the case in a few words (percent-encoded "
            f"UTF-8). {_PURPOSE_HELP} The person can read it."
        },
    )


class PurposeView(Request):
    """For what it is asked. The people who are shown can read it."""

    kind = fields.String(
        required=True, validate=OneOf(list(purposes.PURPOSES)), metadata={"description": _PURPOSE_HELP}
    )
    words = fields.String(
        required=True,
        validate=[Length(min=purposes.SHORTEST_WORDS, max=purposes.LONGEST_WORDS), READABLE],
        metadata={"description": "The case in a few words, such as the number of the competition."},
    )


class TrainingQuestion(_Filters):
    """Whom or what is looked for; at least one part beside the purpose."""

    purpose = fields.Nested(PurposeView, required=True)
    name = _text(120, "Any part of any form of a name.", least=2)
    personal_number = fields.String(
        load_default=None,
        validate=Regexp(r"^[0-9]{14}$"),
        metadata={"description": "National personal number; finds people on rosters."},
    )


class BodyView(View):
    """An organisation."""

    code = fields.String(required=True)
    names = fields.Dict(required=True, keys=fields.String(), values=fields.String())


class TrainingDocument(View):
    """The certificate of a line, as it stands today."""

    number = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "By which it is read and verified."})
    state = fields.String(required=True, metadata={"description": "valid, suspended, revoked, expired, superseded."})


class TrainingLine(View):
    """One person completed one module. Results are not told."""

    record_id = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "As its holder confirmed it; else as it was sent."})
    region = fields.String(required=True, allow_none=True)
    agency = fields.Nested(BodyView, required=True, allow_none=True)
    module = fields.String(required=True, metadata={"description": "The module's slug."})
    track = fields.String(required=True, metadata={"description": "whole, or reserve for the short way of the module."})
    titles = fields.Dict(required=True, keys=fields.String(), values=fields.String())
    hours = fields.Integer(required=True, metadata={"description": "Academic hours."})
    completed_on = fields.String(required=True, metadata={"description": "A civil date of the academy."})
    document = fields.Nested(TrainingDocument, required=True, allow_none=True)
    organiser = fields.Nested(BodyView, required=True, allow_none=True)
    host = fields.Nested(BodyView, required=True, allow_none=True)
    programme = fields.String(required=True, allow_none=True)
    cohort = fields.String(required=True, allow_none=True)
    funded_by = fields.String(required=True, allow_none=True, metadata={"description": "Who pays, such as a donor."})


class TrainingPage(View):
    """Some lines, in the order in which they were recorded."""

    items = fields.List(fields.Nested(TrainingLine), required=True)
    total = fields.Integer(required=True, metadata={"description": "How many lines there are in all."})
    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"description": "Where the next page begins; null at the end."}
    )


@blueprint.route("/training", methods=["GET"])
@guard.bearer(REGISTER_READ)
@blueprint.refuses(400, "cursor-not-valid")
@blueprint.refuses(422, _REFUSED)
@blueprint.takes_query(TrainingFilters)
@blueprint.takes_headers(PurposeHeader)
@blueprint.answers(200, TrainingPage, "A page of lines.")
def training_lines(asked: dict[str, Any], header: dict[str, Any]) -> dict[str, Any]:
    """Read the register of training

    Each person in the answer can read that your program looked, and for what. A program that was admitted for one
    organisation sees what that answers for, and the people on rosters of its plans.
    """
    kind, _semicolon, words = header["purpose"].partition(";")
    return _page(asked, purposes.stated(kind, unquote(words)))


@blueprint.route("/training", methods=["POST"])
@guard.bearer(REGISTER_READ)
@blueprint.refuses(400, "cursor-not-valid, body-not-json")
@blueprint.refuses(422, _REFUSED)
@blueprint.takes(TrainingQuestion)
@blueprint.answers(200, TrainingPage, "A page of lines.")
def training_of_people(asked: dict[str, Any]) -> dict[str, Any]:
    """Read the register of training by name or personal number

    The same, for questions about people: names and numbers stand in the body and in no address.
    """
    return _page(asked, purposes.stated(asked["purpose"]["kind"], asked["purpose"]["words"]))


def _page(asked: Mapping[str, Any], purpose: str) -> dict[str, Any]:
    asker = Asker(
        actor=guard.actor(),
        kind=AccessKind.PROGRAM,
        purpose=purpose,
        seen_in=reach.organisations(guard.client()),
    )
    found = looking.look(_question(asked), asker, limit=asked["limit"], after=_place(asked["cursor"]))
    return {
        "items": [exports.as_json(line) for line in found.lines],
        "total": found.total,
        "next_cursor": _cursor_behind(found) if len(found.lines) == asked["limit"] else None,
    }


def _question(asked: Mapping[str, Any]) -> Question:
    return Question(
        name=asked.get("name") or "",
        personal_number=asked.get("personal_number") or "",
        number=asked["number"] or "",
        programme=asked["programme"] or "",
        region=asked["region"] or "",
        agency_id=(issuers.id_of(asked["agency"]) or asked["agency"]) if asked["agency"] else "",
        year=asked["year"],
    )


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    microseconds, seconds, record_id = cursors.read(cursor, int, int, str)
    at = datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(microseconds) % 1_000_000)
    return at, str(record_id)


def _cursor_behind(found: Found) -> str:
    last = found.lines[-1].trained
    return cursors.written(last.recorded_at.microsecond, int(last.recorded_at.timestamp()), last.record_id)
