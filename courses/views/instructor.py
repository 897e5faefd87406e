"""Pages of the instructor: who waits for a mark, how far everybody is, and whether scores have arrived.

Only people of the course from which the instructor came are here; anybody else is "not found".
"""

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import assignments, catalogue, drawing, enrolment, grading, grouping, part_scores, roster, wording
from courses.catalogue import Edition
from courses.models import Enrolment, Grade, Submission
from courses.outline import Assignment
from lms.core import audit, clock, i18n, jobs
from lms.core.errors import Problem
from lms.core.i18n import _, locale
from lms.lti import session

MARK = re.compile(r"0*(?:100|[0-9]{1,2})", re.ASCII)

blueprint = Blueprint("teach", __name__, template_folder="../templates")


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {
        "rule_title": wording.rule_title,
        "rule_evidence": wording.rule_evidence,
        "score_trouble": wording.score_trouble,
        "group_options": wording.group_options,
        "resting_questions": drawing.waiting,
        "today": i18n.civil_date(clock.now()),
    }


@blueprint.get("/<slug>")
def module(slug: str) -> str:
    """Who waits for a mark, the longest wait first; then everybody."""
    launch, edition = session.current(), _edition(slug)
    groups = grouping.of_course(launch)
    group_id = grouping.chosen(groups, request.args.get("group"))
    waiting = grading.waiting(launch, edition, group_id=group_id)
    return render_template(
        "courses/teaching.html",
        edition=edition,
        outline=edition.outline,
        groups=groups,
        group_id=group_id,
        waiting=waiting,
        waiting_count=grading.waiting_count(launch, edition, group_id=group_id),
        names=roster.names_of([each.person_id for each in waiting]),
        roster=roster.of_course(launch, edition, page=request.args.get("page", 1, type=int), group_id=group_id),
    )


@blueprint.get("/<slug>/trainee/<enrolment_id>")
def trainee(slug: str, enrolment_id: str) -> str:
    """One trainee: each rule with its evidence, attempts, texts, and the score on its way."""
    edition = _edition(slug)
    enrolled = enrolment.seen(session.current(), edition, enrolment_id)
    return render_template(
        "courses/trainee.html",
        edition=edition,
        outline=edition.outline,
        trainee=roster.trainee(enrolled, edition),
        enrolment=enrolled,
        parts=roster.parts_of(enrolled, edition),
    )


@blueprint.post("/<slug>/trainee/<enrolment_id>/resend")
def resend(slug: str, enrolment_id: str) -> ResponseReturnValue:
    """Send the score again, whatever became of it before."""
    enrolled = enrolment.seen(session.current(), _edition(slug), enrolment_id)
    jobs.retry("score", enrolled.id)
    part_scores.send_again(enrolled.id)
    _audit("score.resend", enrolled)
    flash(_("The score is being sent again."), "success")
    back = _trainee_url(slug, enrolled) if request.form.get("back") == "trainee" else _module_url(slug)
    return redirect(back, 303)


@blueprint.post("/<slug>/trainee/<enrolment_id>/attempt")
def allow_attempt(slug: str, enrolment_id: str) -> ResponseReturnValue:
    """Allow one more attempt at each test. The form says how many were allowed before, so that twice is once."""
    enrolled = enrolment.seen(session.current(), _edition(slug), enrolment_id)
    if request.form.get("allowed", type=int) == enrolled.extra_attempts:
        enrolled.extra_attempts += 1
        _audit("attempt.allowed", enrolled)
    flash(_("One more attempt is allowed."), "success")
    return redirect(_trainee_url(slug, enrolled), 303)


@blueprint.get("/<slug>/work/<submission_id>")
def work(slug: str, submission_id: str) -> str:
    """A text and the rubric side by side."""
    edition = _edition(slug)
    submission, enrolled = grading.seen(session.current(), edition, submission_id)
    return _work_page(edition, submission, enrolled, error=None)


@blueprint.post("/<slug>/work/<submission_id>")
def mark(slug: str, submission_id: str) -> ResponseReturnValue:
    """Set the mark, and go on to who waits longest."""
    launch, edition = session.current(), _edition(slug)
    submission, enrolled = grading.seen(launch, edition, submission_id)
    task = _task_of(edition, submission)
    points = _points(task)
    percent = _percent(task, points)
    if percent is None:
        error = _("Give a mark from 0 to 100, or choose a level for each criterion.")
        return _work_page(edition, submission, enrolled, error=error), 422
    try:
        grading.set_grade(
            submission,
            marker_id=launch.person_id,
            percent=percent,
            comment=_comment(task, submission.language),
            points=points,
            seen_number=request.form.get("seen", type=int),
        )
    except Problem as refused:
        return _work_page(edition, submission, enrolled, error=refused.sentence), refused.status
    flash(_("The mark is saved: %(percent)s %%.", percent=percent), "success")
    return redirect(_next_url(slug, edition), 303)


def _edition(slug: str) -> Edition:
    return enrolment.edition_here(session.current(), slug)


def _module_url(slug: str) -> str:
    return url_for("teach.module", slug=slug)


def _trainee_url(slug: str, enrolled: Enrolment) -> str:
    return url_for("teach.trainee", slug=slug, enrolment_id=enrolled.id)


def _next_url(slug: str, edition: Edition) -> str:
    """The text that waits longest now, so that a queue is worked through without going back and forth."""
    group_id = _group_id()
    waiting = grading.waiting(session.current(), edition, limit=1, group_id=group_id)
    if not waiting:
        return _module_url(slug)
    return url_for("teach.work", slug=slug, submission_id=waiting[0].submission_id, group=group_id)


def _group_id() -> str | None:
    """The group whose queue is worked through; it travels in the address."""
    return grouping.chosen(grouping.of_course(session.current()), request.args.get("group"))


def _written_on(edition: Edition, submission: Submission) -> Edition:
    """The version with the task as it was when the text was written."""
    return catalogue.edition(edition.module_id, submission.version_id)


def _task_of(edition: Edition, submission: Submission) -> Assignment:
    return assignments.task_of(_written_on(edition, submission))


def _work_page(edition: Edition, submission: Submission, enrolled: Enrolment, *, error: object) -> str:
    history = grading.history(submission.id)
    task = _task_of(edition, submission)
    language = submission.language
    return render_template(
        "courses/work.html",
        edition=edition,
        outline=edition.outline,
        task=task,
        prompt=catalogue.prompt(_written_on(edition, submission), language=locale()),
        submission=submission,
        enrolment=enrolled,
        words=assignments.words_in(submission.text),
        name=roster.names_of([enrolled.person_id]).get(enrolled.person_id, ""),
        history=history,
        quick_comments=[comment[language] for comment in task.quick_comments],
        given=_given(history),
        waiting_count=grading.waiting_count(session.current(), edition, group_id=_group_id()),
        error=error,
    )


def _given(history: list[Grade]) -> dict[str, object]:
    """What stands in the form: what was just sent, else the present mark."""
    if request.method == "POST":
        return {name: request.form.get(name, "") for name in request.form} | {
            "quick": request.form.getlist("quick", type=int)
        }
    if not history:
        return {}
    newest = history[0]
    return {"percent": newest.percent, "comment": newest.comment} | {
        f"points-{criterion}": str(points) for criterion, points in newest.points.items()
    }


def _points(task: Assignment) -> dict[str, int]:
    """Points by criterion, as far as levels of the rubric were chosen."""
    chosen = {criterion.id: request.form.get(f"points-{criterion.id}", type=int) for criterion in task.rubric}
    levels = {criterion.id: {level.points for level in criterion.levels} for criterion in task.rubric}
    return {name: points for name, points in chosen.items() if points is not None and points in levels[name]}


def _percent(task: Assignment, points: dict[str, int]) -> int | None:
    """The mark that was written, else the one that follows from the rubric."""
    written = request.form.get("percent", "").strip().removesuffix("%").strip()
    if written:
        return int(written) if MARK.fullmatch(written) else None
    return grading.percent_of(task, points)


def _comment(task: Assignment, language: str) -> str:
    """Ready comments that were ticked, in the language of the work, then what was written."""
    ready = task.quick_comments
    chosen = [number for number in request.form.getlist("quick", type=int) if 0 <= number < len(ready)]
    written = request.form.get("comment", "").replace("\r\n", "\n").strip()
    return "\n".join([*(ready[number][language] for number in chosen), *([written] if written else [])])


def _audit(action: str, enrolled: Enrolment) -> None:
    audit.record(action, subject=f"enrolment:{enrolled.id}", actor=f"person:{session.current().person_id}")
