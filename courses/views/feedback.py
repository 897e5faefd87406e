"""What a trainee is told about a mark, of a text or of a diary: the levels that were chosen, and the appeal."""

from collections.abc import Sequence

from courses import appeals, grading
from courses.marking_models import Appeal
from courses.models import Grade
from courses.written_task import Assignment, Criterion, Level
from lms.core import clock


def of_mark(task: Assignment, marks: Sequence[Grade], made: Appeal | None) -> dict[str, object]:
    """Values for the template.

    :param marks: the newest first.
    """
    return {
        "reached": _reached(task, grading.counting(marks)),
        "appeal": made,
        "chance": appeals.chance(task.appeal, marks, made),
        "is_overdue": made is not None and made.decided_at is None and clock.now() > made.due_at,
    }


def _reached(task: Assignment, mark: Grade | None) -> list[tuple[Criterion, Level]]:
    """Criteria with the level that the marker chose."""
    points = mark.points if mark else {}
    levels = {(criterion.id, level.points): level for criterion in task.rubric for level in criterion.levels}
    return [
        (criterion, levels[criterion.id, points[criterion.id]])
        for criterion in task.rubric
        if (criterion.id, points.get(criterion.id)) in levels
    ]
