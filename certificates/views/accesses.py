"""To the holder: who looked at my records, when, for which purpose, and by which service."""

from flask import Blueprint, render_template, request

from certificates import askers
from lms.lti import session
from lms.people import accesses, purposes

blueprint = Blueprint("accesses", __name__, template_folder="../templates")
ROWS_ON_A_PAGE = 50


@blueprint.get("/accesses")
def own() -> str:
    """Every look at the records of the person of this launch, the latest first."""
    found = accesses.of(session.current().person_id)
    pages = max(1, -(-len(found) // ROWS_ON_A_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = found[(page - 1) * ROWS_ON_A_PAGE : page * ROWS_ON_A_PAGE]
    return render_template(
        "certificates/accesses.html",
        shown=[(access, *purposes.in_words(access.purpose)) for access in shown],
        who=askers.in_words({access.who for access in shown}),
        services=accesses.services(),
        page=page,
        pages=pages,
    )
