"""For everybody: the protocol of a selection by numbers, without names, so that anybody can repeat the draw."""

from flask import Blueprint, render_template

from courses.cohorts import calls
from courses.cohorts.criteria import Criteria
from courses.views.bureau_access import paged

blueprint = Blueprint("selection", __name__, template_folder="../templates")


@blueprint.get("/selection/<call_id>")
def protocol(call_id: str) -> str:
    """The criteria and the commitment; after the selection the seed, and of each number the points, the lot, the outcome."""
    call, _plan = calls.get(call_id)
    rows, page, pages = paged(calls.nominations(call) if call.selected_at else [])
    return render_template(
        "courses/bureau/protocol.html",
        call=call,
        criteria=Criteria.of(call.criteria),
        rows=rows,
        page=page,
        pages=pages,
    )
