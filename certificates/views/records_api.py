"""For registers of personnel: who completed what, with which certificate, and what has changed since."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields
from marshmallow.validate import Length, Range

from certificates import following
from certificates.following import CertificateNews, News
from courses import records
from courses.records import Completed
from lms.core import cursors
from lms.core.api import Blueprint
from lms.core.schemas import READABLE, PageQuestion, View
from lms.oauth import guard, reach
from lms.oauth.scopes import RECORDS_READ

blueprint = Blueprint("records", __name__, description="Completed modules, and what changes.")

BEGINNING = 0
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class RecordsQuestion(PageQuestion):
    """Which records."""

    organisation = fields.String(
        load_default=None,
        validate=[Length(min=1, max=40), READABLE],
        metadata={"description": "Code of the body that answers for the learners of the platform."},
    )
    module = fields.String(
        load_default=None, validate=[Length(min=1, max=80), READABLE], metadata={"description": "The module's slug."}
    )
    since = fields.AwareDateTime(
        load_default=None,
        validate=Range(min=EARLIEST),
        metadata={"description": "Only what was recorded then or later; with its offset from UTC."},
    )


class CertificateOutline(View):
    """A certificate of a record."""

    number = fields.String(required=True, metadata={"description": "Register number."})
    code = fields.String(required=True, metadata={"description": "By which it is read and verified."})
    state = fields.String(required=True, metadata={"description": "valid, suspended, revoked, expired, superseded."})


class RecordView(View):
    """One person has completed one module. Results are not told."""

    id = fields.String(required=True)
    issuer = fields.String(required=True, metadata={"description": "Issuer of the platform."})
    client_id = fields.String(required=True, metadata={"description": "Our client id at that platform."})
    user_id = fields.String(required=True, metadata={"description": "The platform's id of the person."})
    module = fields.String(required=True, metadata={"description": "The module's slug."})
    track = fields.String(required=True, metadata={"description": "whole, or reserve for the short way of the module."})
    titles = fields.Dict(required=True, keys=fields.String(), values=fields.String())
    hours = fields.Integer(required=True, metadata={"description": "Academic hours."})
    organisation = fields.String(required=True, allow_none=True)
    completed_at = fields.AwareDateTime(required=True)
    recorded_at = fields.AwareDateTime(required=True)


class RecordWithCertificate(RecordView):
    """A record and its newest certificate."""

    certificate = fields.Nested(CertificateOutline, required=True, allow_none=True)


class RecordsPage(View):
    """Some records, in the order in which they were recorded."""

    items = fields.List(fields.Nested(RecordWithCertificate), required=True)
    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"description": "Where the next page begins; null at the end."}
    )


class CertificateChange(CertificateOutline):
    """The certificate that a change is about; ``state`` is that of today."""

    reason = fields.String(required=True, allow_none=True, metadata={"description": "Where it accuses nobody."})
    replaced_by = fields.String(required=True, allow_none=True)


class ChangeView(View):
    """One thing that happened."""

    position = fields.Integer(
        required=True, metadata={"description": "Its place in the sequence; without gaps for a program that sees all."}
    )
    kind = fields.String(
        required=True,
        metadata={
            "description": "completion.recorded; certificate.issued, .suspended, .reinstated, .revoked, .superseded."
        },
    )
    at = fields.AwareDateTime(required=True)
    record_id = fields.String(required=True)
    record = fields.Nested(RecordView, required=True, allow_none=True)
    certificate = fields.Nested(CertificateChange, required=True, allow_none=True)


class ChangesPage(View):
    """Some changes, oldest first."""

    items = fields.List(fields.Nested(ChangeView), required=True)
    next_cursor = fields.String(required=True, metadata={"description": "Keep it, and ask with it the next time."})
    has_more = fields.Boolean(required=True, metadata={"description": "Whether to ask again at once."})


@blueprint.route("/records", methods=["GET"])
@guard.bearer(RECORDS_READ)
@blueprint.refuses(400, "cursor-not-valid")
@blueprint.takes_query(RecordsQuestion)
@blueprint.answers(200, RecordsPage, "A page of records.")
def completed_records(asked: dict[str, Any]) -> dict[str, Any]:
    """Read completed records

    A program that was admitted for one organisation sees the records of that one only. To stay up to date, follow the
    changes.
    """
    found = records.completed_page(
        after=_place(asked["cursor"]),
        limit=asked["limit"] + 1,
        organisations=reach.organisations(guard.client()),
        organisation=asked["organisation"],
        module=asked["module"],
        since=asked["since"],
    )
    shown = found[: asked["limit"]]
    certificates = following.certificates_of([each.id for each in shown])
    return {
        "items": [_with_certificate(each, certificates) for each in shown],
        "next_cursor": _cursor_behind(shown[-1]) if len(found) > len(shown) else None,
    }


@blueprint.route("/changes", methods=["GET"])
@guard.bearer(RECORDS_READ)
@blueprint.refuses(400, "cursor-not-valid")
@blueprint.takes_query(PageQuestion)
@blueprint.answers(200, ChangesPage, "What happened since.")
def changes_since(asked: dict[str, Any]) -> dict[str, Any]:
    """Follow what changes

    Completions and the life of certificates in one sequence. What was told once never changes its place, and nothing
    appears later before it: keep the cursor, ask with it from time to time, and nothing is missed.
    """
    position = _position(asked["cursor"])
    found = following.after(position, organisations=reach.organisations(guard.client()), limit=asked["limit"] + 1)
    shown = found[: asked["limit"]]
    return {
        "items": [_news(each) for each in shown],
        "next_cursor": cursors.written(shown[-1].position if shown else position),
        "has_more": len(found) > len(shown),
    }


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    microseconds, seconds, record_id = cursors.read(cursor, int, int, str)
    at = datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(microseconds) % 1_000_000)
    return at, str(record_id)


def _cursor_behind(record: Completed) -> str:
    at = record.recorded_at
    return cursors.written(at.microsecond, int(at.timestamp()), record.id)


def _position(cursor: str | None) -> int:
    return int(cursors.read(cursor, int)[0]) if cursor is not None else BEGINNING


def _with_certificate(record: Completed, certificates: Mapping[str, CertificateNews]) -> dict[str, Any]:
    return vars(record) | {"certificate": certificates.get(record.id)}


def _news(news: News) -> dict[str, Any]:
    return vars(news) | {"record": vars(news.record) if news.record else None}
