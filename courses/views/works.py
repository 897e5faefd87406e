"""Pages of the written task for the trainee: the text, its files, its mark, an appeal. All of it works without script."""

from datetime import datetime
from typing import IO

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_time

from courses import appeals, assignments, catalogue, grading, progress, rules, work_files
from courses.models import Submission
from courses.views.feedback import of_mark
from courses.views.visit import Visit
from courses.written_task import Assignment
from lms.core import clock
from lms.core.errors import Invalid, NotFound, Problem
from lms.core.i18n import _, _l, locale
from lms.core.problems import wants_json
from lms.lti import session

blueprint = Blueprint("works", __name__, template_folder="../templates")


@blueprint.get("/<slug>/assignment")
def show(slug: str) -> str:
    """The written task, the text so far, and its mark."""
    return _page(Visit.opened(slug))


@blueprint.post("/<slug>/assignment")
def save(slug: str) -> ResponseReturnValue:
    """Keep the draft, or submit it. A text that cannot be submitted is kept as a draft, and the page says why."""
    here = Visit.entered(slug)
    text, wants_to_submit = request.form.get("text", ""), request.form.get("action") == "submit"
    refusal = _refusal(here, text) if wants_to_submit else None
    if wants_to_submit and refusal is None:
        custom = session.current().custom
        assignments.submit(here.enrolment, here.edition, text=text, language=locale(), custom=custom)
    else:
        assignments.save_draft(here.enrolment, here.edition, text=text, language=locale())
    if wants_json():
        return jsonify(saved=_saved_words())
    return redirect(url_for("works.show", slug=slug, refused=refusal), 303)


@blueprint.post("/<slug>/assignment/files")
def add_file(slug: str) -> ResponseReturnValue:
    """Keep a file with the draft; a file that cannot be taken is told on the page."""
    here = Visit.entered(slug)
    task, upload = assignments.task_of(here.edition), request.files.get("file")
    if upload is None or not upload.filename:
        return _page(here, file_error=_("Choose a file first.")), 422
    try:
        draft = assignments.draft_of(here.enrolment, here.edition, language=locale())
        work_files.add(draft, task, name=upload.filename, data=_read(upload.stream, task))
    except Problem as refused:
        return _page(here, file_error=refused.sentence), refused.status
    flash(_("The file is added."), "success")
    return redirect(url_for("works.show", slug=slug, _anchor="files"), 303)


@blueprint.post("/<slug>/assignment/files/<file_id>")
def take_back(slug: str, file_id: str) -> ResponseReturnValue:
    """Remove a file from the draft."""
    here = Visit.entered(slug)
    work_files.take_back(assignments.draft_of(here.enrolment, here.edition, language=locale()), file_id)
    return redirect(url_for("works.show", slug=slug, _anchor="files"), 303)


@blueprint.get("/<slug>/assignment/files/<file_id>")
def file(slug: str, file_id: str) -> Response:
    """One's own file."""
    here = Visit.opened(slug)
    found = assignments.with_file(here.enrolment.id, file_id)
    return work_files.download(found, file_id)


@blueprint.post("/<slug>/assignment/appeal")
def appeal(slug: str) -> ResponseReturnValue:
    """Ask that another instructor looks at the mark."""
    here = Visit.entered(slug)
    submission = assignments.last_submitted(here.enrolment.id)
    if submission is None:
        raise NotFound("appeal-unknown", _l("Nobody appeals this mark."))
    rule = _written_task(here, submission).appeal
    try:
        appeals.make(here.enrolment, submission, rule, reason=request.form.get("reason", ""))
    except Invalid as refused:
        return _page(here, appeal_error=refused.sentence), refused.status
    flash(_("Your appeal is sent. Another instructor decides about it."), "success")
    return redirect(url_for("works.show", slug=slug, _anchor="appeal"), 303)


def _page(here: Visit, *, file_error: object = None, appeal_error: object = None) -> str:
    task = assignments.task_of(here.edition)
    done = progress.of(here.enrolment.id)
    last = assignments.last(here.enrolment.id)
    is_writing, text = _writing(here, done, last)
    deadline = assignments.deadline_of(here.enrolment, here.edition, session.current().custom)
    return render_template(
        "courses/assignment.html",
        here=here,
        task=task,
        prompt=catalogue.prompt(here.edition, language=locale()),
        works=done.works,
        last=last,
        is_writing=is_writing,
        text=text,
        files=work_files.of(last.id) if last else [],
        kinds=",".join(f".{kind}" for kind in task.files.types) if task.files else "",
        deadline=deadline if last is None or (last.number == 1 and last.submitted_at is None) else None,
        verdict_now=deadline.verdict(clock.now()),
        words=assignments.words_in(text),
        saved_time=_clock_time(last.saved_at) if is_writing and last and not last.submitted_at else "",
        refused=request.args.get("refused") if is_writing else None,
        has_wrong_length=request.args.get("refused") == "length" and not assignments.is_length_right(task, text),
        file_error=file_error,
        appeal_error=appeal_error,
        **_of_mark(here),
    )


def _of_mark(here: Visit) -> dict[str, object]:
    """What is said about the newest text that was submitted: levels of the rubric, and the appeal."""
    submission = assignments.last_submitted(here.enrolment.id)
    if submission is None:
        return {"reached": [], "appeal": None, "chance": None}
    marks, made = grading.history(submission.id), appeals.of(submission.id)
    return of_mark(_written_task(here, submission), marks, made)


def _written_task(here: Visit, submission: Submission) -> Assignment:
    return assignments.task_of(catalogue.edition(here.edition.module_id, submission.version_id))


def _refusal(here: Visit, text: str) -> str | None:
    """Why this text cannot be submitted now: ``length``, ``late``, ``empty``."""
    task, last = assignments.task_of(here.edition), assignments.last(here.enrolment.id)
    if not assignments.is_length_right(task, text):
        return "length"
    if not text.strip() and not (last and work_files.of(last.id)):
        return "empty"
    deadline = assignments.deadline_of(here.enrolment, here.edition, session.current().custom)
    is_new = last is None or last.submitted_at is None
    return "late" if is_new and assignments.is_too_late(last, deadline, clock.now()) else None


def _read(stream: IO[bytes], task: Assignment) -> bytes:
    """No more than would be refused anyway."""
    most = (task.files.largest_mb if task.files else 0) * work_files.MEGABYTE
    return stream.read(most + 1)


def _writing(here: Visit, done: rules.Done, last: Submission | None) -> tuple[bool, str]:
    """Whether a text can be written now, and what stands in it: a returned text is the start of the next one."""
    if last is None:
        return True, ""
    if last.submitted_at is None:
        return True, last.text
    is_returned = done.works[-1].mark_percent is not None
    is_passed = (done.mark_percent or 0) >= here.outline.pass_rule.assignment_percent
    return is_returned and not is_passed, last.text


def _saved_words() -> str:
    words: str = _("Saved %(time)s", time=_clock_time(clock.now()))
    return words


def _clock_time(moment: datetime) -> str:
    """Hours and minutes where the reader is."""
    text: str = format_time(moment, "HH:mm")
    return text
