"""What certificates keep about a person, for her to read. It stays: the law and every verifier rest on it."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select

from certificates.batches.models import VerificationBatch
from certificates.models import Certificate, OutgoingMail
from lms.core.db import db
from lms.core.i18n import _l
from lms.people import retention
from lms.people.holdings import Holding, StoredFile, register
from lms.people.retention import LostFiles, Rows


def init() -> None:
    """Make them known."""
    register(
        "certificates",
        Holding(
            title=_l("Certificates and the register that proves them"),
            shown=_shown,
            erased=None,
            why=_l("They stay by law: a certificate must be verifiable for as long as its holder may show it."),
            files=_files,
        ),
    )
    retention.register("lost-verifications", LostFiles("verifications", _kept_verifications))
    retention.register("sent-mail", Rows(OutgoingMail, OutgoingMail.id, lambda before: OutgoingMail.sent_at < before))


def _kept_verifications(names: Collection[str]) -> Iterable[str | None]:
    uploads, receipts = VerificationBatch.upload_stored_as, VerificationBatch.receipt_stored_as
    for column in (uploads, receipts):
        yield from db.session.scalars(select(column).where(column.in_(names)))


def _shown(person_id: str) -> list[dict[str, Any]]:
    rows = db.session.scalars(select(Certificate).filter_by(person_id=person_id).order_by(Certificate.number))
    return [
        {"number": row.number, "code": row.code, "status": row.status, "printed": json.loads(row.snapshot)}
        for row in rows
    ]


def _files(person_id: str) -> list[StoredFile]:
    """The sealed files, also of certificates that were replaced."""
    rows = db.session.scalars(select(Certificate).filter_by(person_id=person_id).order_by(Certificate.number))
    return [StoredFile(f"{row.number}.pdf", row.file_name) for row in rows if row.file_name]
