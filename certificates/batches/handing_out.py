"""The receipt and the answers as files for whoever asked."""

from flask import Response

from certificates.batches import answers, asking
from certificates.batches import workbook as sheets
from certificates.batches.models import VerificationBatch
from lms.core import files
from lms.core.errors import NotFound
from lms.core.i18n import _l

STATEMENT_TYPE = "application/jose"


def statement(batch: VerificationBatch) -> Response:
    """The receipt as compact JWS.

    :raises NotFound: ``receipt-not-ready``.
    """
    if batch.statement is None:
        raise _not_ready()
    return _as_file(batch.statement.encode(), STATEMENT_TYPE, f"receipt-{batch.id}.jws")


def paper(batch: VerificationBatch) -> Response:
    """The receipt as sealed PDF.

    :raises NotFound: ``receipt-not-ready``.
    """
    if batch.receipt_stored_as is None:
        raise _not_ready()
    return _as_file(files.read(batch.receipt_stored_as), "application/pdf", f"receipt-{batch.id}.pdf")


def workbook(batch: VerificationBatch) -> Response:
    """The answers as XLSX, in the language that is spoken now.

    :raises NotFound: ``receipt-not-ready``.
    """
    if batch.finished_at is None:
        raise _not_ready()
    data = sheets.make(answers.answered(asking.rows_of(batch)))
    return _as_file(data, sheets.MEDIA_TYPE, f"answers-{batch.id}.xlsx")


def _as_file(data: bytes, media_type: str, name: str) -> Response:
    response = Response(data, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _not_ready() -> NotFound:
    return NotFound("receipt-not-ready", _l("The answers are not ready yet. Look again in a minute."))
