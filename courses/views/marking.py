"""Marking: the queue of the course, a text or a diary beside its rubric, its files, appeals.

For instructors of the course, and for its administrators, who may be the second marker where nobody else is. The queue goes
across the modules of the course; whatever stands in it can be marked, whichever module the launch was for.
"""

from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import (
    appeals,
    assignments,
    catalogue,
    grading,
    grouping,
    markers,
    marking_queue,
    roster,
    second_marking,
    tasks,
    wording,
    work_files,
)
from courses.catalogue import Edition
from courses.grading import Mark
from courses.marking_queue import Queue
from courses.models import Enrolment, Grade, Submission
from courses.views import percents
from courses.written_task import Assignment
from lms.core.errors import Forbidden, NotFound, Problem
from lms.core.i18n import _, _l, locale
from lms.lti import session

blueprint = Blueprint("marking", __name__, template_folder="../templates")


def may_mark() -> None:
    """Guard: an instructor or an administrator of the course.

    :raises Forbidden: ``instructors-only``; and as :func:`lms.lti.session.launched`.
    """
    session.launched()
    launch = session.current()
    if not launch.is_instructor and not markers.administers(launch):
        raise Forbidden(
            "instructors-only", _l("This page is for instructors. Open it from a course in which you teach.")
        )


@blueprint.get("/")
def queue() -> str:
    """Everything that waits in the course, the longest wait first; what waits for others below."""
    launch = session.current()
    groups = grouping.of_course(launch)
    group_id = grouping.chosen(groups, request.args.get("group"))
    found = marking_queue.of_course(launch, group_id=group_id)
    editions = {edition.module_id: edition for edition in catalogue.everything()}
    return render_template(
        "courses/queue.html",
        queue=found,
        editions=editions,
        groups=groups,
        group_id=group_id,
        group_options=wording.group_options,
        wanted_words=wording.wanted,
        names=roster.names_of([each.person_id for each in (*found.mine, *found.others)]),
        only_me=markers.known(launch) <= {launch.person_id},
        is_instructor=launch.is_instructor,
    )


@blueprint.get("/<slug>/work/<submission_id>")
def work(slug: str, submission_id: str) -> str:
    """A text and the rubric side by side."""
    edition = catalogue.current(slug)
    submission, enrolled = grading.seen(session.current(), edition, submission_id)
    return _work_page(edition, submission, enrolled, error=None)


@blueprint.post("/<slug>/work/<submission_id>")
def mark(slug: str, submission_id: str) -> ResponseReturnValue:
    """Set the mark, and go on to what waits longest."""
    launch, edition = session.current(), catalogue.current(slug)
    submission, enrolled = grading.seen(launch, edition, submission_id)
    task = tasks.of(submission, edition.module_id)
    points = _points(task)
    percent = _percent(task, points)
    if percent is None:
        error = _("Give a mark from 0 to 100, or choose a level for each criterion.")
        return _work_page(edition, submission, enrolled, error=error), 422
    given = Mark(
        marker_id=launch.person_id,
        percent=percent,
        comment=_comment(task, submission.language),
        points=points,
        is_administrator=markers.administers(launch),
    )
    try:
        newest = grading.set_grade(submission, given, seen_number=request.form.get("seen", type=int))
    except Problem as refused:
        return _work_page(edition, submission, enrolled, error=refused.sentence), refused.status
    flash(wording.marked(newest, percent), "success")
    return redirect(_next_url(), 303)


@blueprint.post("/<slug>/work/<submission_id>/appeal")
def decide(slug: str, submission_id: str) -> ResponseReturnValue:
    """Decide about an appeal: the mark from now on, and why."""
    launch, edition = session.current(), catalogue.current(slug)
    submission, enrolled = grading.seen(launch, edition, submission_id)
    appeal = appeals.of(submission.id)
    if appeal is None:
        raise NotFound("appeal-unknown", _l("Nobody appeals this mark."))
    percent = percents.read(request.form.get("percent", ""))
    answer = request.form.get("comment", "").replace("\r\n", "\n").strip()
    if percent is None:
        return _work_page(edition, submission, enrolled, error=_("Give a mark from 0 to 100.")), 422
    try:
        appeals.decide(appeal, submission, Mark(marker_id=launch.person_id, percent=percent, comment=answer))
    except Problem as refused:
        return _work_page(edition, submission, enrolled, error=refused.sentence), refused.status
    flash(_("The appeal is decided. The trainee sees your answer."), "success")
    return redirect(_next_url(), 303)


@blueprint.get("/<slug>/work/<submission_id>/file/<file_id>")
def file(slug: str, submission_id: str, file_id: str) -> Response:
    """A file that was handed in with the text."""
    submission, _enrolled = grading.seen(session.current(), catalogue.current(slug), submission_id)
    return work_files.download(submission, file_id)


def _queue(group_id: str | None) -> Queue:
    return marking_queue.of_course(session.current(), group_id=group_id)


def _next_url() -> str:
    """What waits longest now, in any module, so that a queue is worked through without going back and forth."""
    group_id = _group_id()
    waiting = _queue(group_id).mine
    if not waiting:
        return url_for("marking.queue", group=group_id)
    slug = next(edition.slug for edition in catalogue.everything() if edition.module_id == waiting[0].module_id)
    return url_for("marking.work", slug=slug, submission_id=waiting[0].submission_id, group=group_id)


def _group_id() -> str | None:
    """The group whose queue is worked through; it travels in the address."""
    return grouping.chosen(grouping.of_course(session.current()), request.args.get("group"))


def _work_page(edition: Edition, submission: Submission, enrolled: Enrolment, *, error: object) -> str:
    launch, marks = session.current(), grading.history(submission.id)
    given = grading.given(marks)
    shown = _shown(marks, launch.person_id)
    task, language = tasks.of(submission, edition.module_id), submission.language
    diary = tasks.diary_text(submission)
    appeal = appeals.of(submission.id)
    state = second_marking.state(given)
    return render_template(
        "courses/work.html",
        edition=edition,
        outline=edition.outline,
        task=task,
        prompt=tasks.prompt(task, language=locale()),
        diary=diary,
        submission=submission,
        files=work_files.of(submission.id),
        enrolment=enrolled,
        words=assignments.words_in(diary.words if diary else submission.text),
        name=roster.names_of([enrolled.person_id]).get(enrolled.person_id, ""),
        history=shown,
        newest_number=marks[0].number if marks else 0,
        state=state,
        may_mark=second_marking.may_mark(given, launch.person_id),
        may_change_own=state == "second-wanted" and given[-1].marker_id == launch.person_id,
        appeal=appeal,
        may_decide=appeals.may_decide(marks, launch.person_id),
        role_words=wording.role_of_mark,
        quick_comments=[comment[language] for comment in task.quick_comments],
        given=_given(shown, is_open=state in ("second-wanted", "moderation-wanted")),
        waiting_count=len(_queue(_group_id()).mine),
        only_me=state in ("second-wanted", "moderation-wanted") and markers.known(launch) <= {launch.person_id},
        is_instructor=launch.is_instructor,
        error=error,
    )


def _shown(marks: Sequence[Grade], viewer_id: str) -> list[Grade]:
    """The marks that this person may see, the newest first."""
    may_see = second_marking.visible(grading.given(marks), viewer_id)
    return [mark for mark, is_visible in zip(marks, reversed(may_see), strict=True) if is_visible]


def _given(shown: list[Grade], *, is_open: bool) -> dict[str, object]:
    """What stands in the form: what was just sent, else the present mark; a moderation begins without one."""
    if request.method == "POST":
        return {name: request.form.get(name, "") for name in request.form} | {
            "quick": request.form.getlist("quick", type=int)
        }
    if not shown or (is_open and shown[0].marker_id != session.current().person_id):
        return {}
    newest = shown[0]
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
    return percents.read(written) if written else grading.percent_of(task, points)


def _comment(task: Assignment, language: str) -> str:
    """Ready comments that were ticked, in the language of the work, then what was written."""
    ready = task.quick_comments
    chosen = [number for number in request.form.getlist("quick", type=int) if 0 <= number < len(ready)]
    written = request.form.get("comment", "").replace("\r\n", "\n").strip()
    return "\n".join([*(ready[number][language] for number in chosen), *([written] if written else [])])
