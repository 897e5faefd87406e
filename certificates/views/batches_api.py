"""For systems of the bureau: verify many certificates in one go, and take a signed receipt."""

from typing import Any

from flask import Response
from flask_smorest.fields import Upload
from marshmallow import fields
from marshmallow.validate import Length, OneOf
from werkzeug.datastructures import FileStorage

from certificates import wording as verdict_words
from certificates.batches import answers, asking, handing_out, reading, wording
from certificates.batches.answers import Answered
from certificates.batches.asking import Asker
from certificates.batches.models import VerificationBatch
from certificates.views.api import CertificateFacts, OutlineView, StandingView
from lms.core.api import Blueprint
from lms.core.db import new_id
from lms.core.i18n import locale
from lms.core.schemas import Request, View
from lms.core.web import limiter, takes_up_to
from lms.oauth import clients, guard, repeats
from lms.oauth.scopes import CERTIFICATES_READ
from lms.organisations import issuers

blueprint = Blueprint("certificate_batches", __name__, description="Many certificates verified in one go.")

UPLOAD_BYTES = reading.LARGEST_BYTES + 1024 * 1024
STATES = ("reading", "running", "done", "refused")


class ItemsQuestion(Request):
    """Codes, register numbers or SHA-256 of files, in any order."""

    items = fields.List(
        fields.String(validate=Length(max=500)),
        required=True,
        validate=Length(min=1, max=reading.MOST_ROWS),
        metadata={
            "description": "One thing to verify each; the answer counts them from 1.",
            "example": ["7Q4M-X2DN-9TVC-H", "2026-KG-PM000001"],
        },
    )
    id = fields.UUID(
        load_default=None,
        metadata={"description": "Yours to choose. Sending the same again, when an answer was lost, changes nothing."},
    )


class UploadQuestion(Request):
    """A spreadsheet with a column of codes, numbers or hashes; or a ZIP of certificates."""

    file = Upload(required=True, metadata={"description": "XLSX or ZIP, at most 40 MB."})


class RowVerdict(View):
    """One row: what was asked, and the answer."""

    row = fields.Integer(required=True, metadata={"description": "Of the item, row or file in what was sent, from 1."})
    asked = fields.String(required=True)
    kind = fields.String(required=True, validate=OneOf(["code", "number", "hash", "file"]))
    sha256 = fields.String(required=True, allow_none=True, metadata={"description": "Of a file."})
    fault = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why the row was not verified; then it has no verdict."},
    )
    verdict = fields.String(required=True, allow_none=True)
    accepted = fields.Boolean(
        required=True, metadata={"description": "Whether it proves a certificate that held at that moment."}
    )
    register_status = fields.String(required=True, allow_none=True)
    reasons = fields.List(fields.String(), required=True)
    title = fields.String(required=True, allow_none=True, metadata={"description": "The verdict for people."})
    sentence = fields.String(required=True, metadata={"description": "What it means, for people."})
    differences = fields.List(
        fields.String(), required=True, metadata={"description": "Fields in which a file says something else."}
    )
    mentioned_code = fields.String(
        required=True, allow_none=True, metadata={"description": "A code that stands in a file without a seal."}
    )
    standing = fields.Nested(StandingView, required=True, allow_none=True)
    certificate = fields.Nested(CertificateFacts, required=True, allow_none=True)
    outline = fields.Nested(OutlineView, required=True, allow_none=True)


class BatchView(View):
    """How far a batch is, and its answers."""

    id = fields.String(required=True)
    state = fields.String(required=True, validate=OneOf(STATES))
    refusal = fields.String(
        required=True, allow_none=True, metadata={"description": "Why nothing of the upload was read."}
    )
    rows = fields.Integer(required=True, metadata={"description": "How many; 0 until the upload was read."})
    answered = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    input_sha256 = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    kept_until = fields.AwareDateTime(required=True)
    results = fields.List(fields.Nested(RowVerdict), required=True, metadata={"description": "Empty until it is done."})


@blueprint.route("/certificates/batches", methods=["POST"])
@guard.bearer(CERTIFICATES_READ)
@repeats.safely
@limiter.limit("60/minute")
@blueprint.refuses(404, "batch-unknown: the id is taken by somebody else")
@blueprint.refuses(410, "batch-over")
@blueprint.takes(ItemsQuestion)
@blueprint.answers(202, BatchView, "Taken; ask for the batch until it is done.")
def verify_items(asked: dict[str, Any]) -> dict[str, Any]:
    """Verify many codes, numbers or hashes

    Up to 1000 at once. A register number is answered with module, year and initials only.
    """
    batch_id = str(asked["id"]) if asked["id"] else new_id()
    return _told(asking.start(batch_id, asking.of_items(asked["items"]), _asker()))


@blueprint.route("/certificates/batches/files", methods=["POST"])
@guard.bearer(CERTIFICATES_READ)
@repeats.safely
@takes_up_to(UPLOAD_BYTES)
@limiter.limit("20/minute")
@blueprint.takes_files(UploadQuestion)
@blueprint.answers(202, BatchView, "Taken; ask for the batch until it is done or refused.")
def verify_files(asked: dict[str, FileStorage]) -> dict[str, Any]:
    """Verify a spreadsheet of codes, or a ZIP of certificates

    The file is taken apart by a job: what is wrong with it is told by the batch, what is wrong with a row by the row.
    """
    return _told(asking.start_upload(new_id(), asked["file"].read(), _asker()))


@blueprint.route("/certificates/batches/<batch_id>", methods=["GET"])
@guard.bearer(CERTIFICATES_READ)
@blueprint.refuses(404, "batch-unknown")
@blueprint.refuses(410, "batch-over: answers are kept for 30 days")
@blueprint.answers(200, BatchView, "How far it is, and the answers when it is done.")
def batch(batch_id: str) -> dict[str, Any]:
    """How far a batch is, and its answers

    Each row has the same verdict as a question for that one certificate.
    """
    return _told(_own(batch_id))


@blueprint.route("/certificates/batches/<batch_id>/receipt.jws", methods=["GET"])
@guard.bearer(CERTIFICATES_READ)
@blueprint.refuses(404, "batch-unknown, receipt-not-ready")
@blueprint.refuses(410, "batch-over")
@blueprint.answers_file(handing_out.STATEMENT_TYPE, "Compact JWS.")
def receipt_statement(batch_id: str) -> Response:
    """The signed receipt

    Its keys are at `/verify/receipts/jwks.json`.
    """
    return handing_out.statement(_own(batch_id))


@blueprint.route("/certificates/batches/<batch_id>/receipt.pdf", methods=["GET"])
@guard.bearer(CERTIFICATES_READ)
@blueprint.refuses(404, "batch-unknown, receipt-not-ready")
@blueprint.refuses(410, "batch-over")
@blueprint.answers_file("application/pdf", "A sealed PDF.")
def receipt_paper(batch_id: str) -> Response:
    """The receipt as sealed PDF

    Printed some seconds after the batch is done.
    """
    return handing_out.paper(_own(batch_id))


def _own(batch_id: str) -> VerificationBatch:
    return asking.own(batch_id, guard.actor())


def _asker() -> Asker:
    """The body in whose name a program asks; one of nobody's is named as it was admitted, by an office, never by a person."""
    client = clients.enabled(guard.current().client_id)
    (body,) = issuers.named([client.organisation_id]) if client and client.organisation_id else (None,)
    own = {"en": client.name if client else guard.actor()}
    return Asker(guard.actor(), body.names if body else own, locale())


def _told(batch: VerificationBatch) -> dict[str, Any]:
    progress = asking.progress_of(batch)
    rows = asking.rows_of(batch) if batch.finished_at else []
    return {
        "id": batch.id,
        "state": _state(batch),
        "refusal": batch.refusal,
        "rows": batch.rows,
        "answered": progress.done,
        "accepted": progress.accepted,
        "input_sha256": batch.input_sha256,
        "created_at": batch.created_at,
        "finished_at": batch.finished_at,
        "kept_until": batch.expires_at,
        "results": [_row(found) for found in answers.answered(rows)],
    }


def _state(batch: VerificationBatch) -> str:
    if batch.refusal is not None:
        return "refused"
    if batch.finished_at is not None:
        return "done"
    return "reading" if batch.form == asking.UNREAD else "running"


def _row(found: Answered) -> dict[str, Any]:
    row, verdict = found.row, found.verdict
    words = verdict_words.of_verdict(verdict) if verdict else None
    return {
        "row": row.number,
        "asked": row.asked,
        "kind": row.kind,
        "sha256": row.file_sha256,
        "fault": row.fault,
        "verdict": verdict.code.value if verdict else None,
        "accepted": found.is_accepted,
        "register_status": verdict.register_status.value if verdict else None,
        "reasons": verdict.reasons if verdict else (),
        "title": str(words.title) if words else None,
        "sentence": str(words.sentence if words else wording.of_fault(row.fault or "")),
        "differences": [field.value for field in found.differences],
        "mentioned_code": verdict.mentioned_code if verdict else None,
        "standing": verdict.standing if verdict else None,
        "certificate": verdict.facts if verdict else None,
        "outline": verdict.outline if verdict else None,
    }
