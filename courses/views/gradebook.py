"""The instructor's page of results: filters by group and by what hinders people, and the way of every score."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import enrolment, gradebook, grouping, part_scores, wording
from courses.gradebook import SHOWN, Line, Shown
from courses.outline import ModuleOutline
from courses.steps import Step
from lms.core import audit, jobs
from lms.core.i18n import _, _n, pick
from lms.lti import session

blueprint = Blueprint("gradebook", __name__, template_folder="../templates")


@blueprint.get("/<slug>/gradebook")
def show(slug: str) -> str:
    """Everybody, or those who are stuck, whose scores have not arrived, who have completed, who have not."""
    launch = session.current()
    edition = enrolment.edition_here(launch, slug)
    groups = grouping.of_course(launch)
    group_id = grouping.chosen(groups, request.args.get("group"))
    shown = _shown()
    page = request.args.get("page", 1, type=int)
    return render_template(
        "courses/gradebook.html",
        outline=edition.outline,
        book=gradebook.of_course(launch, edition, shown=shown, group_id=group_id, page=page),
        shown=shown,
        groups=groups,
        group_id=group_id,
        still_days=gradebook.STILL.days,
        filter_options=_filter_options(),
        group_options=wording.group_options,
        place_of=_place_of,
        score_trouble=wording.score_trouble,
    )


@blueprint.post("/<slug>/gradebook")
def send_again(slug: str) -> ResponseReturnValue:
    """Send every score again that has not arrived."""
    launch = session.current()
    edition = enrolment.edition_here(launch, slug)
    group_id = grouping.chosen(grouping.of_course(launch), request.args.get("group"))
    lines = gradebook.lines_of(launch, edition, group_id=group_id)
    troubled = [line for line in lines if line.has_trouble]
    for line in troubled:
        _send_again(line)
    flash(
        _n("%(num)s score is being sent again.", "%(num)s scores are being sent again.", len(troubled)),
        "success",
    )
    return redirect(url_for("gradebook.show", slug=slug, show="trouble", group=group_id), 303)


def _send_again(line: Line) -> None:
    enrolment_id = line.trainee.enrolment_id
    way = line.trainee.delivery
    if way and way.state in ("retry", "needs-person"):
        jobs.retry("score", enrolment_id)
    part_scores.send_again(enrolment_id)
    audit.record("score.resend", subject=f"enrolment:{enrolment_id}", actor=f"person:{session.current().person_id}")


def _shown() -> Shown:
    asked = request.args.get("show", "all")
    return next((kind for kind in SHOWN if kind == asked), "all")


def _filter_options() -> list[tuple[str, str]]:
    return [
        ("all", _("Everybody")),
        ("stuck", _("Stuck")),
        ("trouble", _("Score has not arrived")),
        ("completed", _("Completed")),
        ("open", _("Not complete yet")),
    ]


def _place_of(outline: ModuleOutline, line: Line) -> str:
    """Where somebody is, in words."""
    step = line.next
    if step is None:
        return _without_step(outline, line)
    return _title_of(outline, step)


def _without_step(outline: ModuleOutline, line: Line) -> str:
    waits: str = _("Waits for a mark")
    used: str = _("No attempt left: %(units)s", units=", ".join(line.trainee.stuck_in))
    return used if line.trainee.stuck_in else waits


def _title_of(outline: ModuleOutline, step: Step) -> str:
    if step.kind == "assignment":
        return pick(outline.assignment.title) if outline.assignment else ""
    unit = next(pick(unit.titles) for unit in outline.units if unit.code == step.unit_code)
    test: str = _("%(unit)s: test", unit=unit)
    section: str = _("%(unit)s: section %(number)s", unit=unit, number=step.number)
    return test if step.kind == "test" else section
