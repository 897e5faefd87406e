"""The jobs of a batch: take the upload apart, answer some rows at a time, sign the receipt, print it, forget it all.

Each step ends in a transaction of its own and asks for the next, so a worker that is killed loses one step at most and
another one goes on. A row that has an answer never gets another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from certificates import capped, chain, lookup, verification
from certificates.badges import credential
from certificates.batches import archive, asking, paper, reading, receipt
from certificates.batches.answers import Answer, number_in
from certificates.batches.archive import Place
from certificates.batches.models import VerificationBatch, VerificationBatchRow
from certificates.network import foreign
from certificates.typed import Kind
from certificates.verification import Verdict
from lms.core import clock, files, jobs
from lms.core.archives import NotRead
from lms.core.db import db, transaction
from lms.core.db import reading as reading_transaction
from lms.core.errors import Unavailable

ROWS_AT_ONCE = 100
FILES_AT_ONCE = 25
STEP = timedelta(seconds=60)
"""A hostile file may take ten seconds, and other work waits: after this long no further file is begun in the same step."""


@dataclass(frozen=True)
class _Found:
    """The answer to one row, not kept yet."""

    position: int
    verdict: Verdict | None
    fault: str | None
    file_sha256: str | None
    head: tuple[int, str]


@jobs.handles(asking.JOB)
def work(batch_id: str) -> None:
    """One step of a batch."""
    with reading_transaction():
        batch = db.session.get_one(VerificationBatch, batch_id)
        waiting = _waiting(batch)
    if batch.finished_at is not None or batch.removed_at is not None:
        return
    try:
        if batch.form == asking.UNREAD:
            _take_apart(batch)
        elif waiting:
            _answer(batch, waiting)
        else:
            _finish(batch)
    except Unavailable as busy:
        raise jobs.TryLater(busy.code) from busy


@jobs.handles(asking.PAPER)
def print_receipt(batch_id: str) -> None:
    """The receipt on paper, sealed as certificates are."""
    with reading_transaction():
        batch = db.session.get_one(VerificationBatch, batch_id)
        rows = asking.rows_of(batch)
    if batch.statement is None or batch.receipt_stored_as is not None:
        return
    try:
        pdf = paper.make(batch, rows)
    except Unavailable as problem:
        raise jobs.TryLater(problem.code) from problem
    name = f"verifications/{batch.id}/{lookup.digest(pdf)}.pdf"
    files.store(name, pdf)
    with transaction():
        db.session.execute(update(VerificationBatch).filter_by(id=batch.id).values(receipt_stored_as=name))


@jobs.handles(asking.REMOVAL)
def remove(batch_id: str) -> None:
    """Forget what was asked and answered; that something was asked stays in the audit."""
    with reading_transaction():
        batch = db.session.get_one(VerificationBatch, batch_id)
    for name in filter(None, (batch.upload_stored_as, batch.receipt_stored_as)):
        files.remove(name)
    with transaction():
        db.session.execute(delete(VerificationBatchRow).filter_by(batch_id=batch_id))
        forgotten = {"upload_stored_as": None, "receipt_stored_as": None, "statement": None, "removed_at": clock.now()}
        db.session.execute(update(VerificationBatch).filter_by(id=batch_id).values(**forgotten))


def _waiting(batch: VerificationBatch) -> list[VerificationBatchRow]:
    """The next rows without an answer."""
    wanted = select(VerificationBatchRow).filter_by(batch_id=batch.id, answered_at=None)
    most = FILES_AT_ONCE if batch.form == reading.ARCHIVE else ROWS_AT_ONCE
    return list(db.session.scalars(wanted.order_by(VerificationBatchRow.position).limit(most)))


def _take_apart(batch: VerificationBatch) -> None:
    try:
        read = reading.rows_of_upload(files.read(str(batch.upload_stored_as)), ask=capped.read)
    except NotRead as refusal:
        _refuse(batch, refusal.code)
        return
    keeps_upload = read.form == reading.ARCHIVE
    with transaction():
        if _become(batch, form=read.form, rows=len(read.rows), **({} if keeps_upload else {"upload_stored_as": None})):
            asking.add_rows(batch.id, read)
            jobs.queue(asking.JOB, batch.id)
    if not keeps_upload:
        files.remove(str(batch.upload_stored_as))


def _refuse(batch: VerificationBatch, code: str) -> None:
    with transaction():
        _become(batch, form="none", refusal=code, finished_at=clock.now(), upload_stored_as=None)
    files.remove(str(batch.upload_stored_as))


def _become(batch: VerificationBatch, **values: object) -> bool:
    """Whether it was still unread: two workers cannot both add its rows."""
    still = update(VerificationBatch).filter_by(id=batch.id, form=asking.UNREAD)
    return getattr(db.session.execute(still.values(**values)), "rowcount", 0) == 1


def _answer(batch: VerificationBatch, waiting: list[VerificationBatchRow]) -> None:
    if batch.form == reading.ARCHIVE:
        found = list(_answers_to_files(files.read(str(batch.upload_stored_as)), waiting))
    else:
        with reading_transaction():
            head = chain.head()
            found = [_Found(row.position, _answer_to(row), None, None, head) for row in waiting]
    with transaction():
        for one in found:
            _keep(batch, one)
        jobs.queue(asking.JOB, batch.id)


def _answer_to(row: VerificationBatchRow) -> Verdict:
    if row.kind == Kind.HASH:
        return verification.verify_hash(row.asked)
    if row.kind == Kind.NUMBER:
        return verification.verify_number(row.asked)
    return verification.verify_code(row.asked)


def _answers_to_files(packed: bytes, waiting: list[VerificationBatchRow]) -> Iterator[_Found]:
    """Each file goes into the cage by itself, as one that is uploaded alone."""
    began = clock.now()
    for row in waiting:
        with reading_transaction():
            head = chain.head()
        try:
            data = archive.unpacked(packed, Place.of(row.place or []))
        except (archive.Damaged, ValueError):
            yield _Found(row.position, None, "entry-damaged", None, head)
        else:
            yield _Found(row.position, _answer_to_file(data), None, lookup.digest(data), head)
        if clock.now() - began >= STEP:
            return


def _answer_to_file(data: bytes) -> Verdict:
    if credential.looks_like_one(data):
        return foreign.verify(data.decode("ascii"))
    return verification.verify_pdf(data)


def _keep(batch: VerificationBatch, found: _Found) -> None:
    row = VerificationBatchRow
    values = {
        "answered_at": clock.now(),
        "fault": found.fault,
        "accepted": found.verdict is not None and found.verdict.is_accepted,
        "file_sha256": found.file_sha256,
        "certificate_number": number_in(found.verdict) if found.verdict else None,
        "answer": Answer.of(found.verdict).as_json() if found.verdict else None,
        "head_event": found.head[0],
        "head_hash": found.head[1],
    }
    still = update(row).where(row.batch_id == batch.id, row.position == found.position, row.answered_at.is_(None))
    db.session.execute(still.values(**values))


def _finish(batch: VerificationBatch) -> None:
    """What was uploaded is needed no more; the receipt is signed in the same moment in which the batch is finished."""
    with transaction():
        rows = asking.rows_of(batch)
        now = clock.now()
        values = {"finished_at": now, "upload_stored_as": None, "statement": receipt.sign(batch, rows, finished_at=now)}
        still = update(VerificationBatch).filter_by(id=batch.id, finished_at=None)
        if getattr(db.session.execute(still.values(**values)), "rowcount", 0) == 1:
            jobs.queue(asking.PAPER, batch.id)
    if batch.upload_stored_as:
        files.remove(batch.upload_stored_as)
