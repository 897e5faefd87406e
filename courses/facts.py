"""What the rules of a module ask for beside the work itself, read only where a rule asks for it."""

from collections.abc import Iterable, Mapping

from courses import evidence
from courses.models import Completion, Enrolment
from courses.outline import ModuleOutline
from courses.rules import Facts
from lms.core import clock
from lms.core.i18n import civil_date

Gathered = Mapping[str, Mapping[str, int]]
"""By the name of the evidence, then by enrolment."""


def gathered(taken: Iterable[tuple[Enrolment, ModuleOutline]]) -> Gathered:
    """What the rules of these people ask for; a fixed number of queries."""
    everybody = list(taken)
    hours = {enrolled.id for enrolled, outline in everybody if outline.pass_rule.attendance_hours}
    diaries = {enrolled.id for enrolled, outline in everybody if outline.pass_rule.diary_percent}
    asked = {"attendance": hours, "diary": diaries, "diary-waiting": diaries}
    return {name: evidence.of_many(name, enrolment_ids) for name, enrolment_ids in asked.items()}


def of(
    enrolled: Enrolment,
    outline: ModuleOutline,
    completion: Completion | None = None,
    *,
    known: Gathered | None = None,
) -> Facts:
    """Of one person; a completed module is judged by the day of its completion.

    :param outline: as the person takes the module.
    :param known: where facts of many people are asked for, what was gathered for all of them.
    """
    known = known if known is not None else gathered([(enrolled, outline)])
    moment = completion.completed_at if completion else clock.now()
    return Facts(
        attended_hours=known["attendance"].get(enrolled.id, 0),
        diary_percent=known["diary"].get(enrolled.id, 0),
        diary_waits=known["diary-waiting"].get(enrolled.id, 0) > 0,
        started_on=civil_date(enrolled.started_at),
        day=civil_date(moment),
    )
