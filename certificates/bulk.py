"""The certificates of a whole cohort: a row for the batch, a row and a job for each record.

The jobs are independent of each other, so any number of workers shares them, and a batch that is stopped goes on where it was.
Each ends in ``issuing.issue``, which makes a certificate once, however often it is asked.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select, update

from certificates import issuing
from certificates.issuing import NotEligible
from certificates.models import IssueBatch, IssueBatchItem
from courses import records
from courses.records import Cohort
from lms.core import audit, clock, jobs
from lms.core.db import db, insert_once, new_id, reading, transaction
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import _l

JOB = "issue-batch-item"
WAITING, ISSUED, REFUSED, FAILED, CANCELLED = "waiting", "issued", "refused", "failed", "cancelled"
MOST_RECORDS = 5000


@dataclass(frozen=True)
class Progress:
    """How far a batch is."""

    waiting: int
    issued: int
    refused: int
    """Something is missing, and the record says what."""
    failed: int
    """Somebody has to act; see the jobs."""
    cancelled: int

    @property
    def total(self) -> int:
        """All records of the batch."""
        return self.waiting + self.done

    @property
    def done(self) -> int:
        """Records about which nothing more will happen by itself."""
        return self.issued + self.refused + self.failed + self.cancelled

    @property
    def is_running(self) -> bool:
        """Whether something is still to come."""
        return self.waiting > 0


def start(batch_id: str, cohort: Cohort, *, organisation_id: str, actor: str) -> IssueBatch:
    """Ask for the certificates of everybody in the cohort who completed, in the caller's transaction.

    The same id again, as a second click sends it, changes nothing and gives the same batch.

    :param batch_id: made with the form.
    :raises Conflict: ``cohort-empty``, ``cohort-too-large``.
    """
    values = {
        "organisation_id": organisation_id,
        "cohort_id": cohort.id,
        "module_slug": cohort.module_slug,
        "title": cohort.title,
        "actor": actor,
        "created_at": clock.now(),
    }
    batch, is_new = insert_once(IssueBatch, {"id": batch_id}, values)
    if is_new:
        _add_items(batch, _records_of(cohort))
        audit.record("certificates.batch-started", subject=f"batch:{batch.id}", actor=actor, cohort=cohort.id)
    return batch


def cancel(batch: IssueBatch, *, actor: str) -> None:
    """What has not begun will not begin. What was issued stays issued."""
    if batch.cancelled_at is None:
        batch.cancelled_at = clock.now()
        _move_items(batch, {WAITING}, CANCELLED)
        audit.record("certificates.batch-cancelled", subject=f"batch:{batch.id}", actor=actor)


def restart(batch: IssueBatch, *, actor: str) -> None:
    """Try everything again that was not issued: what was cancelled, refused or failed."""
    batch.cancelled_at = None
    again = _move_items(batch, {CANCELLED, REFUSED, FAILED}, WAITING)
    for item_id in again:
        jobs.queue(JOB, item_id)
    audit.record("certificates.batch-restarted", subject=f"batch:{batch.id}", actor=actor, records=len(again))


def get(batch_id: str) -> IssueBatch:
    """:raises NotFound: ``not-found``."""
    batch = db.session.get(IssueBatch, batch_id)
    if batch is None:
        raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))
    return batch


def of_cohort(cohort_id: str, module_slug: str) -> list[IssueBatch]:
    """All batches of a cohort, the newest first."""
    wanted = select(IssueBatch).filter_by(cohort_id=cohort_id, module_slug=module_slug)
    return list(db.session.scalars(wanted.order_by(IssueBatch.created_at.desc())))


def progress_of(batch: IssueBatch) -> Progress:
    """One query."""
    counted = db.session.execute(
        select(IssueBatchItem.outcome, func.count()).filter_by(batch_id=batch.id).group_by(IssueBatchItem.outcome)
    )
    counts = {row[0]: row[1] for row in counted}
    return Progress(*(counts.get(outcome, 0) for outcome in (WAITING, ISSUED, REFUSED, FAILED, CANCELLED)))


def unfinished(batch: IssueBatch) -> list[IssueBatchItem]:
    """The records that got no certificate although they were tried, by what was missing."""
    wanted = select(IssueBatchItem).filter_by(batch_id=batch.id).where(IssueBatchItem.outcome.in_((REFUSED, FAILED)))
    return list(db.session.scalars(wanted.order_by(IssueBatchItem.reason_code, IssueBatchItem.id)))


@jobs.handles(JOB)
def issue_item(item_id: str) -> None:
    """Make the certificate of one record of a batch, unless the batch was cancelled.

    What can be tried later is tried later; what needs a person is written down with its reason.
    """
    with reading():
        item = db.session.get_one(IssueBatchItem, item_id)
    if item.outcome != WAITING:
        return
    try:
        issuing.issue(item.record_id)
    except NotEligible as refusal:
        _note(item_id, REFUSED, refusal.reasons[0].code)
    except jobs.NeedsPerson as stop:
        _note(item_id, FAILED, stop.code)
    else:
        _note(item_id, ISSUED, None)


def _records_of(cohort: Cohort) -> list[str]:
    found = records.completed_in(cohort.id, cohort.module_slug)
    if not found:
        raise Conflict("cohort-empty", _l("Nobody in this cohort has completed the module."))
    if len(found) > MOST_RECORDS:
        raise Conflict("cohort-too-large", _l("There are too many people in this cohort for one batch."))
    return found


def _add_items(batch: IssueBatch, record_ids: list[str]) -> None:
    items = [
        IssueBatchItem(id=new_id(), batch_id=batch.id, record_id=record_id, outcome=WAITING, changed_at=clock.now())
        for record_id in record_ids
    ]
    db.session.add_all(items)
    for item in items:
        jobs.queue(JOB, item.id)


def _move_items(batch: IssueBatch, outcomes: Collection[str], outcome: str) -> list[str]:
    """Ids of those that were moved."""
    moved = db.session.scalars(
        update(IssueBatchItem)
        .where(IssueBatchItem.batch_id == batch.id, IssueBatchItem.outcome.in_(outcomes))
        .values(outcome=outcome, reason_code=None, changed_at=clock.now())
        .returning(IssueBatchItem.id),
        execution_options={"synchronize_session": False},
    )
    return list(moved)


def _note(item_id: str, outcome: str, reason_code: str | None) -> None:
    """A certificate that was made while its batch was cancelled is issued all the same, and says so."""
    with transaction():
        db.session.execute(
            update(IssueBatchItem)
            .where(IssueBatchItem.id == item_id, IssueBatchItem.outcome.in_((WAITING, CANCELLED)))
            .values(outcome=outcome, reason_code=reason_code, changed_at=clock.now())
        )
