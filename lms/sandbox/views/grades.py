"""The gradebook, for people and for programs."""

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from lms.sandbox import courses, gradebook
from lms.sandbox.demo import COURSE
from lms.sandbox.views.people import visitor

bp = Blueprint("grades", __name__)


@bp.get("/grades")
def page() -> ResponseReturnValue:
    """Everybody's for those who teach, one's own for those who learn."""
    person = visitor()
    table = [row for row in gradebook.table() if person.teaches or row[0] == person]
    further = gradebook.further() if person.teaches else []
    labels = {course.id: course.label for course in courses.everything() if course.id != COURSE.number}
    return render_template("sandbox/grades.html", table=table, labels=labels, further=further, teaches=person.teaches)


@bp.get("/grades.json")
def for_programs() -> Response:
    """The same for scripts and tests; without sign-in, because nobody in it exists."""
    return jsonify([_described(row) for row in gradebook.rows()])


def _described(row: gradebook.Row) -> dict[str, object]:
    return {
        "person": row.person.id,
        "module": row.link.slug if row.link else None,
        "column": row.column,
        "line_item": row.item.id,
        "context": row.item.context_id,
        "score": row.score,
        "maximum": row.maximum,
        "comment": row.comment,
        "activity_progress": row.activity_progress,
        "grading_progress": row.grading_progress,
        "timestamp": row.scored_at.isoformat(),
        "submitted_at": row.submitted_at.isoformat() if row.submitted_at else None,
        "attempts": row.attempts,
        "history": row.history,
    }
