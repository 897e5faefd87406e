"""Pages of the trainee: the way through a module, one step on a page. All of it works without script."""

from datetime import datetime

from flask import Blueprint, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_time

from courses import (
    assignments,
    catalogue,
    completion,
    enrolment,
    progress,
    reading,
    rules,
    wording,
)
from courses.models import Completion, Submission
from courses.views.visit import Visit
from lms.core import clock
from lms.core.i18n import _, locale
from lms.core.problems import wants_json
from lms.lti import session

blueprint = Blueprint("learn", __name__, template_folder="../templates")
CERTIFICATE_PAGE = "holder.certificate"
"""Where the holder finds the certificate, if that package is there."""


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
    """Where a launch arrives. Instructors go on to their own page, from which they can look at the lessons."""
    if session.current().is_instructor:
        return redirect(url_for("teach.module", slug=slug), 303)
    return overview(slug)


@blueprint.get("/<slug>/<unit>")
def unit(slug: str, unit: str) -> ResponseReturnValue:
    """Where a launch of a link to one unit arrives: at the first step of it that is not done."""
    if session.current().is_instructor:
        return redirect(url_for("teach.module", slug=slug), 303)
    here = Visit.opened(slug)
    path = here.done_and_path()[1]
    steps = path.of_unit(here.unit(unit))
    todo = (step for step in steps if path.state_of(step) != "done")
    return redirect(here.url_of(next(todo, steps[0])), 303)


@blueprint.get("/<slug>/overview")
def overview(slug: str) -> ResponseReturnValue:
    """What is done, what comes next, and which rules are met."""
    here = Visit.opened(slug)
    done, path = here.done_and_path()
    finished = completion.of(here.enrolment.id)
    return render_template(
        "courses/overview.html",
        here=here,
        done=done,
        path=path,
        next_url=here.url_of(path.next) if path.next else None,
        rules=rules.evaluate(here.outline, done),
        completion=finished,
        result_percent=_result(here, finished, done),
        certificate_url=_certificate_url(here) if finished else None,
    )


@blueprint.get("/<slug>/<unit>/<int:number>")
def section(slug: str, unit: str, number: int) -> ResponseReturnValue:
    """One section of a lesson."""
    here = Visit.opened(slug)
    found = here.unit(unit)
    step = here.section(found, number)
    done, path = here.done_and_path()
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


@blueprint.get("/<slug>/assignment")
def assignment(slug: str) -> ResponseReturnValue:
    """The written task, the text so far, and its mark."""
    here = Visit.opened(slug)
    task = assignments.task_of(here.edition)
    done = progress.of(here.enrolment.id)
    last = assignments.last(here.enrolment.id)
    is_writing, text = _writing(here, done, last)
    return render_template(
        "courses/assignment.html",
        here=here,
        task=task,
        prompt=catalogue.prompt(here.edition, language=locale()),
        works=done.works,
        last=last,
        is_writing=is_writing,
        text=text,
        words=assignments.words_in(text),
        saved_time=_clock_time(last.saved_at) if is_writing and last and not last.submitted_at else "",
        has_wrong_length="length" in request.args and not assignments.is_length_right(task, text),
    )


@blueprint.post("/<slug>/assignment")
def save_assignment(slug: str) -> ResponseReturnValue:
    """Keep the draft, or submit it. A text of the wrong length is kept as a draft, and the page says why."""
    here = Visit.entered(slug)
    task, text = assignments.task_of(here.edition), request.form.get("text", "")
    is_submitted = request.form.get("action") == "submit" and assignments.is_length_right(task, text)
    keep = assignments.submit if is_submitted else assignments.save_draft
    keep(here.enrolment, here.edition, text=text, language=locale())
    if wants_json():
        return jsonify(saved=_saved_words())
    is_refused = request.form.get("action") == "submit" and not is_submitted
    return redirect(url_for("learn.assignment", slug=slug, length="wrong" if is_refused else None), 303)


def _writing(here: Visit, done: rules.Done, last: Submission | None) -> tuple[bool, str]:
    """Whether a text can be written now, and what stands in it: a returned text is the start of the next one."""
    if last is None:
        return True, ""
    if last.submitted_at is None:
        return True, last.text
    is_returned = done.works[-1].mark_percent is not None
    is_passed = (done.mark_percent or 0) >= here.outline.pass_rule.assignment_percent
    return is_returned and not is_passed, last.text


def _result(here: Visit, finished: Completion | None, done: rules.Done) -> int | None:
    reported = finished.reported_percent if finished else None
    return reported if reported is not None else rules.result_percent(here.outline, done)


def _saved_words() -> str:
    words: str = _("Saved %(time)s", time=_clock_time(clock.now()))
    return words


def _clock_time(moment: datetime) -> str:
    """Hours and minutes where the reader is."""
    text: str = format_time(moment, "HH:mm")
    return text


def _certificate_url(here: Visit) -> str | None:
    if here.enrolment.is_trial or CERTIFICATE_PAGE not in current_app.view_functions:
        return None
    return url_for(CERTIFICATE_PAGE, slug=here.slug)


def _picture_address(digest: str, unit: str, file: str) -> str:
    return url_for("modules.figure", digest=digest, unit=unit, file=file)
