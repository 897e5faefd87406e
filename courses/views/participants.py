"""The instructor's page of everybody in the course, with the button that brings it up to what the learning system says."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import enrolment, grouping, participants, wording
from lms.lti import nrps_update, session

blueprint = Blueprint("participants", __name__, template_folder="../templates")


@blueprint.get("/<slug>/roster")
def show(slug: str) -> str:
    """Everybody, those who have not opened the module too."""
    launch = session.current()
    edition = enrolment.edition_here(launch, slug)
    groups = grouping.of_course(launch)
    group_id = grouping.chosen(groups, request.args.get("group"))
    page = request.args.get("page", 1, type=int)
    return render_template(
        "courses/participants.html",
        outline=edition.outline,
        groups=groups,
        group_id=group_id,
        listed=participants.of_course(launch, edition, page=page, group_id=group_id),
        update=participants.update_of(launch),
        group_options=wording.group_options,
        roster_trouble=wording.roster_trouble,
    )


@blueprint.post("/<slug>/roster")
def update(slug: str) -> ResponseReturnValue:
    """Have the list brought up; again while that is under way asks for nothing more."""
    launch = session.current()
    enrolment.edition_here(launch, slug)
    now = participants.update_of(launch)
    if launch.context_row_id and now.state != "not-offered" and not now.is_under_way:
        nrps_update.ask(launch.context_row_id)
    return redirect(url_for("participants.show", slug=slug), 303)
