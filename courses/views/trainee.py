"""Pages of the trainee: the way through a module, one step on a page. All of it works without script."""

from flask import Blueprint, current_app, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from courses import (
    catalogue,
    completion,
    enrolment,
    facts,
    markers,
    reading,
    rules,
    tracks,
    wording,
)
from courses.models import Completion
from courses.tracks import RESERVE
from courses.views.visit import Visit
from lms.core.i18n import locale, pick
from lms.lti import session

blueprint = Blueprint("learn", __name__, template_folder="../templates")
CERTIFICATE_PAGE = "holder.certificate"
"""Where the holder finds the certificate, if that package is there."""
HOURS_PAGE = "hours.own"
"""Where the hours of all modules stand together."""
WHY_PAGE = "why.own"
"""Where each rule stands with who has to act next."""


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {
        "rule_title": wording.rule_title,
        "rule_evidence": wording.rule_evidence,
        "is_instructor": "launch" in g and session.current().is_instructor,
    }


@blueprint.get("/")
def module_of_link() -> ResponseReturnValue:
    """A launch that names no page: on to its module."""
    return redirect(url_for("learn.module", slug=enrolment.module_of(session.current())), 303)


@blueprint.get("/<slug>")
def module(slug: str) -> ResponseReturnValue:
    """Where a launch arrives. Instructors go on to their own page, from which they can look at the lessons; administrators
    of the course go to what waits for a mark."""
    if session.current().is_instructor:
        return redirect(url_for("teach.module", slug=slug), 303)
    if markers.administers(session.current()):
        return redirect(url_for("marking.queue"), 303)
    return overview(slug)


@blueprint.get("/<slug>/reserve")
def short_way(slug: str) -> ResponseReturnValue:
    """Where a launch of a link to the short way arrives; the launch has said so, and the pages are the same."""
    return module(slug)


@blueprint.get("/<slug>/<unit>")
def unit(slug: str, unit: str) -> ResponseReturnValue:
    """Where a launch of a link to one unit arrives: at the first step of it that is not done."""
    if session.current().is_instructor:
        return redirect(url_for("teach.module", slug=slug), 303)
    here = Visit.opened(slug)
    found = here.unit(unit)
    path = here.done_and_path(found)[1]
    steps = path.of_unit(found)
    todo = (step for step in steps if path.state_of(step) != "done")
    return redirect(here.url_of(next(todo, steps[0])), 303)


@blueprint.get("/<slug>/overview")
def overview(slug: str) -> ResponseReturnValue:
    """What is done, what comes next, and which rules are met."""
    here = Visit.opened(slug)
    done, path = here.done_and_path()
    finished = completion.of(here.enrolment.id, here.track)
    earlier = None if here.track == RESERVE else completion.of(here.enrolment.id, RESERVE)
    return render_template(
        "courses/overview.html",
        here=here,
        done=done,
        path=path,
        next_url=here.url_of(path.next) if path.next else None,
        rules=rules.evaluate(here.outline, done, facts.of(here.enrolment, here.outline, finished)),
        completion=finished,
        track_title=pick(tracks.title_of(here.track)),
        short_completion=earlier,
        result_percent=_result(here, finished, done),
        certificate_url=_certificate_url(here) if finished else None,
        why_url=_page_of_certificates(here, WHY_PAGE),
        hours_url=url_for(HOURS_PAGE) if HOURS_PAGE in current_app.view_functions else None,
    )


@blueprint.get("/<slug>/<unit>/<int:number>")
def section(slug: str, unit: str, number: int) -> ResponseReturnValue:
    """One section of a lesson."""
    here = Visit.opened(slug)
    found = here.unit(unit)
    step = here.section(found, number)
    done, path = here.done_and_path(found)
    return render_template(
        "courses/section.html",
        here=here,
        unit=found,
        number=number,
        chapter=catalogue.chapter(here.edition, found, language=locale(), picture_address=_picture_address),
        done=done,
        back=path.before(step),
        onward=path.after(step),
    )


@blueprint.post("/<slug>/<unit>/<int:number>")
def read_section(slug: str, unit: str, number: int) -> ResponseReturnValue:
    """The section is read; on to the next step."""
    here = Visit.entered(slug)
    found = here.unit(unit)
    step = here.section(found, number)
    reading.mark_read(here.enrolment.id, found.code, number)
    return redirect(here.url_after(step), 303)


def _result(here: Visit, finished: Completion | None, done: rules.Done) -> int | None:
    reported = finished.reported_percent if finished else None
    return reported if reported is not None else rules.result_percent(here.outline, done)


def _certificate_url(here: Visit) -> str | None:
    return _page_of_certificates(here, CERTIFICATE_PAGE)


def _page_of_certificates(here: Visit, endpoint: str) -> str | None:
    if here.enrolment.is_trial or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, slug=tracks.address(here.slug, here.track))


def _picture_address(digest: str, unit: str, file: str) -> str:
    return url_for("modules.figure", digest=digest, unit=unit, file=file)
