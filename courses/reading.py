"""Reading: a section counts as read when its reader goes on to the next step."""

from courses import completion
from courses.models import StepRead
from lms.core.db import insert_once


def mark_read(enrolment_id: str, unit_code: str, section: int) -> None:
    """Remember that a section was read; again changes nothing."""
    _, is_new = insert_once(StepRead, {"enrolment_id": enrolment_id, "unit_code": unit_code, "section": section})
    if is_new:
        completion.review(enrolment_id)
