"""Pages of the instructor: who waits for a mark, how far everybody is, and whether scores have arrived.
Texts are marked in :mod:`courses.views.marking`.

Only people of the course from which the instructor came are here; anybody else is "not found".
"""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import drawing, enrolment, grouping, marking_queue, overrides, part_scores, roster, wording
from courses.catalogue import Edition
from courses.models import Enrolment
from courses.views import percents
from lms.core import audit, clock, i18n, jobs
from lms.core.errors import Invalid
from lms.core.i18n import _, _l
from lms.lti import session

MOST_SHOWN = 50
"""Of what waits; the queue of the course shows all of it."""

WHY_PAGE = "teach_why.of_trainee"
"""Where each rule stands up to the certificate, if that package is there."""

blueprint = Blueprint("teach", __name__, template_folder="../templates")


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {
        "rule_title": wording.rule_title,
        "rule_evidence": wording.rule_evidence,
        "score_trouble": wording.score_trouble,
        "group_options": wording.group_options,
        "wanted_words": wording.wanted,
        "resting_questions": drawing.waiting,
        "today": i18n.civil_date(clock.now()),
    }


@blueprint.get("/<slug>")
def module(slug: str) -> str:
    """Who waits for a mark, the longest wait first; then everybody."""
    launch, edition = session.current(), _edition(slug)
    groups = grouping.of_course(launch)
    group_id = grouping.chosen(groups, request.args.get("group"))
    queue = marking_queue.of_course(launch, module_id=edition.module_id, group_id=group_id)
    waiting = queue.mine[:MOST_SHOWN]
    return render_template(
        "courses/teaching.html",
        edition=edition,
        outline=edition.outline,
        groups=groups,
        group_id=group_id,
        waiting=waiting,
        waiting_count=len(queue.mine),
        others_count=len(queue.others),
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
        why_url=_why_url(slug, enrolled),
        overrides=overrides.history(enrolled.id, enrolled.track),
    )


@blueprint.post("/<slug>/trainee/<enrolment_id>/result")
def set_result(slug: str, enrolment_id: str) -> ResponseReturnValue:
    """Set the result of a completed module, or give it back to the rules; the reason stays in the history."""
    enrolled = enrolment.seen(session.current(), _edition(slug), enrolment_id)
    percent = percents.read(request.form.get("percent", ""))
    gives_back = request.form.get("action") == "give-back"
    if percent is None and not gives_back:
        raise Invalid("result-out-of-range", _l("The result must be a whole number from 0 to 100."))
    overrides.set_result(
        enrolled,
        percent=None if gives_back else percent,
        reason=request.form.get("reason", ""),
        person_id=session.current().person_id,
        seen_number=request.form.get("seen", 0, type=int),
    )
    flash(_("The result is set. It goes to the gradebook."), "success")
    return redirect(_trainee_url(slug, enrolled), 303)


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


def _why_url(slug: str, enrolled: Enrolment) -> str | None:
    if WHY_PAGE not in current_app.view_functions:
        return None
    return url_for(WHY_PAGE, slug=slug, enrolment_id=enrolled.id)


def _edition(slug: str) -> Edition:
    return enrolment.edition_here(session.current(), slug)


def _module_url(slug: str) -> str:
    return url_for("teach.module", slug=slug)


def _trainee_url(slug: str, enrolled: Enrolment) -> str:
    return url_for("teach.trainee", slug=slug, enrolment_id=enrolled.id)


def _audit(action: str, enrolled: Enrolment) -> None:
    audit.record(action, subject=f"enrolment:{enrolled.id}", actor=f"person:{session.current().person_id}")
