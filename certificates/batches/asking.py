"""Somebody asks for many verdicts in one go: what was sent is read, its rows are kept, and a job answers them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import func, select

from certificates.batches import reading
from certificates.batches.models import VerificationBatch, VerificationBatchRow
from certificates.batches.reading import Reading
from certificates.batches.wording import of_refusal
from lms.core import audit, clock, files, jobs
from lms.core.archives import NotRead
from lms.core.db import db, insert_once
from lms.core.errors import Gone, Invalid, NotFound
from lms.core.i18n import _l

JOB, PAPER, REMOVAL = "verification-batch", "verification-receipt", "verification-batch-removal"
KEPT = timedelta(days=30)
SHOWN_BATCHES = 20
UNREAD = ""
"""The form of what was not taken apart yet."""

Read = TypeVar("Read")


@dataclass(frozen=True)
class Asker:
    """Who asks, and in which language the receipt is written."""

    actor: str
    organisation: Mapping[str, str]
    """Names by language, as the receipt tells them. Never a person."""
    language: str


@dataclass(frozen=True)
class Progress:
    """How far a batch is."""

    done: int
    total: int
    accepted: int
    faulty: int
    """Rows that could not be verified."""

    @property
    def refused(self) -> int:
        """Rows whose verdict is not to accept."""
        return self.done - self.accepted - self.faulty


def of_text(text: str) -> Reading:
    """What was pasted: one code, number or hash on each line.

    :raises Invalid: ``nothing-asked``, ``too-many-rows``.
    """
    return _or_invalid(lambda: reading.rows_of_text(text))


def of_items(items: Sequence[str]) -> Reading:
    """What a program sends: one code, number or hash after the other.

    :raises Invalid: ``nothing-asked``, ``too-many-rows``.
    """
    return _or_invalid(lambda: reading.rows_of_items(items))


def start(batch_id: str, asked: Reading, asker: Asker) -> VerificationBatch:
    """Keep the rows and queue their answers, in the caller's transaction; the same id again gives the same batch."""
    text = "".join(f"{row.asked}\n" for row in asked.rows)
    batch, is_new = _begun(batch_id, asker, form=asked.form, data=text.encode(), rows=len(asked.rows))
    if is_new:
        add_rows(batch.id, asked)
    return batch


def start_upload(batch_id: str, data: bytes, asker: Asker) -> VerificationBatch:
    """Keep a spreadsheet or an archive until a job has taken it apart, in the caller's transaction.

    :raises Invalid: ``upload-empty``, ``upload-too-large``, ``upload-unknown``, ``sheet-encrypted``.
    """
    _or_invalid(lambda: reading.refuse_at_a_glance(data))
    batch, is_new = _begun(batch_id, asker, form=UNREAD, data=data, rows=0)
    if is_new:
        batch.upload_stored_as = f"verifications/{batch.id}/{batch.input_sha256}.upload"
        files.store(batch.upload_stored_as, data)
    return batch


def add_rows(batch_id: str, read: Reading) -> None:
    """A row that cannot be verified is answered already. In the caller's transaction."""
    db.session.add_all(
        VerificationBatchRow(
            batch_id=batch_id,
            position=position,
            number=row.number,
            asked=row.asked,
            kind=row.kind,
            fault=row.fault,
            place=row.place.told() if row.place else None,
            answered_at=clock.now() if row.fault else None,
            accepted=False,
        )
        for position, row in enumerate(read.rows, 1)
    )


def own(batch_id: str, actor: str) -> VerificationBatch:
    """The batch, for whoever asked.

    :raises NotFound: ``batch-unknown``, also for what somebody else has asked.
    :raises Gone: ``batch-over`` after its days.
    """
    batch = db.session.get(VerificationBatch, batch_id)
    if batch is None or batch.actor != actor:
        raise NotFound("batch-unknown", _l("There is no such list of verifications."))
    if batch.removed_at is not None or batch.expires_at <= clock.now():
        raise Gone("batch-over", _l("The answers were kept for thirty days. Ask again."))
    return batch


def of_actor(actor: str) -> list[VerificationBatch]:
    """What somebody asked and is still kept, the newest first."""
    wanted = select(VerificationBatch).filter_by(actor=actor, removed_at=None)
    return list(db.session.scalars(wanted.order_by(VerificationBatch.created_at.desc()).limit(SHOWN_BATCHES)))


def rows_of(batch: VerificationBatch) -> list[VerificationBatchRow]:
    """All rows, in their order."""
    wanted = select(VerificationBatchRow).filter_by(batch_id=batch.id)
    return list(db.session.scalars(wanted.order_by(VerificationBatchRow.position)))


def progress_of(batch: VerificationBatch) -> Progress:
    """One query."""
    row = VerificationBatchRow
    counted = select(func.count(row.answered_at), func.count(row.fault), func.count().filter(row.accepted))
    done, faulty, accepted = db.session.execute(counted.where(row.batch_id == batch.id)).one()
    return Progress(done=done, total=batch.rows, accepted=accepted, faulty=faulty)


def _begun(batch_id: str, asker: Asker, *, form: str, data: bytes, rows: int) -> tuple[VerificationBatch, bool]:
    now = clock.now()
    values = {
        "actor": asker.actor,
        "asked_by": dict(asker.organisation),
        "language": asker.language,
        "form": form,
        "input_sha256": sha256(data).hexdigest(),
        "rows": rows,
        "created_at": now,
        "expires_at": now + KEPT,
    }
    batch, is_new = insert_once(VerificationBatch, {"id": batch_id}, values)
    if not is_new:
        return own(batch_id, asker.actor), False
    jobs.queue(JOB, batch.id)
    jobs.queue(REMOVAL, batch.id, delay_seconds=int(KEPT.total_seconds()))
    audit.record("certificates.verified-many", subject=f"verification:{batch.id}", actor=asker.actor, rows=rows)
    return batch, True


def _or_invalid(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except NotRead as refusal:
        raise Invalid(refusal.code, of_refusal(refusal.code)) from refusal
