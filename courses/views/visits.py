"""The trainee's pages of a study visit or seminar: the programme, "I am here", and the diary."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses import appeals, attendance, diary, diary_marks, enrolment, events, grading, presence, tasks
from courses.event_models import EventSession
from courses.events import Held
from courses.views import feedback
from courses.views.visit import Visit
from lms.core import clock
from lms.core.errors import Invalid, NotFound
from lms.core.i18n import _, _l, locale
from lms.core.problems import wants_json
from lms.lti import session

blueprint = Blueprint("visits", __name__, template_folder="../templates")


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"has_visits": _has_visits}


@blueprint.get("/<slug>/visits")
def programmes(slug: str) -> str:
    """Everything that is held in the course."""
    here = Visit.opened(slug)
    return render_template("courses/visits.html", here=here, held=events.of_course(session.current(), here.edition))


@blueprint.get("/<slug>/visits/<event_id>")
def programme(slug: str, event_id: str) -> str:
    """Days and sessions, at which of them the person was, and the hours of those."""
    here = Visit.opened(slug)
    held = _held(here, event_id)
    states = attendance.states_of([one.id for one in held.sessions], person_id=here.enrolment.person_id)
    counted = [presence.Held(id=one.id, hours=one.hours, ends_at=one.ends_at) for one in held.sessions]
    return render_template(
        "courses/visit.html",
        here=here,
        held=held,
        states=states,
        hours=presence.hours_of(counted, states),
        now=clock.now(),
        window_of=events.window_of,
        written=diary.of_person(held, here.enrolment.id),
        standing=diary_marks.of_person(held, here.enrolment.id),
    )


@blueprint.get("/<slug>/visits/<event_id>/sessions/<session_id>")
def here_page(slug: str, event_id: str, session_id: str) -> str:
    """Where the code is typed. The page may be opened before, and left open without a network."""
    here = Visit.opened(slug)
    held = _held(here, event_id)
    return _here_page(here, held, events.session_of(held, session_id))


@blueprint.post("/<slug>/visits/<event_id>/sessions/<session_id>")
def say_here(slug: str, event_id: str, session_id: str) -> ResponseReturnValue:
    """The code was typed, now or while there was no network."""
    here = Visit.entered(slug)
    held = _held(here, event_id)
    found = events.session_of(held, session_id)
    accepted = attendance.say_here(
        session.current(),
        found,
        typed=request.form.get("code", "")[:200],
        page=request.form.get("page", "")[:200],
        has_waited="waited" in request.form,
    )
    onward = url_for("visits.here_page", slug=slug, event_id=event_id, session_id=session_id)
    if wants_json():
        return jsonify(how=accepted.how, next=onward)
    return redirect(onward, 303)


@blueprint.get("/<slug>/visits/<event_id>/diary/<int:day>")
def diary_day(slug: str, event_id: str, day: int) -> str:
    """One day of the diary."""
    here = Visit.opened(slug)
    held = _held(here, event_id)
    row = diary.of_person(held, here.enrolment.id).get(day)
    return render_template(
        "courses/diary.html",
        here=here,
        held=held,
        day=day,
        planned=held.day(day),
        row=row,
        standing=diary_marks.of_person(held, here.enrolment.id),
    )


@blueprint.post("/<slug>/visits/<event_id>/diary/<int:day>")
def save_diary(slug: str, event_id: str, day: int) -> ResponseReturnValue:
    """Keep the draft, or submit it. With an empty answer it stays a draft, and the page says so."""
    here = Visit.entered(slug)
    held = _held(here, event_id)
    submits = request.form.get("action") == "submit"
    texts = {prompt.id: request.form.get(f"diary-{prompt.id}", "") for prompt in held.programme.diary}
    row = diary.save(held, here.enrolment, day, texts=texts, submits=submits)
    if wants_json():
        return jsonify(saved=_("Saved %(time)s", time=f"{row.saved_at.astimezone(held.zone):%H:%M}"))
    if submits and not row.submitted_at:
        flash(_("It is kept as a draft. Answer every question, then submit."), "attention")
    elif submits:
        flash(_day_submitted(held, here.enrolment.id), "success")
        return redirect(url_for("visits.programme", slug=slug, event_id=event_id), 303)
    return redirect(url_for("visits.diary_day", slug=slug, event_id=event_id, day=day), 303)


@blueprint.get("/<slug>/visits/<event_id>/diary")
def whole_diary(slug: str, event_id: str) -> str:
    """The whole diary: which days are there, how it is marked, the mark, an appeal."""
    here = Visit.opened(slug)
    return _whole_page(here, _held(here, event_id), appeal_error=None)


@blueprint.post("/<slug>/visits/<event_id>/diary")
def hand_in(slug: str, event_id: str) -> ResponseReturnValue:
    """Hand in what is submitted, again after a mark or before all days are there."""
    here = Visit.entered(slug)
    diary_marks.hand_in(_held(here, event_id), here.enrolment)
    flash(_("Your diary is handed in. It waits for its mark."), "success")
    return redirect(url_for("visits.whole_diary", slug=slug, event_id=event_id), 303)


@blueprint.post("/<slug>/visits/<event_id>/diary/appeal")
def appeal_mark(slug: str, event_id: str) -> ResponseReturnValue:
    """Ask that another instructor looks at the mark of the diary."""
    here = Visit.entered(slug)
    held = _held(here, event_id)
    submission, rule = diary_marks.of_person(held, here.enrolment.id).submission, held.programme.diary_mark
    if submission is None or rule is None:
        raise NotFound("appeal-unknown", _l("Nobody appeals this mark."))
    try:
        appeals.make(here.enrolment, submission, rule.task.appeal, reason=request.form.get("reason", ""))
    except Invalid as refused:
        return _whole_page(here, held, appeal_error=refused.sentence), refused.status
    flash(_("Your appeal is sent. Another instructor decides about it."), "success")
    return redirect(url_for("visits.whole_diary", slug=slug, event_id=event_id, _anchor="appeal"), 303)


def _whole_page(here: Visit, held: Held, *, appeal_error: object) -> str:
    rule, standing = held.programme.diary_mark, diary_marks.of_person(held, here.enrolment.id)
    if rule is None:
        raise NotFound("diary-unmarked", _l("This diary is only read. It has no mark."))
    marks = grading.history(standing.submission.id) if standing.submission else []
    made = appeals.of(standing.submission.id) if standing.submission else None
    return render_template(
        "courses/whole_diary.html",
        here=here,
        held=held,
        rule=rule,
        task=rule.task,
        prompt=tasks.prompt(rule.task, language=locale()),
        standing=standing,
        mark=grading.counting(marks),
        due_at=diary_marks.due_at(held),
        written=diary.of_person(held, here.enrolment.id),
        appeal_error=appeal_error,
        **feedback.of_mark(rule.task, marks, made),
    )


def _day_submitted(held: Held, enrolment_id: str) -> str:
    day: str = _("The day is submitted. Your instructor can read it.")
    whole: str = _("The day is submitted, and with it the whole diary. It waits for its mark.")
    return whole if diary_marks.of_person(held, enrolment_id).state == "waiting" else day


def _held(here: Visit, event_id: str) -> Held:
    return events.seen(session.current(), here.edition, event_id)


def _here_page(here: Visit, held: Held, found: EventSession) -> str:
    person_id = here.enrolment.person_id
    entries = attendance.of_sessions([found.id], person_ids=[person_id]).get(found.id, {}).get(person_id, [])
    window = events.window_of(found)
    return render_template(
        "courses/here.html",
        here=here,
        held=held,
        session=found,
        state=presence.state_of(entries),
        newest=entries[-1] if entries else None,
        is_open=bool(window and window.is_open(clock.now())),
        is_over=bool(window and not window.is_open(clock.now())),
        page=attendance.ticket(person_id, found.id),
    )


def _has_visits(slug: str) -> bool:
    """Whether anything is held in the course of this launch."""
    launch = session.current()
    return bool(events.of_course(launch, enrolment.edition_here(launch, slug)))
