"""What the rules of a module ask for beside the work itself, read only where a rule asks for it."""

from courses import evidence
from courses.models import Completion, Enrolment
from courses.outline import ModuleOutline
from courses.rules import Facts
from lms.core import clock
from lms.core.i18n import civil_date


def of(enrolled: Enrolment, outline: ModuleOutline, completion: Completion | None = None) -> Facts:
    """Of one person; a completed module is judged by the day of its completion.

    :param outline: as the person takes the module.
    """
    asks_hours = bool(outline.pass_rule.attendance_hours)
    moment = completion.completed_at if completion else clock.now()
    return Facts(
        attended_hours=evidence.of("attendance", enrolled.id) if asks_hours else 0,
        diary_percent=evidence.of("diary", enrolled.id) if outline.pass_rule.diary_percent else 0,
        started_on=civil_date(enrolled.started_at),
        day=civil_date(moment),
    )
