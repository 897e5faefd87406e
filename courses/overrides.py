"""An instructor sets the result of a completed module, with a reason. Every change stays in the history.

The result that was set stands where a reported one stands (:class:`courses.models.Completion`), so gradebook and certificate
follow it by the ways they have.
"""

from sqlalchemy import select

from courses import enrolment
from courses.marking_models import ResultOverride
from courses.models import Completion, Enrolment
from lms.core import audit
from lms.core.db import db, insert_once
from lms.core.errors import Conflict, Invalid
from lms.core.i18n import _l

LONGEST_REASON = 1_000


def history(enrolment_id: str, track: str) -> list[ResultOverride]:
    """Every change of the result, the newest first."""
    chosen = select(ResultOverride).join(Completion, Completion.id == ResultOverride.completion_id)
    here = chosen.where(Completion.enrolment_id == enrolment_id, Completion.track == track)
    return list(db.session.scalars(here.order_by(ResultOverride.number.desc())))


def set_result(
    held: Enrolment, *, percent: int | None, reason: str, person_id: str, seen_number: int
) -> ResultOverride:
    """Set the result of the person's track from now on.

    :param percent: 0 to 100; None to let it follow from tests and marks again, or from what was reported.
    :param seen_number: number of the newest change that was there when the person began (0 for none).
    :raises Invalid: ``result-out-of-range``, ``result-reason-missing``, ``result-reason-too-long``.
    :raises Conflict: ``not-completed``; ``result-set-meanwhile``.
    """
    reason = " ".join(reason.split())
    _refuse_unfit(percent, reason)
    locked = enrolment.locked(held.id)
    completion = db.session.scalar(select(Completion).filter_by(enrolment_id=locked.id, track=locked.track))
    if completion is None:
        raise Conflict("not-completed", _l("The module is not completed. A result can be set only after that."))
    before = history(locked.id, locked.track)
    if before and (before[0].number, before[0].percent, before[0].reason) == (seen_number + 1, percent, reason):
        return before[0]  # sent twice
    if (before[0].number if before else 0) != seen_number:
        raise Conflict("result-set-meanwhile", _l("Somebody else has set this result meanwhile. Reload the page."))
    return _set(completion, before, percent=percent, reason=reason, person_id=person_id)


def _set(
    completion: Completion, before: list[ResultOverride], *, percent: int | None, reason: str, person_id: str
) -> ResultOverride:
    reported = before[-1].reported_before if before else completion.reported_percent
    made, _is_new = insert_once(
        ResultOverride,
        {"completion_id": completion.id, "number": len(before) + 1},
        {"percent": percent, "reported_before": reported, "reason": reason, "person_id": person_id},
    )
    audit.record(
        "result.set",
        subject=f"enrolment:{completion.enrolment_id}",
        actor=f"person:{person_id}",
        number=made.number,
        percent=percent,
        percent_before=completion.reported_percent,
    )
    completion.reported_percent = percent if percent is not None else reported
    db.session.flush()  # what is told is read from the database
    enrolment.tell(completion.enrolment_id, completion.track)
    return made


def _refuse_unfit(percent: int | None, reason: str) -> None:
    if percent is not None and not 0 <= percent <= 100:
        raise Invalid("result-out-of-range", _l("The result must be a whole number from 0 to 100."))
    if not reason:
        raise Invalid("result-reason-missing", _l("Write why the result is set. The reason stays in the history."))
    if len(reason) > LONGEST_REASON:
        raise Invalid("result-reason-too-long", _l("The reason is too long. Shorten it and save again."))
